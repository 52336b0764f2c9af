#include "comm/lookup.h"

#include "base/memory.h"
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

/* ids by rank, each rank's ascending, and a row for each; the same without repetitions are rows */
typedef struct {
	int32_t *id;
	float *row;
	parts ids, rows;
} side;

struct par_lookup {
	const par_world *world;
	int64_t rows, width, here, in_all;
	int64_t *first; /* of each rank: its first row; one more ends the last */

	/* ids and positions of the last fetch, where there is a row: as they came, and ascending
	 * by id, then by position, once sorted is not NULL */
	par_keyed *named, *named_spare, *sorted;
	int64_t found;
	/* the sums */
	int64_t *id;
	float *sum;

	/* the rest only where there are several ranks: what I ask of owners, what ranks ask of me */
	MPI_Datatype row;
	side mine, theirs;
	par_keyed *all, *all_spare;
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
	return par_memory((size_t)n * bytes);
}

static bool open_here(par_lookup *l)
{
	int64_t lo, hi;
	par_lookup_mine(l, &lo, &hi);
	int64_t sums = hi - lo < l->in_all ? hi - lo : l->in_all;
	l->named = room(l->here, sizeof *l->named);
	l->named_spare = room(l->here, sizeof *l->named_spare);
	l->id = room(sums, sizeof *l->id);
	l->sum = room(sums * l->width, sizeof *l->sum);
	return l->named && l->named_spare && l->id && l->sum;
}

static bool open_side(par_lookup *l, side *s, int64_t ids)
{
	s->id = room(ids, sizeof *s->id);
	s->row = room(ids * l->width, sizeof *s->row);
	return parts_open(&s->ids, l->world->size) && parts_open(&s->rows, l->world->size) &&
	       s->id && s->row;
}

static void close_side(side *s)
{
	free(s->id);
	free(s->row);
	free(s->ids.count);
	free(s->rows.count);
}

static bool open_exchange(par_lookup *l)
{
	MPI_Type_contiguous((int)l->width, MPI_FLOAT, &l->row);
	MPI_Type_commit(&l->row);
	l->all = room(l->in_all, sizeof *l->all);
	l->all_spare = room(l->in_all, sizeof *l->all_spare);
	return open_side(l, &l->mine, l->here) && open_side(l, &l->theirs, l->in_all) && l->all &&
	       l->all_spare;
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
		    (long long)begun->in_all, (long long)begun->width);
	return PAR_OK;
}

par_err par_lookup_plan(
    par_lookup **out, const par_world *w, int64_t rows, int64_t width, int64_t here)
{
	int64_t in_all = par_world_sum(w, here);
	PAR_MUST(rows > 0 && rows <= INT32_MAX && width > 0 && width <= INT32_MAX && here >= 0 &&
		     in_all <= INT32_MAX,
	    "%lld rows of %lld, %lld ids here, %lld in all", (long long)rows, (long long)width,
	    (long long)here, (long long)in_all);
	par_err e = par_agree(w, make(out, &(par_lookup){.world = w,
					       .rows = rows,
					       .width = width,
					       .here = here,
					       .in_all = in_all,
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
	close_side(&l->mine);
	close_side(&l->theirs);
	void *owned[] = {l->first, l->named, l->named_spare, l->id, l->sum, l->all, l->all_spare};
	for (size_t i = 0; i < sizeof owned / sizeof *owned; i++)
		free(owned[i]);
	free(l);
}

void par_lookup_mine(const par_lookup *l, int64_t *lo, int64_t *hi)
{
	*lo = l->first[l->world->rank];
	*hi = l->first[l->world->rank + 1];
}

static void note_ids(par_lookup *l, const int32_t *ids, int64_t n, float *out)
{
	PAR_MUST(n <= l->here, "%lld ids where %lld are planned", (long long)n, (long long)l->here);
	l->found = 0;
	l->sorted = NULL;
	for (int64_t i = 0; i < n; i++) {
		if (ids[i] >= 0 && ids[i] < l->rows)
			l->named[l->found++] = (par_keyed){(uint32_t)ids[i], (uint32_t)i};
		else
			memset(out + i * l->width, 0, (size_t)l->width * sizeof *out);
	}
}

static void sort_named(par_lookup *l)
{
	if (!l->sorted)
		l->sorted = par_radix_sort(
		    l->named, l->named_spare, l->found, (uint32_t)(l->rows - 1));
}

/* from my own table, which is the whole one; in the order of positions, so that out is written
 * from front to back and needs no reading ahead */
static void hand_out_own(const par_lookup *l, const float *table, float *out)
{
	int64_t width = l->width, last = l->found - 1;
	size_t bytes = (size_t)width * sizeof *out;
	for (int64_t k = 0; k < l->found; k++) {
		int64_t next = k + AHEAD < last ? k + AHEAD : last;
		par_prefetch(table + l->named[next].key * width, bytes);
		memcpy(out + l->named[k].at * width, table + l->named[k].key * width, bytes);
	}
}

/* from the rows that came, one for each different id */
static void hand_out_come(const par_lookup *l, float *out)
{
	const float *row = l->mine.row;
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
			l->mine.id[k] = (int32_t)l->sorted[k].key;
			rows += k == begin || l->mine.id[k] != l->mine.id[k - 1];
		}
		l->mine.ids.count[r] = (int)(k - begin);
		l->mine.rows.count[r] = rows;
	}
	parts_lay(&l->mine.ids, l->world->size);
	parts_lay(&l->mine.rows, l->world->size);
}

static void tell_owners(par_lookup *l)
{
	MPI_Comm comm = l->world->comm;
	MPI_Alltoall(l->mine.ids.count, 1, MPI_INT, l->theirs.ids.count, 1, MPI_INT, comm);
	parts_lay(&l->theirs.ids, l->world->size);
	MPI_Alltoallv(l->mine.id, l->mine.ids.count, l->mine.ids.at, MPI_INT32_T, l->theirs.id,
	    l->theirs.ids.count, l->theirs.ids.at, MPI_INT32_T, comm);
}

/* every different row that a rank asked for */
static void serve(par_lookup *l, const float *table)
{
	int64_t lo = l->first[l->world->rank];
	float *to = l->theirs.row;
	size_t bytes = (size_t)l->width * sizeof *to;
	for (int r = 0; r < l->world->size; r++) {
		const int32_t *ids = l->theirs.id + l->theirs.ids.at[r];
		l->theirs.rows.count[r] = 0;
		int last = l->theirs.ids.count[r] - 1;
		for (int k = 0; k <= last; k++) {
			if (k > 0 && ids[k] == ids[k - 1])
				continue;
			int next = k + AHEAD < last ? k + AHEAD : last;
			par_prefetch(table + (ids[next] - lo) * l->width, bytes);
			memcpy(to, table + (ids[k] - lo) * l->width, bytes);
			to += l->width;
			l->theirs.rows.count[r]++;
		}
	}
	parts_lay(&l->theirs.rows, l->world->size);
}

void par_lookup_fetch(par_lookup *l, const float *table, const int32_t *ids, int64_t n, float *out)
{
	note_ids(l, ids, n, out);
	if (l->world->size == 1) {
		hand_out_own(l, table, out);
		return;
	}
	sort_named(l);
	cut_by_owner(l);
	tell_owners(l);
	serve(l, table);
	MPI_Alltoallv(l->theirs.row, l->theirs.rows.count, l->theirs.rows.at, l->row, l->mine.row,
	    l->mine.rows.count, l->mine.rows.at, l->row, l->world->comm);
	hand_out_come(l, out);
}

/* one chain of additions for each key, over vectors from + at * width in order */
static par_lookup_rows add_up(
    const par_lookup *l, const par_keyed *sorted, int64_t n, const float *from)
{
	int64_t width = l->width, sums = 0;
	size_t bytes = (size_t)width * sizeof *from;
	for (int64_t k = 0; k < n; k++) {
		int64_t next = k + AHEAD < n - 1 ? k + AHEAD : n - 1;
		par_prefetch(from + sorted[next].at * width, bytes);
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
		l->all[k] = (par_keyed){(uint32_t)l->theirs.id[k], (uint32_t)k};
	return par_radix_sort(l->all, l->all_spare, n, (uint32_t)(l->rows - 1));
}

par_lookup_rows par_lookup_sum(par_lookup *l, const float *given)
{
	sort_named(l);
	if (l->world->size == 1)
		return add_up(l, l->sorted, l->found, given);
	for (int64_t k = 0; k < l->found; k++)
		memcpy(l->mine.row + k * l->width, given + l->sorted[k].at * l->width,
		    (size_t)l->width * sizeof *given);
	MPI_Alltoallv(l->mine.row, l->mine.ids.count, l->mine.ids.at, l->row, l->theirs.row,
	    l->theirs.ids.count, l->theirs.ids.at, l->row, l->world->comm);
	int64_t n = 0;
	for (int r = 0; r < l->world->size; r++)
		n += l->theirs.ids.count[r];
	return add_up(l, sort_asked(l, n), n, l->theirs.row);
}
