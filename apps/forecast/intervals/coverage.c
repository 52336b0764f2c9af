#include "forecast/intervals/coverage.h"

#include "base/rng.h"
#include "common/pit.h"

#include <math.h>
#include <stdlib.h>

#define SEED 0x636f766572 /* of the draws; its own, so that no setting moves them */

par_err coverage_make(coverage *c, int rows, int quantiles, const double *level)
{
	*c = (coverage){.rows = rows, .quantiles = quantiles, .level = level};
	c->upto = calloc((size_t)rows * (size_t)quantiles + 1, sizeof *c->upto);
	c->seen = calloc((size_t)rows + 1, sizeof *c->seen);
	return c->upto && c->seen
		   ? PAR_OK
		   : par_fail(PAR_E_MEMORY, "no memory for the coverage of %d levels", rows);
}

void coverage_drop(coverage *c)
{
	free(c->upto);
	free(c->seen);
	*c = (coverage){0};
}

void coverage_add(coverage *c, int row, const double *quantile, double outcome, int64_t id)
{
	double draw = par_rng_f64((par_rng){SEED, 0, 0}, id);
	double place = pit_place(outcome, quantile, 1, c->quantiles, c->level, draw);
	if (isnan(place))
		return;
	c->seen[row]++;
	for (int q = 0; q < c->quantiles; q++)
		c->upto[row * c->quantiles + q] += place <= c->level[q];
}

void coverage_take(coverage *c, int row, const coverage *from, int from_row)
{
	c->seen[row] = from->seen[from_row];
	for (int q = 0; q < c->quantiles; q++)
		c->upto[row * c->quantiles + q] = from->upto[from_row * c->quantiles + q];
}

void coverage_share(coverage *c, const par_world *w)
{
	for (int i = 0; i < c->rows; i++)
		c->seen[i] = par_world_sum(w, c->seen[i]);
	for (int i = 0; i < c->rows * c->quantiles; i++)
		c->upto[i] = par_world_sum(w, c->upto[i]);
}

double coverage_at(const coverage *c, int row, int quantile)
{
	return c->seen[row] > 0
		   ? (double)c->upto[row * c->quantiles + quantile] / (double)c->seen[row]
		   : NAN;
}
