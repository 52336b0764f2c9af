#include "tensor/gemm.h"
#include "tensor/gemm_tile.h"

/* Of a block of the output, BLOCK_M x BLOCK_N, a node of up to ROWS rows is summed tile by tile with
 * both factors packed; larger nodes are the sum of their halves. */
enum { ROWS = 256, BLOCK_M = 448, BLOCK_N = 512, HALVES = 8 };
static float panels[ROWS * BLOCK_N] __attribute__((aligned(64)));
static float columns[ROWS * PAR_GEMM_STEP] __attribute__((aligned(64)));
static float halves[HALVES * BLOCK_M * BLOCK_N] __attribute__((aligned(64)));

typedef struct {
	const par_shards *shards;
	int64_t rows, m, n; /* m and n of the block */
	const float *a;
	int64_t lda;
	const float *b;
	int64_t ldb;
} sum;

typedef struct {
	float *c;
	int64_t ldc;
	bool add;
} target;

/* my rows of a and b before a shard */
static int64_t first_row(const sum *p, int shard)
{
	return (par_shards_first(p->shards, shard) - p->shards->lo) * p->rows;
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

/* rows of the tile at a times all columns; b is packed. Few columns are not worth a copy of a. */
static void sum_row(const sum *p, const par_gemm_kernels *kernels, par_gemm_tree t, int64_t rows,
    const float *a, int64_t there)
{
	float *c = t.c;
	t.a = a;
	t.lda = p->lda;
	if (p->n > 2 * kernels->cols) {
		kernels->columns(columns, a, p->lda, rows, there);
		t.a = columns;
		t.lda = kernels->step;
	}
	for (int64_t j = 0; j < p->n; j += kernels->cols) {
		int64_t end = p->n - j < kernels->cols ? p->n : j + kernels->cols;
		par_gemm_fetch(a + 2 * t.m - 1, p->lda, rows * j / p->n, rows * end / p->n);
		t.n = (int)(end - j);
		t.b = panels + j * rows;
		t.ldb = (t.n + kernels->lanes - 1) / kernels->lanes * kernels->lanes;
		t.c = c + j;
		kernels->by_tree(&t);
	}
}

static void sum_tiles(const sum *p, par_node at, int64_t rows, const target *to)
{
	const par_gemm_kernels *kernels = par_gemm_kernels_now();
	int64_t from = first_row(p, at.lo), steps[64];
	int joins[64] = {0};
	plan_joins(p->shards->shards, at, joins);
	for (int s = at.lo; s < at.hi; s++)
		steps[s - at.lo] = first_row(p, s + 1) - first_row(p, s);
	kernels->pack(panels, rows, p->n, p->b + from * p->ldb, p->ldb, false);
	int64_t tiles = par_gemm_parts(p->m, kernels->rows);
	for (int64_t i = 0; i < tiles; i++) {
		int64_t r = par_gemm_part(p->m, tiles, i);
		par_gemm_tree t = {.m = (int)(par_gemm_part(p->m, tiles, i + 1) - r),
		    .shards = at.hi - at.lo,
		    .steps = steps,
		    .joins = joins,
		    .c = to->c + r * to->ldc,
		    .ldc = to->ldc,
		    .add = to->add};
		sum_row(p, kernels, t, rows, p->a + from * p->lda + r, p->m - r);
	}
}

static void add_half(const sum *p, const target *to, const float *half)
{
	for (int64_t i = 0; i < p->m; i++)
		for (int64_t j = 0; j < p->n; j++)
			to->c[i * to->ldc + j] += half[i * p->n + j];
}

static void sum_node(const sum *p, par_node at, target to, float *spare)
{
	int64_t from = first_row(p, at.lo), rows = first_row(p, at.hi) - from;
	if (rows <= ROWS) {
		sum_tiles(p, at, rows, &to);
	} else if (to.add) {
		sum_node(p, at, (target){spare, p->n, false}, spare + p->m * p->n);
		add_half(p, &to, spare);
	} else if (at.hi - at.lo == 1) {
		par_gemm(p->m, p->n, rows, p->a + from * p->lda, p->lda, PAR_TRANSPOSED,
		    p->b + from * p->ldb, p->ldb, PAR_AS_IS, to.c, to.ldc, false, NULL);
	} else {
		int cut = par_node_cut(p->shards->shards, at);
		sum_node(p, (par_node){at.lo, cut}, to, spare);
		to.add = true;
		sum_node(p, (par_node){cut, at.hi}, to, spare);
	}
}

void par_gemm_shards(const par_shards *s, int64_t rows, int64_t m, int64_t n, const float *a,
    int64_t lda, const float *b, int64_t ldb, float *const *out)
{
	int64_t down = par_gemm_parts(m, BLOCK_M), across = par_gemm_parts(n, BLOCK_N);
	for (int64_t k = 0; k < down * across; k++) {
		int64_t i = par_gemm_part(m, down, k / across), j = k % across * BLOCK_N;
		int64_t columns_here = n - j < BLOCK_N ? n - j : BLOCK_N;
		sum p = {s, rows, par_gemm_part(m, down, k / across + 1) - i, columns_here, a + i,
		    lda, b + j, ldb};
		for (int node = 0; node < s->nodes; node++)
			sum_node(
			    &p, s->node[node], (target){out[node] + i * n + j, n, false}, halves);
	}
}
