#include "comm/blocks.h"

#include "comm/gather.h"

#include <stdlib.h>

void par_blocks_deal(par_blocks *b, const par_world *w, int64_t n, int64_t block)
{
	PAR_MUST(n >= 0 && block > 0, "n %lld block %lld", (long long)n, (long long)block);
	*b = (par_blocks){.world = w, .n = n, .block = block, .blocks = (n + block - 1) / block};
	int64_t each = b->blocks / w->size, rest = b->blocks % w->size;
	b->block_lo = w->rank * each + (w->rank < rest ? w->rank : rest);
	b->block_hi = b->block_lo + each + (w->rank < rest);
	b->lo = b->block_lo * block < n ? b->block_lo * block : n;
	b->hi = b->block_hi * block < n ? b->block_hi * block : n;
}

int par_blocks_owner(const par_blocks *b, int64_t i)
{
	int64_t k = i / b->block, each = b->blocks / b->world->size,
		rest = b->blocks % b->world->size;
	int64_t in_larger = rest * (each + 1);
	return (int)(k < in_larger ? k / (each + 1) : rest + (k - in_larger) / each);
}

int64_t par_blocks_rounds(const par_blocks *b, int64_t k)
{
	int64_t most = (b->blocks + b->world->size - 1) / b->world->size;
	return (most + k - 1) / k;
}

double par_tree_sum(const double *x, int64_t n, int64_t stride)
{
	if (n == 0)
		return 0;
	if (n == 1)
		return x[0];
	int64_t half = 1;
	while (2 * half < n)
		half *= 2;
	return par_tree_sum(x, half, stride) + par_tree_sum(x + half * stride, n - half, stride);
}

/* every rank gets every block's partial sums and adds them in the same tree */
static par_err add_up(const par_blocks *b, const double *mine, double *sums, int k)
{
	void *all;
	int64_t blocks;
	PAR_TRY(par_gather_rows(
	    b->world, mine, b->block_hi - b->block_lo, (size_t)k * sizeof(double), &all, &blocks));
	for (int j = 0; j < k; j++)
		sums[j] = par_tree_sum((const double *)all + j, blocks, k);
	free(all);
	return PAR_OK;
}

par_err par_blocks_run(const par_blocks *b, par_block_fn fn, void *ctx, double *sums, int k)
{
	int64_t mine = b->block_hi - b->block_lo;
	double *partial = calloc((size_t)(mine * k + 1), sizeof *partial);
	par_err e = partial ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for block sums");
	for (int64_t i = 0; i < mine && e == PAR_OK; i++) {
		int64_t lo = (b->block_lo + i) * b->block;
		int64_t hi = lo + b->block < b->n ? lo + b->block : b->n;
		e = fn(ctx, lo, hi, partial + i * k);
		par_world_alive();
	}
	e = par_agree(b->world, e);
	if (e == PAR_OK && k > 0)
		e = add_up(b, partial, sums, k);
	free(partial);
	return e;
}
