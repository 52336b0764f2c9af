/* Optimizer: parameters of one group, their gradients and what an update remembers, over the ranks.
 *
 * Storage. The dense parameters of a group stand one behind the other in buckets, each one vector of
 * comm/reduce.h: gradients of my nodes are born in it, each rank gets the sum over its slice
 * (reduce-scatter), updates its slice of the weights with its slice of the state, and the new
 * weights are gathered (ZeRO-1, Rajbhandari et al. 2020). Weights are read where the gather left
 * them. A parameter that rests sharded is a bucket of its own, whole only while an operator runs
 * with it. A table's rows are owned and updated by one rank; its gradients arrive as rows.
 *
 * Arithmetic. Updates are element by element, so the cut does not show; norms over a whole gradient
 * are exact sums (comm/exact.h), so it does not show there either. */
#ifndef PAR_TRAIN_OPTIMIZER_H
#define PAR_TRAIN_OPTIMIZER_H

#include "grad/graph.h"

typedef enum {
	PAR_SGD,      /* w -= lr g */
	PAR_MOMENTUM, /* v = mu v + g; w -= lr v (torch's form) */
	PAR_ADAM,     /* Kingma and Ba 2015, bias-corrected; l2 added to g */
	PAR_ADAMW,    /* Loshchilov and Hutter 2019: w -= lr decay w apart from g */
} par_rule;

typedef struct {
	par_rule rule;
	double momentum;              /* 0.9 is usual; PAR_MOMENTUM only */
	double beta1, beta2, epsilon; /* 0: 0.9, 0.999, 1e-8 */
	bool no_first;  /* beta1 is 0: steps go by the gradient at hand, as a GAN's do */
	double l1, l2;  /* l1 |w| + l2/2 w^2 added to the loss, on what decays */
	double decay;   /* AdamW's, on what decays */
	double clip;    /* largest norm of the whole gradient; 0: none */
	double average; /* factor of the exponential average of weights; 0: none kept */
	bool
	    average_ramps; /* in step s it is at most s / (s + 9): first weights are soon forgotten */
	bool lazy_tables;     /* touch only rows that were looked up (torch's SparseAdam) */
	int64_t bucket_bytes; /* 0: 4 MiB */
} par_optimizer_spec;

typedef struct par_optimizer par_optimizer;

/* collective, after par_graph_plan | storage for the group, first weights in place, hooks of the
 * graph set. Owned by the caller and freed before the graph. fails: PAR_E_MEMORY, PAR_E_CONFIG */
par_err par_optimizer_open(
    par_optimizer **out, par_graph *g, const char *group, const par_optimizer_spec *spec);
void par_optimizer_close(par_optimizer *o);

/* collective, after a backward run of the group's pass | update with learning rate lr; afterwards
 * every rank reads the new weights. A gradient that is not finite leaves everything as it was and
 * returns false (on all ranks). */
bool par_optimizer_step(par_optimizer *o, double lr);
/* local | of the last step: the norm of the whole gradient before clipping; steps done so far */
double par_optimizer_norm(const par_optimizer *o);
int64_t par_optimizer_steps(const par_optimizer *o);

/* local | does it keep averages? */
bool par_optimizer_averages(const par_optimizer *o);
/* collective | weights become their averages and back: around an evaluation or a save */
void par_optimizer_swap_average(par_optimizer *o);

/* collective | begin anew from where training came: weights become their averages where those are kept, moments are
 * zero again, steps count from 0 */
void par_optimizer_renew(par_optimizer *o);

/* collective | keep weights and buffers as they stand, and go back to those kept last: the best of a run.
 * fails (the first time): PAR_E_MEMORY */
par_err par_optimizer_remember(par_optimizer *o);
void par_optimizer_recall(par_optimizer *o);

/* For train/state.h: what this rank holds of a parameter: elements [lo, hi) of the whole, in rank order,
 * of the weights (part "") and of what is remembered of them. A buffer of the group, which stands
 * whole on every rank, is brought by rank 0. */
#define PAR_OPTIMIZER_PARTS 5
typedef struct {
	const char *part; /* "", "first", "second", "average", "best" */
	int64_t lo, hi;
	float *here;
} par_optimizer_part;
/* local | how many parts; 0 of a parameter that is not in the group */
int par_optimizer_parts(
    par_optimizer *o, const par_param *p, par_optimizer_part part[PAR_OPTIMIZER_PARTS]);
/* local | this rank's parts of a parameter's weights, and of their average, from the whole array; nothing of a parameter that is
 * not in the group. par_optimizer_restored ends a round of them */
void par_optimizer_set(par_optimizer *o, const par_param *p, const float *value);
/* collective | parts were written from outside, after so many steps */
void par_optimizer_restored(par_optimizer *o, int64_t steps);

/* local | bytes on this rank of weights, gradients and state */
typedef struct {
	size_t weights, gradients, state;
} par_optimizer_bytes;
par_optimizer_bytes par_optimizer_memory(const par_optimizer *o);
/* local | one line for the log: buckets, bytes, how sums travel */
const char *par_optimizer_how(const par_optimizer *o);

#endif
