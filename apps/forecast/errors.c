#include "forecast/errors.h"

#include <math.h>
#include <stdlib.h>

void errors_add(errors_sum *s, const float *y, const float *mean, int horizon)
{
	for (int h = 0; h < horizon; h++) {
		double e = (double)y[h] - (double)mean[h];
		double size = fabs((double)y[h]) + fabs((double)mean[h]);
		if (!isfinite(y[h]))
			continue;
		s->absolute += fabs(e);
		s->squared += e * e;
		s->relative += size > 0 ? 200 * fabs(e) / size : 0;
		s->n++;
	}
}

/* counts begin with the first that is not 0 */
static int64_t first_of(const float *y, int64_t n, bool counts)
{
	int64_t t = 0;
	while (t < n && (!isfinite(y[t]) || (counts && y[t] == 0)))
		t++;
	return t;
}

/* mean differences over a lag from the first period on, absolute or squared; 0 where there are none */
static double differences(const float *y, int64_t first, int64_t n, int64_t lag, int power)
{
	double sum = 0, seen = 0;
	for (int64_t t = first + lag; t < n; t++)
		if (isfinite(y[t]) && isfinite(y[t - lag])) {
			double d = fabs((double)y[t] - (double)y[t - lag]);
			sum += power == 2 ? d * d : d;
			seen++;
		}
	return seen > 0 ? sum / seen : 0;
}

static bool is_ours(const results *r, int64_t row)
{
	return r->model[row] >= BANK_MODELS && r->proved > 0;
}

static void measure(const panel *p, const plan *f, results *r, int64_t row, const float *y)
{
	errors_sum s = {0};
	int64_t length = p->of.length;
	for (int o = 0; o < r->proved; o++)
		errors_add(&s, y + results_origin(length, r->horizon, o),
		    r->past + (row * r->origins + o) * r->horizon, r->horizon);
	int64_t first = first_of(y, length, f->spec.counts);
	double step = differences(y, first, length, 1, 2);
	double seasonal = differences(y, first, length, f->spec.season, 1);
	seasonal = seasonal > 0 ? seasonal : sqrt(step);
	r->mase[row] = s.n > 0 && seasonal > 0 ? (float)(s.absolute / s.n / seasonal) : NAN;
	r->rmsse[row] = s.n > 0 && step > 0 ? (float)sqrt(s.squared / s.n / step) : NAN;
	r->smape[row] = s.n > 0 ? (float)(s.relative / s.n) : NAN;
}

static par_err measure_blocks(const panel *p, const plan *f, results *r, float *units)
{
	for (int64_t k = 0, rounds = par_blocks_rounds(&p->blocks, 1); k < rounds; k++) {
		int64_t lo = p->blocks.lo + k * PANEL_BLOCK, rows = p->blocks.hi - lo;
		rows = rows < 0 ? 0 : rows > PANEL_BLOCK ? PANEL_BLOCK : rows;
		PAR_TRY(panel_units(p, rows > 0 ? lo : 0, rows, units));
		for (int64_t i = 0; i < rows; i++)
			if (is_ours(r, lo - r->first + i))
				measure(p, f, r, lo - r->first + i, units + i * p->of.length);
		par_world_alive();
	}
	return PAR_OK;
}

par_err errors_of_published(const panel *p, const plan *f, results *r)
{
	int64_t ours = 0;
	for (int64_t row = 0; row < r->rows; row++)
		ours += is_ours(r, row);
	if (par_world_max(p->of.world, ours) == 0)
		return PAR_OK;
	float *units = malloc(sizeof *units * (size_t)(PANEL_BLOCK * p->stored) + 1);
	par_err e = par_agree(p->of.world,
	    units ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for a block of series"));
	if (e == PAR_OK)
		e = measure_blocks(p, f, r, units);
	free(units);
	return e;
}
