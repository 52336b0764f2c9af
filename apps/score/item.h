/* Item: everything measured of one item, a series or a node of the hierarchy, as one row of doubles.
 *
 * A row holds the measures below, then the pinball loss of every quantile, then its coverage, then its randomised
 * coverage, in which a value that stands on several quantiles counts for its part of each (metric_pit). What
 * cannot be measured (no actual value, a history too short or too even for a scale, a quantile that
 * the forecast lacks) is NaN.
 *
 * Absolute errors are least for the median, squared ones for the mean (Gneiting, Making and evaluating point forecasts,
 * JASA 106:746, 2011): sMAPE, MASE and the sums of absolute errors are those of the quantile .5, RMSSE is the mean's. */
#ifndef APPS_SCORE_ITEM_H
#define APPS_SCORE_ITEM_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

/* name, units, what it is */
#define ITEM_LIST(X)                                                                              \
	X(SMAPE, "smape", "percent", "symmetric mean absolute percentage error")                  \
	X(MASE, "mase", "1", "mean absolute error over that of the naive method at M4's lag")     \
	X(NAIVE2_SMAPE, "naive2_smape", "percent", "sMAPE of Naive2")                             \
	X(NAIVE2_MASE, "naive2_mase", "1", "MASE of Naive2")                                      \
	X(MASE_SEASONAL, "mase_seasonal", "1", "mean absolute error over that of seasonal naive") \
	X(RMSSE, "rmsse", "1", "root mean squared scaled error, from the first sale on")          \
	X(SQL, "sql", "1", "scaled quantile loss, levels .1 to .9")                               \
	X(SPL, "spl", "1", "scaled pinball loss, M5's nine levels, from the first sale on")       \
	X(MSIS, "msis", "1", "mean scaled interval score at 95 %")                                \
	X(INSIDE, "inside", "1", "share of actual values in the 95 % interval")                   \
	X(ERROR, "error", "1", "sum of absolute errors")                                          \
	X(LOSS, "loss", "1", "twice the pinball losses summed over steps, levels .1 to .9")       \
	X(ACTUAL, "actual", "1", "sum of absolute actual values")                                 \
	X(STEPS, "steps", "1", "steps with an actual value")                                      \
	X(WEIGHT, "weight", "1", "sales value of the last periods of the history")

enum {
#define X(id, name, units, text) ITEM_##id,
	ITEM_LIST(X)
#undef X
	    ITEM_MEASURES
};

#define ITEM_LEVELS 9 /* of the SQL, and of the SPL */

/* whether forecasts below zero count as zero */
typedef enum {
	ITEM_CLIP_AUTO, /* where nothing in the item's own history is below zero */
	ITEM_CLIP_YES,
	ITEM_CLIP_NO
} item_clip;

typedef struct {
	int64_t horizon;
	int64_t lag;    /* of MASE, MSIS and Naive2 */
	int64_t season; /* of SQL and mase_seasonal */
	item_clip clip;
	bool median;   /* absolute errors are the median's, where there is one, not the mean's */
	int quantiles; /* 0: the forecast has none */
	const double *level;                    /* ascending; borrowed */
	int sql[ITEM_LEVELS], spl[ITEM_LEVELS]; /* where their levels stand in level, -1: nowhere */
	int low, middle, high;                  /* .025, .5 and .975 */
	uint64_t seed;                          /* of randomised coverage */
} item_rules;

/* local | fill sql, spl, low, middle and high from level */
void item_find_levels(item_rules *r);
/* local | doubles in a row */
int item_width(const item_rules *r);

/* local | measure one item into row (its weight apart, which the caller knows)
 *   id of the item, which its draws go by
 *   history n values, actual horizon values, NaN where missing; mean horizon values;
 *   quantile [quantiles][horizon], or NULL when this item has none
 * mean and quantile are clipped in place. fails: PAR_E_MEMORY */
par_err item_measure(const item_rules *r, int64_t id, const double *history, int64_t n,
    const double *actual, double *mean, double *quantile, double *row);

#endif
