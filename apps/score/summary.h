/* Summary: what the rows of a level's items come to.
 *
 * A measure of a level is its mean over the items that have it. WRMSSE and WSPL weigh items by sales
 * value, their weights summing to 1 over those that have the measure; WAPE and WQL are one ratio of
 * sums; OWA is the mean of two ratios of means; ACD is how far the share of actual values inside the
 * 95 % interval is from .95. The sums are added in fixed blocks of items, so that they do not depend
 * on the number of ranks. */
#ifndef APPS_SCORE_SUMMARY_H
#define APPS_SCORE_SUMMARY_H

#include "comm/blocks.h"
#include "score/item.h"

#include <jansson.h>

typedef struct {
	const char *name; /* borrowed */
	int64_t items;
	double *mean;   /* owned: item_width means, NaN where no item has the measure */
	int64_t scored; /* items with an RMSSE */
	double wrmsse, wspl, wape, wql, owa, acd;
} summary;

/* collective | sums of levels whose items stand one after another in [0, first[levels])
 *   blocks deals those items, of which rows holds mine (item_width doubles each)
 *   first  levels + 1 offsets
 * s[levels] gets means and ratios; drop each with summary_free. fails: PAR_E_MEMORY */
par_err summary_make(summary *s, int levels, const int64_t *first, const par_blocks *blocks,
    const double *rows, const item_rules *r);
void summary_free(summary *s);

/* local | the measures of one level as a JSON object; null where there is none. New reference */
json_t *summary_json(const summary *s, const item_rules *r);

#endif
