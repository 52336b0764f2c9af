/* np: 1 */
#include "train/sampler.h"

#include "../tap.h"
#include "train/schedule.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* the samples of an epoch in order */
static void epoch_of(const par_sampler *s, int64_t epoch, int64_t *order)
{
	int64_t at = 0, steps = par_sampler_steps(s);
	for (int64_t k = 0; k < steps; k++)
		for (int64_t i = 0; i < par_sampler_count(s, epoch * steps + k); i++)
			order[at++] = par_sampler_at(s, epoch * steps + k, i);
}

static bool each_once(const int64_t *order, int64_t n)
{
	char *seen = calloc((size_t)n + 1, 1);
	int64_t met = 0;
	for (int64_t i = 0; i < n; i++)
		if (order[i] >= 0 && order[i] < n && !seen[order[i]]++)
			met++;
	free(seen);
	return met == n;
}

static int64_t moved(const int64_t *a, const int64_t *b, int64_t n)
{
	int64_t count = 0;
	for (int64_t i = 0; i < n; i++)
		count += a[i] != b[i];
	return count;
}

static void covers(par_sampler s, const char *how)
{
	int64_t *order = calloc(3 * (size_t)s.n + 1, sizeof *order);
	bool once = true;
	for (int64_t e = 0; e < 3; e++) {
		epoch_of(&s, e, order + e * s.n);
		once = once && each_once(order + e * s.n, s.n);
	}
	ok(once, "%s: %lld samples in batches of %lld come once an epoch", how, (long long)s.n,
	    (long long)s.batch);
	if (s.shuffle && s.n > 100)
		ok(moved(order, order + s.n, s.n) > s.n / 2 &&
			moved(order + s.n, order + 2 * s.n, s.n) > s.n / 2,
		    "... in another order each time");
	if (!s.shuffle)
		ok(order[0] == 0 && order[s.n - 1] == s.n - 1 &&
			moved(order, order + s.n, s.n) == 0,
		    "... always in order");
	par_sampler other = s;
	other.batch = s.batch * 2 + 1;
	epoch_of(&other, 2, order);
	ok(moved(order, order + 2 * s.n, s.n) == 0, "... whatever the size of a batch");
	free(order);
}

/* a pool serves a run of positions with the samples of its blocks, and with no others */
static void pools(par_sampler s)
{
	bool tiles = true, inside = true;
	int64_t at = 0, lo, hi;
	for (int64_t k = 0; k < par_sampler_pools(&s); k++) {
		par_sampler_pool(&s, 1, k, &lo, &hi);
		tiles = tiles && lo == at && hi > lo;
		for (at = lo; at < hi; at++) {
			int64_t place, number, first, end;
			par_sampler_find(&s, 1, at, &place, &number);
			par_sampler_block(&s, 1, place, &first, &end);
			int64_t steps = par_sampler_steps(&s);
			inside = inside && place / s.pool == k && first + number < end &&
				 par_sampler_at(&s, steps + at / s.batch, at % s.batch) ==
				     first + number;
		}
	}
	ok(tiles && at == s.n, "pools of %lld blocks of %lld tile %lld positions",
	    (long long)s.pool, (long long)s.block, (long long)s.n);
	ok(inside, "... and each holds the samples of its positions");
}

static void rates(void)
{
	par_schedule c = {
	    .kind = PAR_RATE_COSINE, .rate = 2, .warmup = 4, .steps = 104, .last = 0.1};
	ok(fabs(par_schedule_rate(&c, 0) - 0.4) < 1e-15 &&
		fabs(par_schedule_rate(&c, 3) - 1.6) < 1e-15 && par_schedule_rate(&c, 4) == 2,
	    "warm-up is linear and ends at the full rate");
	ok(fabs(par_schedule_rate(&c, 54) - 1.1) < 1e-12 &&
		fabs(par_schedule_rate(&c, 104) - 0.2) < 1e-12 &&
		par_schedule_rate(&c, 1000) == par_schedule_rate(&c, 104),
	    "a cosine is halfway at half time, ends at its last share and stays there");
	par_schedule s = {.kind = PAR_RATE_STEPS, .rate = 1, .every = 10, .factor = 0.5};
	ok(par_schedule_rate(&s, 9) == 1 && par_schedule_rate(&s, 10) == 0.5 &&
		par_schedule_rate(&s, 35) == 0.125,
	    "steps multiply by the factor each time");
	par_schedule f = {
	    .kind = PAR_RATE_FALL, .rate = 4, .steps = 100, .last = 0.5, .falling = 0.2};
	ok(par_schedule_rate(&f, 80) == 4 && fabs(par_schedule_rate(&f, 90) - 3) < 1e-12 &&
		fabs(par_schedule_rate(&f, 100) - 2) < 1e-12 && par_schedule_rate(&f, 200) == 2,
	    "a fall keeps the full rate until its last steps, and ends at its last share");
	par_schedule k = {.rate = 0.3};
	ok(par_schedule_rate(&k, 0) == 0.3 && par_schedule_rate(&k, 1 << 20) == 0.3,
	    "a constant stays");
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	static const int64_t sizes[] = {1, 2, 31, 97, 1000, 4099};
	for (int i = 0; i < 6; i++) {
		covers((par_sampler){.seed = 3, .n = sizes[i], .batch = 32, .shuffle = true},
		    "one level");
		covers((par_sampler){.n = sizes[i], .batch = 7}, "unshuffled");
		covers((par_sampler){.seed = 9,
			   .n = sizes[i],
			   .batch = 8,
			   .shuffle = true,
			   .block = 10,
			   .pool = 4},
		    "two levels");
		covers((par_sampler){.n = sizes[i], .batch = 8, .block = 16, .pool = 3},
		    "two levels unshuffled");
		pools((par_sampler){
		    .seed = 4, .n = sizes[i], .batch = 8, .shuffle = true, .block = 10, .pool = 4});
		pools((par_sampler){.seed = 4, .n = sizes[i], .batch = 8, .block = 16, .pool = 1});
	}
	rates();
	return tap_end();
}
