#include "tensor/gemm.h"
#include "tensor/gemm_inside.h"

/* Of a block of the output, BLOCK_M x BLOCK_N, a node of up to STEPS steps is summed tile by tile with
 * b packed; larger nodes are the sum of their halves. */
enum { STEPS = 256, BLOCK_M = 448, BLOCK_N = 512, HALVES = 8 };
static float panels[STEPS * BLOCK_N] __attribute__((aligned(64)));
static float columns[STEPS * PAR_GEMM_PLACED] __attribute__((aligned(64)));
static float halves[HALVES * BLOCK_M * BLOCK_N] __attribute__((aligned(64)));

/* a block */
typedef struct {
	const par_gemm_kernels *kernels;
	const par_shards *shards;
	int64_t rows, m, n;
	const float *a;
	int64_t lda;
	const float *b;
	int64_t ldb;
} sum;

/* what becomes of a node's sum: c, or c + the sum */
typedef struct {
	float *c;
	int64_t ldc;
	bool add;
} target;

/* a node of few rows: what its tiles have in common */
typedef struct {
	int shards;
	int64_t first, rows, all; /* of a and b; steps of all shards */
	int64_t steps[64];
	int joins[64];
} leaf;

/* my rows of a and b before a shard */
static int64_t first_row(const sum *p, int shard)
{
	return (par_shards_first(p->shards, shard) - p->shards->lo) * p->rows;
}

static int64_t steps_of(const sum *p, int shard)
{
	return par_gemm_steps(p->kernels, first_row(p, shard + 1) - first_row(p, shard));
}

/* after the last shard of a node its two halves join */
static void plan_joins(int shards, par_node at, int *joins)
{
	if (at.hi - at.lo == 1)
		return;
	int cut = par_node_cut(shards, at);
	plan_joins(shards, (par_node){at.lo, cut}, joins);
	plan_joins(shards, (par_node){cut, at.hi}, joins + (cut - at.lo));
	joins[at.hi - at.lo - 1]++;
}

static leaf plan_leaf(const sum *p, par_node at)
{
	leaf l = {.shards = at.hi - at.lo, .first = first_row(p, at.lo)};
	l.rows = first_row(p, at.hi) - l.first;
	plan_joins(p->shards->shards, at, l.joins);
	for (int s = 0; s < l.shards; s++) {
		l.steps[s] = steps_of(p, at.lo + s);
		l.all += l.steps[s];
	}
	return l;
}

/* a panel of pairs, shard by shard: a step holds rows of one shard only */
static void pack_panel(const sum *p, par_node at, float *to, int64_t n, const float *b)
{
	int64_t width = par_gemm_round_up(n, p->kernels->lanes);
	for (int s = at.lo; s < at.hi; to += steps_of(p, s) * width, s++) {
		int64_t first = first_row(p, s), rows = first_row(p, s + 1) - first;
		p->kernels->pack(to, rows, n, b + first * p->ldb, p->ldb, false);
	}
}

static void place_pairs(const sum *p, par_node at, int64_t m, const float *a)
{
	float *to = columns;
	int64_t width = par_gemm_placed(p->kernels, m);
	for (int s = at.lo; s < at.hi; to += steps_of(p, s) * width, s++) {
		int64_t first = first_row(p, s), rows = first_row(p, s + 1) - first;
		par_gemm_place(p->kernels, to, rows, m, a + first * p->lda, p->lda, true);
	}
}

/* the tile's rows of a where the tile finds them; few columns are not worth a copy */
static void place_rows(const sum *p, par_node at, const leaf *l, int64_t r, par_gemm_tree *t)
{
	t->a = columns;
	if (p->kernels->depth > 1) {
		place_pairs(p, at, t->m, p->a + r);
		t->lda = par_gemm_placed(p->kernels, t->m);
	} else if (p->n > 2 * p->kernels->cols) {
		p->kernels->columns(
		    columns, p->a + l->first * p->lda + r, p->lda, l->rows, p->m - r);
		t->lda = PAR_GEMM_STEP;
	} else {
		t->a = p->a + l->first * p->lda + r;
		t->lda = p->lda;
	}
}

/* rows of the tile times all columns; b is packed */
static void sum_row(const sum *p, const leaf *l, par_gemm_tree t, int64_t r)
{
	const float *next = p->a + l->first * p->lda + r + 2 * t.m - 1;
	float *c = t.c;
	for (int64_t j = 0; j < p->n; j += p->kernels->cols) {
		int64_t end = par_gemm_least(j + p->kernels->cols, p->n);
		par_gemm_fetch(next, p->lda, l->rows * j / p->n, l->rows * end / p->n);
		t.n = (int)(end - j);
		t.b = panels + j * l->all;
		t.ldb = par_gemm_round_up(t.n, p->kernels->lanes);
		t.c = c + j;
		p->kernels->by_tree(&t);
	}
}

static void sum_leaf(const sum *p, par_node at, const target *to)
{
	leaf l = plan_leaf(p, at);
	int64_t cols = p->kernels->cols, tiles = par_gemm_parts(p->m, p->kernels->rows);
	if (p->kernels->depth == 1)
		p->kernels->pack(panels, l.rows, p->n, p->b + l.first * p->ldb, p->ldb, false);
	for (int64_t j = 0; j < p->n && p->kernels->depth > 1; j += cols)
		pack_panel(p, at, panels + j * l.all, par_gemm_least(cols, p->n - j), p->b + j);
	for (int64_t i = 0; i < tiles; i++) {
		int64_t r = par_gemm_part(p->m, tiles, i);
		par_gemm_tree t = {.m = (int)(par_gemm_part(p->m, tiles, i + 1) - r),
		    .shards = l.shards,
		    .steps = l.steps,
		    .joins = l.joins,
		    .c = to->c + r * to->ldc,
		    .ldc = to->ldc,
		    .add = to->add};
		place_rows(p, at, &l, r, &t);
		sum_row(p, &l, t, r);
	}
}

static void add_half(const sum *p, const target *to, const float *half)
{
	for (int64_t i = 0; i < p->m; i++)
		for (int64_t j = 0; j < p->n; j++)
			to->c[i * to->ldc + j] += half[i * p->n + j];
}

/* one shard of many rows: a product's chain */
static void sum_shard(const sum *p, int64_t first, int64_t rows, const target *to)
{
	par_gemm_multiply(&(par_gemm_product){p->kernels, p->m, p->n, rows, p->a + first * p->lda,
	    p->lda, true, p->b + first * p->ldb, p->ldb, false, NULL, to->c, to->ldc, false, NULL});
}

static void sum_node(const sum *p, par_node at, target to, float *spare)
{
	int64_t first = first_row(p, at.lo), rows = first_row(p, at.hi) - first, steps = 0;
	for (int s = at.lo; s < at.hi; s++)
		steps += steps_of(p, s);
	if (steps <= STEPS) {
		sum_leaf(p, at, &to);
	} else if (to.add) {
		sum_node(p, at, (target){spare, p->n, false}, spare + p->m * p->n);
		add_half(p, &to, spare);
	} else if (at.hi - at.lo == 1) {
		sum_shard(p, first, rows, &to);
	} else {
		int cut = par_node_cut(p->shards->shards, at);
		sum_node(p, (par_node){at.lo, cut}, to, spare);
		to.add = true;
		sum_node(p, (par_node){cut, at.hi}, to, spare);
	}
}

void par_gemm_sum(const par_gemm_kernels *kernels, const par_shards *s, int64_t rows, int64_t m,
    int64_t n, const float *a, int64_t lda, const float *b, int64_t ldb, float *const *out)
{
	if (n == 1 && m > 1) { /* one column is one row of the transposed product */
		par_gemm_sum(kernels, s, rows, 1, m, b, ldb, a, lda, out);
		return;
	}
	int64_t down = par_gemm_parts(m, BLOCK_M), across = par_gemm_parts(n, BLOCK_N);
	for (int64_t k = 0; k < down * across; k++) {
		int64_t i = par_gemm_part(m, down, k / across), j = k % across * BLOCK_N;
		sum p = {kernels, s, rows, par_gemm_part(m, down, k / across + 1) - i,
		    par_gemm_least(n - j, BLOCK_N), a + i, lda, b + j, ldb};
		for (int node = 0; node < s->nodes; node++)
			sum_node(
			    &p, s->node[node], (target){out[node] + i * n + j, n, false}, halves);
	}
}

void par_gemm_shards(const par_shards *s, int64_t rows, int64_t m, int64_t n, const float *a,
    int64_t lda, const float *b, int64_t ldb, float *const *out)
{
	par_gemm_sum(par_gemm_kernels_now(), s, rows, m, n, a, lda, b, ldb, out);
}
