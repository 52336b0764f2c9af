#include "tensor/gates_kernels.h"

#include "base/cpu.h"

#define CHOOSE(f)                                                                   \
	void par_gates_##f(const par_gates *s)                                      \
	{                                                                           \
		static par_gates_kernel *const sets[] = KERNEL_SETS(par_gates_##f); \
		sets[par_cpu_kernels()](s);                                         \
	}
PAR_GATES(CHOOSE)
