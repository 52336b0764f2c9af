/* Gates kernels: what gates.k.c gives gates.c in each kernel set; the meaning is gates.h's. */
#ifndef PAR_TENSOR_GATES_KERNELS_H
#define PAR_TENSOR_GATES_KERNELS_H

#include "base/lanes.h"
#include "tensor/gates.h"

typedef void par_gates_kernel(const par_gates *s);
#define PAR_GATES(X) X(simple) X(lstm) X(gru) X(simple_back) X(lstm_back) X(gru_back)
#define PAR_GATES_DECLARE(f) \
	extern par_gates_kernel par_gates_##f##_plain, par_gates_##f##_avx2, par_gates_##f##_avx512;
PAR_GATES(PAR_GATES_DECLARE)

#endif
