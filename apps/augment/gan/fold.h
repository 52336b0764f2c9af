/* Fold: a generator's weights for pictures of one category.
 *
 * In answers a batch norm is a factor and a term for each channel, and a category's embedding adds the same to every picture:
 * both go into the weights and biases of the layer before. Inside of gan/. */
#ifndef APPS_AUGMENT_GAN_FOLD_H
#define APPS_AUGMENT_GAN_FOLD_H

#include "augment/gan/gan.h"

/* a generator as it stood, apart from the graph that goes on learning */
typedef struct {
	gan_spec spec;
	int params;
	par_param *param; /* owned: [params] names borrowed, weights owned */
} generator_weights;

/* local | generator_weights_drop releases them, also after a failure. fails: PAR_E_MEMORY */
par_err generator_weights_take(generator_weights *w, const gan *g);
void generator_weights_drop(generator_weights *w);

/* local | weights of a category into the graph of generator_build_folded, whose parameters have their storage. fails: PAR_E_MEMORY */
par_err generator_fold(const generator_weights *w, int64_t category, par_graph *to);

#endif
