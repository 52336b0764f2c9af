/* The inside of a graph: built by graph.c, fused by fuse.c, planned by plan.c, run by run.c, seen by nobody
 * else. */
#ifndef PAR_GRAD_GRAPH_INSIDE_H
#define PAR_GRAD_GRAPH_INSIDE_H

#include "grad/arena.h"
#include "grad/op.h"

#define PAR_GROUPS 8

typedef struct {
	char name[32]; /* of an input */
	par_dtype type;
	int nd;
	int64_t shape[PAR_AXES];
	int64_t elements; /* of a sample */
	int root;         /* the value it is another shape of; itself otherwise */
	int maker;        /* operator; -1: filled from outside */
	bool kept;        /* read from outside: has a place of its own in every plan */
	unsigned follows; /* bits of the groups whose parameters it depends on */
} par_node_value;

/* where the gradient of an operator's input goes in a backward run */
typedef enum { PAR_GRAD_NONE, PAR_GRAD_WRITE, PAR_GRAD_ADD } par_grad_way;

typedef struct {
	int op;
	bool wants[PAR_OP_PARAMS];
	par_grad_way way[PAR_OP_INS];
	int temp[PAR_OP_INS]; /* room of what is added afterwards */
	int scratch;          /* room */
	/* owned: the way back that a gradient operator begins with; else NULL */
	struct par_pass *back;
} par_call;

typedef struct par_pass {
	bool training;
	par_value loss;
	par_value
	    by; /* of a gradient operator, inside another pass: what loss is differentiated by; -1 */
	unsigned group; /* its bit */
	int values;     /* of an answer */
	par_value *value;
	int plan; /* the training passes share plan 0, each answer has its own */
	par_call *forward, *backward;
	int forwards, backwards;
	int whole_forwards; /* of the forward calls the first run whole, the others slice by slice ... */
	int slice_backwards; /* ... and of the backward calls it is the first that run slice by slice */
	int *gradient;       /* room of the gradient of each root value; -1: none */
} par_pass;

/* places of everything while the passes of one plan run */
typedef struct {
	par_room *room;
	int rooms, most;
	int *value;                 /* room of each root value; -1: kept or not needed */
	int (*saved)[PAR_OP_SAVED]; /* rooms of each operator; -1 */
	int now;                    /* moments counted while planning */
} par_plan;

/* the gradient of a parameter, summed over slices */
typedef struct {
	par_param *param;
	int64_t at;   /* of slice_floats */
	float *first; /* while slices run: its own grad[0] */
} par_slice_sum;

struct par_graph {
	par_graph_spec spec;
	par_shards shards;
	par_node_value *value;
	par_op **op;
	par_param **param;
	par_pass *pass;
	int values, ops, params, passes;
	char group[PAR_GROUPS][32];
	int groups, now_group;
	par_err failed;
	char why[300];

	par_plan *plan;
	int plans;
	char *arena;
	size_t bytes, kept_bytes;
	size_t *kept_at; /* offset of each kept root value */
	float *buffers;  /* storage of all PAR_PARAM_BUFFER */
	par_graph_hooks hooks[PAR_GROUPS];
	int64_t step, count;
	double moving; /* as in par_graph_measure */

	/* slices of the one training pass */
	bool *sliced;                  /* by operator */
	int64_t slice_aim, slice_most; /* samples: wanted, and of the largest */
	par_slice_sum *slice_sum;      /* of the parameters that slices train */
	int slice_params;
	int64_t slice_floats; /* of all of them */
	float *slice_sums;    /* gradients that wait in the tree, level by level */
};

/* graph.c | the bit of a group, 0 when there is none of that name */
unsigned par_group_bit(const par_graph *g, const char *name);
/* fuse.c | before planning, once what is kept is known: operators take over what alone reads them */
void par_graph_fuse(par_graph *g);
/* slice.c | after fusing: which operators run slice by slice. sliced[ops] is owned by the graph from now on */
void par_graph_slice(par_graph *g, bool *sliced);
/* slice.c | is this node of the tree small enough to be a slice? */
bool par_graph_is_slice(const par_graph *g, par_node at);

static inline int par_root(const par_graph *g, par_value v)
{
	return g->value[v].root;
}

#endif
