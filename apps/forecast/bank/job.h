/* Between the bank and its kernels: series to forecast, already looked at once.
 *
 * The kernels are one text (bank/kernels.inc) compiled for each instruction set, with as many lanes
 * as its vectors hold. Only plain memory crosses to them, and what they answer has the same bits in
 * every set. */
#ifndef APPS_FORECAST_BANK_JOB_H
#define APPS_FORECAST_BANK_JOB_H

#include "forecast/bank/bank.h"

/* what one look at a series tells */
typedef struct {
	int64_t index;       /* row of the block */
	int64_t first, last; /* observed steps that count */
	int64_t observed, zeros;
	double lowest, highest, step, season_step; /* steps: mean squared, mean absolute seasonal */
	double scale;                              /* a power of two */
	bool demand;                               /* a fifth or more of zeros, none negative */
	bank_status status;
} bank_profile;

typedef struct {
	const bank_spec *spec;       /* as the kernels can hold it */
	const bank_profile *profile; /* [n] alike together */
	int64_t n;
	const float *units; /* [][length], row profile[i].index is series i */
	int64_t length;
	bank_result *out;
} bank_job;

/* local | answer every series of the job; fails: PAR_E_MEMORY */
par_err bank_run_plain(const bank_job *job);
par_err bank_run_avx2(const bank_job *job);
par_err bank_run_avx512(const bank_job *job);

#endif
