#include "io/keys.h"

#include "comm/exchange.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

par_err par_keys_add(par_keys *k, const void *key, size_t n, int64_t at)
{
	if (k->rows == k->room) {
		int64_t room = k->room ? 2 * k->room : 1024;
		void *p = realloc(k->row, (size_t)room * sizeof *k->row);
		if (!p)
			return par_fail(PAR_E_MEMORY, "no memory for %lld keys", (long long)room);
		k->row = p;
		k->room = room;
	}
	XXH128_hash_t h = XXH3_128bits(key, n);
	k->row[k->rows++] = (par_keys_row){{h.low64, h.high64}, at};
	return PAR_OK;
}

static int owner(const void *row, void *ctx)
{
	const par_world *w = ctx;
	return (int)(((const par_keys_row *)row)->hash[0] % (uint64_t)w->size);
}

typedef struct {
	par_world world; /* first: owner() looks here */
	par_keys got;
} gathering;

static par_err take(const void *rows, int64_t n, void *ctx)
{
	par_keys *got = &((gathering *)ctx)->got;
	if (got->rows + n > got->room) {
		int64_t room = 2 * (got->rows + n);
		void *p = realloc(got->row, (size_t)room * sizeof *got->row);
		if (!p)
			return par_fail(PAR_E_MEMORY, "no memory for %lld keys", (long long)room);
		got->row = p;
		got->room = room;
	}
	memcpy(got->row + got->rows, rows, (size_t)n * sizeof *got->row);
	got->rows += n;
	return PAR_OK;
}

static int compare(const void *a, const void *b)
{
	const par_keys_row *x = a, *y = b;
	for (int i = 0; i < 2; i++)
		if (x->hash[i] != y->hash[i])
			return x->hash[i] < y->hash[i] ? -1 : 1;
	return (x->at > y->at) - (x->at < y->at);
}

static bool same_key(const par_keys_row *a, const par_keys_row *b)
{
	return memcmp(a->hash, b->hash, sizeof a->hash) == 0;
}

/* collective | all rows of a hash on one rank, sorted by hash, then place */
static par_err gather(gathering *g, par_keys *k, const par_world *w)
{
	*g = (gathering){.world = *w};
	par_err e = par_exchange(w, k->row, k->rows, sizeof *k->row, owner, take, g);
	e = par_agree(w, e);
	if (e != PAR_OK)
		par_keys_free(&g->got);
	else if (g->got.rows > 0)
		qsort(g->got.row, (size_t)g->got.rows, sizeof *g->got.row, compare);
	return e;
}

par_err par_keys_second(par_keys *k, const par_world *w, int64_t *second, int64_t *first)
{
	gathering g;
	int64_t mine[2] = {INT64_MAX, -1}, lead = -1;
	PAR_TRY(gather(&g, k, w));
	for (int64_t i = 1; i < g.got.rows; i++) {
		const par_keys_row *x = &g.got.row[i];
		if (i < 2 || !same_key(x - 1, x - 2))
			lead = x[-1].at;
		if (same_key(x, x - 1) && x->at < mine[0]) {
			mine[0] = x->at;
			mine[1] = lead;
		}
	}
	par_keys_free(&g.got);
	MPI_Allreduce(&mine[0], second, 1, MPI_INT64_T, MPI_MIN, w->comm);
	if (mine[0] != *second)
		mine[1] = -1;
	MPI_Allreduce(&mine[1], first, 1, MPI_INT64_T, MPI_MAX, w->comm);
	if (*second == INT64_MAX)
		*second = *first = -1;
	return PAR_OK;
}

par_err par_keys_distinct(par_keys *k, const par_world *w, int64_t *distinct)
{
	gathering g;
	int64_t mine = 0;
	PAR_TRY(gather(&g, k, w));
	for (int64_t i = 0; i < g.got.rows; i++)
		mine += i == 0 || !same_key(&g.got.row[i], &g.got.row[i - 1]);
	par_keys_free(&g.got);
	*distinct = par_world_sum(w, mine);
	return PAR_OK;
}

void par_keys_free(par_keys *k)
{
	free(k->row);
	*k = (par_keys){0};
}
