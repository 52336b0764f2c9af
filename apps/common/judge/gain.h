/* Gain: what classifiers recall more than others of the same seeds did, with what chance leaves open. */
#ifndef APPS_COMMON_JUDGE_GAIN_H
#define APPS_COMMON_JUDGE_GAIN_H

#include <stdint.h>

typedef struct {
	double mean, low,
	    high; /* of the paired differences, 95 % bounds by Student's t; NaN of fewer than two pairs */
} gain;

/* local | of a[i] - b[i], n pairs */
gain gain_of(const double *a, const double *b, int64_t n);

#endif
