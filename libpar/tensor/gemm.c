#include "tensor/gemm.h"

#include "base/cpu.h"
#include "tensor/gemm_tile.h"

#include <string.h>

/* A block of b, packed, keeps to half of the second cache; a tile's rows of a and one panel of the
 * block to the first. Rows copied stand 64 bytes off a power of two, so they do not fight for the
 * same lines of the cache. */
enum { BLOCK = 128 * 1024, NC = 512, KC = 512, KC_NARROW = 2048, ROW = KC + 16 };
static float block[BLOCK] __attribute__((aligned(64)));
static float rows_copied[KC * PAR_GEMM_STEP + PAR_GEMM_ROWS * 16] __attribute__((aligned(64)));

/* columns of b: panel j (a multiple of cols) of steps [k, k + steps) */
typedef struct {
	const float *b;
	int64_t ldb;
	bool turned;
	const float *packed; /* par_gemm_pack's; NULL: pack on the way */
} factor;

typedef struct {
	int64_t m, n, k;
	const float *a;
	int64_t lda;
	bool a_turned;
	factor b;
	float *c;
	int64_t ldc;
	bool add;
	par_finish finish;
} product;

const par_gemm_kernels *par_gemm_kernels_now(void)
{
	static const par_gemm_kernels *const sets[] = {
	    &par_gemm_set_plain, &par_gemm_set_avx2, &par_gemm_set_avx512};
	return sets[par_cpu_kernels()];
}

static int64_t round_up(int64_t n, int64_t unit)
{
	return (n + unit - 1) / unit * unit;
}

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* so few columns that a tile's rows are read once or twice and stay where they are */
static bool is_narrow(int64_t n)
{
	return n <= 2 * par_gemm_kernels_now()->cols;
}

static int64_t k_parts(int64_t k, int64_t n, bool a_turned)
{
	int64_t most = BLOCK / least(round_up(n > 0 ? n : 1, par_gemm_kernels_now()->lanes), NC);
	most = least(most, is_narrow(n) && !a_turned ? KC_NARROW : KC);
	return k > 0 ? par_gemm_parts(k, most) : 1;
}

/* the tile's rows of a moved where its steps follow each other; `there` are left */
static void copy_rows(par_gemm_tile *t, const par_gemm_kernels *kernels, bool turned, int64_t there)
{
	if (turned)
		kernels->columns(rows_copied, t->a, t->lda, t->steps, there);
	else
		for (int64_t r = 0; r < t->m; r++)
			memcpy(rows_copied + r * ROW, t->a + r * t->lda,
			    (size_t)t->steps * sizeof *t->a);
	t->a = rows_copied;
	t->lda = turned ? kernels->step : ROW;
}

/* part of the next tile's a, on its way from memory while this one is multiplied */
static void fetch_next(const product *p, const par_gemm_tile *t, int64_t from, int64_t to)
{
	if (p->a_turned)
		par_gemm_fetch(t->a + 2 * t->m - 1, t->lda, from, to);
	else
		for (int64_t i = from / 16; i < to / 16; i++)
			par_gemm_fetch(t->a + i * 16, t->lda, t->m, 2 * t->m);
}

/* one tile's rows times columns [j, j + n) of b, packed as panels */
static void multiply_rows(const product *p, const par_gemm_kernels *kernels, par_gemm_tile t,
    int64_t there, int64_t n, const float *panels)
{
	par_gemm_tile here = t;
	if (!is_narrow(n))
		copy_rows(&t, kernels, p->a_turned, there);
	const float *bias = t.bias;
	float *c = t.c;
	for (int64_t j = 0; j < n; j += kernels->cols) {
		t.n = (int)least(n - j, kernels->cols);
		t.b = panels + j * t.steps;
		t.ldb = round_up(t.n, kernels->lanes);
		t.c = c + j;
		t.bias = bias ? bias + j : NULL;
		fetch_next(p, &here, t.steps * j / n, t.steps * least(j + kernels->cols, n) / n);
		(p->a_turned ? kernels->by_columns : kernels->by_rows)(&t);
	}
}

/* c += a's steps [k, k + steps) times a block of b, columns [j, j + n) */
static void multiply_block(
    const product *p, int64_t k, int64_t steps, int64_t j, int64_t n, const float *panels)
{
	const par_gemm_kernels *kernels = par_gemm_kernels_now();
	bool last = k + steps == p->k;
	int64_t tiles = par_gemm_parts(p->m, kernels->rows);
	for (int64_t i = 0; i < tiles; i++) {
		int64_t r = par_gemm_part(p->m, tiles, i);
		par_gemm_tile t = {.m = (int)(par_gemm_part(p->m, tiles, i + 1) - r),
		    .runs = 1,
		    .steps = steps,
		    .a = p->a + (p->a_turned ? k * p->lda + r : r * p->lda + k),
		    .lda = p->lda,
		    .c = p->c + r * p->ldc + j,
		    .ldc = p->ldc,
		    .add = p->add || k > 0,
		    .bias = last && p->finish.bias ? p->finish.bias + j : NULL,
		    .slope = last ? p->finish.slope : 1};
		multiply_rows(p, kernels, t, p->m - r, n, panels);
	}
}

static void multiply(const product *p)
{
	const par_gemm_kernels *kernels = par_gemm_kernels_now();
	int64_t parts = k_parts(p->k, p->n, p->a_turned), width = round_up(p->n, kernels->lanes);
	for (int64_t j = 0; j < p->n; j += NC)
		for (int64_t i = 0; i < parts; i++) {
			int64_t k = par_gemm_part(p->k, parts, i), n = least(p->n - j, NC);
			int64_t steps = par_gemm_part(p->k, parts, i + 1) - k;
			const factor *b = &p->b;
			if (!b->packed)
				kernels->pack(block, steps, n,
				    b->b + (b->turned ? j * b->ldb + k : k * b->ldb + j), b->ldb,
				    b->turned);
			multiply_block(p, k, steps, j, n,
			    b->packed ? b->packed + k * width + j * steps : block);
		}
}

static par_finish finish_or_none(const par_finish *f)
{
	return f ? *f : (par_finish){NULL, 1};
}

void par_gemm(int64_t m, int64_t n, int64_t k, const float *a, int64_t lda, par_turn a_turn,
    const float *b, int64_t ldb, par_turn b_turn, float *c, int64_t ldc, bool add,
    const par_finish *finish)
{
	multiply(&(product){m, n, k, a, lda, a_turn == PAR_TRANSPOSED,
	    {b, ldb, b_turn == PAR_TRANSPOSED, NULL}, c, ldc, add, finish_or_none(finish)});
}

size_t par_gemm_packed_floats(int64_t k, int64_t n)
{
	return (size_t)(k * round_up(n, par_gemm_kernels_now()->lanes));
}

void par_gemm_pack(
    float *packed, int64_t k, int64_t n, const float *b, int64_t ldb, par_turn b_turn)
{
	const par_gemm_kernels *kernels = par_gemm_kernels_now();
	int64_t parts = k_parts(k, n, false), width = round_up(n, kernels->lanes);
	bool turned = b_turn == PAR_TRANSPOSED;
	for (int64_t i = 0; i < parts; i++) {
		int64_t from = par_gemm_part(k, parts, i);
		kernels->pack(packed + from * width, par_gemm_part(k, parts, i + 1) - from, n,
		    b + (turned ? from : from * ldb), ldb, turned);
	}
}

void par_gemm_packed(int64_t m, int64_t n, int64_t k, const float *a, int64_t lda,
    const float *packed, float *c, int64_t ldc, bool add, const par_finish *finish)
{
	multiply(&(product){
	    m, n, k, a, lda, false, {NULL, 0, false, packed}, c, ldc, add, finish_or_none(finish)});
}
