/* CPU: which set of kernels this process runs.
 *
 * The build is for the plain 64-bit machine; kernels worth more are compiled for AVX2 and AVX-512
 * as well and chosen when the program runs. Sums and products of our own kernels have the same bits
 * in every set. Matrix products through OpenBLAS do not, so a result names its set and all ranks of
 * a job use one (comm/kernels.h). */
#ifndef PAR_BASE_CPU_H
#define PAR_BASE_CPU_H

#include "base/err.h"

#include <stdbool.h>

typedef enum { PAR_KERNELS_PLAIN, PAR_KERNELS_AVX2, PAR_KERNELS_AVX512 } par_kernels;

/* local | the most this processor and operating system can run: AVX2 asks for FMA too, AVX-512 for
 * F, BW, DQ and VL */
par_kernels par_cpu_best(void);
/* local | what this process runs now; par_cpu_best() until someone chose less */
par_kernels par_cpu_kernels(void);
/* local | choose; more than par_cpu_best() is a bug of the caller */
void par_cpu_use(par_kernels k);

/* local | does this process multiply bfloat16 by the processor's own instruction (AVX-512 BF16)? With
 * the AVX-512 set where there is one, until someone chose not to. */
bool par_cpu_bf16(void);
/* local | choose; true has no effect where there is no such instruction */
void par_cpu_use_bf16(bool use);

/* "plain", "avx2", "avx512" */
const char *par_kernels_name(par_kernels k);
/* local | the set of that name; fails: PAR_E_CONFIG */
par_err par_kernels_parse(par_kernels *k, const char *name);

#endif
