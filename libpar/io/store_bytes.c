#include "base/spill.h"
#include "io/file.h"
#include "io/store_file.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

/* A variable's bytes are cut into blocks of STORE_BLOCK that know nothing of ranks. The rank that
 * holds a block's first byte owns it: it sums the block and writes it. What a rank holds of a block
 * that began on a lower rank, less than a block, it sends to the owner. */
#define TAG 7201

typedef struct {
	const par_world *world;
	int64_t total, lo, hi; /* of the variable; mine */
	int64_t (*all)[2];     /* lo and hi of every rank */
	const char *data;      /* [lo, hi) */
	char *edge;            /* my last block, when others hold its end */
	MPI_Request *waits;
	int waiting;
	uint64_t *sums; /* of my blocks */
} spread;

static int64_t first_block(int64_t byte)
{
	return store_blocks(byte);
}

static bool edge_is_shared(const spread *x)
{
	int64_t end = store_blocks(x->hi) * STORE_BLOCK;
	return first_block(x->lo) < first_block(x->hi) && x->hi < (end < x->total ? end : x->total);
}

static int owner_of(const spread *x, int64_t block)
{
	int r = 0;
	while (!(x->all[r][0] <= block * STORE_BLOCK && block * STORE_BLOCK < x->all[r][1]))
		r++;
	return r;
}

static par_err spread_begin(spread *x, const par_store *s, int64_t lo, int64_t hi, int64_t total)
{
	*x = (spread){.world = s->world, .total = total, .lo = lo, .hi = hi};
	size_t mine = (size_t)(first_block(hi) - first_block(lo)), ranks = (size_t)s->world->size;
	x->all = malloc(ranks * sizeof *x->all);
	x->waits = malloc((ranks + 1) * sizeof(MPI_Request));
	x->sums = malloc((mine + 1) * sizeof *x->sums);
	x->edge = malloc((size_t)STORE_BLOCK);
	if (!x->all || !x->waits || !x->sums || !x->edge)
		return par_fail(PAR_E_MEMORY, "%s: no memory to write it", s->path);
	return PAR_OK;
}

static void spread_end(spread *x)
{
	free(x->all);
	free(x->waits);
	free(x->sums);
	free(x->edge);
}

static void check_tiling(const spread *x)
{
	int64_t at = 0;
	for (int r = 0; r < x->world->size; r++) {
		PAR_MUST(x->all[r][0] == at && x->all[r][1] >= at,
		    "rank %d brings bytes %lld to %lld; wanted to start at %lld", r,
		    (long long)x->all[r][0], (long long)x->all[r][1], (long long)at);
		at = x->all[r][1];
	}
	PAR_MUST(at == x->total, "the ranks bring %lld bytes of %lld", (long long)at,
	    (long long)x->total);
}

/* receive the end of my last block */
static void gather_edge(spread *x)
{
	int64_t begin = (store_blocks(x->hi) - 1) * STORE_BLOCK, end = begin + STORE_BLOCK;
	memcpy(x->edge, x->data + (begin - x->lo), (size_t)(x->hi - begin));
	for (int r = x->world->rank + 1; r < x->world->size && x->all[r][0] < end; r++) {
		int64_t hi = x->all[r][1] < end ? x->all[r][1] : end, lo = x->all[r][0];
		if (lo < hi)
			MPI_Irecv(x->edge + (lo - begin), (int)(hi - lo), MPI_BYTE, r, TAG,
			    x->world->comm, &x->waits[x->waiting++]);
	}
}

/* send what I hold of a block that began below me */
static void send_head(spread *x)
{
	int64_t end = store_blocks(x->lo) * STORE_BLOCK;
	if (end > x->hi)
		end = x->hi;
	if (x->lo % STORE_BLOCK != 0 && x->lo < end)
		MPI_Isend(x->data, (int)(end - x->lo), MPI_BYTE, owner_of(x, x->lo / STORE_BLOCK),
		    TAG, x->world->comm, &x->waits[x->waiting++]);
}

/* start the disk on what is written while the next blocks are summed */
static void push_out(int fd, int64_t offset, int64_t k)
{
	const int64_t every = 8;
	if (k % every == every - 1)
		sync_file_range(fd, offset + (k + 1 - every) * STORE_BLOCK, every * STORE_BLOCK,
		    SYNC_FILE_RANGE_WRITE);
}

static par_err write_block(spread *x, const par_store *s, const store_var *v, int64_t k, bool edge)
{
	int64_t begin = k * STORE_BLOCK, end = begin + STORE_BLOCK;
	size_t n = (size_t)((end < x->total ? end : x->total) - begin);
	const char *from = edge ? x->edge : x->data + (begin - x->lo);
	x->sums[k - first_block(x->lo)] = XXH3_64bits(from, n);
	PAR_TRY(par_file_write(s->fd, from, n, v->offset + begin, s->path));
	par_spill_rest(from, n);
	push_out(s->fd, v->offset, k);
	par_world_alive();
	return PAR_OK;
}

static par_err write_blocks(spread *x, const par_store *s, const store_var *v)
{
	bool shared = edge_is_shared(x);
	par_err e = PAR_OK;
	send_head(x);
	if (shared)
		gather_edge(x);
	int64_t last = first_block(x->hi) - (shared ? 1 : 0);
	for (int64_t k = first_block(x->lo); k < last && e == PAR_OK; k++)
		e = write_block(x, s, v, k, false);
	MPI_Waitall(x->waiting, x->waits, MPI_STATUSES_IGNORE);
	if (shared && e == PAR_OK)
		e = write_block(x, s, v, last, true);
	return e;
}

/* the owners' sums come in rank order, which is block order; counts holds 2 x ranks on rank 0 */
static void gather_sums(const spread *x, uint64_t *all, int *counts)
{
	int ranks = x->world->size, mine = (int)(first_block(x->hi) - first_block(x->lo));
	for (int r = 0; counts && r < ranks; r++) {
		counts[r] = (int)(first_block(x->all[r][1]) - first_block(x->all[r][0]));
		counts[ranks + r] = (int)first_block(x->all[r][0]);
	}
	MPI_Gatherv(x->sums, mine, MPI_UINT64_T, all, counts, counts ? counts + ranks : NULL,
	    MPI_UINT64_T, 0, x->world->comm);
}

static par_err write_sums(const spread *x, const par_store *s, const store_var *v)
{
	bool root = s->world->rank == 0;
	size_t bytes = (size_t)store_blocks(x->total) * sizeof(uint64_t);
	uint64_t *all = root ? malloc(bytes) : NULL;
	int *counts = root ? malloc(2 * (size_t)s->world->size * sizeof *counts) : NULL;
	par_err e = PAR_OK;
	if (root && (!all || !counts))
		e = par_fail(PAR_E_MEMORY, "%s: no memory for checksums", s->path);
	e = par_agree(s->world, e);
	if (e == PAR_OK) {
		gather_sums(x, all, counts);
		if (root)
			e = par_file_write(s->fd, all, bytes, v->sums_offset, s->path);
		e = par_agree(s->world, e);
	}
	free(all);
	free(counts);
	return e;
}

par_err store_write_bytes(
    par_store *s, const store_var *v, int64_t lo, int64_t hi, const void *data)
{
	spread x;
	par_err e = par_agree(s->world, spread_begin(&x, s, lo, hi, v->bytes));
	if (e == PAR_OK) {
		int64_t mine[2] = {lo, hi};
		x.data = data;
		MPI_Allgather(mine, 2, MPI_INT64_T, x.all, 2, MPI_INT64_T, s->world->comm);
		check_tiling(&x);
		e = par_agree(s->world, write_blocks(&x, s, v));
	}
	if (e == PAR_OK && v->bytes > 0)
		e = write_sums(&x, s, v);
	spread_end(&x);
	return e;
}
