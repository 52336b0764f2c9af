#include "dist/fold.h"

#include "comm/tree.h"

#include <stdlib.h>

typedef struct {
	const par_layout *rows;
	const par_fold *fold;
	int64_t block;
	int blocks;
	int *owner; /* owns: of each block */
} walk;

static int depth(int blocks, par_node n)
{
	if (n.hi - n.lo == 1)
		return 0;
	int cut = par_node_cut(blocks, n);
	int left = depth(blocks, (par_node){n.lo, cut});
	int right = 1 + depth(blocks, (par_node){cut, n.hi});
	return left > right ? left : right;
}

static void do_leaf(const walk *w, int k, double *out)
{
	const par_held *mine = &w->rows->held[0];
	int64_t lo = k * w->block, end = w->rows->shape[0];
	int64_t hi = lo + w->block < end ? lo + w->block : end;
	w->fold->leaf(w->fold->ctx, lo - mine->first, hi - lo, out);
	par_world_alive();
}

/* other: room for one result for each step to the right */
static void do_node(const walk *w, par_node n, double *out, double *other)
{
	const par_world *world = w->rows->mesh->world;
	int me = world->rank, count = (int)w->fold->n;
	if (n.hi - n.lo == 1) {
		if (w->owner[n.lo] == me)
			do_leaf(w, n.lo, out);
		return;
	}
	int cut = par_node_cut(w->blocks, n), left = w->owner[n.lo], right = w->owner[cut];
	do_node(w, (par_node){n.lo, cut}, out, other);
	/* a rank without a part of the left half has its place free */
	double *from = left == me ? other : out;
	do_node(w, (par_node){cut, n.hi}, from, from == out ? other : other + w->fold->n);
	if (right == me && left != me)
		MPI_Send(from, count, MPI_DOUBLE, left, 0, world->comm);
	if (left == me && right != me)
		MPI_Recv(from, count, MPI_DOUBLE, right, 0, world->comm, MPI_STATUS_IGNORE);
	if (left == me)
		w->fold->merge(w->fold->ctx, out, from);
}

static void find_owners(walk *w)
{
	for (int r = 0, k = 0; r < w->rows->mesh->ranks; r++) {
		par_held held[PAR_LAYOUT_AXES];
		par_layout_held(w->rows, r, held);
		while (k < w->blocks && held[0].n > 0 && k * w->block < held[0].end)
			w->owner[k++] = r;
	}
}

par_err par_fold_rows(const par_layout *rows, const par_fold *f, double *out)
{
	int64_t block = rows->place[0].block;
	walk w = {rows, f, block, (int)((rows->shape[0] + block - 1) / block), NULL};
	par_node root = {0, w.blocks};
	double *other = malloc(((size_t)depth(w.blocks, root) * (size_t)f->n + 1) * sizeof *other);
	w.owner = calloc((size_t)w.blocks, sizeof *w.owner);
	par_err e = par_agree(rows->mesh->world,
	    other && w.owner && out
		? PAR_OK
		: par_fail(PAR_E_MEMORY, "no memory to fold %d blocks", w.blocks));
	if (e == PAR_OK) {
		find_owners(&w);
		do_node(&w, root, out, other);
	}
	free(other);
	free(w.owner);
	return e;
}
