#include "dist/grid.h"

#include "dist/lapack.h"

#include <limits.h>

static int min(int64_t a, int b)
{
	return a < b ? (int)a : b;
}

/* the largest near-square grid of a job that is too small for the one wanted */
static void shrink(int ranks, int *rows, int *cols)
{
	int side = 1;
	while ((side + 1) * (side + 1) <= ranks)
		side++;
	*rows = min(*rows, side);
	*cols = min(*cols, ranks / *rows);
	*rows = min(*rows, ranks / *cols);
}

/* the grid that a problem asks for, whoever runs it */
static void choose(int64_t n, const par_dist_spec *s, int *rows, int *cols)
{
	int64_t side = (n + PAR_DIST_SHARE - 1) / PAR_DIST_SHARE;
	bool whole = n <= (s->whole > 0 ? s->whole : PAR_DIST_WHOLE);
	*rows = whole ? 1 : s->rows > 0 ? s->rows : min(side, 1 << 14);
	*cols = whole ? 1 : s->cols > 0 ? s->cols : min(side, 1 << 14);
}

/* pdsyevd gives wrong vectors where part of the grid holds nothing */
static int64_t choose_block(int64_t n, const par_dist_spec *s, const int size[2])
{
	int64_t block = s->block > 0 ? s->block : PAR_DIST_BLOCK;
	int64_t most = n / (size[0] > size[1] ? size[0] : size[1]);
	most = most > 0 ? most : 1;
	return block < most ? block : most;
}

par_err par_grid_open(par_grid *g, const par_world *w, int64_t n, const par_dist_spec *spec)
{
	static const par_dist_spec usual;
	const par_dist_spec *s = spec ? spec : &usual;
	int size[2];
	*g = (par_grid){.context = -1, .same_bits = true};
	choose(n, s, &size[0], &size[1]);
	if ((int64_t)size[0] * size[1] > w->size) {
		g->same_bits = false;
		shrink(w->size, &size[0], &size[1]);
	}
	g->block = choose_block(n, s, size);
	PAR_TRY(par_mesh_rectangle(&g->mesh, w, size, (const char *const[]){"row", "column"}));
	if (g->mesh.idle || par_grid_is_one(g))
		return PAR_OK;
	/* ScaLAPACK sees the transpose: our columns are its rows */
	int repeatable = 1;
	g->handle = g->context = Csys2blacs_handle(g->mesh.comm);
	Cblacs_gridinit(&g->context, "Col", size[1], size[0]);
	Cblacs_set(g->context, BLACS_REPEATABLE, &repeatable);
	return PAR_OK;
}

void par_grid_close(par_grid *g)
{
	if (g->context >= 0) {
		Cblacs_gridexit(g->context);
		Cfree_blacs_system_handle(g->handle);
	}
	par_mesh_free(&g->mesh);
	g->context = -1;
}

bool par_grid_is_one(const par_grid *g)
{
	return g->mesh.ranks == 1;
}

par_err par_grid_matrix(
    par_tensor *t, const par_grid *g, int64_t m, int64_t n, const par_tensor *from)
{
	const par_place place[] = {PAR_CYCLIC(0, g->block), PAR_CYCLIC(1, g->block)};
	par_err e = par_tensor_make(t, &g->mesh, PAR_F64, 2, (const int64_t[]){m, n}, place);
	if (e == PAR_OK && (m > INT_MAX || n > INT_MAX || par_tensor_entries(t) > INT_MAX))
		e = par_fail(PAR_E_CONFIG,
		    "%lld entries of a matrix on one of %d ranks; ScaLAPACK counts to %d; wanted a "
		    "larger grid",
		    (long long)par_tensor_entries(t), g->mesh.ranks, INT_MAX);
	PAR_TRY_ALL(g->mesh.world, e);
	return from ? par_redistribute(t, from) : PAR_OK;
}

void par_grid_describe(const par_grid *g, const par_tensor *t, int desc[9])
{
	const par_layout *l = &t->layout;
	const int64_t lead = l->held[1].n;
	const int64_t values[9] = {
	    1, g->context, l->shape[1], l->shape[0], g->block, g->block, 0, 0, lead > 0 ? lead : 1};
	for (int i = 0; i < 9; i++)
		desc[i] = (int)values[i];
}
