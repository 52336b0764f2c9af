/* The inside of an optimizer: steps in optimizer.c, weights that come from elsewhere and what is told of
 * them in optimizer_parts.c. */
#ifndef PAR_TRAIN_OPTIMIZER_INSIDE_H
#define PAR_TRAIN_OPTIMIZER_INSIDE_H

#include "train/bucket.h"
#include "train/rows.h"

#define PAR_SPECTRAL_MOST 64

struct par_optimizer {
	par_graph *graph; /* borrowed */
	const par_world *world;
	par_optimizer_spec spec;
	char group[32], how[200];
	par_place *place; /* dense parameters, the last made first */
	int places;
	par_bucket *bucket;
	int buckets;
	par_rows *rows;
	int tables;
	int next;              /* the bucket whose parameters are born */
	par_bucket *widest;    /* of those that rest sharded: its window serves all */
	par_bucket *whole;     /* which of them stands whole in the window */
	const par_param *used; /* by an operator, at this moment */
	par_exact squares;     /* of the gradient, as far as it is summed */
	par_exact dot[PAR_SPECTRAL_MOST];
	int spectrals;
	int64_t steps;
	double norm;
	bool averaged;
	float *best_buffers; /* owned: of the group, as they were remembered; NULL until then */
};

/* local | is it a parameter of the group, of this kind? */
bool par_optimizer_owns(const par_optimizer *o, const par_param *p, par_param_kind kind);
/* local | the bucket of a dense parameter of the group */
par_bucket *par_optimizer_bucket(par_optimizer *o, const par_param *p);

#endif
