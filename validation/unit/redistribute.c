/* np: 1 2 3 4 6 */
#include "tensor/redistribute.h"

#include "../tap.h"
#include "base/cpu.h"
#include "comm/tree.h"

#include <stdlib.h>
#include <string.h>

/* The oracle knows every entry of every rank's block from its index and the rank's place alone: a
 * term is value(index, place), sums of which depend on the order of additions. */
typedef struct {
	par_layout from;
	par_dtype type;
	int at[PAR_MESH_DIMS]; /* of the term */
} source;

static double value(const source *s, const int64_t *index)
{
	uint64_t h = 1;
	for (int d = 0; d < PAR_MESH_DIMS; d++)
		h = h * 1000003 +
		    (s->from.place[d].kind == PAR_PLACE_PARTIAL ? (uint64_t)s->at[d] + 1 : 0);
	for (int k = 0; k < s->from.nd; k++)
		h = (h * 1000003 + (uint64_t)index[k]) * 0x9e3779b97f4a7c15u;
	h = (h ^ h >> 29) * 0xbf58476d1ce4e5b9u;
	double real = (double)(int64_t)h * 0x1p-63 * (h % 7 ? 1 : 1e6);
	if (s->type == PAR_F32)
		return (float)real;
	return s->type == PAR_F64 ? real : (double)((int64_t)h >> 40);
}

static double add(par_dtype type, double a, double b)
{
	return type == PAR_F32 ? (float)((float)a + (float)b) : a + b;
}

static double total(source s, const int64_t *index, bool pays_0, bool pays_1);

/* the terms of one dimension in the tree that comm/tree.h words */
static double walk(source s, const int64_t *index, int dim, par_node n, bool pays_1)
{
	if (n.hi - n.lo == 1) {
		s.at[dim] = n.lo;
		return dim == 0 ? total(s, index, false, pays_1) : value(&s, index);
	}
	int cut = par_node_cut(s.from.mesh->size[dim], n);
	return add(s.type, walk(s, index, dim, (par_node){n.lo, cut}, pays_1),
	    walk(s, index, dim, (par_node){cut, n.hi}, pays_1));
}

/* the second dimension's sums are the first one's terms */
static double total(source s, const int64_t *index, bool pays_0, bool pays_1)
{
	if (pays_0)
		return walk(s, index, 0, (par_node){0, s.from.mesh->size[0]}, pays_1);
	if (pays_1)
		return walk(s, index, 1, (par_node){0, s.from.mesh->size[1]}, pays_1);
	return value(&s, index);
}

/* at my place in this dimension, wherever in the other */
static bool stands(const par_layout *l, int dim, const int64_t *index)
{
	for (int r = 0; r < l->mesh->ranks; r++) {
		par_held held[PAR_LAYOUT_AXES];
		int at[PAR_MESH_DIMS], axis = l->place[dim].axis;
		par_mesh_at(l->mesh, r, at);
		par_layout_held(l, r, held);
		if (at[dim] == l->mesh->at[dim] && par_held_local(&held[axis], index[axis]) >= 0)
			return true;
	}
	return false;
}

/* what redistribute.h's table says stands at this index in this rank's block of `to` */
static double expected(const source *s, const par_layout *to, const int64_t *index)
{
	const par_layout *from = &s->from;
	bool same = from->mesh == to->mesh, pays[PAR_MESH_DIMS];
	for (int d = 0; d < PAR_MESH_DIMS; d++) {
		par_place_kind a = from->place[d].kind, b = to->place[d].kind;
		bool cut = a == PAR_PLACE_SHARDED || a == PAR_PLACE_CYCLIC;
		bool keeps = same && a == PAR_PLACE_PARTIAL && b == PAR_PLACE_PARTIAL;
		pays[d] = a == PAR_PLACE_PARTIAL && !keeps;
		if (b != PAR_PLACE_PARTIAL || keeps)
			continue;
		if (same && cut ? !stands(from, d, index) : to->mesh->at[d] != 0)
			return 0;
	}
	return total(*s, index, pays[0], pays[1]);
}

static void put(par_dtype type, void *at, double x)
{
	switch (type) {
	case PAR_F32:
		*(float *)at = (float)x;
		return;
	case PAR_F64:
		*(double *)at = x;
		return;
	case PAR_I32:
		*(int32_t *)at = (int32_t)x;
		return;
	default:
		*(int64_t *)at = (int64_t)x;
	}
}

static int one(const par_mesh *mesh_a, const par_place *a, const par_mesh *mesh_b,
    const par_place *b, par_dtype type, int nd, const int64_t *shape)
{
	par_tensor from, to;
	int64_t index[PAR_LAYOUT_AXES];
	size_t bytes = par_dtype_bytes(type);
	par_err e = par_tensor_make(&from, mesh_a, type, nd, shape, a);
	PAR_MUST(e == PAR_OK, "no memory for a test");
	e = par_tensor_make(&to, mesh_b, type, nd, shape, b);
	PAR_MUST(e == PAR_OK, "no memory for a test");
	source s = {from.layout, type, {mesh_a->at[0], mesh_a->at[1]}};
	for (int64_t i = 0; i < par_tensor_entries(&from); i++) {
		par_tensor_index(&from, i, index);
		put(type, (char *)from.data + (size_t)i * bytes, value(&s, index));
	}
	memset(to.data, 0x55, par_tensor_bytes(&to));
	int fine = par_redistribute(&to, &from) == PAR_OK;
	for (int64_t i = 0; i < par_tensor_entries(&to); i++) {
		char want[8];
		par_tensor_index(&to, i, index);
		put(type, want, expected(&s, &to.layout, index));
		fine &= memcmp(want, (char *)to.data + (size_t)i * bytes, bytes) == 0;
	}
	par_tensor_free(&from);
	par_tensor_free(&to);
	return fine;
}

/* every place that one dimension of a mesh can have */
static int places(int nd, par_place *out)
{
	int n = 0;
	out[n++] = PAR_REPLICATED;
	out[n++] = PAR_PARTIAL;
	for (int k = 0; k < nd; k++) {
		out[n++] = PAR_SHARDED(k);
		out[n++] = PAR_CYCLIC(k, 2);
	}
	out[n++] = PAR_SHARDED_BLOCKS(0, 3);
	return n;
}

static const par_dtype types[] = {PAR_F32, PAR_F64, PAR_I32, PAR_I64};
static const struct {
	int nd;
	int64_t shape[3];
} arrays[] = {{1, {0}}, {1, {1}}, {1, {5}}, {1, {29}}, {2, {7, 5}}, {2, {1, 3}}, {2, {4, 0}},
    {2, {13, 2}}, {3, {3, 4, 5}}, {3, {2, 1, 7}}};
#define ARRAYS (int)(sizeof arrays / sizeof *arrays)

static void lines(const par_world *w, int ranks)
{
	par_mesh m;
	ok(par_mesh_line(&m, w, ranks, "data") == PAR_OK, "a line of %d ranks", ranks);
	for (int i = 0; i < ARRAYS; i++) {
		par_place p[16];
		int n = places(arrays[i].nd, p), fine = 1;
		for (int k = 0; k < n * n; k++)
			fine &= one(&m, &p[k / n], &m, &p[k % n], types[(k + i) % 4], arrays[i].nd,
			    arrays[i].shape);
		ok(fine, "... %lld x %lld x %lld (%d axes): all %d pairs of places",
		    (long long)arrays[i].shape[0], (long long)arrays[i].shape[1],
		    (long long)arrays[i].shape[2], arrays[i].nd, n * n);
	}
	par_mesh_free(&m);
}

static bool is_cut(const par_place *p)
{
	return p->kind == PAR_PLACE_SHARDED || p->kind == PAR_PLACE_CYCLIC;
}

/* pairs of places that a mesh of two dimensions can have */
static int pairs(int nd, par_place out[][2])
{
	par_place p[16];
	int n = places(nd, p), count = 0;
	for (int i = 0; i < n * n; i++) {
		const par_place *a = &p[i / n], *b = &p[i % n];
		bool clash = is_cut(a) && is_cut(b) && a->axis == b->axis &&
			     (a->kind == PAR_PLACE_CYCLIC || b->kind == PAR_PLACE_CYCLIC);
		if (clash)
			continue;
		out[count][0] = *a;
		out[count++][1] = *b;
	}
	return count;
}

/* Every pair of pairs would be thousands: every `stride`-th, another residue for each array. */
static void rectangles(const par_world *w, const int size[2], int stride)
{
	par_mesh m;
	par_err e = par_mesh_rectangle(&m, w, size, (const char *const[]){"row", "column"});
	ok(e == PAR_OK, "a mesh of %d x %d", size[0], size[1]);
	for (int i = 0; i < ARRAYS; i++) {
		par_place p[96][2];
		int n = pairs(arrays[i].nd, p), fine = 1, count = 0;
		for (int k = i; k < n * n; k += stride, count++)
			fine &= one(&m, p[k / n], &m, p[k % n], types[(k + i) % 4], arrays[i].nd,
			    arrays[i].shape);
		ok(fine, "... %lld x %lld x %lld (%d axes): %d pairs of places",
		    (long long)arrays[i].shape[0], (long long)arrays[i].shape[1],
		    (long long)arrays[i].shape[2], arrays[i].nd, count);
	}
	par_mesh_free(&m);
}

/* between all ranks in a line and a grid of some of them: the way to ScaLAPACK and back */
static void bridges(const par_world *w, const int size[2])
{
	par_mesh line, grid;
	par_err e = par_mesh_line(&line, w, w->size, "data");
	if (e == PAR_OK)
		e = par_mesh_rectangle(&grid, w, size, (const char *const[]){"row", "column"});
	ok(e == PAR_OK, "a line of %d ranks and a grid of %d x %d", w->size, size[0], size[1]);
	for (int i = 0; i < ARRAYS; i++) {
		par_place p[16], q[96][2];
		int n = places(arrays[i].nd, p), m = pairs(arrays[i].nd, q), there = 1, back = 1;
		for (int k = i; k < n * m; k += 1 + 3 * w->size) {
			par_dtype t = types[k % 4];
			there &= one(
			    &line, &p[k % n], &grid, q[k / n], t, arrays[i].nd, arrays[i].shape);
			back &= one(
			    &grid, q[k / n], &line, &p[k % n], t, arrays[i].nd, arrays[i].shape);
		}
		ok(there && back, "... %lld x %lld x %lld (%d axes): there and back",
		    (long long)arrays[i].shape[0], (long long)arrays[i].shape[1],
		    (long long)arrays[i].shape[2], arrays[i].nd);
	}
	par_mesh_free(&line);
	par_mesh_free(&grid);
}

/* longer than a round of sums, rows that rounds cut, and blocks that are many */
static void large(const par_world *w)
{
	par_mesh m;
	ok(par_mesh_line(&m, w, w->size, "data") == PAR_OK, "a line of all ranks");
	const int64_t shape[] = {7, 80021};
	ok(one(&m, &PAR_PARTIAL, &m, &PAR_SHARDED(1), PAR_F64, 2, shape),
	    "a sum of %lld entries in rows goes through rounds of bounded size",
	    (long long)(shape[0] * shape[1]));
	ok(one(&m, &PAR_PARTIAL, &m, &PAR_REPLICATED, PAR_F32, 2, shape), "... to all ranks");
	ok(one(&m, &PAR_SHARDED(0), &m, &PAR_CYCLIC(1, 64), PAR_F64, 2, shape),
	    "... and a move into thousands of blocks");
	par_mesh_free(&m);
}

/* the additions of sums, in every kernel set and type */
static void kernels(const par_world *w)
{
	par_mesh m;
	int64_t n = 1003;
	par_kernels before = par_cpu_kernels();
	ok(par_mesh_line(&m, w, w->size, "data") == PAR_OK, "a line of all ranks");
	for (int k = PAR_KERNELS_PLAIN; k <= (int)par_cpu_best(); k++) {
		int fine = 1;
		par_cpu_use((par_kernels)k);
		for (int t = 0; t < 4; t++)
			fine &= one(&m, &PAR_PARTIAL, &m, &PAR_REPLICATED, types[t], 1, &n);
		ok(fine, "... sums are the same by %s kernels", par_kernels_name((par_kernels)k));
	}
	par_cpu_use(before);
	par_mesh_free(&m);
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	par_world w;
	ok(par_world_open(&w, MPI_COMM_WORLD) == PAR_OK, "a world opens");
	lines(&w, w.size);
	if (w.size == 2 || w.size == 3)
		lines(&w, w.size - 1);
	static const int shapes[][2] = {{1, 1}, {1, 2}, {1, 3}, {2, 2}, {3, 2}};
	for (int i = 0; i < 5; i++) {
		int ranks = shapes[i][0] * shapes[i][1];
		if (ranks > w.size || (w.size > 3 && ranks < 4))
			continue;
		rectangles(&w, shapes[i], 7 + 11 * w.size);
		bridges(&w, shapes[i]);
	}
	large(&w);
	kernels(&w);
	par_world_close(&w);
	return tap_end();
}
