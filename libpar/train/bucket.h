/* Bucket: dense parameters that are summed, updated and shown together. Private to train.
 *
 * A bucket is one vector of comm/reduce.h. Its gradient, summed, stands where its weights will: the
 * owner of a slice reads the one and leaves the other. The bucket of a parameter that rests sharded
 * works in a window it shares with others; its weights are whole between fetch and release, and the
 * sum of its gradient is taken out of the window at once. */
#ifndef PAR_TRAIN_BUCKET_H
#define PAR_TRAIN_BUCKET_H

#include "comm/reduce.h"
#include "train/kept.h"

/* where a parameter stands in its bucket; begins at a whole line */
typedef struct {
	par_param *param;
	int64_t at;
} par_place;

typedef struct {
	par_reduce *sum;
	par_place *place; /* borrowed */
	int places, unborn;
	int64_t n;       /* elements, gaps between parameters included */
	int64_t lo, hi;  /* mine */
	bool rests;      /* sharded */
	bool summed;     /* the gradient stands, the update is to come */
	float *gradient; /* of [lo, hi) */
	par_kept kept;
} par_bucket;

/* local | a bucket over the next places, of at most so many bytes unless it is a single parameter:
 * sets places, n and each place's at. A parameter that rests sharded stays alone. */
void par_bucket_fill(par_bucket *b, par_place *place, int most, int64_t bytes);
/* collective | its sum and storage, first weights in place; within: the bucket whose window it works
 * in (NULL: its own). fails: PAR_E_MEMORY */
par_err par_bucket_open(
    par_bucket *b, par_graph *g, const par_optimizer_spec *spec, par_bucket *within);
void par_bucket_close(par_bucket *b);

/* collective | every rank reads the owners' weights (of a bucket that rests: until its window is
 * used again) */
void par_bucket_show(par_bucket *b);
/* collective | all its gradients are born: add them up over ranks */
void par_bucket_sum(par_bucket *b);
/* collective | update and show the new weights; u[decays]. update NULL: leave everything as it was */
void par_bucket_update(par_bucket *b, const par_update u[2], double average);

/* local | which elements of a place are mine: [lo, hi) of the parameter, empty ones in rank order */
void par_bucket_mine(const par_bucket *b, const par_place *p, int64_t *lo, int64_t *hi);

#endif
