#include "base/cpu.h"
#include "tensor/gemm.h"
#include "tensor/gemm_inside.h"

const par_gemm_kernels *par_gemm_pairs_now(void)
{
	static const par_gemm_kernels *const widened[] = {
	    &par_gemm_widened_plain, &par_gemm_widened_avx2, &par_gemm_widened_avx512};
#if defined(__x86_64__)
	if (par_cpu_bf16() == PAR_BF16_TILES)
		return &par_gemm_amx;
	if (par_cpu_bf16() == PAR_BF16_PAIRS)
		return &par_gemm_paired;
#endif
	return widened[par_cpu_kernels()];
}

void par_gemm_bf16(int64_t m, int64_t n, int64_t k, const float *a, int64_t lda, par_turn a_turn,
    const float *b, int64_t ldb, par_turn b_turn, float *c, int64_t ldc, bool add,
    const par_finish *finish)
{
	par_gemm_multiply(&(par_gemm_product){par_gemm_pairs_now(), m, n, k, a, lda,
	    a_turn == PAR_TRANSPOSED, b, ldb, b_turn == PAR_TRANSPOSED, NULL, c, ldc, add, finish});
}

void par_gemm_shards_bf16(const par_shards *s, int64_t rows, int64_t m, int64_t n, const float *a,
    int64_t lda, const float *b, int64_t ldb, float *const *out)
{
	par_gemm_sum(par_gemm_pairs_now(), s, rows, m, n, a, lda, b, ldb, out);
}
