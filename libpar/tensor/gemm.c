#include "tensor/gemm.h"

#include "base/cpu.h"
#include "tensor/gemm_inside.h"

#include <string.h>
#include <unistd.h>

/* A block of b, packed, keeps to half of the second cache, where that is large enough; a tile's rows of
 * a and one panel of the block to the first. Rows copied stand 64 bytes off a power of two, so they do not
 * fight for the same lines of the cache. Counts are steps (gemm_tile.h). */
enum { BLOCK_LEAST = 128 * 1024, BLOCK = 2 * BLOCK_LEAST };
enum { NC = 512, KC = 512, KC_NARROW = 2048, ROW = KC + 16 };
static float block[BLOCK] __attribute__((aligned(64)));
static float rows_copied[KC * PAR_GEMM_PLACED] __attribute__((aligned(64)));

const par_gemm_kernels *par_gemm_kernels_now(void)
{
	static const par_gemm_kernels *const sets[] = {
	    &par_gemm_set_plain, &par_gemm_set_avx2, &par_gemm_set_avx512};
	return sets[par_cpu_kernels()];
}

/* so few columns that a tile's rows are read once or twice and stay where they are */
static bool is_narrow(const par_gemm_kernels *kernels, int64_t n)
{
	return n <= 2 * kernels->cols && kernels->depth == 1;
}

static int64_t units_of(const par_gemm_kernels *kernels, int64_t k)
{
	return par_gemm_steps(kernels, k) / kernels->unit;
}

/* where a chain is cut does not show in its bits, so processors may differ in it */
static int64_t block_floats(void)
{
	static int64_t floats;
	if (floats == 0) {
		int64_t half = sysconf(_SC_LEVEL2_CACHE_SIZE) / 2 / (int64_t)sizeof(float);
		floats = half < BLOCK_LEAST ? BLOCK_LEAST : par_gemm_least(half, BLOCK);
	}
	return floats;
}

/* into how many parts a chain is cut, so that a block of b fits */
static int64_t k_parts(const par_gemm_kernels *kernels, int64_t k, int64_t n, bool a_turned)
{
	int64_t width = par_gemm_least(par_gemm_round_up(n > 0 ? n : 1, kernels->lanes), NC);
	int64_t most = is_narrow(kernels, n) && !a_turned ? KC_NARROW : KC;
	return k > 0 ? par_gemm_parts(units_of(kernels, k),
			   par_gemm_least(block_floats() / width, most) / kernels->unit)
		     : 1;
}

/* where part i of the chain begins, of k */
static int64_t k_part(const par_gemm_kernels *kernels, int64_t k, int64_t parts, int64_t i)
{
	return par_gemm_least(
	    par_gemm_part(units_of(kernels, k), parts, i) * kernels->unit * kernels->depth, k);
}

/* a tile's rows [r, r + m) of a over [k, end) moved where its steps follow each other */
static void copy_rows(
    const par_gemm_product *p, par_gemm_tile *t, int64_t r, int64_t k, int64_t end)
{
	const par_gemm_kernels *kernels = p->kernels;
	const float *a = t->a;
	t->a = rows_copied;
	if (kernels->depth > 1) {
		par_gemm_place(kernels, rows_copied, end - k, t->m, a, t->lda, p->a_turned);
		t->lda = par_gemm_placed(kernels, t->m);
	} else if (p->a_turned) {
		kernels->columns(rows_copied, a, t->lda, t->steps, p->m - r);
		t->lda = PAR_GEMM_STEP;
	} else {
		for (int64_t i = 0; i < t->m; i++)
			memcpy(rows_copied + i * ROW, a + i * t->lda, (size_t)t->steps * sizeof *a);
		t->lda = ROW;
	}
}

/* words [from, to) of the next tile's rows, on their way from memory while this one is multiplied */
static void fetch_next(
    const par_gemm_product *p, const float *a, int64_t m, int64_t from, int64_t to)
{
	if (p->a_turned)
		par_gemm_fetch(a + 2 * m - 1, p->lda, from, to);
	else
		for (int64_t i = from / 16; i < to / 16; i++)
			par_gemm_fetch(a + i * 16, p->lda, m, 2 * m);
}

/* a tile's rows [r, r + t.m) of a over [k, end) times n columns of b, packed */
static void multiply_rows(const par_gemm_product *p, par_gemm_tile t, int64_t n, int64_t r,
    int64_t k, int64_t end, const float *panels)
{
	const par_gemm_kernels *kernels = p->kernels;
	bool rows = kernels->depth == 1 && !p->a_turned;
	const float *bias = t.bias, *a = t.a;
	float *c = t.c;
	if (!is_narrow(kernels, n))
		copy_rows(p, &t, r, k, end);
	for (int64_t j = 0; j < n; j += kernels->cols) {
		int64_t next = par_gemm_least(j + kernels->cols, n);
		t.n = (int)(next - j);
		t.b = panels + j * t.steps;
		t.ldb = par_gemm_round_up(t.n, kernels->lanes);
		t.c = c + j;
		t.bias = bias ? bias + j : NULL;
		fetch_next(p, a, t.m, (end - k) * j / n, (end - k) * next / n);
		(rows ? kernels->by_rows : kernels->by_columns)(&t);
	}
}

/* columns [j, j + n) of c += a over [k, end) times a block of b */
static void multiply_block(
    const par_gemm_product *p, int64_t k, int64_t end, int64_t j, int64_t n, const float *panels)
{
	const par_gemm_kernels *kernels = p->kernels;
	par_finish none = {NULL, 1}, finish = end == p->k && p->finish ? *p->finish : none;
	int64_t tiles = par_gemm_parts(p->m, kernels->rows);
	for (int64_t i = 0; i < tiles; i++) {
		int64_t r = par_gemm_part(p->m, tiles, i);
		par_gemm_tile t = {.m = (int)(par_gemm_part(p->m, tiles, i + 1) - r),
		    .runs = 1,
		    .steps = par_gemm_steps(kernels, end - k),
		    .a = p->a + (p->a_turned ? k * p->lda + r : r * p->lda + k),
		    .lda = p->lda,
		    .c = p->c + r * p->ldc + j,
		    .ldc = p->ldc,
		    .add = p->add || k > 0,
		    .bias = finish.bias ? finish.bias + j : NULL,
		    .slope = finish.slope};
		multiply_rows(p, t, n, r, k, end, panels);
	}
}

void par_gemm_multiply(const par_gemm_product *p)
{
	const par_gemm_kernels *kernels = p->kernels;
	int64_t parts = k_parts(kernels, p->k, p->n, p->a_turned);
	int64_t width = par_gemm_round_up(p->n, kernels->lanes);
	for (int64_t j = 0; j < p->n; j += NC)
		for (int64_t i = 0; i < parts; i++) {
			int64_t n = par_gemm_least(p->n - j, NC);
			int64_t k = k_part(kernels, p->k, parts, i);
			int64_t end = k_part(kernels, p->k, parts, i + 1);
			if (!p->packed)
				kernels->pack(block, end - k, n,
				    p->b + (p->b_turned ? j * p->ldb + k : k * p->ldb + j), p->ldb,
				    p->b_turned);
			multiply_block(p, k, end, j, n,
			    p->packed ? p->packed + k * width + j * (end - k) : block);
		}
}

/* one column as one row of the transposed product: vectors run along a's rows */
static void multiply_column(const par_gemm_product *p)
{
	par_finish end = p->finish ? *p->finish : (par_finish){NULL, 1};
	par_gemm_product turned = {p->kernels, 1, p->m, p->k, p->b, p->ldb, !p->b_turned, p->a,
	    p->lda, !p->a_turned, NULL, p->c, p->m, p->add, NULL};
	par_gemm_multiply(&turned);
	for (int64_t i = 0; i < p->m && p->finish; i++) {
		float c = end.bias ? p->c[i] + end.bias[0] : p->c[i];
		float below = end.slope == 0 ? 0 : c * end.slope;
		p->c[i] = c < 0 ? below : c;
	}
}

void par_gemm(int64_t m, int64_t n, int64_t k, const float *a, int64_t lda, par_turn a_turn,
    const float *b, int64_t ldb, par_turn b_turn, float *c, int64_t ldc, bool add,
    const par_finish *finish)
{
	par_gemm_product p = {par_gemm_kernels_now(), m, n, k, a, lda, a_turn == PAR_TRANSPOSED, b,
	    ldb, b_turn == PAR_TRANSPOSED, NULL, c, ldc, add, finish};
	if (n == 1 && ldc == 1)
		multiply_column(&p);
	else
		par_gemm_multiply(&p);
}

size_t par_gemm_packed_floats(int64_t k, int64_t n)
{
	return (size_t)(k * par_gemm_round_up(n, par_gemm_kernels_now()->lanes));
}

void par_gemm_pack(
    float *packed, int64_t k, int64_t n, const float *b, int64_t ldb, par_turn b_turn)
{
	const par_gemm_kernels *kernels = par_gemm_kernels_now();
	int64_t parts = k_parts(kernels, k, n, false), width = par_gemm_round_up(n, kernels->lanes);
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
	par_gemm_multiply(&(par_gemm_product){par_gemm_kernels_now(), m, n, k, a, lda, false, NULL,
	    0, false, packed, c, ldc, add, finish});
}
