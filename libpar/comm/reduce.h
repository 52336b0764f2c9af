/* Reduce: sums of long vectors over the shards of a global batch, with the same bits at any number
 * of ranks.
 *
 * The batch is cut into a fixed number of shards (PAR_SHARDS by default) and ranks hold contiguous
 * runs of them, dealt by par_blocks_deal(&b, w, shards, 1); ranks above the number of shards hold
 * none. Every shard brings one vector of n elements. They are added in the canonical tree of
 * comm/tree.h: each rank adds up what it holds whole as its vectors are born, and the few nodes
 * left are added by the owners of slices of the vector. Rank r owns elements [lo, hi), the r-th of
 * equal parts cut at multiples of 64 bytes; small vectors leave some ranks without any.
 *
 * Ranks of a node share a window: gradients are born in it, an owner reads its slice of all of
 * them, and everyone reads the sum where the owners left it. Between nodes every group of ranks
 * sends the owner its own nodes of the tree, each as far added up as the tree allows, point to
 * point. Where /dev/shm is too small for the window, every rank counts as a node of its own.
 *
 * A plan is made once for a length; running it allocates nothing:
 *
 *	for (int64_t s = b.lo; s < b.hi; s++) {
 *		gradient_of_shard(s, par_reduce_next(r));   writes n elements
 *		par_reduce_born(r);
 *	}
 *	const float *sum = par_reduce_sum(r);
 *
 * or, where each rank updates its own part of the parameters (ZeRO-1, Rajbhandari et al. 2020):
 *
 *	float *mine = par_reduce_scatter(r);    elements [lo, hi) of the sum
 *	update(weights + lo, mine);             and the new weights into mine
 *	const float *all = par_reduce_gather(r);
 */
#ifndef PAR_COMM_REDUCE_H
#define PAR_COMM_REDUCE_H

#include "base/dtype.h"
#include "comm/tree.h"
#include "comm/world.h"

typedef struct par_reduce par_reduce;

/* collective | plan sums of n elements (PAR_F32 or PAR_F64) over shards; owned, par_reduce_free.
 * together: at most so many ranks share a window, 0 for all of a node, 1 for point to point alone.
 * fails: PAR_E_MEMORY, agreed */
par_err par_reduce_plan(
    par_reduce **out, const par_world *w, par_dtype type, int64_t n, int shards, int together);
/* collective | the same, for vectors that come as par_reduce_node alone: keeps no room for shards that
 * wait to be added. within: another such plan of at least as many elements in whose window this one
 * works, for sums that are never under way at the same time; it is freed later. NULL: its own. */
par_err par_reduce_plan_nodes(par_reduce **out, const par_world *w, par_dtype type, int64_t n,
    int shards, int together, par_reduce *within);
void par_reduce_free(par_reduce *r);

/* local | the elements this rank owns */
void par_reduce_slice(const par_reduce *r, int64_t *lo, int64_t *hi);
/* local | how the plan runs, for the log: "2 ranks in 1 window of 128 MiB" or why there is none */
const char *par_reduce_how(const par_reduce *r);
/* local | memory of the plan on this rank, an equal share of its window included */
size_t par_reduce_bytes(const par_reduce *r);

/* local | where the vector of this rank's next shard is to be written, all n elements; then born
 * says it stands there. Every held shard once, in order, before each scatter. */
void *par_reduce_next(par_reduce *r);
void par_reduce_born(par_reduce *r);

/* local | the other way to bring vectors, when shards are added up where they are made: where the sum
 * over this rank's i-th node stands (the nodes of par_nodes_held, as many as returned), all n
 * elements; then nodes_born says that all of them are written. */
int par_reduce_nodes(const par_reduce *r);
void *par_reduce_node(const par_reduce *r, int i);
void par_reduce_nodes_born(par_reduce *r);

/* collective | add up; returns this rank's slice of the sum, which it may change before gather */
void *par_reduce_scatter(par_reduce *r);
/* collective, after scatter | all slices as their owners left them, n elements, readable until the
 * next scatter begins. New vectors may be born meanwhile. */
const void *par_reduce_gather(par_reduce *r);
/* collective, in the place of scatter, or after one whose sum was taken away | nothing is added up:
 * returns this rank's slice of the vector that gather then shows to all, for the owner to write */
void *par_reduce_bring(par_reduce *r);
/* collective | scatter and gather */
const void *par_reduce_sum(par_reduce *r);

/* collective | sums of vectors that stand in ordinary memory: vectors[i] is that of this rank's
 * i-th shard, of any length on all ranks alike; sum gets all elements and may be one of the
 * vectors. Works through the plan's window in pieces of n elements, best a few hundred KiB. */
void par_reduce_vectors(par_reduce *r, const void *const *vectors, void *sum, int64_t length);

#endif
