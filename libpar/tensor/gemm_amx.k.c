#include "base/lanes.h"

#if KERNEL_LEVEL == 2
#pragma GCC target("amx-tile,amx-bf16")

#include "tensor/gemm_inside.h"
#include "tensor/pairs_lanes.h"
#include "tensor/turn_lanes.h"

/* A tile of 32 x 32 sums is four registers of 16 x 16; a unit of 16 steps (32 k) takes two registers
 * of each factor. Rows of a stand unit by unit: 32 rows of 16 pairs. */
enum { SIDE = 16, ROWS = 2 * SIDE, UNIT = SIDE };
typedef float sums[ROWS][ROWS];

/* Intel's manual of AMX, palette 1: eight registers of 16 rows of 64 bytes */
typedef struct {
	uint8_t palette, start, none[14];
	uint16_t bytes[16];
	uint8_t rows[16];
} config;
static const config eight = {.palette = 1,
    .bytes = {64, 64, 64, 64, 64, 64, 64, 64},
    .rows = {SIDE, SIDE, SIDE, SIDE, SIDE, SIDE, SIDE, SIDE}};

/* c, whole, is the chain from c or from 0; b of up to 16 columns has one register */
INLINE void chain(sums c, bool add, const float *a, const float *b, int64_t ldb, int64_t steps)
{
	bool wide = ldb > SIDE;
	if (add) {
		_tile_loadd(0, &c[0][0], sizeof *c);
		_tile_loadd(1, &c[0][SIDE], sizeof *c);
		_tile_loadd(2, &c[SIDE][0], sizeof *c);
		_tile_loadd(3, &c[SIDE][SIDE], sizeof *c);
	} else {
		_tile_zero(0);
		_tile_zero(1);
		_tile_zero(2);
		_tile_zero(3);
	}
	for (int64_t s = 0; s < steps; s += UNIT, a += ROWS * UNIT, b += UNIT * ldb) {
		_tile_loadd(4, a, 64);
		_tile_loadd(5, a + SIDE * UNIT, 64);
		_tile_loadd(6, b, ldb * 4);
		_tile_dpbf16ps(0, 4, 6);
		_tile_dpbf16ps(2, 5, 6);
		if (wide) {
			_tile_loadd(7, b + SIDE, ldb * 4);
			_tile_dpbf16ps(1, 4, 7);
			_tile_dpbf16ps(3, 5, 7);
		}
	}
	_tile_stored(0, &c[0][0], sizeof *c);
	_tile_stored(1, &c[0][SIDE], sizeof *c);
	_tile_stored(2, &c[SIDE][0], sizeof *c);
	_tile_stored(3, &c[SIDE][SIDE], sizeof *c);
}

/* the j-th vector of a row that ends at n */
INLINE vec load(const float *row, int j, int n)
{
	return vec_load_some(row + j, n - j < LANES ? n - j : LANES);
}

static void load_sums(sums c, const par_gemm_tile *t)
{
	for (int r = 0; r < t->m; r++)
		for (int j = 0; j < t->n; j += LANES)
			vec_store(&c[r][j], load(t->c + r * t->ldc, j, t->n));
}

static void by_columns(const par_gemm_tile *t)
{
	static sums c __attribute__((aligned(64)));
	if (t->add)
		load_sums(c, t);
	_tile_loadconfig(&eight);
	chain(c, t->add, t->a, t->b, t->ldb, t->steps);
	_tile_release();
	vec zero = {0}, slope = vec_all(t->slope);
	for (int j = 0; j < t->n; j += LANES) {
		vec bias = t->bias ? load(t->bias, j, t->n) : zero;
		int some = t->n - j < LANES ? t->n - j : LANES;
		for (int r = 0; r < t->m; r++) {
			vec x = vec_load(&c[r][j]);
			x = t->bias ? x + bias : x;
			vec below = t->slope == 0 ? zero : x * slope;
			x = t->slope == 1 ? x : vec_pick(x < zero, below, x);
			vec_store_some(t->c + r * t->ldc + j, x, some);
		}
	}
}

static void join(sums to, sums with)
{
	for (int r = 0; r < ROWS; r++)
		for (int j = 0; j < ROWS; j += LANES)
			vec_store(&to[r][j], vec_load(&to[r][j]) + vec_load(&with[r][j]));
}

static void by_tree(const par_gemm_tree *t)
{
	static sums waiting[PAR_GEMM_WAITING + 1] __attribute__((aligned(64)));
	const float *a = t->a, *b = t->b;
	int waits = 0;
	_tile_loadconfig(&eight);
	for (int s = 0; s < t->shards; s++) {
		chain(waiting[waits], false, a, b, t->ldb, t->steps[s]);
		a += t->steps[s] * ROWS;
		b += t->steps[s] * t->ldb;
		for (int k = 0; k < t->joins[s]; k++, waits--)
			join(waiting[waits - 1], waiting[waits]);
		waits++;
	}
	_tile_release();
	for (int r = 0; r < t->m; r++)
		for (int j = 0; j < t->n; j += LANES) {
			float *row = t->c + r * t->ldc;
			vec x = vec_load(&waiting[0][r][j]);
			x = t->add ? load(row, j, t->n) + x : x;
			vec_store_some(row + j, x, t->n - j < LANES ? t->n - j : LANES);
		}
}

static void pack(float *to, int64_t k, int64_t n, const float *b, int64_t ldb, bool turned)
{
	par_gemm_pack_pairs_avx512(to, k, n, b, ldb, turned, UNIT);
}

/* floats [0, some) of a row; none below 1 */
INLINE vec load_there(const float *row, int64_t some)
{
	return some > 0 ? vec_load_some(row, some < LANES ? some : LANES) : (vec){0};
}

/* 16 rows of a unit out of a matrix that is k x m */
INLINE void place_turned(float *to, int64_t k, int64_t m, const float *a, int64_t lda)
{
	vec v[LANES];
	for (int i = 0; i < LANES; i++)
		v[i] = pair(2 * i < k ? load_there(a + 2 * i * lda, m) : (vec){0},
		    2 * i + 1 < k ? load_there(a + (2 * i + 1) * lda, m) : (vec){0});
	vec_turn(v);
	for (int r = 0; r < LANES; r++)
		vec_store(to + r * UNIT, v[r]);
}

static void place(float *to, int64_t k, int64_t m, const float *a, int64_t lda, bool turned)
{
	for (int64_t i = 0; i < k; i += 2 * UNIT)
		for (int r = 0; r < ROWS; r += SIDE, to += SIDE * UNIT) {
			if (turned) {
				place_turned(to, k - i, m - r, a + i * lda + r, lda);
				continue;
			}
			int64_t some = k - i < 2 * UNIT ? k - i : 2 * UNIT;
			for (int q = 0; q < SIDE; q++)
				vec_store(to + q * UNIT,
				    r + q < m ? row_pairs(a + (r + q) * lda + i, some) : (vec){0});
		}
}

const par_gemm_kernels par_gemm_amx = {.lanes = LANES,
    .rows = ROWS,
    .cols = ROWS,
    .depth = 2,
    .unit = UNIT,
    .by_columns = by_columns,
    .by_tree = by_tree,
    .pack = pack,
    .place = place};
#endif
