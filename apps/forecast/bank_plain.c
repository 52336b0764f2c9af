/* The kernels for any processor. */
#define RUN bank_run_plain
#include "forecast/bank_kernels.inc"
