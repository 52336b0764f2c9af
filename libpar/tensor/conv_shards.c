#include "base/cpu.h"
#include "tensor/conv_inside.h"
#include "tensor/conv_kernels.h"

#include <string.h>

/* The gradient is a matrix of kernel * kernel * fine rows, row by row of the kernel, and coarse columns.
 * Its tiles are chains over the pictures of a shard; a finished chain is added at once to the tiles
 * that wait for it in the tree, while it is in the first cache. */
typedef struct {
	const par_conv_map *map;
	const par_shards *shards;
	int64_t pictures; /* a sample */
	const float *fine, *coarse;
	par_border border;
	const par_conv_pooled *pooled; /* in the place of coarse */
	int64_t group;                 /* pictures that are worked on together */
	float *inside, *made; /* a group of fine pictures with their borders, of coarse ones */
	float *slot[64];      /* sums of the nodes that wait, from the left */
	int64_t fine_floats, coarse_floats; /* of a picture, the fine one with its border */
	int64_t rows, floats;               /* of one row of the kernel; of the whole gradient */
} job;

/* what one group of a shard's pictures adds to every chain */
typedef struct {
	int64_t pictures;
	const float *fine, *coarse;
	int waits; /* slots it is added to when it is the last; the result goes to the first of them */
	float *const *wait;
	const float *chain; /* what the groups before it left, unless it is the first */
	float *to;
	bool first, last;
} share;

static void copy_tile(int m, int n, const float *from, int64_t from_ld, float *to, int64_t to_ld)
{
	for (int r = 0; r < m; r++)
		memcpy(to + r * to_ld, from + r * from_ld, (size_t)n * sizeof *to);
}

/* the tiles that the sum will be added to come from far: ask for them before the chain begins */
static void fetch_tile(int m, int64_t ld, const float *tile)
{
	for (int r = 0; r < m; r++) {
		__builtin_prefetch(tile + r * ld, 1);
		__builtin_prefetch(tile + r * ld + 16, 1);
	}
}

/* the chains of one tile over a group of pictures; at: its place in the gradient */
static void add_tile(const job *g, const share *s, par_gemm_tile t, int64_t at)
{
	static par_conv_merge_kernel *const merge[] = KERNEL_SETS(par_conv_merge);
	const par_gemm_kernels *kernels = par_gemm_kernels_now();
	float sum[PAR_GEMM_ROWS * PAR_GEMM_COLS];
	const float *wait[64];
	for (int i = 0; i < s->waits; i++) {
		wait[i] = s->wait[i] + at;
		fetch_tile(t.m, t.ldb, wait[i]);
	}
	fetch_tile(t.m, t.ldb, s->to + at);
	if (!s->first)
		copy_tile(t.m, t.n, s->chain + at, t.ldb, sum, PAR_GEMM_COLS);
	t.c = sum;
	t.add = !s->first;
	for (int64_t p = 0; p < s->pictures; p++, t.add = true) {
		kernels->by_columns(&t);
		t.a += g->fine_floats;
		t.b += g->coarse_floats;
	}
	merge[par_cpu_kernels()](t.m, t.n, sum, wait, s->last ? s->waits : 0, s->to + at, t.ldb);
}

/* the coarse rows [lo, hi) whose cells see a real fine row in row ky of their kernels */
static void real_rows(const par_conv_map *m, int64_t ky, int64_t *lo, int64_t *hi)
{
	int64_t above = m->pad - ky, end = m->fine_h + m->pad - ky;
	*lo = above > 0 ? (above + m->stride - 1) / m->stride : 0;
	*hi = end > 0 ? par_conv_least(m->coarse_h, (end + m->stride - 1) / m->stride) : 0;
	*hi = par_conv_most(*hi, *lo);
}

static void add_kernel_row(const job *g, const share *s, int64_t ky)
{
	const par_gemm_kernels *kernels = par_gemm_kernels_now();
	const par_conv_map *m = g->map;
	int64_t parts = par_gemm_parts(g->rows, kernels->rows), row = par_border_row(&g->border);
	int64_t lo, hi;
	real_rows(m, ky, &lo, &hi);
	for (int64_t i = 0; i < parts; i++) {
		int64_t r = par_gemm_part(g->rows, parts, i);
		par_gemm_tile t = {.m = (int)(par_gemm_part(g->rows, parts, i + 1) - r),
		    .runs = hi - lo,
		    .steps = m->coarse_w,
		    .a = s->fine + (lo * m->stride + ky - m->pad) * row + r,
		    .lda = m->stride * m->fine,
		    .run_a = m->stride * row,
		    .ldb = m->coarse,
		    .ldc = PAR_GEMM_COLS,
		    .slope = 1};
		for (int64_t j = 0; j < m->coarse; j += kernels->cols) {
			t.n = (int)par_conv_least(m->coarse - j, kernels->cols);
			t.b = s->coarse + lo * m->coarse_w * m->coarse + j;
			add_tile(g, s, t, (ky * g->rows + r) * m->coarse + j);
		}
	}
}

static const float *coarse_at(const job *g, int64_t p, int64_t pictures)
{
	const par_conv_map *m = g->map;
	const par_conv_pooled *from = g->pooled;
	if (!from)
		return g->coarse + p * m->coarse_h * m->coarse_w * m->coarse;
	int64_t each = par_pool_floats(&from->map);
	par_pool_max_back(
	    &from->map, pictures, from->y + p * each, from->which + p * each, g->made);
	return g->made;
}

/* the chains over one shard, added to the last `merges` of the `depth` sums that wait */
static void leaf(job *g, int shard, int depth, int merges)
{
	const par_conv_map *m = g->map;
	int64_t first = (par_shards_first(g->shards, shard) - g->shards->lo) * g->pictures;
	int64_t end = (par_shards_first(g->shards, shard + 1) - g->shards->lo) * g->pictures;
	int64_t group = g->group;
	for (int64_t p = first; p < end; p += group) {
		share s = {.pictures = par_conv_least(group, end - p),
		    .fine = g->fine + p * m->fine_h * m->fine_w * m->fine,
		    .coarse = coarse_at(g, p, par_conv_least(group, end - p)),
		    .waits = merges,
		    .wait = &g->slot[depth - merges],
		    .chain = g->slot[depth],
		    .first = p == first,
		    .last = p + group >= end};
		s.to = g->slot[s.last ? depth - merges : depth];
		if (!par_border_none(&g->border)) {
			par_border_copy(&g->border, s.pictures, s.fine, g->inside);
			s.fine = g->inside;
		}
		for (int64_t ky = 0; ky < m->kernel; ky++)
			add_kernel_row(g, &s, ky);
	}
}

static void node(job *g, par_node at, int depth, int merges)
{
	if (at.hi - at.lo == 1) {
		leaf(g, at.lo, depth, merges);
		return;
	}
	int cut = par_node_cut(g->shards->shards, at);
	node(g, (par_node){at.lo, cut}, depth, 0);
	node(g, (par_node){cut, at.hi}, depth + 1, merges + 1);
}

/* [tap][fine][coarse] to [tap][coarse][fine] */
static void turn_taps(const par_conv_map *m, float *w, float *tap)
{
	int64_t n = m->fine * m->coarse;
	for (int64_t t = 0; t < m->kernel * m->kernel; t++, w += n) {
		memcpy(tap, w, (size_t)n * sizeof *w);
		for (int64_t j = 0; j < m->coarse; j++)
			for (int64_t i = 0; i < m->fine; i++)
				w[j * m->fine + i] = tap[i * m->coarse + j];
	}
}

static int64_t coarse_floats(const par_conv_map *m)
{
	return m->coarse_h * m->coarse_w * m->coarse;
}

static int64_t weights(const par_conv_map *m)
{
	return m->kernel * m->kernel * m->fine * m->coarse;
}

/* pictures of a group: a quarter of the usual second cache */
static int64_t group_of(const par_conv_map *m)
{
	par_border b = par_fine_border(m);
	int64_t each = par_conv_most(par_border_floats(&b), coarse_floats(m));
	return par_conv_most(1, 4 * PAR_CONV_GROUP / each);
}

static void sum_shards(job *g, par_turn turn, float *const *out, float *scratch)
{
	const par_conv_map *m = g->map;
	int levels = par_shards_scratch(g->shards);
	g->border = par_fine_border(m);
	g->fine_floats = par_border_floats(&g->border);
	g->coarse_floats = coarse_floats(m);
	g->rows = m->kernel * m->fine;
	g->floats = weights(m);
	g->group = group_of(m);
	for (int i = 0; i < levels; i++)
		g->slot[i + 1] = scratch + i * g->floats;
	g->made = scratch + levels * g->floats;
	g->inside = g->made + g->group * coarse_floats(m) + 16;
	if (!par_border_none(&g->border))
		par_border_clear(&g->border, g->group, g->inside);
	for (int i = 0; i < g->shards->nodes; i++) {
		g->slot[0] = out[i];
		node(g, g->shards->node[i], 0, 0);
		if (turn == PAR_TRANSPOSED && m->fine > 1 && m->coarse > 1)
			turn_taps(m, out[i], scratch);
	}
}

void par_conv_shards(const par_conv_map *m, const par_shards *s, int64_t pictures,
    const float *fine, const float *coarse, par_turn turn, float *const *out, float *scratch)
{
	job g = {.map = m, .shards = s, .pictures = pictures, .fine = fine, .coarse = coarse};
	sum_shards(&g, turn, out, scratch);
}

void par_conv_shards_pooled(const par_conv_map *m, const par_shards *s, int64_t pictures,
    const float *fine, const par_conv_pooled *coarse, par_turn turn, float *const *out,
    float *scratch)
{
	job g = {.map = m, .shards = s, .pictures = pictures, .fine = fine, .pooled = coarse};
	sum_shards(&g, turn, out, scratch);
}

size_t par_conv_shards_scratch(const par_conv_map *m, const par_shards *s)
{
	par_border b = par_fine_border(m);
	int levels = par_shards_scratch(s);
	return (size_t)((levels > 0 ? levels : 1) * weights(m) +
			group_of(m) * (coarse_floats(m) + par_border_floats(&b)) + 16);
}
