/* np: 1 2 3 4 6 */
#include "comm/layout.h"

#include "../tap.h"

#include <stdlib.h>

static const int64_t sizes[] = {0, 1, 2, 5, 7, 12, 13, 64};

/* the oracle: who holds entry i of n, found by dealing blocks one by one */
static int owner_of_run(int64_t n, int64_t block, int parts, int64_t i)
{
	int64_t blocks = (n + block - 1) / block, at = 0;
	for (int part = 0;; part++) {
		at += blocks / parts + (part < blocks % parts);
		if (i / block < at)
			return part;
	}
}

/* each entry of the axis is held where `owner` says and nowhere else, in order */
static int held_as(const par_layout *l, int dim, int64_t n, int64_t block, int cyclic)
{
	int fine = 1;
	for (int rank = 0; rank < l->mesh->world->size; rank++) {
		par_held h[PAR_LAYOUT_AXES];
		int at[PAR_MESH_DIMS];
		int64_t count = 0;
		par_layout_held(l, rank, h);
		bool in = par_mesh_at(l->mesh, rank, at);
		for (int64_t i = 0; i < n; i++) {
			int owner = cyclic ? (int)(i / block % l->mesh->size[dim])
					   : owner_of_run(n, block, l->mesh->size[dim], i);
			bool mine = in && owner == at[dim];
			int64_t local = par_held_local(&h[0], i);
			fine &= local == (mine ? count : -1);
			fine &= !mine || par_held_global(&h[0], local) == i;
			count += mine;
		}
		fine &= h[0].n == count;
	}
	return fine;
}

static void one_axis(const par_mesh *m, int dim)
{
	int runs = 1, blocks = 1, cyclic = 1;
	for (int s = 0; s < 8; s++)
		for (int64_t block = 1; block <= 5; block += 2) {
			par_place place[] = {PAR_REPLICATED, PAR_REPLICATED};
			par_layout l;
			place[dim] = PAR_SHARDED_BLOCKS(0, block);
			par_layout_make(&l, m, 1, &sizes[s], place);
			*(block == 1 ? &runs : &blocks) &= held_as(&l, dim, sizes[s], block, 0);
			place[dim] = PAR_CYCLIC(0, block);
			par_layout_make(&l, m, 1, &sizes[s], place);
			cyclic &= held_as(&l, dim, sizes[s], block, 1);
		}
	ok(runs, "%d x %d, dimension %d: runs cover an axis once, in order", m->size[0], m->size[1],
	    dim);
	ok(blocks, "... and begin at multiples of a block when asked to");
	ok(cyclic, "... blocks are dealt in turn");
}

/* both dimensions shard the same axis: the runs of the first are cut again */
static void nested(const par_mesh *m)
{
	int fine = 1;
	for (int s = 0; s < 8; s++) {
		int64_t next = 0;
		par_layout l;
		par_layout_make(&l, m, 1, &sizes[s], (par_place[]){PAR_SHARDED(0), PAR_SHARDED(0)});
		for (int r = 0; r < m->ranks; r++) {
			par_held h[PAR_LAYOUT_AXES];
			par_layout_held(&l, r, h);
			fine &= h[0].n == 0 || h[0].first == next;
			next += h[0].n;
		}
		fine &= next == sizes[s];
	}
	ok(fine, "%d x %d: an axis cut twice lies on the ranks in order", m->size[0], m->size[1]);
}

static void blocks_of_two_axes(const par_world *w, const par_mesh *m)
{
	int64_t shape[] = {5, 7, 2}, all;
	par_layout l, other;
	par_layout_make(&l, m, 3, shape, (par_place[]){PAR_CYCLIC(1, 2), PAR_SHARDED(0)});
	all = par_world_sum(w, par_layout_entries(&l));
	ok(all == 5 * 7 * 2, "blocks of two cut axes hold the array once");
	par_layout_make(&other, m, 3, shape, (par_place[]){PAR_CYCLIC(1, 3), PAR_SHARDED(0)});
	ok(par_layout_equal(&l, &l) && !par_layout_equal(&l, &other),
	    "layouts differ by their blocks");
	par_layout_make(&l, m, 3, shape, (par_place[]){PAR_REPLICATED, PAR_PARTIAL});
	ok(par_layout_entries(&l) == (m->idle ? 0 : 70), "replicas and terms hold it whole");
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	par_world w;
	ok(par_world_open(&w, MPI_COMM_WORLD) == PAR_OK, "a world opens");
	static const int shapes[][2] = {{1, 1}, {1, 2}, {2, 1}, {2, 2}, {2, 3}, {3, 2}, {1, 3}};
	for (int i = 0; i < 7; i++) {
		par_mesh m;
		if (shapes[i][0] * shapes[i][1] > w.size)
			continue;
		par_err e = par_mesh_rectangle(
		    &m, &w, shapes[i], (const char *const[]){"row", "column"});
		ok(e == PAR_OK, "a mesh of %d x %d", shapes[i][0], shapes[i][1]);
		one_axis(&m, 0);
		one_axis(&m, 1);
		nested(&m);
		blocks_of_two_axes(&w, &m);
		par_mesh_free(&m);
	}
	par_world_close(&w);
	return tap_end();
}
