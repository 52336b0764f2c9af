/* Layout: which entries of an array a rank of a mesh holds.
 *
 * Each dimension of the mesh does one thing with the array. Replicated: all its ranks hold the same.
 * Sharded along an axis: its ranks hold runs of it, one after the other. Cyclic along an axis: blocks
 * are dealt to its ranks in turn, as ScaLAPACK wants it. Partial: its ranks hold terms, and the
 * array is their sum, still owed. Dimensions act in order: where both shard the same axis, the
 * second cuts the runs of the first.
 *
 * So what a rank holds is a product of one set of entries for each axis, and its block is a dense
 * row-major array of these. Any axis fits any mesh: runs differ by at most one unit, and ranks may
 * hold nothing. */
#ifndef PAR_COMM_LAYOUT_H
#define PAR_COMM_LAYOUT_H

#include "comm/mesh.h"

#define PAR_LAYOUT_AXES 5

typedef enum {
	PAR_PLACE_REPLICATED,
	PAR_PLACE_SHARDED,
	PAR_PLACE_CYCLIC,
	PAR_PLACE_PARTIAL
} par_place_kind;

typedef struct {
	par_place_kind kind;
	int axis;      /* sharded, cyclic */
	int64_t block; /* cyclic: entries a block; sharded: runs begin at multiples of it */
} par_place;

#define PAR_REPLICATED ((par_place){PAR_PLACE_REPLICATED, 0, 0})
#define PAR_SHARDED(axis) ((par_place){PAR_PLACE_SHARDED, (axis), 1})
/* where sums are made over blocks that know nothing of ranks */
#define PAR_SHARDED_BLOCKS(axis, block) ((par_place){PAR_PLACE_SHARDED, (axis), (block)})
#define PAR_CYCLIC(axis, block) ((par_place){PAR_PLACE_CYCLIC, (axis), (block)})
#define PAR_PARTIAL ((par_place){PAR_PLACE_PARTIAL, 0, 0})

/* entries of one axis, ascending: `run` of them from first on, again `step` further, up to end */
typedef struct {
	int64_t first, run, step, end;
	int64_t n; /* how many there are */
} par_held;

typedef struct {
	const par_mesh *mesh; /* borrowed */
	int nd;
	int64_t shape[PAR_LAYOUT_AXES];
	par_place place[PAR_MESH_DIMS];
	par_held held[PAR_LAYOUT_AXES]; /* by this rank */
} par_layout;

/* local, equal on every rank | an array of nd axes (1 to PAR_LAYOUT_AXES), with one place for each
 * dimension of the mesh. Contracts: axes exist, blocks are positive, and an axis that is cyclic in
 * one dimension is left alone by the other. */
void par_layout_make(
    par_layout *l, const par_mesh *m, int nd, const int64_t shape[], const par_place place[]);

/* local, pure | what any rank of the world holds; an idle one has n = 0 in every axis */
void par_layout_held(const par_layout *l, int rank, par_held held[PAR_LAYOUT_AXES]);
/* local | entries of this rank's block */
int64_t par_layout_entries(const par_layout *l);
/* local | the same array placed in the same way, block by block */
bool par_layout_equal(const par_layout *a, const par_layout *b);

/* local, pure | the global index of entry i of what is held, 0 <= i < n; and the other way round, -1
 * when global is not held */
int64_t par_held_global(const par_held *h, int64_t i);
int64_t par_held_local(const par_held *h, int64_t global);

#endif
