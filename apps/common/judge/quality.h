/* Quality: how made pictures of each category compare with real ones.
 *
 * All measures but the label's go by the features of a network that was trained on the catalog's real training pictures. Real
 * pictures that it did not see, the holdout, are measured in the same way beside the made ones: what they reach is what can
 * be reached. */
#ifndef APPS_COMMON_JUDGE_QUALITY_H
#define APPS_COMMON_JUDGE_QUALITY_H

#include "common/judge/classifier.h"
#include "common/judge/made.h"

typedef enum {
	QUALITY_FID,         /* distance of laws from the training pictures (judge/frechet.h) */
	QUALITY_FID_HOLDOUT, /* of the holdout from them */
	QUALITY_PRECISION,   /* judge/neighbours.h, among training pictures */
	QUALITY_RECALL,
	QUALITY_DENSITY,
	QUALITY_COVERAGE,
	QUALITY_COVERAGE_HOLDOUT,
	QUALITY_LABEL, /* share that the network takes for their category */
	QUALITY_LABEL_HOLDOUT,
	QUALITY_SPREAD, /* distance between pictures over that between training pictures */
	QUALITY_COPIES, /* share nearer to a training picture than to any of as many of the holdout; one half is none copied */
	QUALITY_NNDR, /* 5th percentile of nearest over second nearest distance to training pictures, over the holdout's */
	QUALITY_METRICS,
} quality_metric;

typedef struct {
	const char *name, *meaning;
} quality_word;
extern const quality_word quality_words[QUALITY_METRICS];

typedef struct {
	const par_world *world;
	const gallery *g;
	classifier *net; /* borrowed, trained */
	int holdout;     /* split */
	float *train,
	    *held; /* owned: features of all training pictures and of the holdout's, by category */
	float *held_score;                 /* owned */
	int64_t *train_first, *held_first; /* owned: [categories + 1] */
} quality;

/* collective | quality_close releases it, also after a failure. fails: PAR_E_MEMORY */
par_err quality_open(
    quality *q, const par_world *w, const gallery *g, classifier *net, int holdout);
void quality_close(quality *q);

/* collective | out[category][metric], and all together in out[categories]; NaN where there is too little to tell. The same
 * bits at any number of ranks. fails: PAR_E_MEMORY */
par_err quality_of(quality *q, const made_set *m, double (*out)[QUALITY_METRICS]);
/* collective | the overall QUALITY_FID, QUALITY_LABEL and QUALITY_SPREAD alone. fails: PAR_E_MEMORY */
par_err quality_glance(quality *q, const made_set *m, double out[QUALITY_METRICS]);

/* collective | of the first n made pictures of each category (fewer where there are fewer) the training picture of their category
 * that is nearest, its number in the catalog: item[category][n], -1 none. fails: PAR_E_MEMORY */
par_err quality_nearest(quality *q, const made_set *m, int64_t n, int64_t *item);

/* local | is each measure of a category within what real pictures allow? why: the first that is not */
bool quality_passes(const quality *q, const made_set *m, int64_t category,
    const double value[QUALITY_METRICS], quality_metric *why);

#endif
