/* Output: augment.h5. */
#ifndef APPS_AUGMENT_OUTPUT_H
#define APPS_AUGMENT_OUTPUT_H

#include "augment/contest.h"
#include "augment/tagger.h"
#include "common/judge/quality.h"

/* all that is told of a night; borrowed */
typedef struct {
	const gallery *g;
	filler *from;
	const int64_t *each; /* [categories] pictures that are published */
	const verdict *v;
	const tagger *tags;
	/* [FILLERS][categories + 1], and whether pictures passed, [FILLERS][categories] */
	double (*quality[FILLERS])[QUALITY_METRICS];
	uint8_t *passed[FILLERS];
} night;

/* collective | published under augment.out. fails: as par_store_publish */
par_err output_write(app *a, const night *n);

/* local | weight of each of n made pictures beside `real` ones of weight 1, so that they are that share of both */
double output_weight(double share, int64_t real, int64_t n);

#endif
