/* Param: an array that training changes, or a buffer that running does.
 *
 * The graph makes parameters and reads their weights; train/ owns the storage. Between planning and
 * the first run somebody sets weights and grad of each (train/optimizer.h does; tests do by hand).
 * A gradient is not one array but one for each of this rank's nodes of the canonical tree
 * (comm/shards.h): the operator writes grad[i] whole, once a backward run, and the owner adds them
 * over ranks. */
#ifndef PAR_GRAD_PARAM_H
#define PAR_GRAD_PARAM_H

#include "comm/shards.h"

#include <stdbool.h>
#include <stdint.h>

#define PAR_PARAM_AXES 4

typedef enum { PAR_INIT_CONSTANT, PAR_INIT_UNIFORM, PAR_INIT_NORMAL } par_init;

typedef enum {
	PAR_PARAM_DENSE,  /* gradients in grad[] */
	PAR_PARAM_TABLE,  /* rows are looked up; gradients as rows, see grad_rows */
	PAR_PARAM_BUFFER, /* no gradient: running statistics, a power iteration's vectors; the
			      operator writes the same bits on every rank */
} par_param_kind;

/* gradient rows of a table that this rank owns, sums over the whole batch, ascending by id */
typedef struct {
	int64_t n;
	const int64_t *id; /* row of the whole table */
	const float *row;  /* n x shape[1] */
} par_grad_rows;

typedef struct par_param {
	char name[96];  /* "conv1/weight" */
	char group[32]; /* "model" */
	par_param_kind kind;
	int nd;
	int64_t shape[PAR_PARAM_AXES];
	int64_t n;
	par_init init;
	double scale;       /* the constant; uniform in (-scale, scale); standard deviation */
	bool decays;        /* weight decay acts on it: matrices, not biases and scales */
	bool rests_sharded; /* held as this rank's slice; whole only while an operator runs */

	/* spectral norm (Miyato et al. 2018): the operator runs with weights / sigma and writes the
	 * gradient of that; the owner turns the summed gradient G of matrix rows x cols into
	 * (G - <G, W / sigma> u v^T) / sigma, both in the last forward run's u and v */
	bool spectral;
	const float *left, *right; /* u (shape[0] * ... rows) and v (last axis) */
	float sigma;

	float *weights;         /* n floats; of a table rows [row_lo, row_hi) only */
	float *grad[PAR_NODES]; /* n floats for each of my nodes */
	int64_t row_lo, row_hi; /* table: the rows I own */
	par_grad_rows rows;     /* table: after a backward run */
} par_param;

/* local | element i of the first value of p: Philox keyed by seed, p's name and i, so at any rank
 * count and in any order */
float par_param_first(const par_param *p, uint64_t seed, int64_t i);
/* local | elements [lo, hi) into out */
void par_param_fill(const par_param *p, uint64_t seed, int64_t lo, int64_t hi, float *out);

#endif
