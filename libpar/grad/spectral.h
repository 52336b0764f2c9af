/* Spectral: weights divided by their largest singular value, for operators that offer it.
 *
 * The left singular vector is a buffer NAME/left, begun at random and moved by one step of power
 * iteration in every training run (Miyato et al. 2018). An answer takes sigma from the vector as it
 * stands and leaves it. The last axis of the weight makes the columns of its matrix.
 *
 *	builder   the weight by par_op_param, then par_spectral_add(op, &own->spectral, name, weight)
 *	forward   w = par_spectral_weights(&own->spectral, r->training), once
 *	backward  own->spectral.divided, which are the same; param.h says what becomes of the gradient
 *	close     par_spectral_close(&own->spectral) */
#ifndef PAR_GRAD_SPECTRAL_H
#define PAR_GRAD_SPECTRAL_H

#include "grad/op.h"

typedef struct {
	par_param *weight, *left; /* borrowed */
	float *divided, *right;   /* owned */
} par_spectral;

/* local, for builders | takes one of the operator's parameters for the buffer; false after a failure */
bool par_spectral_add(par_op *op, par_spectral *s, const char *name, par_param *weight);
/* local | weight / sigma; weight->left, right and sigma are set */
const float *par_spectral_weights(par_spectral *s, bool training);
/* local | frees what add made; a zeroed par_spectral is fine */
void par_spectral_close(par_spectral *s);

#endif
