/* Network: the graph of a model with its passes and its optimizer. */
#ifndef APPS_TRAIN_NETWORK_H
#define APPS_TRAIN_NETWORK_H

#include "train/layers.h"
#include "train/loss.h"
#include "train/optimizer.h"
#include "train/samples.h"
#include "train/state.h"

typedef struct {
	par_graph *graph;         /* owned */
	par_optimizer *optimizer; /* owned */
	layers layers;
	loss loss;
	loss_values values;
	par_value input;
	int train, judge,
	    answer;      /* passes: to the loss and back; to loss and answer; to the answer */
	par_state state; /* of the two above */
} network;

/* collective | build and plan what conf's [model] and [train] say, for samples of field x and n->loss,
 * which is read already; every parameter has its first value.
 * fails: PAR_E_CONFIG with the place of the line, PAR_E_MEMORY */
par_err network_open(network *n, app *a, const par_conf *conf, const par_field *x, const coding *c);
void network_close(network *n);

/* local | the place of a choice of [train] among n words, which have it */
int network_choice(const par_conf *conf, const char *key, const char *const *words, int n);

/* local | does the graph take truths as float? */
bool network_truth_is_number(const network *n);

#endif
