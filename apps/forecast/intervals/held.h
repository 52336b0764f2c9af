/* Held: what would have been said of some series before horizons that have passed, quantiles and all.
 *
 * A sample of the catalog (forecast/sample.h), HELD_SERIES of them at most, since what is learned from them holds for
 * the quantiles of all; their histories are cut at past origins and forecast as if the rest were to come, by the models of
 * the bank, or by what answers in their place, or with them (results_hear_past). */
#ifndef APPS_FORECAST_INTERVALS_HELD_H
#define APPS_FORECAST_INTERVALS_HELD_H

#include "forecast/plan.h"

#define HELD_SERIES 2048
#define HELD_SPREAD 4 /* horizons of the past that tell how a series disperses */

/* a series at an origin: two numbers, then horizon rows of outcome, mean, what results.past was by then, quantiles. The
 * models' mean is none of results.past: here they are compared at origins before */
enum { HELD_SPREAD_AT, HELD_SCALE_AT, HELD_ROWS };
enum { HELD_OUTCOME, HELD_MEAN, HELD_PAST, HELD_QUANTILES };

typedef struct {
	int horizon, quantiles, origins;
	bool counts;
	int64_t first; /* of this rank's series */
	int level;     /* of the sample of the catalog that is held (forecast/sample.h) */
	int64_t rows;  /* how many of mine are */
	float *cells;  /* owned: [rows][origins][held_width] */
	int32_t *
	    since; /* owned: of each of this rank's series, its first observed period; its length: none */
	float *spread; /* owned: of each of this rank's series, its last periods' (held_spread) */
} held_back;

/* local | room for what is held of this rank's n series from `first` on, of so many on all ranks; held_drop releases it,
 * also after a failure. fails: PAR_E_MEMORY */
par_err held_make(held_back *k, const plan *f, int64_t first, int64_t n, int64_t series);
void held_drop(held_back *k);

/* local | floats of a series at an origin, and where those of this rank's row begin; NULL: it is not held */
int64_t held_width(const held_back *k);
float *held_at(const held_back *k, int64_t row, int origin);
/* local | of these the row of a step */
float *held_step(const held_back *k, float *at, int step);
/* local | how many held series have a number below this */
int64_t held_below(const held_back *k, int64_t series);

/* local | what units[n][length] of rows [row, row + n) tell of them: spread and since, of the held ones outcomes, too */
void held_see(
    const plan *f, held_back *k, int64_t row, int64_t n, const float *units, int64_t length);
/* local | the models' word on the held ones among these rows at past origins, beside past[n][origins]
 * [horizon] of results.past. fails: PAR_E_MEMORY */
typedef struct {
	int64_t row, n, length;
	const float *units, *past;
} held_block;
par_err held_forecast(const plan *f, const held_back *k, const held_block *b);

/* local | variance over mean of a series' last periods up to n, as past_spread; infinite where none was observed: as
 * those that spread most */
float held_spread(const float *y, int64_t n, int horizon, bool counts);

/* local | bytes that the held series of all ranks take, and the share of the series that they are */
double held_bytes(const plan *f, int64_t series);
double held_share(const plan *f, int64_t series);

#endif
