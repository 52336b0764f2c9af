/* The kernels for processors with AVX2. */
#if defined(__x86_64__)
#pragma GCC target("avx2")
#endif
#define LANES 4
#define RUN bank_run_avx2
#include "forecast/bank/kernels.inc"
