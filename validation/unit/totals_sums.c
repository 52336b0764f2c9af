/* np: 1 2 3 6   apps: forecast */
#include "../tap.h"
#include "forecast/totals/sums.h"
#include "scratch.h"

#include <math.h>

enum { SERIES = 101, STORED = 30, KNOWN = 25, SEASON = 4, NODES = 4 };

static float units[SERIES * STORED];
static int32_t one[SERIES], three[SERIES];

/* whole numbers, so that sums are exact in any order; some with gaps */
static void make(void)
{
	for (int i = 0; i < SERIES; i++) {
		three[i] = i % 3;
		for (int t = 0; t < STORED; t++)
			units[i * STORED + t] = t < i % 5 ? NAN : (float)((i * 7 + t * 13) % 11);
	}
	units[3 * STORED + 10] = NAN; /* in the first node of three */
	units[3 * STORED + 11] = NAN;
	units[4 * STORED + 24] = NAN; /* the last that is known may come late */
	for (int t = 12; t < STORED; t++)
		units[5 * STORED + t] = NAN; /* ended */
	for (int i = 0; i < SERIES; i++)
		if (i % 3 == 1)
			units[i * STORED + 17] = NAN; /* nothing of a whole node */
}

static double filled(int i, int t)
{
	float y = units[i * STORED + t];
	bool inside = t >= i % 5 && !(i == 5 && t >= 12);
	return isnan(y) && inside ? filled(i, t - SEASON) : isnan(y) ? 0 : (double)y;
}

/* missing where more than a third was filled */
static double want(int node, int t)
{
	double sum = 0, made = 0;
	for (int i = 0; i < SERIES; i++)
		if (node == 0 || three[i] == node - 1) {
			sum += filled(i, t);
			made += isnan(units[i * STORED + t]) ? filled(i, t) : 0;
		}
	return 3 * made > sum ? NAN : sum;
}

static par_err write_units(const par_world *w, const char *path)
{
	const par_store_var var = {"units", PAR_F32, {"series", "time"}, "1", "units", NULL};
	par_store *s;
	PAR_TRY(par_store_create(&s, w, path, "entrepot-test", 1, 1 << 20));
	PAR_TRY(par_store_dim(s, "series", SERIES, PAR_I64, NULL));
	PAR_TRY(par_store_dim(s, "time", STORED, PAR_I64, NULL));
	PAR_TRY(par_store_put_whole(s, &var, SERIES, units));
	return par_store_publish(s, PAR_OK);
}

static void histories(const panel *p, const levels_sums *levels)
{
	double sum[NODES * KNOWN];
	ok(sums_history(p, levels, sum) == PAR_OK, "series are added up");
	int wrong = 0;
	for (int k = 0; k < NODES; k++)
		for (int t = 0; t < KNOWN; t++) {
			double v = sum[k * KNOWN + t], right = want(k, t);
			wrong += isnan(right) ? !isnan(v) : v != right;
		}
	ok(isnan(want(2, 17)) && !isnan(want(1, 17)), "one node's period is lost");
	ok(wrong == 0, "gaps as a season before, an end as nothing, a lost period as missing (%d)",
	    wrong);
}

static void rows(const panel *p, const levels_sums *levels)
{
	par_blocks b;
	double sum[NODES * 2];
	float mine[SERIES * 2];
	par_blocks_deal(&b, p->of.world, SERIES, 8);
	for (int64_t i = b.lo; i < b.hi; i++)
		for (int h = 0; h < 2; h++)
			mine[(i - b.lo) * 2 + h] = (float)(i + 1000 * h);
	ok(sums_rows(p, levels, mine, b.hi - b.lo, 2, sum) == PAR_OK && sum[0] == 5050 &&
		sum[1] == 5050 + 101000 && sum[2] == 1683 && sum[7] - sum[6] == 33000,
	    "and so are rows that ranks hold");
}

int main(int argc, char **argv)
{
	par_world w;
	tap_begin(&argc, &argv);
	par_world_open(&w, MPI_COMM_WORLD);
	scratch_begin();
	make();
	int32_t first_one[1] = {0}, first_three[3] = {0, 1, 2};
	hierarchy_level total = {"total", 0, 1, one, first_one, NULL, 0};
	hierarchy_level group = {"group", 1, 3, three, first_three, NULL, 0};
	const hierarchy_level *level[2] = {&total, &group};
	int64_t first[3] = {0, 1, 4};
	levels_sums levels = {2, level, first};
	panel p = {.of = {.world = &w, .length = KNOWN, .season = SEASON, .series = SERIES},
	    .stored = STORED};
	const char *path = scratch_path("units.h5");
	ok(write_units(&w, path) == PAR_OK &&
		par_store_open(&p.of.store, &w, path, "entrepot-test", 1) == PAR_OK,
	    "units are written");
	histories(&p, &levels);
	rows(&p, &levels);
	par_store_close(p.of.store);
	scratch_end();
	par_world_close(&w);
	return tap_end();
}
