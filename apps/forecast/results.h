/* Results: what the forecast knows of this rank's series, growing round by round. */
#ifndef APPS_FORECAST_RESULTS_H
#define APPS_FORECAST_RESULTS_H

#include "base/spill.h"
#include "forecast/bank/bank.h"
#include "forecast/intervals/coverage.h"
#include "forecast/intervals/held.h"

#include <stddef.h>

/* what answers a series: a model of the bank, the network over all series, or models of the bank joined with the
 * regression over all series */
enum { RESULTS_NETWORK = BANK_MODELS, RESULTS_POOLED, RESULTS_MODELS };
/* how a series was answered: as the bank says, or of nothing observed, as its like (cold.h) */
#define RESULTS_COLD_LIST(X)                                                                     \
	X("as its department in its market: nothing observed, the mean of those series")         \
	X("as its department: nothing observed, and no series of it in the market")              \
	X("as its market: nothing observed, and no series of its department, or no departments") \
	X("as all series: nothing observed, and no series of its department or market")
enum { RESULTS_COLD = BANK_STATUSES, RESULTS_STATUSES = BANK_STATUSES + 4 };
/* local | their names for people */
const char *results_model_text(int model);
const char *results_status_text(int status);

typedef struct {
	int64_t first, rows; /* this rank's series [first, first + rows) */
	int horizon, quantiles;
	float *mean;     /* owned, [rows][horizon] */
	float *quantile; /* owned, [rows][horizon][quantiles], ascending in the last */
	int16_t *model, *status;
	float *mase, *rmsse, *smape; /* of the rolling origins */
	int origins;                 /* past ones whose forecasts are kept */
	int proved;                  /* of them, the latest, at which what answers was asked, too */
	float *past;                 /* owned, [rows][origins][horizon] what was forecast there */
	held_back held;              /* of some series also with quantiles, by held_make */
	coverage covered;            /* what quantiles of the held ones proved to cover, one row */
	uint8_t *done;               /* 1: the bank has forecast the series */
	bool
	    driven; /* means follow prices or promotions of the steps, which sums by themselves do not see */
	par_spill
	    *spill; /* owned: where quantiles lie that are too many for memory; NULL: in memory */
	int64_t saved; /* how many of all ranks' are done in a checkpoint */
} results;

/* local | room for rows series, nothing done; dropped by results_drop. fails: PAR_E_MEMORY */
par_err results_init(
    results *r, int64_t first, int64_t rows, int horizon, int quantiles, int origins);
void results_drop(results *r);

/* local | quantiles lie in a file in the folder of `beside` from now on, before any is made. fails: PAR_E_IO */
par_err results_spill(results *r, const char *beside);
/* local | the row is left alone for now: quantiles of rows up to it leave memory, some at a time, where they have a
 * file; every pass over rows says so */
void results_rest(const results *r, int64_t row);

/* local | the part of r from its row `row` on, as the bank writes it */
bank_result results_from(const results *r, int64_t row);
/* what somebody says of a series: mean[horizon]; quantile[horizon][quantiles] in units and ascending, NULL: none of his
 * own; and how far what was said before goes there. A step of mean 0 is one at which nothing can be sold: all goes there */
typedef struct {
	double share;
	const float *mean, *quantile;
} results_word;
/* local | what was said of a row goes its share of the way, its quantiles to those of the word or, without, with their
 * mean */
void results_hear(results *r, int64_t row, const results_word *w);
/* local | the same of what was said at a past origin, of which quantiles are kept where the row is held only: whoever has
 * quantiles of his own gives them both here and above, of the same making, and intervals/series.h holds them to what
 * happened */
void results_hear_past(results *r, int64_t row, int origin, const results_word *w);
/* local | quantiles q[n] around one mean as they are around another: scaled by as much or, where it began near zero, moved
 * by as much */
void results_move(float *q, int n, double from, double to, bool counts);
/* local | how many of this rank's series are done */
int64_t results_done(const results *r);
/* local | the history's length at the past origin of that number: 0 is a horizon before the end, 1 two */
int64_t results_origin(int64_t length, int horizon, int number);
/* local | bytes that a series takes, and its quantiles alone; rows of those that stand in memory where they have a file */
#define RESULTS_RESTING 1024
size_t results_bytes(int horizon, int quantiles, int origins);
size_t results_quantile_bytes(int horizon, int quantiles);

#endif
