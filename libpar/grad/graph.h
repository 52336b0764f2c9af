/* Graph: operators built once, planned once, run many times.
 *
 * A value is what one operator hands to the next: for each sample of the global batch an array of a
 * fixed shape, held by the rank that holds the sample (comm/shards.h). A parameter is one array for
 * all samples (grad/param.h). Builders (grad/layers.h) add an operator and return its value.
 *
 * Passes say what is to be run. A training pass goes forward to a loss and backward to the
 * parameters of one group; an answer goes forward to some values with dropout off and the running
 * statistics of batch norms. Passes of a training step run in the order they were added: a later one
 * finds the values of the earlier ones unless a parameter they depend on was updated since, so a
 * GAN's generator step reuses the forward pass of its discriminator step.
 *
 *	par_value x = par_graph_input(g, "image", PAR_F32, 3, (int64_t[]){28, 28, 1});
 *	par_value y = par_graph_input(g, "label", PAR_I32, 1, (int64_t[]){1});
 *	par_value h = par_linear(g, par_flatten(g, x), &(par_linear_spec){"dense", .out = 10});
 *	int train = par_graph_pass(g, par_loss_cross_entropy(g, h, y, 0), "model");
 *	PAR_TRY(par_graph_plan(g));
 *
 * Planning lets operators take over their only readers where that saves a value (a convolution its max
 * pool), and fixes the lifetime and the place of every value in one arena; running allocates nothing
 * and communicates only where an operator says so (batch norm, embedding).
 *
 * A builder that meets shapes that do not fit returns a negative value, as does every builder that
 * is given one; par_graph_plan then tells the first failure. */
#ifndef PAR_GRAD_GRAPH_H
#define PAR_GRAD_GRAPH_H

#include "base/dtype.h"
#include "comm/shards.h"
#include "grad/param.h"

#include <stddef.h>

#define PAR_AXES 5

typedef struct par_graph par_graph;
typedef int par_value;

typedef struct {
	const par_world *world; /* borrowed */
	int64_t batch;          /* samples of the global batch */
	int shards;             /* as in par_shards_cut; 0: PAR_SHARDS */
	uint64_t seed;          /* of parameters and dropout */
	bool bf16;              /* products in bfloat16, everything else in float */
	int64_t cache;          /* bytes of a slice, see par_graph_learn; 0: the second cache */
} par_graph_spec;

/* local | an empty graph, owned by the caller */
par_err par_graph_open(par_graph **out, const par_graph_spec *spec);
/* collective */
void par_graph_close(par_graph *g);

/* local | a value that is filled from outside: PAR_F32 or PAR_I32, nd axes a sample */
par_value par_graph_input(
    par_graph *g, const char *name, par_dtype type, int nd, const int64_t shape[]);
/* local | parameters made from here on belong to this group ("model" until the first call) */
void par_graph_group(par_graph *g, const char *name);

/* local | train the group's parameters on the mean of a loss (shape 1) over the batch; the pass's
 * number. Operators between the loss and other groups' parameters are passed through. */
int par_graph_pass(par_graph *g, par_value loss, const char *group);
/* local | forward to n values; the pass's number */
int par_graph_answer(par_graph *g, int n, const par_value values[]);

/* collective | no more building; the arena is allocated and buffers take their first values. The
 * other parameters get theirs from whoever owns them (train/optimizer.h).
 * fails: PAR_E_CONFIG with the first builder's failure, or naming a parameter that a pass trains twice
 * or cannot reach; PAR_E_MEMORY */
par_err par_graph_plan(par_graph *g);

/* local | the batch's samples here, and where a value's stand: of an input before a pass, of an
 * answer's values after it, of a loss after a forward run. Row-major, my samples only. */
const par_shards *par_graph_shards(const par_graph *g);
uint64_t par_graph_seed(const par_graph *g);
void *par_graph_at(par_graph *g, par_value v);
int par_graph_shape(const par_graph *g, par_value v, int64_t shape[PAR_AXES]);
int64_t par_graph_elements(const par_graph *g, par_value v); /* of one sample */
/* local | the bytes of the arena, and the flops of one run of a pass over the global batch */
size_t par_graph_bytes(const par_graph *g);
double par_graph_flops(const par_graph *g, int pass);

/* local, equal on every rank | which step is to come (the place of dropout in time), and how many
 * of the batch's samples are real: those from count on bring no loss, no gradient and no
 * statistics */
void par_graph_step(par_graph *g, int64_t step, int64_t count);
/* local, equal on every rank | from now on batch norms go by the statistics of their batch in answers too, and running
 * statistics move that far towards them; 0: as usual again. Moved by 1 / (i + 1) in answer i, they are the means
 * of those answers: what averaged weights need, whose own statistics nobody has seen. */
void par_graph_measure(par_graph *g, double moving);
/* collective | run a pass forward; the mean loss of a training pass is asked for apart */
void par_graph_forward(par_graph *g, int pass);
/* collective | from the loss back to the gradients of the group's parameters (grad/param.h) */
void par_graph_backward(par_graph *g, int pass);
/* collective | both, for less: operators whose samples do not feel each other run forward and backward on a
 * slice of the batch while its values are in the second cache. Slices are nodes of the canonical tree, so
 * bits are those of the whole. After a forward run alone, backward makes the slices' values again. */
void par_graph_learn(par_graph *g, int pass);
/* collective | the mean loss over the batch's real samples, the same bits at any number of ranks */
double par_graph_loss(par_graph *g, int pass);

/* local | the graph's parameters and buffers, in the order they were made */
int par_graph_params(const par_graph *g);
par_param *par_graph_param(par_graph *g, int i);
par_param *par_graph_find(par_graph *g, const char *name); /* NULL: none */

/* what the owner of the parameters (train/) wants to know while a pass runs; may be left out */
typedef struct {
	void *ctx;
	/* before an operator runs with a parameter that rests sharded: make p->weights whole */
	void (*fetch)(void *ctx, par_param *p);
	/* the operator is done with it */
	void (*release)(void *ctx, par_param *p);
	/* p->grad of all nodes stand: backward runs only */
	void (*born)(void *ctx, par_param *p);
} par_graph_hooks;
/* local | for the parameters of one group */
void par_graph_hook(par_graph *g, const char *group, const par_graph_hooks *hooks);

#endif
