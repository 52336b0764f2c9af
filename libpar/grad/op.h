/* Op: what an operator is to the graph. Seen by operators (this folder) only.
 *
 * An operator's file holds its builder, forward and backward side by side. The graph calls them with
 * pointers to this rank's samples; all arrays are dense, row-major, samples first. An operator
 *   - writes its outputs and its inputs' gradients whole, never adds to them: the graph adds where
 *     a value has several readers
 *   - gives every row bits that do not depend on how many rows there are
 *   - sums over samples only through par_gemm_shards, par_shards_sum or a reduction it planned */
#ifndef PAR_GRAD_OP_H
#define PAR_GRAD_OP_H

#include "grad/graph.h"

#define PAR_OP_INS 6
#define PAR_OP_PARAMS 8
#define PAR_OP_SAVED 6

typedef struct par_op par_op;

/* what is true while a pass runs */
typedef struct {
	par_graph *graph;
	const par_shards *shards;
	int64_t samples; /* here: hi - lo */
	int64_t real;    /* of those, how many are real: the first ones */
	int64_t count;   /* real samples of the global batch */
	int64_t step;
	uint64_t seed;
	bool training;
	double moving; /* as in par_graph_measure */
	bool bf16;
	/* backward: which gradients are wanted; forward: NULL */
	const bool *wants_param;
} par_run;

/* what backward reads, so the graph knows how long values must live */
enum { PAR_READS_IN = 1, PAR_READS_OUT = 2 };

typedef struct {
	const char *name;
	unsigned reads; /* PAR_READS_IN | PAR_READS_OUT */
	void (*forward)(const par_run *r, par_op *op);
	/* NULL: no gradient passes (labels, detach). May run twice after one forward, once for an operator
	 * that asks for a gradient: what is read and saved stays as it is */
	void (*backward)(const par_run *r, par_op *op);
	/* collective, while planning, may be NULL: reductions, exchanges */
	par_err (*plan)(par_op *op, const par_shards *s);
	void (*close)(par_op *op); /* frees what plan and the builder made; may be NULL */
	/* before planning, may be NULL: next, which alone reads the output, is to be done by op as well.
	 * true: op's forward makes next's output from now on, its backward begins there, and its floats are
	 * set anew */
	bool (*absorb)(par_op *op, const par_op *next);
	/* may run forward and backward on some of this rank's samples after the others (grad/slice.c): it keeps
	 * nothing from one call to the next but what it saves, and tells no rank anything */
	bool slices;
	/* gradient.c: before forward the graph goes back from in[0] and leaves its gradient by in[1] in dx[1] */
	bool gradient;
} par_op_kind;

struct par_op {
	const par_op_kind *kind;
	par_graph *graph;
	int index; /* in the graph: the stream of its random numbers */
	int ins, params, saves;
	par_value in[PAR_OP_INS], out;
	par_param *param[PAR_OP_PARAMS];
	void *own;    /* the operator's settings and plan; malloc'd, freed by the graph */
	double flops; /* of forward, a sample; backward counts twice that */

	/* floats wanted, set by the builder; pointers set by the graph before each run */
	size_t saved_floats[PAR_OP_SAVED]; /* a sample; live from forward to backward */
	size_t scratch_floats;             /* in all, live during one call */
	size_t scratch_sample;             /* and a sample */

	void *x[PAR_OP_INS];   /* inputs */
	void *y;               /* output */
	float *dx[PAR_OP_INS]; /* backward: write these; NULL where no gradient is wanted */
	float *dy; /* of the output; the operator may change it, nobody reads it afterwards */
	float *saved[PAR_OP_SAVED];
	float *scratch;
};

/* local, for builders | a new operator over inputs in[0..n); own is own_bytes zeroed. NULL after a
 * failure or when an input is negative; the builder then returns -1 */
par_op *par_op_new(
    par_graph *g, const par_op_kind *kind, int n, const par_value *in, size_t own_bytes);
/* local | its output, nd axes of a sample, and done: returns the value */
par_value par_op_done(par_op *op, par_dtype type, int nd, const int64_t *shape);
/* local | the same, floats in the shape of another value */
par_value par_op_done_like(par_op *op, par_value like);
/* local | note the first failure of building; returns -1 */
par_value par_op_fail(par_graph *g, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* local | a parameter "NAME/part" of the current group, made or, when the name is known, found
 * again (the shape must be equal); NULL after a failure. The operator's k-th. */
par_param *par_op_param(par_op *op, const char *name, const char *part, par_param_kind kind, int nd,
    const int64_t *shape, par_init init, double scale);

/* local | axes and elements of a sample of a value */
int par_op_axes(const par_graph *g, par_value v, int64_t shape[PAR_AXES]);
int64_t par_op_axis(const par_graph *g, par_value v, int axis); /* negative: from the end */
int64_t par_op_elements(const par_graph *g, par_value v);
bool par_op_alike(const par_graph *g, par_value a, par_value b); /* of one shape */
par_dtype par_op_type(const par_graph *g, par_value v);

/* local | is the gradient of the operator's k-th parameter wanted in this backward run? */
static inline bool par_op_wants(const par_run *r, const par_op *op, int k)
{
	(void)op;
	return r->wants_param && r->wants_param[k];
}

#endif
