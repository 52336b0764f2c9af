/* np: 1 2 3 6   apps: forecast */
#include "forecast/net/expect.h"
#include "forecast/sample.h"

#include "../tap.h"
#include "base/rng.h"
#include "scratch.h"

#include <math.h>
#include <string.h>

enum { SKUS = 12, MARKETS = 5, SERIES = SKUS * MARKETS, STORED = 212, LENGTH = 200, AHEAD = 7 };
enum { LEVELS = 3, SAID = AHEAD * (1 + LEVELS) };
enum { PERIODS = LENGTH + AHEAD, ROOMY = 1 << 22, TIGHT = 60 << 10, NONE = 4 << 10 };

static const double level[LEVELS] = {.1, .5, .9};
static float units[SERIES * STORED];
static int32_t price[SERIES * STORED], known[SERIES * AHEAD], sku[SERIES], market[SERIES];

static double random_at(int64_t i)
{
	return par_rng_f64((par_rng){3, 1, 0}, i);
}

/* fractions, so that the order of additions shows; some missing, each series beginning at its own time */
static void make_numbers(void)
{
	for (int64_t i = 0; i < SERIES; i++) {
		sku[i] = (int32_t)(i / MARKETS);
		market[i] = (int32_t)(i % MARKETS);
		for (int64_t t = 0; t < STORED; t++) {
			int64_t c = i * STORED + t;
			bool none = t < i % 17 || random_at(2 * c) < 0.02;
			units[c] = none ? NAN : (float)(random_at(2 * c + 1) * (double)(i + 1));
			price[c] = none ? -1 : (int32_t)(100 + i + t % 3);
		}
		for (int64_t t = 0; t < AHEAD; t++)
			known[i * AHEAD + t] = (int32_t)(90 + i);
	}
}

static par_err put(par_store *s)
{
	const par_store_var of_units = {"units", PAR_F32, {"series", "time"}, NULL, NULL, NULL},
			    of_price = {"price", PAR_I32, {"series", "time"}, NULL, NULL, NULL},
			    of_known = {"known_price", PAR_I32, {"series", "future_time"}, NULL,
				NULL, NULL};
	char department[SKUS * 2];
	for (int i = 0; i < SKUS; i++)
		memcpy(department + 2 * i, i % 3 == 1 ? "b" : "a", 2);
	PAR_TRY(par_store_dim(s, "series", SERIES, PAR_I64, NULL));
	PAR_TRY(par_store_dim(s, "time", STORED, PAR_I64, NULL));
	PAR_TRY(par_store_dim(s, "future_time", AHEAD, PAR_I64, NULL));
	PAR_TRY(par_store_bare_dim(s, "sku", SKUS));
	PAR_TRY(par_store_put_text(s, "sku_department", "sku", SKUS, 2, department, NULL));
	PAR_TRY(par_store_put_whole(s, &of_units, SERIES, units));
	PAR_TRY(par_store_put_whole(s, &of_price, SERIES, price));
	return par_store_put_whole(s, &of_known, SERIES, known);
}

static par_err make_catalog(catalog *c, const par_world *w)
{
	const char *path = scratch_path("catalog.h5");
	par_store *s;
	make_numbers();
	PAR_TRY(par_store_create(&s, w, path, "entrepot-test", 1, 1 << 20));
	PAR_TRY(par_store_publish(s, put(s)));
	*c = (catalog){.world = w,
	    .path = "test",
	    .frequency = PAR_DAY,
	    .season = 7,
	    .length = LENGTH,
	    .skus = SKUS,
	    .markets = MARKETS,
	    .series = SERIES,
	    .series_sku = sku,
	    .series_market = market};
	return par_store_open(&c->store, w, path, "entrepot-test", 1);
}

/* one loop over all series, in their order */
static bool sums_by_hand(const history *h)
{
	static float groups[MARKETS * 2 * LENGTH], skus[SKUS * LENGTH];
	memset(groups, 0, sizeof groups);
	memset(skus, 0, sizeof skus);
	for (int64_t i = 0; i < SERIES; i++)
		for (int64_t t = 0; t < LENGTH; t++) {
			float y = units[i * STORED + t];
			int64_t area = sku[i] % 3 == 1;
			groups[(market[i] * 2 + area) * LENGTH + t] += isfinite(y) ? y : 0;
			skus[sku[i] * LENGTH + t] += isfinite(y) ? y : 0;
		}
	return h->areas == 2 && memcmp(groups, h->group_sum, sizeof groups) == 0 &&
	       memcmp(skus, h->sku_sum, sizeof skus) == 0;
}

static bool same_series(const history *h, history_series a, history_series b)
{
	return a.sku == b.sku && a.market == b.market && a.group == b.group && a.first == b.first &&
	       memcmp(a.units, b.units, (size_t)h->length * sizeof *a.units) == 0 &&
	       memcmp(a.price, b.price, PERIODS * sizeof *a.price) == 0;
}

static bool is_series(const history *h, history_series s, int64_t i)
{
	bool same = s.sku == sku[i] && s.market == market[i];
	for (int64_t t = 0; t < LENGTH; t++) {
		float y = units[i * STORED + t];
		same = same && (isfinite(y) ? s.units[t] == y : !isfinite(s.units[t]));
	}
	(void)h;
	return same && s.first < LENGTH && isfinite(s.units[s.first]) &&
	       (s.first == 0 || !isfinite(s.units[s.first - 1]));
}

static void holds_a_sample(const history *all, const history *some)
{
	bool same = some->level > 0 && all->level == 0 && some->kept < all->kept;
	for (int64_t i = 0; i < all->kept; i++)
		same = same && is_series(all, history_at(all, i), i);
	for (int64_t i = 0; i < some->kept; i++)
		same = same && same_series(all, history_at(some, i),
				   history_at(all, sample_at(some->level, i)));
	ok(same, "with less memory a sample of %lld series is held", (long long)some->kept);
	ok(sums_by_hand(all) && sums_by_hand(some) &&
		memcmp(all->area_price, some->area_price, 2 * PERIODS * sizeof(float)) == 0 &&
		all->gaps && some->gaps && !some->negative,
	    "sums are of all series all the same");
}

static void reads_parts(const par_world *w, const history *all)
{
	history_part r;
	int64_t lo = SERIES * w->rank / w->size, rows = SERIES * (w->rank + 1) / w->size - lo;
	par_err e = history_part_open(&r, all, rows);
	if (e == PAR_OK)
		e = history_part_read(&r, lo, rows);
	bool same = e == PAR_OK;
	for (int64_t i = lo; same && i < lo + rows; i++)
		same = same_series(all, history_part_at(&r, i), history_at(all, i));
	ok(same, "series that are read when they are wanted are those that are held");
	history_part_close(&r);
}

enum { ORIGINS = 2 };

typedef struct {
	int64_t seen;
	float said[SERIES * ORIGINS * SAID];
} wanted;

static void take(void *ctx, int64_t series, const float *said)
{
	wanted *x = ctx;
	memcpy(x->said + series * ORIGINS * SAID, said, sizeof *said * ORIGINS * SAID);
	x->seen++;
}

static par_err go_on(void *ctx)
{
	(void)ctx;
	return PAR_OK;
}

/* of my series; the others stay zero */
static par_err ask_all(learner *l, const int64_t *origin, wanted *out)
{
	const par_world *w = l->kind->h->of->world;
	int64_t lo = SERIES * w->rank / w->size, hi = SERIES * (w->rank + 1) / w->size;
	*out = (wanted){0};
	PAR_TRY(expect_all(l, &(expect_all_spec){ORIGINS, origin, lo, hi, take, go_on, out}));
	return out->seen == hi - lo ? PAR_OK
				    : par_fail(PAR_E_DATA, "%lld series", (long long)out->seen);
}

/* batches of 16 of 60 series: the last is not full */
static void forecasts_all(const par_world *w, const history *all, const history *some)
{
	static wanted read, held;
	day_table days;
	window_kind kind;
	learner l;
	par_shared kept = {0};
	const int64_t origin[ORIGINS] = {LENGTH - 20, LENGTH - 8};
	par_err e = days_open(&days, all);
	window_kind_make(&kind, all, &days, AHEAD, false);
	if (e == PAR_OK)
		e = learn_open(&l, &kind, &(network_spec){16, 12, 16, 5, false, LEVELS, level});
	if (e == PAR_OK)
		e = par_shared_open(&kept, w, sizeof(float) * SERIES * AHEAD);
	if (e == PAR_OK)
		e = expect_kept(&l, origin[1], &kept);
	if (e == PAR_OK)
		e = ask_all(&l, origin, &held);
	kind.h = some; /* of the same sums */
	if (e == PAR_OK)
		e = ask_all(&l, origin, &read);
	ok(e == PAR_OK && memcmp(read.said, held.said, sizeof read.said) == 0,
	    "forecasts of series that are read have the bits of those of series that are held");
	const float *mean = (const float *)(const void *)kept.window.base;
	bool same = e == PAR_OK && mean[0] > 0;
	for (int64_t i = SERIES * w->rank / w->size; i < SERIES * (w->rank + 1) / w->size; i++)
		same = same && memcmp(held.said + (i * ORIGINS + 1) * SAID, mean + i * AHEAD,
				   AHEAD * sizeof *mean) == 0;
	ok(same, "and so have means alone");
	par_shared_close(&kept);
	learn_close(&l);
	days_close(&days);
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	par_world w;
	catalog c = {0};
	rhythm r;
	history all, some, none;
	par_world_open(&w, MPI_COMM_WORLD);
	scratch_begin();
	rhythm_of(&r, PAR_DAY);
	par_err e = make_catalog(&c, &w);
	if (e == PAR_OK)
		e = history_open(&all, &c, &r, &(history_spec){LENGTH, AHEAD, ROOMY});
	if (e == PAR_OK)
		e = history_open(&some, &c, &r, &(history_spec){LENGTH, AHEAD, TIGHT});
	if (e == PAR_OK)
		e = history_open(&none, &c, &r, &(history_spec){LENGTH, AHEAD, NONE});
	ok(e == PAR_OK && none.kept == 0, "where sums alone are too many nothing is held");
	if (e == PAR_OK) {
		holds_a_sample(&all, &some);
		reads_parts(&w, &all);
		forecasts_all(&w, &all, &some);
	}
	history_close(&none);
	history_close(&some);
	history_close(&all);
	par_store_close(c.store);
	scratch_end();
	par_world_close(&w);
	return tap_end();
}
