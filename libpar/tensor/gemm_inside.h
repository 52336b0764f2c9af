/* Gemm inside: what the files of gemm share. */
#ifndef PAR_TENSOR_GEMM_INSIDE_H
#define PAR_TENSOR_GEMM_INSIDE_H

#include "tensor/gemm.h"
#include "tensor/gemm_tile.h"

#define PAR_GEMM_PLACED 32 /* words a step of a tile's rows of a, at most */

/* par_gemm_kernels' pack and columns */
#define PAR_GEMM_SET(set)                                                                         \
	void par_gemm_panels_##set(                                                               \
	    float *to, int64_t k, int64_t n, const float *b, int64_t ldb, bool turned);           \
	void par_gemm_columns_##set(                                                              \
	    float *to, const float *a, int64_t lda, int64_t steps, int64_t there);                \
	void par_gemm_pack_pairs_##set(                                                           \
	    float *to, int64_t k, int64_t n, const float *b, int64_t ldb, bool turned, int unit); \
	extern const par_gemm_kernels par_gemm_set_##set, par_gemm_widened_##set;
PAR_GEMM_SET(plain)
PAR_GEMM_SET(avx2)
PAR_GEMM_SET(avx512)
/* by the instruction of AVX-512 BF16, by the tiles of AMX; not there on other processors */
extern const par_gemm_kernels par_gemm_paired, par_gemm_amx;

/* local | kernels of factors rounded to bfloat16: a step takes two k, a word of a packed factor holds
 * both of them. by_rows and columns are not there: both factors are packed. */
const par_gemm_kernels *par_gemm_pairs_now(void);

typedef struct {
	const par_gemm_kernels *kernels;
	int64_t m, n, k;
	const float *a;
	int64_t lda;
	bool a_turned;
	const float *b;
	int64_t ldb;
	bool b_turned;
	const float *packed; /* instead of b, by par_gemm_pack */
	float *c;
	int64_t ldc;
	bool add;
	const par_finish *finish;
} par_gemm_product;

void par_gemm_multiply(const par_gemm_product *p);

/* par_gemm_shards with other kernels */
void par_gemm_sum(const par_gemm_kernels *kernels, const par_shards *s, int64_t rows, int64_t m,
    int64_t n, const float *a, int64_t lda, const float *b, int64_t ldb, float *const *out);

static inline int64_t par_gemm_least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static inline int64_t par_gemm_round_up(int64_t n, int64_t unit)
{
	return (n + unit - 1) / unit * unit;
}

/* local | a word of each row [from, to), lda apart, on its way from memory */
static inline void par_gemm_fetch(const float *a, int64_t lda, int64_t from, int64_t to)
{
	for (int64_t k = from; k < to; k++)
		__builtin_prefetch(a + k * lda, 0, 2);
}

/* local | steps of a chain over k */
static inline int64_t par_gemm_steps(const par_gemm_kernels *kernels, int64_t k)
{
	return par_gemm_round_up((k + kernels->depth - 1) / kernels->depth, kernels->unit);
}

/* local | words a step of a's rows, packed by par_gemm_place */
static inline int64_t par_gemm_placed(const par_gemm_kernels *kernels, int64_t m)
{
	return kernels->place ? kernels->rows : par_gemm_round_up(m, kernels->lanes);
}

/* local | m rows of a, k of each, rounded and packed for tiles of pairs */
static inline void par_gemm_place(const par_gemm_kernels *kernels, float *to, int64_t k, int64_t m,
    const float *a, int64_t lda, bool turned)
{
	if (kernels->place)
		kernels->place(to, k, m, a, lda, turned);
	else
		kernels->pack(to, k, m, a, lda, !turned);
}

#endif
