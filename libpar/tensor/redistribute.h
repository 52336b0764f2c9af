/* Redistribute: one placement of a tensor becomes another. The only place where data moves between
 * ranks, and where it is chosen how.
 *
 *	from \ to     replicated       sharded, cyclic     partial
 *	replicated    a copy           a slice of it       the first rank's term, others 0
 *	sharded       all-gather       all-to-all          its own entries, others 0
 *	partial       sum, all-gather  reduce-scatter      a copy
 *
 * and any combination of these in two dimensions, between any two meshes of one world: block-cyclic
 * on a process grid is one of them. Between two meshes a sum is not left owed but paid.
 *
 * A sum over the p ranks of a mesh dimension is added in the canonical tree of comm/tree.h with
 * their terms as its p leaves, in order; where both dimensions owe, the last is paid first. Its bits
 * depend on p, as the terms do, and on nothing else: neither on where the result goes nor on how
 * ranks share nodes. Terms cut in a way that knows nothing of ranks are comm/reduce.h's business.
 *
 * Entries travel from block to block, described by MPI datatypes and never packed: a move needs no
 * memory of its own. Sums pass through PAR_SUM_BYTES, whatever their length; one that goes elsewhere
 * than to the shards it is paid in needs room for a rank's shard. Counts are 64-bit. */
#ifndef PAR_TENSOR_REDISTRIBUTE_H
#define PAR_TENSOR_REDISTRIBUTE_H

#include "tensor/tensor.h"

#define PAR_SUM_BYTES ((size_t)8 << 20)

/* collective over the world | to gets the entries of from, which has the same shape and type and
 * stays as it is. Their blocks do not overlap.
 * fails, agreed: PAR_E_MEMORY */
par_err par_redistribute(par_tensor *to, const par_tensor *from);

#endif
