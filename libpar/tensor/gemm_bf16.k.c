#include "base/lanes.h"

#if KERNEL_LEVEL == 2
#pragma GCC target("avx512bf16")
#define ROWS 14
#else
#define ROWS 6
#endif
enum { WIDENED, PAIRED };
#define IS_BY_ROWS(how) 0

/* c + x1 b1 + x0 b0: the instruction VDPBF16PS rounds after each of the two, the later k first */
INLINE vec step(int how, vec x, vec b, vec c)
{
#if KERNEL_LEVEL == 2
	if (how == PAIRED)
		return (vec)_mm512_dpbf16_ps((__m512)c, (__m512bh)x, (__m512bh)b);
#endif
	(void)how;
	ivec high = (ivec){0} + (int32_t)0xffff0000;
	c = vec_fma((vec)((ivec)x & high), (vec)((ivec)b & high), c);
	return vec_fma((vec)((ivec)x << 16), (vec)((ivec)b << 16), c);
}

#include "tensor/gemm_body.h"
#include "tensor/gemm_inside.h"
#include "tensor/pairs_lanes.h"
#include "tensor/turn_lanes.h"

ALL(TILE, WIDENED, 1)
ALL(TILE, WIDENED, 2)
ALL(TREE, WIDENED, 1)
ALL(TREE, WIDENED, 2)
static tile_fn *const tiles_widened[2][ROWS] = {{ALL(NAME, WIDENED, 1)}, {ALL(NAME, WIDENED, 2)}};
static tree_fn *const trees_widened[2][ROWS] = {
    {ALL(TREE_NAME, WIDENED, 1)}, {ALL(TREE_NAME, WIDENED, 2)}};

static void by_columns_widened(const par_gemm_tile *t)
{
	tiles_widened[t->n > LANES][t->m - 1](t);
}

static void by_tree_widened(const par_gemm_tree *t)
{
	trees_widened[t->n > LANES][t->m - 1](t);
}

/* two neighbouring rows of b make a row of pairs; after an odd number follows a row of zeros */
static void pack_rows(float *to, int64_t k, int n, const float *b, int64_t ldb)
{
	for (int64_t i = 0; i < k; i += 2, b += 2 * ldb)
		for (int j = 0; j < n; j += LANES, to += LANES) {
			int some = n - j < LANES ? n - j : LANES;
			vec zero = {0}, first, second;
			if (some == LANES) {
				first = vec_load(b + j);
				second = i + 1 < k ? vec_load(b + ldb + j) : zero;
			} else {
				first = vec_load_some(b + j, some);
				second = i + 1 < k ? vec_load_some(b + ldb + j, some) : zero;
			}
			vec_store(to, pair(first, second));
		}
}

static void pack_turned(float *to, int64_t k, int n, const float *b, int64_t ldb)
{
	int width = (n + LANES - 1) / LANES * LANES;
	for (int j = 0; j < n; j += LANES)
		for (int64_t i = 0; i < k; i += 2 * LANES) {
			vec v[LANES];
			int64_t some = k - i < 2 * LANES ? k - i : 2 * LANES;
			for (int r = 0; r < LANES; r++)
				v[r] = j + r < n ? row_pairs(b + (j + r) * ldb + i, some)
						 : (vec){0};
			vec_turn(v);
			for (int s = 0; 2 * s < some; s++)
				vec_store(to + (i / 2 + s) * width + j, v[s]);
		}
}

void KERNEL(par_gemm_pack_pairs)(
    float *to, int64_t k, int64_t n, const float *b, int64_t ldb, bool turned, int unit)
{
	int64_t steps = (k + 1) / 2, all = par_gemm_round_up(steps, unit);
	for (int64_t j = 0; j < n; j += 2 * LANES, to += all * 2 * LANES) {
		int width = n - j < 2 * LANES ? (int)(n - j) : 2 * LANES;
		int64_t step = par_gemm_round_up(width, LANES);
		if (turned)
			pack_turned(to, k, width, b + j * ldb, ldb);
		else
			pack_rows(to, k, width, b + j, ldb);
		memset(to + steps * step, 0, (size_t)((all - steps) * step) * sizeof *to);
	}
}

static void pack(float *to, int64_t k, int64_t n, const float *b, int64_t ldb, bool turned)
{
	KERNEL(par_gemm_pack_pairs)(to, k, n, b, ldb, turned, 1);
}

/* halves of both vectors of b take registers: two rows fewer */
const par_gemm_kernels KERNEL(par_gemm_widened) = {.lanes = LANES,
    .rows = ROWS - 2,
    .cols = 2 * LANES,
    .depth = 2,
    .unit = 1,
    .by_columns = by_columns_widened,
    .by_tree = by_tree_widened,
    .pack = pack};

#if KERNEL_SET == 2
ALL(TILE, PAIRED, 1)
ALL(TILE, PAIRED, 2)
ALL(TREE, PAIRED, 1)
ALL(TREE, PAIRED, 2)
static tile_fn *const tiles_paired[2][ROWS] = {{ALL(NAME, PAIRED, 1)}, {ALL(NAME, PAIRED, 2)}};
static tree_fn *const trees_paired[2][ROWS] = {
    {ALL(TREE_NAME, PAIRED, 1)}, {ALL(TREE_NAME, PAIRED, 2)}};

static void by_columns_paired(const par_gemm_tile *t)
{
	tiles_paired[t->n > LANES][t->m - 1](t);
}

static void by_tree_paired(const par_gemm_tree *t)
{
	trees_paired[t->n > LANES][t->m - 1](t);
}

const par_gemm_kernels par_gemm_paired = {.lanes = LANES,
    .rows = ROWS,
    .cols = 2 * LANES,
    .depth = 2,
    .unit = 1,
    .by_columns = by_columns_paired,
    .by_tree = by_tree_paired,
    .pack = pack};
#endif
