/* A group: up to eight series side by side, one a lane, on a common time axis that ends at the last
 * step; a lane whose series is shorter waits (live 0) until its first observation.
 *
 * bank.c fills a group and reads its answer; the kernels between run once a group and are compiled
 * for each instruction set from the same text (bank_kernels.inc). Values are scaled by a power of
 * two a lane. Vectors cross from file to file by address only: passing them by value differs
 * between instruction sets. */
#ifndef APPS_FORECAST_BANK_GROUP_H
#define APPS_FORECAST_BANK_GROUP_H

#include "forecast/bank.h"

enum { LANES = 8, SEASON_MAX = BANK_SEASON };

/* a model is taken over the median when its loss is under this part of the median's, in absolute
 * errors or squared; and a seasonal pattern over the mean of two */
#define CLEARLY 0.95
#define CLEARLY_SQUARED 0.9
#define PATTERN_CLEARLY 0.9
#define PATTERN_SQUARED 0.81

typedef double vec __attribute__((vector_size(64)));
typedef int64_t mask __attribute__((vector_size(64)));

/* a straight path with damping: base + trend * (phi + phi^2 + ... + phi^h) */
typedef struct {
	vec base, trend;
} bank_state;

typedef struct {
	vec count;       /* observations */
	vec top, bottom; /* limits for forecasts */
	mask demand;     /* a fifth or more of zeros, none negative */
	mask positive;   /* every observation above 0 */
	mask enough;     /* five horizons of origins, so that one model may be preferred */
	vec phi;         /* damping of the damped trend */
	vec dotm_alpha, dotm_k;
	vec chosen;                              /* model number */
	vec absolute, squared, relative, errors; /* sums over known errors of the chosen */
	vec times[SEASON_MAX], plus[SEASON_MAX]; /* pattern by phase, the last step's last */
	vec plain_times[SEASON_MAX], plain_plus[SEASON_MAX]; /* the classical pattern as it is */
	const bank_spec *spec;
	int64_t length;       /* steps on the axis */
	int first[LANES];     /* step of the first observation */
	int season;           /* steps a pattern in this pass */
	int origins;          /* rolling origins R; state R is the end of the history */
	unsigned needed;      /* models some lane needs, by bit */
	vec *y, *w;           /* [length] value (0 where missing), 1 where observed */
	vec *z;               /* [length] seasonally adjusted, 0 where missing */
	vec *x;               /* [length] the same by the plain classical pattern */
	vec *start;           /* [length] 1 at a lane's first observation */
	vec *fill;            /* [length] last value of the same season phase */
	vec *line_a, *line_b; /* [length] running regression on time: level at time 0, slope */
	vec *age;             /* [length] steps since and with the first observation; 0 before */
	bank_state *state[BANK_MODELS]; /* [origins + 1] */
	vec *dotm_d, *dotm_c;           /* [origins + 1] */
	vec *worthy;                    /* [origins + 1] 1 where an origin counts */
	vec *error;              /* [origins][horizon] of the chosen model, 0 where unknown */
	vec *known;              /* [origins][horizon] 1 where error is one */
	vec *forecast;           /* [horizon] */
	vec *error2, *forecast2; /* error and forecast by the longer season */
	vec *scratch;            /* [BANK_MODELS * horizon] */
	vec *scratch_time, *scratch_time2; /* [length] */
} bank_group;

void bank_run_plain(bank_group *g);
void bank_run_avx2(bank_group *g);
void bank_run_avx512(bank_group *g);

#endif
