#include "base/lanes.h"
#include "tensor/gemm_inside.h"
#include "tensor/turn_lanes.h"

#define COLS (2 * LANES)
#define ROWS (LANES == 16 ? 14 : 6) /* of a tile, gemm.k.c */
#define UNROLL _Pragma("GCC unroll 16")

/* rows of b, copied */
static void pack_rows(float *to, int64_t k, int n, const float *b, int64_t ldb)
{
	int whole = n / LANES * LANES, some = n - whole;
	for (int64_t i = 0; i < k; i++, b += ldb) {
		for (int j = 0; j < whole; j += LANES, to += LANES)
			vec_store(to, vec_load(b + j));
		if (some > 0) {
			vec_store(to, vec_load_some(b + whole, some));
			to += LANES;
		}
	}
}

/* LANES rows of `some` floats, `rows` of them there, become `some` rows of LANES, ld apart */
static void turn(float *to, int64_t ld, const float *from, int64_t from_ld, int rows, int some)
{
	vec v[LANES];
	UNROLL
	for (int i = 0; i < LANES; i++)
		v[i] = i < rows ? some == LANES ? vec_load(from + i * from_ld)
						: vec_load_some(from + i * from_ld, some)
				: (vec){0};
	vec_turn(v);
	UNROLL
	for (int i = 0; i < LANES; i++)
		if (i < some)
			vec_store(to + i * ld, v[i]);
}

static void pack_turned(float *to, int64_t k, int n, const float *b, int64_t ldb)
{
	int width = (n + LANES - 1) / LANES * LANES;
	for (int j = 0; j < n; j += LANES)
		for (int64_t i = 0; i < k; i += LANES)
			turn(to + i * width + j, width, b + j * ldb + i, ldb,
			    n - j < LANES ? n - j : LANES, k - i < LANES ? (int)(k - i) : LANES);
}

void KERNEL(par_gemm_panels)(
    float *to, int64_t k, int64_t n, const float *b, int64_t ldb, bool turned)
{
	for (int64_t j = 0; j < n; j += COLS, to += k * COLS) {
		int width = n - j < COLS ? (int)(n - j) : COLS;
		if (turned)
			pack_turned(to, k, width, b + j * ldb, ldb);
		else
			pack_rows(to, k, width, b + j, ldb);
	}
}

void KERNEL(par_gemm_columns)(float *to, const float *a, int64_t lda, int64_t steps, int64_t there)
{
	int64_t width = (ROWS + LANES - 1) / LANES * LANES;
	if (there >= width)
		for (int64_t k = 0; k < steps; k++)
			for (int64_t r = 0; r < width; r += LANES)
				vec_store(to + k * PAR_GEMM_STEP + r, vec_load(a + k * lda + r));
	else
		for (int64_t k = 0; k < steps; k++)
			for (int64_t r = 0; r < there; r++)
				to[k * PAR_GEMM_STEP + r] = a[k * lda + r];
}
