/* Schedule: the learning rate of a step. */
#ifndef PAR_TRAIN_SCHEDULE_H
#define PAR_TRAIN_SCHEDULE_H

#include <stdint.h>

typedef enum { PAR_RATE_CONSTANT, PAR_RATE_COSINE, PAR_RATE_STEPS, PAR_RATE_FALL } par_rate_kind;

typedef struct {
	par_rate_kind kind;
	double rate;    /* the highest */
	int64_t warmup; /* steps from 0 up to it, linear: step i has rate (i + 1) / (warmup + 1) */
	int64_t steps;  /* cosine (Loshchilov and Hutter 2017), fall: of the whole run */
	double last;    /* cosine, fall: share of rate at the end */
	double
	    falling; /* fall: share of the steps, the last ones, in which the rate falls in a line */
	int64_t every; /* steps: multiplied by factor every so many steps */
	double factor;
} par_schedule;

/* local | the rate of step 0, 1, ... */
double par_schedule_rate(const par_schedule *s, int64_t step);

#endif
