/* Pin: OpenBLAS does what the kernel set says.
 *
 * OpenBLAS looks at OPENBLAS_CORETYPE and OPENBLAS_NUM_THREADS only while it is loaded, before main.
 * Its products have other bits on other cores, so a program that uses it starts itself once more
 * with both set. */
#ifndef PAR_BASE_PIN_H
#define PAR_BASE_PIN_H

#include "base/cpu.h"

/* local, first thing in main, before MPI starts | have OpenBLAS run the core of set k with one
 * thread; returns when it does or when the program does not link it. Else the program starts again
 * with the same arguments and this call does not return.
 * fails: PAR_E_CONFIG when OpenBLAS has started with the wish and runs something else all the same */
par_err par_blas_pin(char **argv, par_kernels k);

/* local | the core OpenBLAS runs ("SkylakeX"), or NULL when the program does not link it */
const char *par_blas_core(void);

#endif
