/* The kernels for any processor. */
#define LANES 2
#define RUN bank_run_plain
#include "forecast/bank/kernels.inc"
