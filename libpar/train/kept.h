/* Kept: the elements that one rank owns of some parameters: their weights and what the rule remembers
 * of each. Weights here are the ones that are updated; operators may read copies. Private to train. */
#ifndef PAR_TRAIN_KEPT_H
#define PAR_TRAIN_KEPT_H

#include "comm/exact.h"
#include "train/update.h"

typedef struct {
	int64_t n;
	float *weights;
	float *first, *second; /* moments; NULL where the rule has none */
	float *average;        /* NULL when none is kept */
	float *best;           /* weights to go back to; NULL until asked for */
} par_kept;

/* local | zeroed arrays of n elements, each at a multiple of 64 bytes. fails: PAR_E_MEMORY */
par_err par_kept_open(par_kept *k, int64_t n, const par_optimizer_spec *spec);
par_err par_kept_want_best(par_kept *k);
void par_kept_close(par_kept *k);
size_t par_kept_bytes(const par_kept *k); /* without the weights */

/* local | the update of elements [at, at + n), whose gradient is g (NULL: zeros) and whose new weights
 * go to out too (NULL: nowhere); average as in par_optimizer_spec */
void par_kept_update(par_kept *k, const par_update *u, double average, int64_t at, int64_t n,
    const float *g, float *out);
/* local | weights become their average and back */
void par_kept_swap_average(par_kept *k);

/* local | add the products of n elements to an exact sum, line by line (train/update.h): begin at the
 * same element whatever the rank count */
void par_kept_add_products(par_exact *sum, int64_t n, const float *a, const float *b);

#endif
