/* CPU: which set of kernels this process runs.
 *
 * The build is for the plain 64-bit machine; kernels worth more are compiled for AVX2 and AVX-512
 * as well and chosen when the program runs. Sums and products of our own kernels have the same bits
 * in every set. Matrix products through OpenBLAS do not, so a result names its set and all ranks of
 * a job use one (comm/kernels.h). */
#ifndef PAR_BASE_CPU_H
#define PAR_BASE_CPU_H

#include "base/err.h"

typedef enum { PAR_KERNELS_PLAIN, PAR_KERNELS_AVX2, PAR_KERNELS_AVX512 } par_kernels;

/* local | the most this processor and operating system can run: AVX2 asks for FMA too, AVX-512 for
 * F, BW, DQ and VL */
par_kernels par_cpu_best(void);
/* local | what this process runs now; par_cpu_best() until someone chose less */
par_kernels par_cpu_kernels(void);
/* local | choose; more than par_cpu_best() is a bug of the caller */
void par_cpu_use(par_kernels k);

/* How products of bfloat16 are made: floats multiplied in pairs, by AVX-512 BF16, or by the tiles of
 * AMX. The first two give the same bits (tensor/gemm.h). */
typedef enum { PAR_BF16_WIDENED, PAR_BF16_PAIRS, PAR_BF16_TILES } par_bf16;

/* local | what this process uses: the most that the processor, the kernel set in use and
 * par_cpu_use_bf16 allow. Pairs and tiles come with the AVX-512 set; the operating system is asked
 * once for the registers of tiles. */
par_bf16 par_cpu_bf16(void);
/* local | use at most this */
void par_cpu_use_bf16(par_bf16 most);

/* "plain", "avx2", "avx512" */
const char *par_kernels_name(par_kernels k);
/* "pairs", "pairs", "amx": ways of equal bits have one name */
const char *par_bf16_name(par_bf16 way);
/* local | the set of that name; fails: PAR_E_CONFIG */
par_err par_kernels_parse(par_kernels *k, const char *name);

#endif
