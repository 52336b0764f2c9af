/* np: 1   apps: forecast */
#include "forecast/results.h"
#include "forecast/sample.h"

#include "../tap.h"

#include <math.h>
#include <string.h>

enum { SERIES = 7, HORIZON = 2, LENGTH = 40, QUANTILES = 3, ORIGINS = 2 };

static const double level[QUANTILES] = {.1, .5, .9};
static const plan monthly = {
    .spec = {.horizon = HORIZON, .quantile = level, .quantiles = QUANTILES, .season = 1},
    .origins = ORIGINS};

/* a line with a wave on it; the last series has not begun */
static void make_units(float *units)
{
	for (int i = 0; i < SERIES; i++)
		for (int t = 0; t < LENGTH; t++)
			units[i * LENGTH + t] =
			    i == SERIES - 1 ? NAN : (float)(100 + 10 * i + t + (t * 7 + i) % 5);
}

static bool make(results *r, const float *units)
{
	float past[SERIES * ORIGINS * HORIZON];
	for (int i = 0; i < SERIES * ORIGINS * HORIZON; i++)
		past[i] = 50;
	bool made = results_init(r, 0, SERIES, HORIZON, QUANTILES, ORIGINS) == PAR_OK &&
		    held_make(&r->held, &monthly, 0, SERIES, SERIES) == PAR_OK;
	held_see(&monthly, &r->held, 0, SERIES, units, LENGTH);
	made = made && held_forecast(&monthly, &r->held,
			   &(held_block){0, SERIES, LENGTH, units, past}) == PAR_OK;
	memcpy(r->past, past, sizeof past);
	return made;
}

static void knows(const results *r, const float *units)
{
	const float *at = held_at(&r->held, 3, 1),
		    *step = held_step(&r->held, held_at(&r->held, 3, 1), 1);
	bank_result out = {(float[HORIZON]){0}, (float[HORIZON * QUANTILES]){0}, (int16_t[1]){0},
	    (int16_t[1]){0}, (float[1]){0}, (float[1]){0}, (float[1]){0}};
	int known = LENGTH - 2 * HORIZON;
	ok(bank_forecast(&monthly.spec, 1, units + 3 * LENGTH, known, &out) == PAR_OK &&
		step[HELD_OUTCOME] == units[3 * LENGTH + known + 1] &&
		step[HELD_MEAN] == out.mean[1] &&
		memcmp(step + HELD_QUANTILES, out.quantiles + QUANTILES,
		    QUANTILES * sizeof(float)) == 0,
	    "a held series has the models' mean and quantiles from its past origin, and what "
	    "happened");
	double scale = 0;
	for (int t = 1; t < known; t++)
		scale += fabs((double)units[3 * LENGTH + t] - (double)units[3 * LENGTH + t - 1]) /
			 (known - 1);
	ok(fabs((double)at[HELD_SCALE_AT] - scale) < 1e-4, "its scale is of the time before");
	ok(isinf(r->held.spread[SERIES - 1]) && isfinite(r->held.spread[0]),
	    "where nothing was observed it may spread as far as any");
}

static void goes_along(results *r)
{
	const float *step = held_step(&r->held, held_at(&r->held, 2, 0), 0);
	float mean = step[HELD_MEAN], low = step[HELD_QUANTILES], other[HORIZON] = {90, 90};
	results_hear_past(r, 2, 0, &(results_word){.5, other, NULL});
	float half = mean + .5F * (90 - mean);
	ok(fabsf(step[HELD_MEAN] - half) < 1e-4F && r->past[2 * ORIGINS * HORIZON] == 70 &&
		step[HELD_PAST] == 70,
	    "what is said may go half way to another mean, the past of all series and the held "
	    "one's");
	ok(fabsf(step[HELD_QUANTILES] - low * half / mean) < 1e-3F,
	    "quantiles go with it in proportion");
	const float said[HORIZON] = {10, 11}, own[HORIZON * QUANTILES] = {1, 2, 3, 4, 5, 6};
	results_hear_past(r, 2, 0, &(results_word){1, said, own});
	ok(step[HELD_MEAN] == 10 && step[HELD_PAST] == 10 && step[HELD_QUANTILES + 2] == 3 &&
		held_step(&r->held, held_at(&r->held, 2, 0), 1)[HELD_QUANTILES] == 4,
	    "whoever has quantiles of its own puts them in their place");
	results_hear(r, 2, &(results_word){1, said, own});
	const float more[HORIZON] = {20, 100};
	results_hear(r, 2, &(results_word){1, more, NULL});
	const float *q = r->quantile + 2 * HORIZON * QUANTILES;
	ok(q[0] == 2 && q[2] == 6 && q[QUANTILES] == 4 + 89 && q[QUANTILES + 2] == 6 + 89,
	    "quantiles double with their mean, and move where it grows out of all proportion");
	const float less[HORIZON] = {0, 60}, yours[HORIZON * QUANTILES] = {0, 0, 0, 6, 30, 90};
	results_hear(r, 2, &(results_word){.25, less, yours});
	ok(r->mean[2 * HORIZON] == 0 && q[2] == 0 && r->mean[2 * HORIZON + 1] == 90 &&
		q[QUANTILES] == .75F * (4 + 89) + .25F * 6 &&
		q[QUANTILES + 2] == .75F * (6 + 89) + .25F * 90,
	    "quantiles go as far as their mean does to those of another, all the way where nothing "
	    "can be sold");
}

/* ten thousand series of two periods: one in so many is held, dealt alike whatever the ranks */
static void some_of_many(void)
{
	held_back all = {0}, half = {0}, rest = {0};
	bool made = held_make(&all, &monthly, 0, 10000, 10000) == PAR_OK &&
		    held_make(&half, &monthly, 0, 4999, 10000) == PAR_OK &&
		    held_make(&rest, &monthly, 4999, 5001, 10000) == PAR_OK;
	ok(made && all.level == 3 && all.rows == 1250 && half.rows + rest.rows == all.rows,
	    "of many series two thousand at most are held");
	int64_t at = half.rows, first = sample_at(3, at) - 4999,
		third = sample_at(3, at + 2) - 4999;
	ok(made && !held_at(&rest, first + 1, 0) && held_at(&rest, first, 0) == rest.cells &&
		held_at(&rest, third, 1) == rest.cells + 5 * held_width(&rest) &&
		held_at(&all, 4999 + third, 0) == all.cells + (at + 2) * 2 * held_width(&all),
	    "a sample of the catalog, on any rank");
	held_drop(&all);
	held_drop(&half);
	held_drop(&rest);
}

int main(int argc, char **argv)
{
	results r;
	float units[SERIES * LENGTH];
	tap_begin(&argc, &argv);
	make_units(units);
	ok(make(&r, units), "series are held");
	knows(&r, units);
	goes_along(&r);
	some_of_many();
	results_drop(&r);
	return tap_end();
}
