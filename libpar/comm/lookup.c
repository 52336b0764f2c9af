#include "comm/lookup.h"

#include "base/radix.h"
#include "comm/add.h"
#include "comm/blocks.h"

#include <stdlib.h>
#include <string.h>

#define AHEAD 16 /* rows asked of memory before they are read */

/* items for each rank, one rank's behind the other's */
typedef struct {
	int *count, *at;
} parts;

struct par_lookup {
	const par_world *world;
	int64_t rows, width, here, all;
	int64_t *first; /* of each rank: its first row; one more ends the last */

	/* positions of the last fetch that have a row, ascending by id, then by position */
	par_keyed *pairs, *pairs_spare, *sorted;
	int64_t found;
	/* the sums */
	int64_t *id;
	float *sum;

	/* the rest only where there are several ranks. What I ask of owners, and what ranks ask of
	 * me: ids by rank, each rank's ascending; and each time how many different rows that is */
	MPI_Datatype row;
	int32_t *ask, *asked;
	parts asks, ask_rows, askeds, asked_rows;
	float *near, *far; /* rows for each of ask, of asked */
	par_keyed *met, *met_spare;
};

static bool parts_open(parts *p, int size)
{
	p->count = calloc(2 * (size_t)size, sizeof *p->count);
	p->at = p->count ? p->count + size : NULL;
	return p->count;
}

static int parts_lay(parts *p, int size)
{
	int at = 0;
	for (int r = 0; r < size; r++) {
		p->at[r] = at;
		at += p->count[r];
	}
	return at;
}

static void *room(int64_t n, size_t bytes)
{
	return malloc((size_t)(n > 0 ? n : 1) * bytes);
}

static bool open_here(par_lookup *l)
{
	int64_t lo, hi;
	par_lookup_mine(l, &lo, &hi);
	int64_t sums = hi - lo < l->all ? hi - lo : l->all;
	l->pairs = room(l->here, sizeof *l->pairs);
	l->pairs_spare = room(l->here, sizeof *l->pairs_spare);
	l->id = room(sums, sizeof *l->id);
	l->sum = room(sums * l->width, sizeof *l->sum);
	return l->pairs && l->pairs_spare && l->id && l->sum;
}

static bool open_exchange(par_lookup *l)
{
	int size = l->world->size;
	MPI_Type_contiguous((int)l->width, MPI_FLOAT, &l->row);
	MPI_Type_commit(&l->row);
	l->ask = room(l->here, sizeof *l->ask);
	l->asked = room(l->all, sizeof *l->asked);
	l->near = room(l->here * l->width, sizeof *l->near);
	l->far = room(l->all * l->width, sizeof *l->far);
	l->met = room(l->all, sizeof *l->met);
	l->met_spare = room(l->all, sizeof *l->met_spare);
	return parts_open(&l->asks, size) && parts_open(&l->ask_rows, size) &&
	       parts_open(&l->askeds, size) && parts_open(&l->asked_rows, size) && l->ask &&
	       l->asked && l->near && l->far && l->met && l->met_spare;
}

static bool deal_rows(par_lookup *l)
{
	l->first = room(l->world->size + 1, sizeof *l->first);
	if (!l->first)
		return false;
	par_world w = *l->world;
	for (w.rank = 0; w.rank < w.size; w.rank++) {
		par_blocks b;
		par_blocks_deal(&b, &w, l->rows, PAR_LOOKUP_BLOCK);
		l->first[w.rank] = b.lo;
	}
	l->first[w.size] = l->rows;
	return true;
}

static par_err make(par_lookup **out, const par_lookup *begun)
{
	par_lookup *l = *out = malloc(sizeof *l);
	if (l)
		*l = *begun;
	if (!l || !deal_rows(l) || !open_here(l) || (l->world->size > 1 && !open_exchange(l)))
		return par_fail(PAR_E_MEMORY, "no memory to look up %lld rows of %lld numbers",
		    (long long)begun->all, (long long)begun->width);
	return PAR_OK;
}

par_err par_lookup_plan(
    par_lookup **out, const par_world *w, int64_t rows, int64_t width, int64_t here)
{
	int64_t all = par_world_sum(w, here);
	PAR_MUST(rows > 0 && rows <= INT32_MAX && width > 0 && width <= INT32_MAX && here >= 0 &&
		     all <= INT32_MAX,
	    "%lld rows of %lld, %lld ids here, %lld in all", (long long)rows, (long long)width,
	    (long long)here, (long long)all);
	par_err e = par_agree(w, make(out, &(par_lookup){.world = w,
					       .rows = rows,
					       .width = width,
					       .here = here,
					       .all = all,
					       .row = MPI_DATATYPE_NULL}));
	if (e != PAR_OK) {
		par_lookup_free(*out);
		*out = NULL;
	}
	return e;
}

void par_lookup_free(par_lookup *l)
{
	if (!l)
		return;
	if (l->row != MPI_DATATYPE_NULL)
		MPI_Type_free(&l->row);
	parts *counted[] = {&l->asks, &l->ask_rows, &l->askeds, &l->asked_rows};
	for (int i = 0; i < 4; i++)
		free(counted[i]->count);
	void *owned[] = {l->first, l->pairs, l->pairs_spare, l->id, l->sum, l->ask, l->asked,
	    l->near, l->far, l->met, l->met_spare};
	for (size_t i = 0; i < sizeof owned / sizeof *owned; i++)
		free(owned[i]);
	free(l);
}

void par_lookup_mine(const par_lookup *l, int64_t *lo, int64_t *hi)
{
	*lo = l->first[l->world->rank];
	*hi = l->first[l->world->rank + 1];
}

static void sort_ids(par_lookup *l, const int32_t *ids, int64_t n, float *out)
{
	PAR_MUST(n <= l->here, "%lld ids where %lld are planned", (long long)n, (long long)l->here);
	l->found = 0;
	for (int64_t i = 0; i < n; i++) {
		if (ids[i] >= 0 && ids[i] < l->rows)
			l->pairs[l->found++] = (par_keyed){(uint32_t)ids[i], (uint32_t)i};
		else
			memset(out + i * l->width, 0, (size_t)l->width * sizeof *out);
	}
	l->sorted = par_radix_sort(l->pairs, l->pairs_spare, l->found, (uint32_t)(l->rows - 1));
}

static inline void prefetch(const float *row, int64_t width)
{
	for (int64_t j = 0; j < width; j += 64 / (int64_t)sizeof *row)
		__builtin_prefetch(row + j);
}

/* from my own table, which is the whole one: the order of ids is that of memory */
static void hand_out_mine(const par_lookup *l, const float *table, float *out)
{
	int64_t width = l->width, last = l->found - 1;
	for (int64_t k = 0; k < l->found; k++) {
		int64_t next = k + AHEAD < last ? k + AHEAD : last;
		prefetch(table + l->sorted[next].key * width, width);
		memcpy(out + l->sorted[k].at * width, table + l->sorted[k].key * width,
		    (size_t)width * sizeof *out);
	}
}

/* from the rows that came, one for each different id */
static void hand_out_near(const par_lookup *l, float *out)
{
	const float *row = l->near;
	for (int64_t k = 0; k < l->found; k++) {
		if (k > 0 && l->sorted[k].key != l->sorted[k - 1].key)
			row += l->width;
		memcpy(out + l->sorted[k].at * l->width, row, (size_t)l->width * sizeof *out);
	}
}

static void cut_by_owner(par_lookup *l)
{
	int64_t k = 0;
	for (int r = 0; r < l->world->size; r++) {
		int64_t begin = k;
		int rows = 0;
		for (; k < l->found && l->sorted[k].key < l->first[r + 1]; k++) {
			l->ask[k] = (int32_t)l->sorted[k].key;
			rows += k == begin || l->ask[k] != l->ask[k - 1];
		}
		l->asks.count[r] = (int)(k - begin);
		l->ask_rows.count[r] = rows;
	}
	parts_lay(&l->asks, l->world->size);
	parts_lay(&l->ask_rows, l->world->size);
}

static void tell_owners(par_lookup *l)
{
	MPI_Comm comm = l->world->comm;
	MPI_Alltoall(l->asks.count, 1, MPI_INT, l->askeds.count, 1, MPI_INT, comm);
	parts_lay(&l->askeds, l->world->size);
	MPI_Alltoallv(l->ask, l->asks.count, l->asks.at, MPI_INT32_T, l->asked, l->askeds.count,
	    l->askeds.at, MPI_INT32_T, comm);
}

/* each different row that a rank asked for, into far */
static void serve(par_lookup *l, const float *mine)
{
	int64_t lo = l->first[l->world->rank];
	float *to = l->far;
	for (int r = 0; r < l->world->size; r++) {
		const int32_t *ids = l->asked + l->askeds.at[r];
		l->asked_rows.count[r] = 0;
		for (int k = 0; k < l->askeds.count[r]; k++) {
			if (k > 0 && ids[k] == ids[k - 1])
				continue;
			memcpy(to, mine + (ids[k] - lo) * l->width, (size_t)l->width * sizeof *to);
			to += l->width;
			l->asked_rows.count[r]++;
		}
	}
	parts_lay(&l->asked_rows, l->world->size);
}

void par_lookup_fetch(par_lookup *l, const float *mine, const int32_t *ids, int64_t n, float *out)
{
	sort_ids(l, ids, n, out);
	if (l->world->size == 1) {
		hand_out_mine(l, mine, out);
		return;
	}
	cut_by_owner(l);
	tell_owners(l);
	serve(l, mine);
	MPI_Alltoallv(l->far, l->asked_rows.count, l->asked_rows.at, l->row, l->near,
	    l->ask_rows.count, l->ask_rows.at, l->row, l->world->comm);
	hand_out_near(l, out);
}

/* one chain of additions for each key, over vectors from + at * width in order */
static par_lookup_rows add_up(
    const par_lookup *l, const par_keyed *sorted, int64_t n, const float *from)
{
	int64_t width = l->width, sums = 0;
	size_t bytes = (size_t)width * sizeof *from;
	for (int64_t k = 0; k < n; k++) {
		int64_t next = k + AHEAD < n - 1 ? k + AHEAD : n - 1;
		prefetch(from + sorted[next].at * width, width);
		const float *row = from + sorted[k].at * width;
		if (k > 0 && sorted[k].key == sorted[k - 1].key) {
			float *sum = l->sum + (sums - 1) * width;
			par_add(PAR_F32, sum, sum, row, bytes, false);
		} else {
			memcpy(l->sum + sums * width, row, bytes);
			l->id[sums++] = sorted[k].key;
		}
	}
	return (par_lookup_rows){sums, l->id, l->sum};
}

/* ranks hold positions in rank order and each asked in order of its own, so a stable sort of all
 * that was asked of me has the positions of one id in their global order */
static par_keyed *sort_asked(const par_lookup *l, int64_t n)
{
	for (int64_t k = 0; k < n; k++)
		l->met[k] = (par_keyed){(uint32_t)l->asked[k], (uint32_t)k};
	return par_radix_sort(l->met, l->met_spare, n, (uint32_t)(l->rows - 1));
}

par_lookup_rows par_lookup_sum(par_lookup *l, const float *given)
{
	if (l->world->size == 1)
		return add_up(l, l->sorted, l->found, given);
	for (int64_t k = 0; k < l->found; k++)
		memcpy(l->near + k * l->width, given + l->sorted[k].at * l->width,
		    (size_t)l->width * sizeof *given);
	MPI_Alltoallv(l->near, l->asks.count, l->asks.at, l->row, l->far, l->askeds.count,
	    l->askeds.at, l->row, l->world->comm);
	int64_t n = 0;
	for (int r = 0; r < l->world->size; r++)
		n += l->askeds.count[r];
	return add_up(l, sort_asked(l, n), n, l->far);
}
