/* The bank: a forecast, a predictive distribution and a status for every series, whatever it holds.
 *
 * A bank of classical models runs over two, four or eight series at a time, one a vector lane, in
 * lockstep: the recursions that make smoothing slow one series at a time (each step waits for the
 * last) then cost that part, and several parameter sets run side by side to fill what waiting is
 * left. Arithmetic is double precision with no fused operations and no libm beyond exact functions,
 * so every kernel set (plain, AVX2, AVX-512) and every x86-64 processor gives the same bits, and a
 * lane's bits never depend on its neighbours.
 *
 * What happens to one series: leading missing values (for counts also leading zeros: not yet on
 * sale) are cut; the rest is scaled by a power of two; a seasonal pattern is estimated where a test
 * finds one; each model's parameters are fitted to one-step errors over at most BANK_WINDOW last
 * steps; then each model forecasts from every rolling origin among the last `origins` steps (with
 * the parameters and the pattern of the whole history, states as they were then). Those errors
 * choose the model and become the quantiles. A missing value carries states through; it is never a
 * zero.
 *
 * Automatic ETS is the one of up to 15 forms (error and season additive or multiplicative, trend
 * none, additive or damped) whose AICc is least; it holds seasons of up to BANK_ETS_SEASON steps
 * itself and sees a series with a longer one through its pattern, as all others do.
 *
 * The choice is the median of several models unless one of them is better (for counts, clearly
 * better) over as many origins as were asked for, five horizons being enough and BANK_ORIGINS the
 * least; a series too short for those gets the median. The median of a smooth series is over four, after Petropoulos
 * and Svetunkov 2020: damped, theta, dynamic optimised theta and ets (of two earlier windows of M3
 * it was better in 7 of 8 sets than ses, holt, damped and both thetas, by 0.1 of sMAPE in the
 * mean); of demand with many zeros over ses, sba, tsb and adida. Of these holt, sba, tsb and adida
 * are never chosen alone, nor is croston, unless the caller names them: holt's trend won too often
 * on the origins and lost afterwards; the demand models neither helped nor harmed (scaled squared
 * error on the days of M5 0.732 and 0.728 for 0.733 and 0.728 in two windows, on car parts 0.624
 * both ways). */
#ifndef APPS_FORECAST_BANK_H
#define APPS_FORECAST_BANK_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

#define BANK_WINDOW 1024
#define BANK_SEASON 1000   /* longest season */
#define BANK_ETS_SEASON 24 /* longest that automatic ETS holds itself, as in R */
#define BANK_ORIGINS 12    /* fewer never choose a model */

/* the number stands in results; name for people */
#define BANK_MODEL_LIST(X)                      \
	X(BANK_NAIVE, "naive")                  \
	X(BANK_SNAIVE, "seasonal naive")        \
	X(BANK_NAIVE2, "naive2")                \
	X(BANK_SES, "ses")                      \
	X(BANK_HOLT, "holt")                    \
	X(BANK_DAMPED, "damped")                \
	X(BANK_THETA, "theta")                  \
	X(BANK_DOTM, "dynamic optimised theta") \
	X(BANK_CROSTON, "croston")              \
	X(BANK_SBA, "sba")                      \
	X(BANK_TSB, "tsb")                      \
	X(BANK_ADIDA, "adida")                  \
	X(BANK_ETS, "ets")                      \
	X(BANK_MEDIAN, "median")

typedef enum {
#define X(name, text) name,
	BANK_MODEL_LIST(X)
#undef X
	    BANK_MODELS
} bank_model;

/* the first that holds, from the top; a series is answered in every case */
#define BANK_STATUS_LIST(X)                                                             \
	X(BANK_OK, "forecast by the model named")                                       \
	X(BANK_EMPTY, "nothing observed: zeros")                                        \
	X(BANK_ZERO, "all observations zero: zeros")                                    \
	X(BANK_CONSTANT, "all observations equal: that value")                          \
	X(BANK_SHORT, "too few observations to compare models: the plainest that fits") \
	X(BANK_CLAMPED, "the forecast ran away and was limited to the history's reach") \
	X(BANK_STALE, "the last two seasons are missing: carried over the gap")

typedef enum {
#define X(name, text) name,
	BANK_STATUS_LIST(X)
#undef X
	    BANK_STATUSES
} bank_status;

const char *bank_model_text(int model);
const char *bank_status_text(int status);

typedef struct {
	int season;             /* observations a season, at most BANK_SEASON; 1: none */
	int season2;            /* a longer season, used where three of it are there; 0: none */
	int horizon;            /* steps ahead, at least 1 */
	bool counts;            /* demand in units: never negative, judged by squared error */
	int origins;            /* rolling; 0: five horizons, but BANK_ORIGINS at least */
	const double *quantile; /* ascending in (0, 1); borrowed */
	int quantiles;
	unsigned models; /* 1u << model of those allowed; 0: the bank's choice, above */
} bank_spec;

/* where results go; the caller's arrays over the n series of the call */
typedef struct {
	float *mean;      /* [n][horizon], finite */
	float *quantiles; /* [n][horizon][quantiles], finite, ascending; NULL when not wanted */
	int16_t *model;   /* [n] bank_model */
	int16_t *status;  /* [n] bank_status */
	/* of the model named, over its rolling origins and steps; NaN when there were none.
	 * Scales are the mean absolute seasonal difference and the mean squared first difference
	 * of the history. */
	float *mase, *rmsse, *smape; /* [n] each */
} bank_result;

/* local | forecast the n series of one block
 *   units   [n][length], oldest first, NaN (or infinite) where missing
 * A result depends on its own series alone, not on n or its place in the block.
 * fails: PAR_E_MEMORY; PAR_MUST on a spec outside its ranges */
par_err bank_forecast(
    const bank_spec *spec, int64_t n, const float *units, int64_t length, bank_result *out);

#endif
