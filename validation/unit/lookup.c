/* np: 1 2 3 4 6 */
#include "comm/lookup.h"

#include "../tap.h"
#include "base/cpu.h"
#include "base/radix.h"
#include "base/rng.h"
#include "comm/blocks.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

/* one global list of ids: some repeated often, some without a row */
typedef struct {
	int64_t rows, width, positions;
	int32_t ids; /* drawn below this; above rows there is nothing */
} list;

static int32_t id_at(const list *c, int64_t i, int round)
{
	par_rng r = {1, 0, (uint32_t)round};
	return par_rng_u32(r, 2 * i) % 11 == 0 ? -1 - (int32_t)(i % 3)
					       : (int32_t)par_rng_below(r, i, c->ids);
}

static float table_at(int64_t row, int64_t col)
{
	return par_rng_f32((par_rng){2, 0, 0}, row * 1000 + col);
}

/* sums of these depend on the order of additions */
static float given_at(int64_t i, int64_t col, int round)
{
	return (float)par_rng_normal((par_rng){3, 0, (uint32_t)round}, i * 1000 + col) *
	       (i % 5 ? 1 : 1e5f);
}

static int fetched(const list *c, const par_blocks *b, const float *out, int round)
{
	for (int64_t i = b->lo; i < b->hi; i++)
		for (int64_t j = 0; j < c->width; j++) {
			int32_t id = id_at(c, i, round);
			float want = id >= 0 && id < c->rows ? table_at(id, j) : 0;
			if (out[(i - b->lo) * c->width + j] != want)
				return 0;
		}
	return 1;
}

/* the oracle: for each row I own, the whole list from front to back */
static int summed(
    const list *c, par_lookup_rows got, int64_t lo, int64_t hi, const int32_t *ids, int round)
{
	int64_t k = 0;
	float *sum = calloc((size_t)c->width, sizeof *sum);
	int same = 1;
	for (int64_t row = lo; row < hi; row++) {
		int met = 0;
		for (int64_t i = 0; i < c->positions; i++) {
			if (ids[i] != row)
				continue;
			for (int64_t j = 0; j < c->width; j++)
				sum[j] = met ? sum[j] + given_at(i, j, round)
					     : given_at(i, j, round);
			met = 1;
		}
		if (!met)
			continue;
		same &= k < got.n && got.id[k] == row &&
			memcmp(got.row + k * c->width, sum, (size_t)c->width * sizeof *sum) == 0;
		k++;
	}
	free(sum);
	return same && k == got.n;
}

typedef struct {
	par_lookup *l;
	par_blocks b;
	int64_t lo, hi;
	float *mine, *out, *given;
	int32_t *ids;
} setting;

static par_err set_up(setting *s, const par_world *w, const list *c)
{
	par_blocks_deal(&s->b, w, c->positions, 1);
	int64_t here = s->b.hi - s->b.lo;
	par_err e = par_lookup_plan(&s->l, w, c->rows, c->width, here);
	par_lookup_mine(s->l, &s->lo, &s->hi);
	s->mine = calloc((size_t)((s->hi - s->lo) * c->width) + 1, sizeof *s->mine);
	for (int64_t i = s->lo; i < s->hi; i++)
		for (int64_t j = 0; j < c->width; j++)
			s->mine[(i - s->lo) * c->width + j] = table_at(i, j);
	s->out = calloc((size_t)(here * c->width) + 1, sizeof *s->out);
	s->given = calloc((size_t)(here * c->width) + 1, sizeof *s->given);
	s->ids = calloc((size_t)here + 1, sizeof *s->ids);
	return e;
}

static void take_down(setting *s)
{
	par_lookup_free(s->l);
	free(s->mine);
	free(s->out);
	free(s->given);
	free(s->ids);
}

static void draw(setting *s, const list *c, int round)
{
	for (int64_t i = s->b.lo; i < s->b.hi; i++) {
		s->ids[i - s->b.lo] = id_at(c, i, round);
		for (int64_t j = 0; j < c->width; j++) {
			s->out[(i - s->b.lo) * c->width + j] = -7;
			s->given[(i - s->b.lo) * c->width + j] = given_at(i, j, round);
		}
	}
}

static void check(const par_world *w, list c)
{
	setting s;
	par_err e = set_up(&s, w, &c);
	ok(e == PAR_OK && par_world_sum(w, s.hi - s.lo) == c.rows,
	    "%lld ids of %lld rows of %lld: ranks own all rows", (long long)c.positions,
	    (long long)c.rows, (long long)c.width);
	int rows = 1, sums = 1;
	int32_t *all = calloc((size_t)c.positions + 1, sizeof *all);
	for (int round = 0; round < 2; round++) {
		draw(&s, &c, round);
		for (int64_t i = 0; i < c.positions; i++)
			all[i] = id_at(&c, i, round);
		par_lookup_fetch(s.l, s.mine, s.ids, s.b.hi - s.b.lo, s.out);
		rows &= fetched(&c, &s.b, s.out, round);
		for (int again = 0; again < 2; again++)
			sums &= summed(&c, par_lookup_sum(s.l, s.given), s.lo, s.hi, all, round);
	}
	ok(rows, "... each gets the row it names, or zeros");
	ok(sums, "... each row named gets one sum, added in order of positions");
	free(all);
	take_down(&s);
}

static void fewer(const par_world *w)
{
	list c = {100, 8, 60, 100};
	setting s;
	par_err e = set_up(&s, w, &c);
	draw(&s, &c, 0);
	par_lookup_fetch(s.l, s.mine, s.ids, s.b.hi - s.b.lo, s.out);
	par_lookup_fetch(s.l, s.mine, s.ids, w->rank == 0 ? 1 : 0, s.out);
	par_lookup_rows got = par_lookup_sum(s.l, s.given);
	ok(e == PAR_OK && par_world_sum(w, got.n) <= 1, "fewer ids than planned bring fewer sums");
	take_down(&s);
}

/* MPI's own pools may grow now and then; a plan that kept memory would do so every time */
static void allocations(const par_world *w)
{
	list c = {5000, 16, 3000, 5000};
	setting s;
	par_err e = set_up(&s, w, &c);
	int still = 0;
	draw(&s, &c, 0);
	for (int round = 0; round < 20; round++) {
		size_t before = mallinfo2().uordblks;
		par_lookup_fetch(s.l, s.mine, s.ids, s.b.hi - s.b.lo, s.out);
		par_lookup_sum(s.l, s.given);
		still += mallinfo2().uordblks == before;
	}
	ok(e == PAR_OK && still > 0, "a running plan keeps no new memory");
	take_down(&s);
}

static int sorts(int64_t n, uint32_t most)
{
	par_keyed *a = calloc((size_t)n + 1, sizeof *a), *b = calloc((size_t)n + 1, sizeof *b);
	for (int64_t i = 0; i < n; i++)
		a[i] = (par_keyed){
		    (uint32_t)par_rng_below((par_rng){4, 0, 0}, i, (int64_t)most + 1), (uint32_t)i};
	a[0].key = most;
	const par_keyed *s = par_radix_sort(a, b, n, most);
	int good = 1;
	for (int64_t i = 1; i < n; i++)
		good &= s[i - 1].key < s[i].key ||
			(s[i - 1].key == s[i].key && s[i - 1].at < s[i].at);
	good &= n == 0 || s[n - 1].key == most;
	free(a);
	free(b);
	return good;
}

static void sorting(void)
{
	static const uint32_t most[] = {0, 1, 2047, 2048, 100000, 1 << 22, UINT32_MAX};
	for (int i = 0; i < 7; i++)
		ok(sorts(0, most[i]) && sorts(1, most[i]) && sorts(5000, most[i]),
		    "keys up to %u are sorted, equal ones as they came", most[i]);
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	par_world w;
	ok(par_world_open(&w, MPI_COMM_WORLD) == PAR_OK, "a world opens");
	sorting();
	static const list lists[] = {
	    {1, 1, 1, 1},
	    {1, 5, 20, 2},
	    {10, 3, 0, 10},
	    {64, 16, 2, 64},
	    {65, 16, 100, 70},
	    {1000, 33, 700, 1000},
	    {1000, 64, 500, 12},
	    {100000, 4, 3, 100000},
	    {200000, 1, 50, 200000},
	};
	for (int k = PAR_KERNELS_PLAIN; k <= (int)par_cpu_best(); k++) {
		par_cpu_use((par_kernels)k);
		for (size_t i = 0; i < sizeof lists / sizeof *lists - (k > 0); i++)
			check(&w, lists[i]);
	}
	fewer(&w);
	allocations(&w);
	par_world_close(&w);
	return tap_end();
}
