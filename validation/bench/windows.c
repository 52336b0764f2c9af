/* apps: forecast   Training of the forecast's network on a made-up catalog of daily series, to be timed.
 *
 * windows [bf16] [write=FOLDER]; then on standard input lines "STEPS": each trains so many steps, batches of 1,024
 * windows made from the catalog as they are wanted, and prints "ms_a_step gflop_a_window", milliseconds of the processor. With write= the catalog
 * and the calendar are left in the folder for a peer, as plain arrays: see keep(). */
#include "base/rng.h"
#include "forecast/net/learn.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SKUS = 600, MARKETS = 10, SERIES = SKUS * MARKETS, AREAS = 7, GROUPS = MARKETS * AREAS };
enum { LENGTH = 1600, AHEAD = 28, PERIODS = LENGTH + AHEAD, WEEK = 7 };
enum { EVENTS = 30, BEFORE = 2, OFFSETS = 7, DATES = 7 + 31 + 12 + 4 };
enum { COLUMNS = DATES + EVENTS * OFFSETS, ROW_MOST = 7 + OFFSETS };
enum { BATCH = 1024 };

typedef struct {
	catalog of;
	history h;
	day_table c;
	int32_t sku[SERIES], market[SERIES], area_of[SKUS], class_of[MARKETS];
	float units[SERIES * LENGTH], price[SERIES * PERIODS];
	float sku_sum[SKUS * LENGTH], group_sum[GROUPS * LENGTH], area_price[AREAS * PERIODS];
	int64_t first[SERIES], row[PERIODS + 1];
	uint8_t closed[PERIODS];
	int32_t column[PERIODS * ROW_MOST];
	float value[PERIODS * ROW_MOST];
} made;

/* ---- the catalog ---- */

/* demand with a level, a week, a year and much noise; prices that change now and then */
static void make_series(made *m, int64_t i)
{
	par_rng units = {1, 1, (uint32_t)i}, price = {1, 2, (uint32_t)i};
	double level = exp(3 * par_rng_f64(units, PERIODS) - 1.5), cents = 0;
	m->sku[i] = (int32_t)(i / MARKETS);
	m->market[i] = (int32_t)(i % MARKETS);
	m->first[i] = i % 5 == 0 ? (int64_t)(0.5 * LENGTH * par_rng_f64(units, PERIODS + 1)) : 0;
	for (int64_t t = 0; t < PERIODS; t++) {
		double week = t % WEEK < 2 ? 1.6 : 0.8,
		       year = 1 + 0.3 * sin(6.2832 * (double)t / 365.25);
		double u = par_rng_f64(units, t), y = floor(-level * week * year * log(1 - u));
		if (t % WEEK == 0 && (t == 0 || par_rng_f64(price, t) < 0.05))
			cents = 100 + floor(1000 * par_rng_f64(price, PERIODS + t));
		bool none = t < m->first[i];
		if (t < LENGTH)
			m->units[i * LENGTH + t] = none ? NAN : (float)y;
		m->price[i * PERIODS + t] = none ? NAN : logf((float)cents);
	}
}

static void make_sums(made *m)
{
	for (int64_t i = 0; i < SERIES; i++) {
		int64_t group = m->market[i] * AREAS + m->area_of[m->sku[i]];
		for (int64_t t = m->first[i]; t < LENGTH; t++) {
			m->sku_sum[m->sku[i] * LENGTH + t] += m->units[i * LENGTH + t];
			m->group_sum[group * LENGTH + t] += m->units[i * LENGTH + t];
		}
	}
	for (int64_t c = 0; c < (int64_t)AREAS * PERIODS; c++)
		m->area_price[c] = 6;
}

static void put(made *m, int64_t *n, int column, double value)
{
	m->column[*n] = column;
	m->value[(*n)++] = (float)value;
}

/* dates as of a year of twelve months of 31 days; event e happens on day 12 e of it */
static void make_days(made *m)
{
	int64_t n = 0;
	for (int64_t t = 0; t < PERIODS; t++) {
		int day = (int)(t % 365);
		put(m, &n, (int)(t % WEEK), 1);
		put(m, &n, 7 + day % 31, 1);
		put(m, &n, 38 + day / 31, 1);
		for (int k = 0; k < 4; k++)
			put(m, &n, 50 + k,
			    sin(6.2832 * (k < 2 ? 1 : 2) * day / 365 + 1.5708 * (k % 2)));
		for (int o = 0; o < OFFSETS; o++) {
			int then = day + o - BEFORE;
			if (then >= 0 && then % 12 == 0 && then / 12 < EVENTS)
				put(m, &n, DATES + o * EVENTS + then / 12, 1);
		}
		m->row[t + 1] = n;
		m->closed[t] = day == 358;
	}
}

static made *make(const par_world *w)
{
	made *m = calloc(1, sizeof *m);
	PAR_MUST(m, "no memory for a catalog");
	for (int s = 0; s < SKUS; s++)
		m->area_of[s] = s % AREAS;
	for (int64_t i = 0; i < SERIES; i++)
		make_series(m, i);
	make_sums(m);
	make_days(m);
	m->of = (catalog){.world = w,
	    .path = "made up",
	    .frequency = PAR_DAY,
	    .season = WEEK,
	    .length = LENGTH,
	    .skus = SKUS,
	    .markets = MARKETS,
	    .series = SERIES,
	    .series_sku = m->sku,
	    .series_market = m->market};
	m->h = (history){.of = &m->of,
	    .length = LENGTH,
	    .ahead = AHEAD,
	    .kept = SERIES,
	    .prices = true,
	    .prices_ahead = true,
	    .groups = GROUPS,
	    .areas = AREAS,
	    .area_of = m->area_of,
	    .units = m->units,
	    .price = m->price,
	    .sku_sum = m->sku_sum,
	    .group_sum = m->group_sum,
	    .area_price = m->area_price,
	    .first = m->first};
	rhythm_of(&m->h.rhythm, PAR_DAY);
	m->c = (day_table){.rows = {PERIODS, COLUMNS, m->row, m->column, m->value},
	    .periods = PERIODS,
	    .classes = 1,
	    .class_of = m->class_of,
	    .closed = m->closed};
	return m;
}

static void keep_array(const char *folder, const char *name, const void *data, size_t bytes)
{
	char path[4096];
	snprintf(path, sizeof path, "%s/%s", folder, name);
	FILE *f = fopen(path, "wb");
	PAR_MUST(f && fwrite(data, 1, bytes, f) == bytes && fclose(f) == 0, "%s: cannot be written",
	    path);
}

/* units[SERIES][LENGTH], price[SERIES][PERIODS], first[SERIES] and days[PERIODS][COLUMNS]; series i is of SKU
 * i / MARKETS in market i % MARKETS, and a SKU of area sku % AREAS */
static void keep(const made *m, const char *folder)
{
	int32_t shape[] = {SKUS, MARKETS, AREAS, LENGTH, PERIODS, COLUMNS};
	float *days = calloc((size_t)PERIODS * COLUMNS, sizeof *days);
	PAR_MUST(days, "no memory for a calendar");
	for (int64_t t = 0; t < PERIODS; t++)
		for (int64_t e = m->row[t]; e < m->row[t + 1]; e++)
			days[t * COLUMNS + m->column[e]] = m->value[e];
	keep_array(folder, "shape", shape, sizeof shape);
	keep_array(folder, "units", m->units, sizeof m->units);
	keep_array(folder, "price", m->price, sizeof m->price);
	keep_array(folder, "first", m->first, sizeof m->first);
	keep_array(folder, "closed", m->closed, sizeof m->closed);
	keep_array(folder, "days", days, (size_t)PERIODS * COLUMNS * sizeof *days);
	free(days);
}

/* ---- training ---- */

static double processor_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return 1e3 * (double)t.tv_sec + 1e-6 * (double)t.tv_nsec;
}

static par_err answer(learner *l, const par_world *w)
{
	long long steps;
	double flops = par_graph_flops(l->net.graph, l->net.train) / BATCH;
	while (scanf("%lld", &steps) == 1) {
		double begun = processor_ms();
		PAR_TRY(
		    learn_train(l, &(learn_phase){.steps = steps, .rate = 3e-3, .until = LENGTH}));
		if (w->rank == 0)
			printf(
			    "%.4f %.6f\n", (processor_ms() - begun) / (double)steps, 1e-9 * flops);
		fflush(stdout);
	}
	return PAR_OK;
}

int main(int argc, char **argv)
{
	par_world w;
	learner l = {0};
	window_kind k;
	network_spec spec = {.batch = BATCH, .seed = 1};
	par_err e = par_world_start(&w);
	made *m = make(&w);
	for (int i = 1; i < argc; i++) {
		spec.bf16 |= strcmp(argv[i], "bf16") == 0;
		if (strncmp(argv[i], "write=", 6) == 0)
			keep(m, argv[i] + 6);
	}
	window_kind_make(&k, &m->h, &m->c, AHEAD, true);
	if (e == PAR_OK)
		e = learn_open(&l, &k, &spec);
	if (e == PAR_OK)
		e = answer(&l, &w);
	if (e != PAR_OK)
		fprintf(stderr, "windows: %s\n", par_err_why());
	learn_close(&l);
	free(m);
	par_world_finish(&w);
	return par_err_status(e);
}
