#include "tensor/conv_kernels.h"

void KERNEL(par_conv_merge)(
    int m, int n, const float *tile, const float *const *wait, int waits, float *to, int64_t ld)
{
	for (int r = 0; r < m; r++)
		for (int j = 0; j < n; j += LANES) {
			int64_t some = n - j < LANES ? n - j : LANES, at = r * ld + j;
			vec c = vec_load_some(tile + r * PAR_GEMM_COLS + j, some);
			for (int i = waits - 1; i >= 0; i--)
				c = vec_load_some(wait[i] + at, some) + c;
			vec_store_some(to + at, c, some);
		}
}
