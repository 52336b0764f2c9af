/* Feed: where the samples of a training step come from, and in which order.
 *
 * A sample has fields, each an array of a fixed shape ("image" of 28 x 28 x 1 bytes, "label"). Fields
 * stand in memory, once a node, are streamed from a result in HDF5 that may be larger than
 * memory, or are made by a function as they are wanted. A step takes the samples that the sampler names; every rank copies those of its own
 * places of the batch into the graph's inputs.
 *
 * Streaming goes by pools of blocks (train/sampler.h): a pool is read once a node, each of its ranks
 * a share, by a thread that reads ahead into one half of a window while steps are filled from the
 * other. The thread calls pread and checks sums; it calls neither MPI nor HDF5. */
#ifndef PAR_TRAIN_FEED_H
#define PAR_TRAIN_FEED_H

#include "grad/graph.h"
#include "io/store.h"
#include "train/sampler.h"

#define PAR_FIELDS 8

typedef struct {
	char name[64];  /* in a file: of the variable */
	par_dtype type; /* as kept: PAR_U8, PAR_F32 or PAR_I32; an input gets F32, F32, I32 */
	int nd;
	int64_t shape[PAR_AXES]; /* of a sample */
	float scale, shift;      /* PAR_U8: the input gets byte * scale + shift */
} par_field;

/* local | an input of the graph, and the field that fills it: PAR_F32 or PAR_I32, nd axes a sample */
par_value par_feed_input(
    par_field *f, par_graph *g, const char *name, par_dtype type, int nd, const int64_t shape[]);

typedef struct par_feed par_feed;

/* collective | n samples in memory, zero until par_feed_put; order->n is n. Owned by the caller.
 * fails: PAR_E_MEMORY */
par_err par_feed_memory(par_feed **out, const par_world *w, int fields, const par_field *field,
    const par_sampler *order);
/* collective | samples [first, first + rows) of field k, from any rank, dense; every rank calls once a
 * round, with 0 rows when it has none. Afterwards all nodes have them. */
void par_feed_put(par_feed *f, int k, int64_t first, int64_t rows, const void *data);

/* collective | variables of an open result with n = order->n rows each, read into memory or
 * streamed; a stream borrows the store until it is closed. A field's nd and shape are filled in from
 * the file, its type is held against it.
 * fails: PAR_E_DATA naming the variable; PAR_E_CONFIG when a stream's batch is larger than all but
 * one block of a pool; PAR_E_MEMORY, PAR_E_IO */
par_err par_feed_load(par_feed **out, const par_world *w, par_store *s, int fields,
    par_field *field, const par_sampler *order);
par_err par_feed_stream(par_feed **out, const par_world *w, par_store *s, int fields,
    par_field *field, const par_sampler *order);

/* local | write a sample: field k's numbers to field[k], NULL where no input takes it */
typedef void (*par_feed_fn)(void *ctx, int64_t sample, void *const field[]);
/* collective | samples that are made when a step wants them, each on the rank that holds its place of the
 * batch; fields PAR_F32 and PAR_I32. make must give a sample the same numbers on every rank. fails: PAR_E_MEMORY */
par_err par_feed_made(par_feed **out, const par_world *w, int fields, const par_field *field,
    const par_sampler *order, par_feed_fn make, void *ctx);

/* collective */
void par_feed_close(par_feed *f);

/* collective | this rank's samples of a step into the graph's inputs: input[k] takes field k, negative
 * takes nothing. Places of the batch without a sample are zeroed. Steps may come in any order, but a
 * stream is only fast forwards. Allocates nothing.
 * fails (a stream, agreed): PAR_E_IO, PAR_E_DATA where a sum does not match */
par_err par_feed_fill(par_feed *f, par_graph *g, const par_value input[], int64_t step);

/* local */
const par_sampler *par_feed_order(const par_feed *f);
int par_feed_fields(const par_feed *f);
const par_field *par_feed_field(const par_feed *f, int k);
/* local | bytes of the node's window */
size_t par_feed_bytes(const par_feed *f);

#endif
