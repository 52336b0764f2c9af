/* The canonical tree: in which order the vectors of a global batch are added.
 *
 * The batch is cut into shards numbered from 0, whatever the number of ranks. A node of the tree is
 * a run [lo, hi) of shards and is the sum of its two halves; the root is all of them.
 * Floating-point sums depend on the order of additions, and this order is a function of the number
 * of shards alone.
 *
 * Halves are cut in units of the largest power of two up to shards / 12, and an odd number of units
 * leans outwards and inwards in turn. With 48 shards (units of 4) a rank that holds an even run of
 * them holds one whole node at 1, 2, 4, 12, 24 and 48 ranks and at most two at 3, 6, 8 and 16;
 * other trees hold up to five at some of these. What a rank holds whole it may add up alone. */
#ifndef PAR_COMM_TREE_H
#define PAR_COMM_TREE_H

#include "base/dtype.h"

#include <stdbool.h>
#include <stddef.h>

#define PAR_SHARDS 48 /* the usual number */

typedef struct {
	int lo, hi;
} par_node;

/* local | where node n of the tree over shards is cut; n holds at least two shards */
int par_node_cut(int shards, par_node n);

/* local | the largest nodes made only of shards s with held[s], left to right, into out (room for
 * as many as there are shards); returns how many */
int par_nodes_held(int shards, const bool *held, par_node *out);

/* A sum written as steps: step i >= 0 takes source i, PAR_STEP_ADD adds the two last values. */
#define PAR_STEP_ADD (-1)

/* local | the steps that make target from sources, which cover it with nodes; steps has room for
 * twice the shards. Returns how many; *most gets how many values wait at most. */
int par_node_steps(
    int shards, par_node target, const par_node *sources, int n, int *steps, int *most);

#define PAR_STEP_WAITING 64 /* values that may wait in one sum; 48 shards need 7 */
#define PAR_STEP_BLOCK 8192 /* bytes; a few of these stay in the first cache */

/* local | run the steps over bytes of every source into out, block by block through scratch (a
 * block a waiting value). out may be the first source, or is apart from all.
 * past_cache: as in par_add */
void par_steps_run(par_dtype type, const int *steps, int count, const void *const *sources,
    void *out, size_t bytes, void *scratch, bool past_cache);

#endif
