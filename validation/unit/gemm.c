/* np: 1 2 3 4 6 */
#include "tensor/gemm.h"

#include "../tap.h"
#include "base/cpu.h"
#include "tensor/gemm_tile.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static float value(uint64_t stream, int64_t i)
{
	uint64_t h = (stream << 40 ^ (uint64_t)i) * 0x9e3779b97f4a7c15u;
	h = (h ^ h >> 29) * 0xbf58476d1ce4e5b9u;
	return (float)(int32_t)(h >> 32) * 0x1p-31f;
}

static float *values(uint64_t stream, int64_t n)
{
	float *x = malloc((size_t)(n + 1) * sizeof *x);
	for (int64_t i = 0; i <= n; i++)
		x[i] = value(stream, i);
	return x;
}

/* the chain of gemm.h: one step */
static float step(float a, float b, float c)
{
	return par_cpu_kernels() == PAR_KERNELS_PLAIN ? a * b + c : fmaf(a, b, c);
}

/* to the nearest bfloat16, ties to even: a double of that size has no bits below 2^-7 of x's power */
static void round_all(float *x, int64_t n)
{
	for (int64_t i = 0; i < n; i++) {
		double coarse = 3 * ldexp(1, ilogbf(x[i]) + 44);
		x[i] = (float)(x[i] + coarse - coarse);
	}
}

typedef struct {
	const float *x;
	int64_t ld;
} line;

/* the chain of tiles: of 32 k the even ones, the odd ones, their sum, added */
static float run_units(line a, line b, float c, int64_t k)
{
	for (int64_t i = 0; i < k; i += 32) {
		float sum[2] = {0, 0};
		for (int64_t q = i; q < i + 32 && q < k; q++)
			sum[q % 2] = step(a.x[q * a.ld], b.x[q * b.ld], sum[q % 2]);
		c += sum[0] + sum[1];
	}
	return c;
}

/* a whole chain; where factors are rounded, the second of two neighbours comes first */
static float run(line a, line b, float c, int64_t k, bool bf16)
{
	if (bf16 && par_cpu_bf16() == PAR_BF16_TILES)
		return run_units(a, b, c, k);
	for (int64_t i = 0; i < k; i++) {
		int64_t at = bf16 && (i ^ 1) < k ? i ^ 1 : i;
		c = step(a.x[at * a.ld], b.x[at * b.ld], c);
	}
	return c;
}

typedef struct {
	int64_t m, n, k;
	par_turn a_turn, b_turn;
	bool add, packed, bf16;
	float slope; /* with a bias unless 1 */
} shape;

enum { SPARE = 3 }; /* leading dimensions are longer than rows by so much */

static float chain(const shape *s, const float *a, const float *b, float c, int64_t i, int64_t j)
{
	int64_t lda = (s->a_turn ? s->m : s->k) + SPARE, ldb = (s->b_turn ? s->k : s->n) + SPARE;
	const float *x = a + (s->a_turn ? i : i * lda), *y = b + (s->b_turn ? j * ldb : j);
	return run(
	    (line){x, s->a_turn ? lda : 1}, (line){y, s->b_turn ? 1 : ldb}, c, s->k, s->bf16);
}

static void multiply(const shape *s, const float *a, const float *b, float *c, const float *bias)
{
	int64_t lda = (s->a_turn ? s->m : s->k) + SPARE, ldb = (s->b_turn ? s->k : s->n) + SPARE;
	par_finish finish = {bias, s->slope}, *end = s->slope == 1 ? NULL : &finish;
	if (!s->packed) {
		(s->bf16 ? par_gemm_bf16 : par_gemm)(s->m, s->n, s->k, a, lda, s->a_turn, b, ldb,
		    s->b_turn, c, s->n + SPARE, s->add, end);
		return;
	}
	float *packed = malloc((par_gemm_packed_floats(s->k, s->n) + 1) * sizeof *packed);
	par_gemm_pack(packed, s->k, s->n, b, ldb, s->b_turn);
	par_gemm_packed(s->m, s->n, s->k, a, lda, packed, c, s->n + SPARE, s->add, end);
	free(packed);
}

static bool as_chained(const shape *s, const float *a, const float *b, const float *bias,
    const float *before, const float *c)
{
	for (int64_t i = 0; i < s->m; i++)
		for (int64_t j = 0; j < s->n + SPARE; j++) {
			int64_t at = i * (s->n + SPARE) + j;
			float want = before[at];
			if (j < s->n) {
				want = chain(s, a, b, s->add ? want : 0, i, j);
				want += s->slope == 1 ? 0 : bias[j];
				want *= want < 0 ? s->slope : 1;
			}
			if (want != c[at])
				return false;
		}
	return true;
}

static bool product(const shape *s)
{
	int64_t size = s->m * (s->n + SPARE);
	float *a = values(1, (s->m + SPARE) * (s->k + SPARE));
	float *b = values(2, (s->n + SPARE) * (s->k + SPARE)), *bias = values(3, s->n);
	float *before = values(4, size), *c = values(4, size);
	multiply(s, a, b, c, bias);
	if (s->bf16) {
		round_all(a, (s->m + SPARE) * (s->k + SPARE));
		round_all(b, (s->n + SPARE) * (s->k + SPARE));
	}
	bool same = as_chained(s, a, b, bias, before, c);
	free(a);
	free(b);
	free(bias);
	free(before);
	free(c);
	return same;
}

/* one column whose elements are neighbours in memory */
static bool dense_column(const shape *s)
{
	float *a = values(1, (s->m + SPARE) * (s->k + SPARE)), *b = values(2, s->k * (1 + SPARE));
	float *c = values(4, s->m), bias = 0.25F;
	par_finish finish = {&bias, s->slope};
	int64_t lda = (s->a_turn ? s->m : s->k) + SPARE, ldb = (s->b_turn ? s->k : 1) + SPARE;
	par_gemm(s->m, 1, s->k, a, lda, s->a_turn, b, ldb, s->b_turn, c, 1, s->add, &finish);
	bool same = true;
	for (int64_t i = 0; i < s->m; i++) {
		float want = chain(s, a, b, s->add ? value(4, i) : 0, i, 0) + bias;
		same &= c[i] == (want < 0 ? want * s->slope : want);
	}
	free(a);
	free(b);
	free(c);
	return same;
}

/* every way of a product: factors as they are and turned, b packed before, added, finished; the
 * ranks share the ways */
static bool ways(int64_t m, int64_t n, int64_t k)
{
	bool same = true;
	for (int way = tap_rank; way < 48; way += tap_size) {
		shape s = {m, n, k, way & 1 ? PAR_TRANSPOSED : PAR_AS_IS,
		    way & 2 ? PAR_TRANSPOSED : PAR_AS_IS, way & 4,
		    way & 8 && !(way & 1) && way < 32, way >= 32, way & 16 ? 0.2F : 1};
		same &= product(&s);
	}
	return same;
}

static const char *const hows[] = {"widened", "in pairs", "by tiles"};

static void products(void)
{
	static const int64_t sizes[][3] = {{1, 1, 1}, {1, 10, 17}, {5, 1, 100}, {3, 2, 0},
	    {0, 3, 3}, {3, 0, 3}, {14, 32, 64}, {15, 33, 257}, {29, 47, 31}, {64, 10, 128},
	    {7, 131, 300}, {2, 530, 40}, {100, 20, 530}};
	bool rows = true;
	for (int i = 0; i < (int)(sizeof sizes / sizeof *sizes); i++)
		ok(ways(sizes[i][0], sizes[i][1], sizes[i][2]),
		    "%s, bf16 %s: %lld x %lld x %lld is its chains of multiply-adds in every way",
		    par_kernels_name(par_cpu_kernels()), hows[par_cpu_bf16()],
		    (long long)sizes[i][0], (long long)sizes[i][1], (long long)sizes[i][2]);
	for (int64_t m = 1; m <= 30; m++)
		rows &= ways(m, 17 + m % 3 * 8, 9);
	ok(rows, "... and so at any number of rows");
	bool columns = true;
	for (int way = 0; way < 16; way++) {
		shape one = {57, 1, 300, way & 1 ? PAR_TRANSPOSED : PAR_AS_IS,
		    way & 2 ? PAR_TRANSPOSED : PAR_AS_IS, way & 4, false, false,
		    way & 8 ? 0.2F : 1};
		columns &= dense_column(&one);
	}
	ok(columns, "... and a column that stands alone");
	shape relu = {9, 40, 8, PAR_AS_IS, PAR_AS_IS, false, false, false, 0};
	ok(product(&relu), "... and with ReLU");
}

/* a tile whose chain has several runs: rows of a picture under a 3 x 3 kernel of 2 channels */
static void runs(void)
{
	const par_gemm_kernels *kernels = par_gemm_kernels_now();
	enum { WIDTH = 11, CHANNELS = 2, KERNEL = 3, OUT = 5 };
	int64_t steps = KERNEL * CHANNELS, lda = CHANNELS, n = kernels->cols;
	float *a = values(5, KERNEL * WIDTH * CHANNELS), *b = values(6, KERNEL * steps * n);
	float *c = values(7, OUT * n);
	kernels->by_rows(&(par_gemm_tile){.m = OUT,
	    .n = (int)n,
	    .runs = KERNEL,
	    .steps = steps,
	    .a = a,
	    .lda = lda,
	    .run_a = WIDTH * CHANNELS,
	    .b = b,
	    .ldb = n,
	    .c = c,
	    .ldc = n,
	    .slope = 1});
	bool same = true;
	for (int64_t i = 0; i < OUT; i++)
		for (int64_t j = 0; j < n; j++) {
			float want = 0;
			for (int64_t k = 0; k < KERNEL * steps; k++)
				want = step(a[k / steps * WIDTH * CHANNELS + i * lda + k % steps],
				    b[k * n + j], want);
			same &= want == c[i * n + j];
		}
	ok(same, "a tile's chain goes on from run to run");
	free(a);
	free(b);
	free(c);
}

typedef struct {
	const par_shards *shards;
	int64_t rows, m, n;
	bool bf16;
	const float *a, *b; /* of the whole batch */
} gradient;

/* the tree walked for one element as comm/tree.h words it */
static float walk(const gradient *g, par_node at, int64_t i, int64_t j)
{
	if (at.hi - at.lo > 1) {
		int cut = par_node_cut(g->shards->shards, at);
		return walk(g, (par_node){at.lo, cut}, i, j) +
		       walk(g, (par_node){cut, at.hi}, i, j);
	}
	int64_t lda = g->m + SPARE, ldb = g->n + SPARE;
	int64_t k = par_shards_first(g->shards, at.lo) * g->rows;
	int64_t rows = par_shards_first(g->shards, at.hi) * g->rows - k;
	return run(
	    (line){g->a + k * lda + i, lda}, (line){g->b + k * ldb + j, ldb}, 0, rows, g->bf16);
}

static bool as_walked(const gradient *g, par_node at, const float *out)
{
	for (int64_t i = 0; i < g->m; i++)
		for (int64_t j = 0; j < g->n; j++)
			if (out[i * g->n + j] != walk(g, at, i, j))
				return false;
	return true;
}

static bool gradient_of(const par_world *w, int64_t batch, int cut, gradient *g)
{
	par_shards s;
	par_shards_cut(&s, w, batch, cut);
	g->shards = &s;
	float *a = values(8, batch * g->rows * (g->m + SPARE));
	float *b = values(9, batch * g->rows * (g->n + SPARE)), *out[PAR_NODES];
	g->a = a;
	g->b = b;
	for (int i = 0; i < s.nodes; i++)
		out[i] = values(10, g->m * g->n);
	int64_t lda = g->m + SPARE, ldb = g->n + SPARE, first = s.lo * g->rows;
	(g->bf16 ? par_gemm_shards_bf16 : par_gemm_shards)(
	    &s, g->rows, g->m, g->n, a + first * lda, lda, b + first * ldb, ldb, out);
	if (g->bf16) {
		round_all(a, batch * g->rows * lda);
		round_all(b, batch * g->rows * ldb);
	}
	bool same = true;
	for (int i = 0; i < s.nodes; i++) {
		same &= as_walked(g, s.node[i], out[i]) &&
			out[i][g->m * g->n] == value(10, g->m * g->n);
		free(out[i]);
	}
	free(a);
	free(b);
	g->shards = NULL;
	return same;
}

static void gradients(const par_world *w)
{
	/* batch, shards, rows a sample, m, n */
	static const int64_t sizes[][5] = {{1, 48, 1, 1, 1}, {5, 48, 3, 7, 10}, {48, 48, 1, 29, 33},
	    {128, 48, 1, 40, 128}, {100, 12, 7, 15, 1}, {64, 64, 2, 3, 20}, {49, 48, 30, 9, 64},
	    {5, 4, 700, 3, 5}, {600, 48, 2, 5, 8}, {50, 48, 1, 460, 3}, {50, 48, 1, 2, 300},
	    {7, 7, 2, 0, 4}, {128, 48, 1, 300, 1}};
	for (int i = 0; i < (int)(sizeof sizes / sizeof *sizes); i++) {
		gradient g = {NULL, sizes[i][2], sizes[i][3], sizes[i][4], false, NULL, NULL};
		gradient h = {NULL, sizes[i][2], sizes[i][3], sizes[i][4], true, NULL, NULL};
		ok(gradient_of(w, sizes[i][0], (int)sizes[i][1], &g) &&
			gradient_of(w, sizes[i][0], (int)sizes[i][1], &h),
		    "%s, bf16 %s: batch %lld of %lld rows, %lld x %lld: sums over %lld shards are "
		    "the "
		    "tree's",
		    par_kernels_name(par_cpu_kernels()), hows[par_cpu_bf16()],
		    (long long)sizes[i][0], (long long)g.rows, (long long)g.m, (long long)g.n,
		    (long long)sizes[i][1]);
	}
	bool waits = true;
	for (int shards = 1; shards <= 64; shards++) {
		gradient g = {NULL, 1, 2, 3, shards % 2, NULL, NULL};
		waits &= gradient_of(w, shards, shards, &g);
	}
	ok(waits, "... and so for any number of shards");
}

/* factors that do not fit into bfloat16 */
static void odd_factors(void)
{
	float a[] = {NAN, -INFINITY, 3.4e38F, 1.00390625F, 1.01171875F, -0.0F}, one = 1, c[6];
	par_gemm_bf16(6, 1, 1, a, 1, PAR_AS_IS, &one, 1, PAR_AS_IS, c, 1, false, NULL);
	ok(isnan(c[0]) && c[1] == -INFINITY && c[2] == INFINITY && c[3] == 1 && c[4] == 1.015625F &&
		c[5] == 0,
	    "... not a number, infinities, what overflows and ties are rounded as IEEE 754 has it");
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	par_world w;
	ok(par_world_open(&w, MPI_COMM_WORLD) == PAR_OK, "a world opens");
	for (int k = PAR_KERNELS_PLAIN; k <= (int)par_cpu_best(); k++) {
		par_cpu_use((par_kernels)k);
		runs();
		for (int how = (int)par_cpu_bf16(); how >= PAR_BF16_WIDENED; how--) {
			par_cpu_use_bf16((par_bf16)how);
			products();
			gradients(&w);
			odd_factors();
		}
		par_cpu_use_bf16(PAR_BF16_TILES);
	}
	par_world_close(&w);
	return tap_end();
}
