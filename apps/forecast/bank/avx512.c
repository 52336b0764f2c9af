/* The kernels for processors with AVX-512. */
#if defined(__x86_64__)
#pragma GCC target("avx512f,avx512dq,avx512vl,avx512bw")
#endif
#define LANES 8
#define RUN bank_run_avx512
#include "forecast/bank/kernels.inc"
