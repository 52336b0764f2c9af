/* Join: what sums forecast of themselves, and what their series forecast together, become one.
 *
 * The series of one level's nodes, the groups, are scaled so that at every step a group sums up to
 * (1 - share) of what its series said and share of what it said itself. Which level, and what share, is
 * chosen on past origins at which both forecast what is known now: the share that makes the squared
 * error least over all levels alike, a node counting by its size over its scale; drawn to a half
 * by as much as it differs when single origins are left out, for few may be little proof. Where no share
 * would have helped, nothing is joined. Linear combinations of forecasts: Bates and Granger 1969. */
#ifndef APPS_FORECAST_TOTALS_JOIN_H
#define APPS_FORECAST_TOTALS_JOIN_H

#include "common/levels.h"

#define JOIN_ORIGINS 8 /* at most */

typedef struct {
	const levels_sums *levels;
	int64_t series;
	int origins, horizon;
	/* [origins][nodes][horizon]; direct is NaN where a node has none, actual where it is missing */
	const double *bottom, *direct, *actual;
	const double *weight; /* [nodes] 0 where a node does not count */
} join_past;

typedef struct {
	int level;    /* whose nodes are the groups; -1: nothing is joined */
	double share; /* of the direct forecasts */
	double gain;  /* of the squared error on the past origins: 0 none, 1 all of it */
} join_choice;

/* local, equal on every rank | fails: PAR_E_MEMORY */
par_err join_choose(const join_past *past, join_choice *out);

/* local | by what the series of a group are multiplied at a step. A direct forecast that all but vanishes
 * beside the series' is taken whole: the group will be closed, which its series cannot know. */
double join_factor(double bottom, double direct, double share);

#endif
