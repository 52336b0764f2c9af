/* Shrink: coefficients of many series, drawn towards those of their group, and these towards those of all.
 *
 * A series' y = mean + (x - mean_x) b + noise; its b are normal around its group's, a group's around all's, with
 * variances by kind of column (Lindley and Smith 1972). Given these, coefficients are posterior means: a group's are
 * found with its series' integrated out, a series' given its group's. The variances are learnt by expectation and
 * maximisation (Dempster, Laird and Rubin 1977) with the group's coefficients held at their means. The noise of a series
 * is a share of its variance, the same for all. */
#ifndef APPS_FORECAST_POOLED_SHRINK_H
#define APPS_FORECAST_POOLED_SHRINK_H

#include "forecast/pooled/moments.h"

enum { SHRINK_KINDS = 4 };
/* what shrink_learn adds up: squares and counts of kinds for series and for groups, noise and its count */
enum { SHRINK_SUMS = 4 * SHRINK_KINDS + 2 };

typedef struct {
	int columns;
	const int *kind; /* borrowed: [columns] below SHRINK_KINDS */
	double own[SHRINK_KINDS],
	    group[SHRINK_KINDS]; /* variances around the group's, around all's */
	double noise;            /* share of a series' variance that stays */
	double *all;             /* owned: [columns] */
} shrink_prior;

/* room for the work on one group */
typedef struct {
	const shrink_prior *prior; /* borrowed */
	double *info, *sight;      /* owned: what the group's series say of its coefficients */
	double *mean;              /* the group's coefficients, after shrink_group_end */
	double *factor, *inverse, *unit;
} shrink_work;

/* local | the variances to begin with, all's coefficients 0; released by shrink_prior_close, also after a failure.
 * fails: PAR_E_MEMORY */
par_err shrink_prior_open(shrink_prior *p, int columns, const int *kind);
void shrink_prior_close(shrink_prior *p);
/* local | the variance of a series' noise */
double shrink_noise(const shrink_prior *p, const moments *m);
/* local | all's coefficients from moments of all series, each over its noise; they are lost. fails: PAR_E_NUMERIC */
par_err shrink_all(shrink_prior *p, moments *of_all);

/* local | shrink_work_close releases it, also after a failure. fails: PAR_E_MEMORY */
par_err shrink_work_open(shrink_work *w, const shrink_prior *p);
void shrink_work_close(shrink_work *w);

/* local | a group: begin, every series, end. fails: PAR_E_NUMERIC where numbers are not finite */
void shrink_group_begin(shrink_work *w);
par_err shrink_group_add(shrink_work *w, const moments *m);
par_err shrink_group_end(shrink_work *w);
/* local | after the group's end: b[columns] of one of its series. fails: PAR_E_NUMERIC */
par_err shrink_series(shrink_work *w, const moments *m, double *b);

/* local | add to sums[SHRINK_SUMS] what the last shrink_series with these b says of the variances, and, once a group,
 * what the group says */
par_err shrink_learn_series(shrink_work *w, const moments *m, const double *b, double *sums);
par_err shrink_learn_group(shrink_work *w, double *sums);
/* local | the variances that the sums of all series and groups ask for */
void shrink_take(shrink_prior *p, const double *sums);

#endif
