/* Kernels: one kernel set on all ranks of a job, because bits may depend on it. */
#ifndef PAR_COMM_KERNELS_H
#define PAR_COMM_KERNELS_H

#include "base/cpu.h"
#include "comm/world.h"

/* collective | have every rank use the set called wanted, or with "auto" the best that all of them
 * can run; par_cpu_kernels() tells which. Products of bfloat16 (par_cpu_bf16) become what all ranks
 * have. Where OpenBLAS is linked, it runs one core on all ranks.
 * fails, agreed: PAR_E_CONFIG when a rank cannot run it or OpenBLAS runs another core somewhere */
par_err par_world_kernels(const par_world *w, const char *wanted);

#endif
