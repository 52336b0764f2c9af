/* np: 1 2 3 4 6 8 */
#include "comm/reduce.h"

#include "../tap.h"
#include "base/cpu.h"
#include "comm/blocks.h"
#include "comm/window.h"

#include <malloc.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* values whose sums depend on the order of additions, known by shard and element alone */
static double value(int64_t shard, int64_t i)
{
	uint64_t h = (uint64_t)(shard * 1000003 + i) * 0x9e3779b97f4a7c15u;
	h = (h ^ h >> 29) * 0xbf58476d1ce4e5b9u;
	return (double)(int64_t)h * 0x1p-63 * (h % 7 ? 1 : 1e6);
}

static void put(par_dtype type, void *v, int64_t i, double x)
{
	if (type == PAR_F32)
		((float *)v)[i] = (float)x;
	else
		((double *)v)[i] = x;
}

/* the oracle: one element, the tree walked as comm/tree.h words it */
static double walk(par_dtype type, int shards, par_node n, int64_t i)
{
	if (n.hi - n.lo == 1)
		return type == PAR_F32 ? (float)value(n.lo, i) : value(n.lo, i);
	int cut = par_node_cut(shards, n);
	double a = walk(type, shards, (par_node){n.lo, cut}, i);
	double b = walk(type, shards, (par_node){cut, n.hi}, i);
	return type == PAR_F32 ? (float)a + (float)b : a + b;
}

static int as_walked(par_dtype type, int shards, const void *sum, int64_t lo, int64_t hi)
{
	for (int64_t i = lo; i < hi; i++) {
		double want = walk(type, shards, (par_node){0, shards}, i);
		double got = type == PAR_F32 ? ((const float *)sum)[i - lo]
					     : ((const double *)sum)[i - lo];
		if (want != got || signbit(want) != signbit(got))
			return 0;
	}
	return 1;
}

static void bear_all(par_reduce *r, const par_world *w, par_dtype type, int64_t n, int shards)
{
	par_blocks b;
	par_blocks_deal(&b, w, shards, 1);
	for (int64_t s = b.lo; s < b.hi; s++) {
		void *v = par_reduce_next(r);
		for (int64_t i = 0; i < n; i++)
			put(type, v, i, value(s, i));
		par_reduce_born(r);
	}
}

static void check(const par_world *w, par_dtype type, int64_t n, int shards, int together)
{
	par_reduce *r;
	par_err e = par_reduce_plan(&r, w, type, n, shards, together);
	const char *name = type == PAR_F32 ? "f32" : "f64";
	ok(e == PAR_OK, "%lld %s over %d shards, %d together: planned", (long long)n, name, shards,
	    together);
	int same = 1;
	for (int again = 0; again < 2; again++) {
		bear_all(r, w, type, n, shards);
		same &= as_walked(type, shards, par_reduce_sum(r), 0, n);
	}
	ok(same, "... the sum is that of the tree walked alone, twice");

	int64_t lo, hi;
	par_reduce_slice(r, &lo, &hi);
	ok(par_world_sum(w, hi - lo) == n, "... slices cover the vector");
	bear_all(r, w, type, n, shards);
	void *mine = par_reduce_scatter(r);
	ok(as_walked(type, shards, mine, lo, hi), "... a slice is that of the same sum");
	for (int64_t i = lo; i < hi; i++)
		put(type, mine, i - lo, (double)(3 * i));
	const void *all = par_reduce_gather(r);
	int gathered = 1;
	for (int64_t i = 0; i < n; i++)
		gathered &= (type == PAR_F32 ? ((const float *)all)[i]
					     : ((const double *)all)[i]) == (double)(3 * i);
	ok(gathered, "... what owners make of it reaches every rank");
	par_reduce_free(r);
}

static void vectors(const par_world *w, int64_t n, int64_t length, int shards, int together)
{
	par_reduce *r;
	par_err e = par_reduce_plan(&r, w, PAR_F32, n, shards, together);
	par_blocks b;
	par_blocks_deal(&b, w, shards, 1);
	int64_t here = b.hi - b.lo;
	const void **v = calloc((size_t)here + 1, sizeof *v);
	float *sum = calloc((size_t)length + 1, sizeof *sum);
	for (int64_t s = 0; s < here; s++) {
		float *x = calloc((size_t)length + 1, sizeof *x);
		for (int64_t i = 0; i < length; i++)
			x[i] = (float)value(b.lo + s, i);
		v[s] = x;
	}
	par_reduce_vectors(r, v, sum, length);
	ok(e == PAR_OK && as_walked(PAR_F32, shards, sum, 0, length),
	    "%lld elements in ordinary memory, %lld at a time, sum to the same bits",
	    (long long)length, (long long)n);
	if (here > 0)
		par_reduce_vectors(r, v, (void *)(uintptr_t)v[here - 1], length);
	else
		par_reduce_vectors(r, v, sum, length);
	ok(memcmp(here > 0 ? v[here - 1] : sum, sum, (size_t)length * sizeof *sum) == 0,
	    "... and over one of the vectors");
	bear_all(r, w, PAR_F32, n, shards);
	ok(as_walked(PAR_F32, shards, par_reduce_sum(r), 0, n),
	    "... and vectors born after that too");
	for (int64_t s = 0; s < here; s++)
		free((void *)(uintptr_t)v[s]);
	free(sum);
	free(v);
	par_reduce_free(r);
}

static void write_nodes(par_reduce *r, const par_world *w, int64_t n, int shards)
{
	par_blocks b;
	par_node node[64];
	bool held[64] = {false};
	par_blocks_deal(&b, w, shards, 1);
	for (int64_t s = b.lo; s < b.hi; s++)
		held[s] = true;
	int nodes = par_nodes_held(shards, held, node);
	for (int k = 0; k < nodes; k++)
		for (int64_t i = 0; i < n; i++)
			((float *)par_reduce_node(r, k))[i] = (float)walk(
			    PAR_F32, shards, node[k], i);
	par_reduce_nodes_born(r);
}

static int brings(par_reduce *r, int64_t n)
{
	int64_t lo, hi;
	par_reduce_slice(r, &lo, &hi);
	float *mine = par_reduce_bring(r);
	for (int64_t i = lo; i < hi; i++)
		mine[i - lo] = (float)(n + 3 * i);
	const float *all = par_reduce_gather(r);
	for (int64_t i = 0; i < n; i++)
		if (all[i] != (float)(n + 3 * i))
			return 0;
	return 1;
}

/* two sums of different lengths take turns in one window */
static void nodes_alone(const par_world *w, int shards, int together)
{
	static const int64_t length[] = {5003, 1200};
	par_reduce *r[2];
	int planned =
	    par_reduce_plan_nodes(&r[0], w, PAR_F32, length[0], shards, together, NULL) == PAR_OK &&
	    par_reduce_plan_nodes(&r[1], w, PAR_F32, length[1], shards, together, r[0]) == PAR_OK;
	ok(planned && par_reduce_bytes(r[1]) < par_reduce_bytes(r[0]),
	    "a plan works within another's window, %d shards, %d together", shards, together);
	int summed = 1, brought = 1;
	for (int again = 0; again < 6; again++) {
		int k = again % 2;
		brought &= brings(r[k], length[k]);
		write_nodes(r[k], w, length[k], shards);
		par_reduce_scatter(r[k]);
		summed &= as_walked(PAR_F32, shards, par_reduce_gather(r[k]), 0, length[k]);
		brought &= brings(r[k], length[k]);
	}
	ok(summed, "... nodes that were added up elsewhere sum to the same bits");
	ok(brought, "... and what owners bring is shown to all without a sum");
	par_reduce_free(r[1]);
	par_reduce_free(r[0]);
}

/* ranks dealt to nodes in turn, so that a node's shards are not neighbours */
static void scattered_nodes(const par_world *w)
{
	par_world odd = *w;
	MPI_Comm_split(w->comm, w->rank % 2, w->rank, &odd.node);
	MPI_Comm_rank(odd.node, &odd.node_rank);
	MPI_Comm_size(odd.node, &odd.node_size);
	check(&odd, PAR_F32, 1003, PAR_SHARDS, 0);
	check(&odd, PAR_F64, 300, 7, 0);
	MPI_Comm_free(&odd.node);
}

static void room(const par_world *w)
{
	par_window win;
	char why[200] = "";
	par_window_group(&win, w, 0);
	bool fits = par_window_fits(&win, w, (size_t)1 << 50, why);
	ok(fits == (w->size == 1) && (fits || strstr(why, "MiB free; shared windows want 1073741")),
	    "a window larger than the shared folder is refused with both sizes");
	par_window_close(&win);
}

static void allocations(const par_world *w)
{
	par_reduce *r;
	par_err e = par_reduce_plan(&r, w, PAR_F32, 100000, PAR_SHARDS, 0);
	bear_all(r, w, PAR_F32, 100000, PAR_SHARDS);
	size_t before = mallinfo2().uordblks;
	par_reduce_sum(r);
	bear_all(r, w, PAR_F32, 100000, PAR_SHARDS);
	par_reduce_sum(r);
	ok(e == PAR_OK && mallinfo2().uordblks == before, "a running plan keeps no new memory");
	par_reduce_free(r);
}

static void tree(void)
{
	static const int ranks[] = {1, 2, 3, 4, 6, 8, 12, 16, 24, 48};
	static const int most[] = {1, 1, 2, 1, 2, 2, 1, 2, 1, 1};
	for (int k = 0; k < 10; k++) {
		int worst = 0;
		for (int rank = 0; rank < ranks[k]; rank++) {
			bool held[48] = {false};
			par_node out[48];
			int each = 48 / ranks[k];
			for (int s = rank * each; s < (rank + 1) * each; s++)
				held[s] = true;
			int n = par_nodes_held(48, held, out);
			worst = n > worst ? n : worst;
		}
		ok(worst == most[k], "%d ranks of 48 shards hold at most %d nodes", ranks[k],
		    most[k]);
	}
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	par_world w;
	ok(par_world_open(&w, MPI_COMM_WORLD) == PAR_OK, "a world opens");
	tree();
	static const int64_t lengths[] = {0, 1, 15, 16, 17, 1000, 5003};
	for (int i = 0; i < 7; i++)
		check(&w, i % 2 ? PAR_F32 : PAR_F64, lengths[i], PAR_SHARDS, 0);
	static const int shards[] = {1, 2, 5, 7, 12, 50, 64};
	for (int i = 0; i < 7; i++)
		check(&w, PAR_F32, 700, shards[i], 0);
	for (int together = 1; together <= 4; together++) {
		check(&w, PAR_F32, 1003, PAR_SHARDS, together);
		check(&w, PAR_F64, 5, 3, together);
		check(&w, PAR_F32, 0, 7, together);
	}
	scattered_nodes(&w);
	room(&w);
	allocations(&w);
	vectors(&w, 1024, 5000, PAR_SHARDS, 0);
	vectors(&w, 1024, 5001, 5, 2);
	vectors(&w, 1024, 3000, w.size, 0);
	vectors(&w, 64, 0, 2, 0);
	nodes_alone(&w, PAR_SHARDS, 0);
	nodes_alone(&w, 7, 2);
	nodes_alone(&w, 24, 1);
	for (int k = PAR_KERNELS_PLAIN; k <= (int)par_cpu_best(); k++) {
		par_cpu_use((par_kernels)k);
		check(&w, PAR_F32, 4099, 24, 0);
		check(&w, PAR_F64, 2099, 24, 2);
	}
	par_world_close(&w);
	return tap_end();
}
