#include "grad/spectral.h"

#include "tensor/map.h"
#include "tensor/spectral.h"

#include <stdlib.h>

static int64_t columns(const par_param *weight)
{
	return weight->shape[weight->nd - 1];
}

bool par_spectral_add(par_op *op, par_spectral *s, const char *name, par_param *weight)
{
	int64_t cols = columns(weight), rows = weight->n / cols;
	*s = (par_spectral){.weight = weight,
	    .left = par_op_param(op, name, "left", PAR_PARAM_BUFFER, 1, &rows, PAR_INIT_NORMAL, 1),
	    .divided = malloc((size_t)weight->n * sizeof(float)),
	    .right = calloc((size_t)cols, sizeof(float))};
	PAR_MUST(s->divided && s->right, "no memory for %lld weights", (long long)weight->n);
	weight->spectral = true;
	return s->left != NULL;
}

const float *par_spectral_weights(par_spectral *s, bool training)
{
	par_param *w = s->weight;
	int64_t cols = columns(w);
	w->sigma = par_spectral_step(
	    w->n / cols, cols, w->weights, s->left->weights, training, s->right);
	w->left = s->left->weights;
	w->right = s->right;
	par_map_scale(w->n, 1 / w->sigma, 0, w->weights, s->divided);
	return s->divided;
}

void par_spectral_close(par_spectral *s)
{
	free(s->divided);
	free(s->right);
}
