/* Input: a forecast, the history it was made from, and what came. */
#ifndef APPS_SCORE_INPUT_H
#define APPS_SCORE_INPUT_H

#include "common/app.h"
#include "common/catalog.h"
#include "common/levels.h"

typedef struct {
	const par_world *world; /* borrowed */
	catalog of;             /* owned */
	par_store *forecast;    /* owned */
	int64_t history; /* periods before the forecast's first step: what scales are taken from */
	int64_t horizon;
	int64_t *step; /* owned: [horizon] times */
	int quantiles;
	double *level;            /* owned: [quantiles] */
	float *actual;            /* owned: [series][horizon] on every rank; NaN missing */
	int64_t unknown, outside; /* actual rows of no series, and of no step: left out */
} input;

/* collective | open both files and check that the forecast is one of this catalog; input_close
 * releases whatever was opened, also after a failure
 * fails: PAR_E_INPUT, PAR_E_DATA, PAR_E_CHECKER as io/store.h */
par_err input_open(input *in, app *a);
void input_close(input *in);

/* collective | read the actual values into in->actual: a sales table (score/actual.c), or, without one, what the history
 * holds from the first step on. fails: PAR_E_INPUT, PAR_E_DATA naming FILE:LINE:COLUMN, or the history that
 * ends before the first step */
par_err input_read_actual(input *in, app *a);

/* collective | the levels of score.hierarchy with every series in its node; *h stays NULL when it
 * is not set. Owned by the caller. fails: as common/levels.h */
par_err input_read_hierarchy(const input *in, const app *a, hierarchy **h);

/* collective | history f32[rows][of.length] and mean f32[rows][horizon], quantiles
 * f32[rows][horizon][quantiles] of series [first, first + rows); ranks may ask for different rows */
par_err input_units(const input *in, int64_t first, int64_t rows, float *units);
par_err input_mean(const input *in, int64_t first, int64_t rows, float *mean);
par_err input_quantiles(const input *in, int64_t first, int64_t rows, float *quantiles);

/* collective | names of the nodes the forecast has quantiles for, as level/value/value: *n names, each
 * NUL-terminated in its stride, owned by the caller; *n is 0 and *names NULL when it has none */
par_err input_node_names(const input *in, char **names, int64_t *n, int *stride);
/* collective | their quantiles f32[rows][horizon][quantiles] */
par_err input_node_quantiles(const input *in, int64_t first, int64_t rows, float *quantiles);

/* collective | price i32[rows][of.length] in minor units, -1 where unknown; without prices in the
 * catalog every one is 1 */
par_err input_price(const input *in, int64_t first, int64_t rows, int32_t *price);

#endif
