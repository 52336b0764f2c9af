/* The kernels for any processor. */
#define RUN bank_run_plain
#include "bank_kernels.inc"
