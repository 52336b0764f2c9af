#include "common/judge/made.h"

#include "comm/blocks.h"

#include <stdlib.h>

#define BLOCK 256 /* pictures that one rank makes in a row */

par_err made_open(made_set *m, const par_world *w, const gallery *g, const int64_t *each)
{
	*m = (made_set){
	    g->bytes, g->categories, calloc((size_t)g->categories + 1, sizeof *m->first), {0}};
	PAR_TRY_ALL(w, m->first ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for made pictures"));
	for (int64_t c = 0; c < g->categories; c++)
		m->first[c + 1] = m->first[c] + each[c];
	return par_shared_open(&m->shared, w, (size_t)(m->first[g->categories] * g->bytes) + 1);
}

void made_close(made_set *m)
{
	par_shared_close(&m->shared);
	free(m->first);
	*m = (made_set){0};
}

const uint8_t *made_cells(const made_set *m, int64_t picture)
{
	return (const uint8_t *)m->shared.window.base + picture * m->bytes;
}

int64_t made_count(const made_set *m, int64_t category)
{
	return m->first[category + 1] - m->first[category];
}

int64_t made_category(const made_set *m, int64_t picture)
{
	int64_t lo = 0, hi = m->categories - 1;
	while (lo < hi) {
		int64_t middle = lo + (hi - lo) / 2;
		if (picture < m->first[middle + 1])
			hi = middle;
		else
			lo = middle + 1;
	}
	return lo;
}

/* pictures [lo, hi), which may be of several categories */
static void make_some(
    const made_set *m, made_fn make, void *ctx, int64_t lo, int64_t hi, uint8_t *out)
{
	while (lo < hi) {
		int64_t c = made_category(m, lo), end = m->first[c + 1] < hi ? m->first[c + 1] : hi;
		make(ctx, c, lo - m->first[c], end - lo, out);
		out += (end - lo) * m->bytes;
		lo = end;
	}
}

/* my k-th block, if I have so many; every rank calls */
static void fill_block(
    made_set *m, const par_blocks *b, int64_t k, made_fn make, void *ctx, uint8_t *some)
{
	int64_t lo = b->lo + k * BLOCK, hi = lo + BLOCK < b->hi ? lo + BLOCK : b->hi;
	int64_t n = lo < hi ? hi - lo : 0;
	if (n > 0)
		make_some(m, make, ctx, lo, hi, some);
	par_shared_put(
	    &m->shared, n > 0 ? (size_t)(lo * m->bytes) : 0, (size_t)(n * m->bytes), some);
	par_world_alive();
}

par_err made_fill(made_set *m, const par_world *w, made_fn make, void *ctx)
{
	par_blocks b;
	par_blocks_deal(&b, w, m->first[m->categories], BLOCK);
	uint8_t *some = malloc((size_t)(BLOCK * m->bytes));
	par_err e = par_agree(
	    w, some ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for made pictures"));
	for (int64_t k = 0; e == PAR_OK && k < par_blocks_rounds(&b, 1); k++)
		fill_block(m, &b, k, make, ctx, some);
	free(some);
	return e;
}
