#include "dist/dense.h"

#include "dist/lapack.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Comments speak of the row-major matrices; calls see their transposes, so what is upper here is
 * "L" there. */
static const int first = 1;
static const double one = 1, zero = 0;

/* a matrix as ScaLAPACK takes it; lead is what LAPACK needs on a grid of one */
typedef struct {
	double *at;
	int m, n; /* of the transpose */
	int desc[9];
	const int *lead;
} matrix;

static void take(matrix *x, const par_grid *g, const par_tensor *t)
{
	x->at = t->data;
	x->m = (int)t->layout.shape[1];
	x->n = (int)t->layout.shape[0];
	par_grid_describe(g, t, x->desc);
	x->lead = &x->desc[8];
}

static void tell_all(const par_grid *g, void *what, size_t bytes)
{
	MPI_Bcast(what, (int)bytes, MPI_BYTE, 0, g->mesh.world->comm);
}

void par_dense_diagonal(const par_grid *g, const par_tensor *a, double *d)
{
	const par_layout *l = &a->layout;
	int n = (int)l->shape[1];
	for (int64_t i = 0; i < n; i++) {
		const double *here = par_tensor_at(a, (const int64_t[]){i, i});
		d[i] = here ? *here : 0;
	}
	/* one rank has each, the others add 0 */
	MPI_Allreduce(MPI_IN_PLACE, d, n, MPI_DOUBLE, MPI_SUM, g->mesh.world->comm);
}

static void scale_row(double *x, const par_held *cols, double by, const double *col)
{
	for (int64_t lo = 0; lo < cols->n; lo += cols->run) {
		int64_t left = cols->n - lo, n = left < cols->run ? left : cols->run;
		const double *c = col + par_held_global(cols, lo);
		for (int64_t j = 0; j < n; j++)
			x[lo + j] *= by * c[j];
	}
}

void par_dense_scale(par_tensor *a, const double *row, const double *col)
{
	const par_held *rows = &a->layout.held[0], *cols = &a->layout.held[1];
	for (int64_t i = 0; i < rows->n; i++) {
		double *x = (double *)a->data + i * cols->n;
		double by = row ? row[par_held_global(rows, i)] : 1;
		if (col)
			scale_row(x, cols, by, col);
		for (int64_t j = 0; !col && j < cols->n; j++)
			x[j] *= by;
	}
}

/* without a branch, for vectors */
static int64_t count_not_finite(const double *x, int64_t n)
{
	int64_t odd = 0;
	for (int64_t i = 0; i < n; i++)
		odd += x[i] - x[i] != 0;
	return odd;
}

int64_t par_dense_not_finite(const par_grid *g, const par_tensor *a, int axis)
{
	const double *x = a->data;
	int64_t n = par_tensor_entries(a), at = a->layout.shape[axis], index[2];
	bool any = count_not_finite(x, n) > 0;
	for (int64_t i = 0; any && i < n; i++)
		if (!isfinite(x[i])) {
			par_tensor_index(a, i, index);
			at = index[axis] < at ? index[axis] : at;
		}
	at = -par_world_max(g->mesh.world, -at);
	return at < a->layout.shape[axis] ? at : -1;
}

void par_dense_normal(const par_grid *g, const par_tensor *a, const par_tensor *b, par_tensor *gram,
    par_tensor *right)
{
	matrix x, y, c, r;
	if (g->mesh.idle)
		return;
	take(&x, g, a);
	take(&y, g, b);
	take(&c, g, gram);
	take(&r, g, right);
	if (par_grid_is_one(g)) {
		dsyrk_("L", "N", &x.m, &x.n, &one, x.at, x.lead, &zero, c.at, c.lead, 1, 1);
		dgemm_("N", "T", &y.m, &x.m, &x.n, &one, y.at, y.lead, x.at, x.lead, &zero, r.at,
		    r.lead, 1, 1);
		return;
	}
	pdsyrk_("L", "N", &x.m, &x.n, &one, x.at, &first, &first, x.desc, &zero, c.at, &first,
	    &first, c.desc, 1, 1);
	pdgemm_("N", "T", &y.m, &x.m, &x.n, &one, y.at, &first, &first, y.desc, x.at, &first,
	    &first, x.desc, &zero, r.at, &first, &first, r.desc, 1, 1);
}

void par_dense_triangle_solve(
    const par_grid *g, const par_tensor *r, bool transposed, par_tensor *b)
{
	matrix t, x;
	const char *turn = transposed ? "T" : "N";
	if (g->mesh.idle)
		return;
	take(&t, g, r);
	take(&x, g, b);
	if (par_grid_is_one(g))
		dtrsm_(
		    "R", "L", turn, "N", &x.m, &t.m, &one, t.at, t.lead, x.at, x.lead, 1, 1, 1, 1);
	else
		pdtrsm_("R", "L", turn, "N", &x.m, &t.m, &one, t.at, &first, &first, t.desc, x.at,
		    &first, &first, x.desc, 1, 1, 1, 1);
}

/* room for a call, as large as the call itself says; none may go in before all have it */
typedef struct {
	double *real;
	int *whole;
	int reals, wholes;
} room;

static par_err room_take(room *r, const par_grid *g, double reals, double wholes)
{
	bool active = !g->mesh.idle;
	r->reals = active && reals > 1 ? (int)reals : 1;
	r->wholes = active && wholes > 1 ? (int)wholes : 1;
	r->real = malloc((size_t)r->reals * sizeof *r->real);
	r->whole = malloc((size_t)r->wholes * sizeof *r->whole);
	bool fine = r->real && r->whole && reals < 0x1p31 && wholes < 0x1p31;
	return par_agree(g->mesh.world,
	    fine ? PAR_OK
		 : par_fail(PAR_E_MEMORY, "no memory for %.0f numbers beside a matrix", reals));
}

static void room_free(room *r)
{
	free(r->real);
	free(r->whole);
}

/* in the 1-norm; a's upper half is symmetric */
static par_err norm_of(const par_grid *g, const matrix *a, double *norm)
{
	room r = {0};
	/* ScaLAPACK wants up to 2 (rows + columns) of its local block and a block more */
	par_err e = room_take(&r, g, 2.0 * (a->m + a->n) + 8.0 * (double)g->block, 0);
	if (e == PAR_OK && !g->mesh.idle) {
		if (par_grid_is_one(g))
			*norm = dlansy_("1", "L", &a->n, a->at, a->lead, r.real, 1, 1);
		else
			*norm = pdlansy_(
			    "1", "L", &a->n, a->at, &first, &first, a->desc, r.real, 1, 1);
	}
	room_free(&r);
	return e;
}

static void pocon(const par_grid *g, const matrix *a, double norm, double *rcond, room *r)
{
	int info;
	if (par_grid_is_one(g))
		dpocon_("L", &a->n, a->at, a->lead, &norm, rcond, r->real, r->whole, &info, 1);
	else
		pdpocon_("L", &a->n, a->at, &first, &first, a->desc, &norm, rcond, r->real,
		    &r->reals, r->whole, &r->wholes, &info, 1);
}

static void trcon(const par_grid *g, const matrix *a, double *rcond, room *r)
{
	int info;
	if (par_grid_is_one(g))
		dtrcon_(
		    "1", "L", "N", &a->m, a->at, a->lead, rcond, r->real, r->whole, &info, 1, 1, 1);
	else
		pdtrcon_("1", "L", "N", &a->m, a->at, &first, &first, a->desc, rcond, r->real,
		    &r->reals, r->whole, &r->wholes, &info, 1, 1, 1);
}

/* LAPACK wants 3n and n; ScaLAPACK tells */
static par_err condition_room(room *r, const par_grid *g, const matrix *a, bool triangle)
{
	double reals = 3.0 * a->m;
	int wholes = a->m, ask = -1, info;
	double rcond, norm = 1;
	if (g->mesh.idle || par_grid_is_one(g))
		return room_take(r, g, reals, wholes);
	if (triangle)
		pdtrcon_("1", "L", "N", &a->m, a->at, &first, &first, a->desc, &rcond, &reals, &ask,
		    &wholes, &ask, &info, 1, 1, 1);
	else
		pdpocon_("L", &a->n, a->at, &first, &first, a->desc, &norm, &rcond, &reals, &ask,
		    &wholes, &ask, &info, 1);
	return room_take(r, g, reals, wholes);
}

static par_err factor_rcond(const par_grid *g, const matrix *a, double norm, double *rcond)
{
	room r = {0};
	par_err e = condition_room(&r, g, a, false);
	if (e == PAR_OK && !g->mesh.idle)
		pocon(g, a, norm, rcond, &r);
	room_free(&r);
	tell_all(g, rcond, sizeof *rcond);
	return e;
}

par_err par_dense_cholesky(const par_grid *g, par_tensor *a, int64_t *minor, double *rcond)
{
	matrix x;
	double norm = 0;
	int info = 0;
	take(&x, g, a);
	*rcond = 0;
	PAR_TRY(norm_of(g, &x, &norm));
	if (par_grid_is_one(g) && !g->mesh.idle)
		dpotrf_("L", &x.n, x.at, x.lead, &info, 1);
	else if (!g->mesh.idle)
		pdpotrf_("L", &x.n, x.at, &first, &first, x.desc, &info, 1);
	tell_all(g, &info, sizeof info);
	*minor = info;
	return info == 0 ? factor_rcond(g, &x, norm, rcond) : PAR_OK;
}

par_err par_dense_triangle_rcond(const par_grid *g, const par_tensor *r, double *rcond)
{
	matrix x;
	room space = {0};
	take(&x, g, r);
	par_err e = condition_room(&space, g, &x, true);
	if (e == PAR_OK && !g->mesh.idle)
		trcon(g, &x, rcond, &space);
	room_free(&space);
	tell_all(g, rcond, sizeof *rcond);
	return e;
}

/* with *reals = -1 they say in real[0] how much room they want */
static void gelqf(const par_grid *g, matrix *a, double *tau, double *real, const int *reals)
{
	int info;
	if (par_grid_is_one(g))
		dgelqf_(&a->m, &a->n, a->at, a->lead, tau, real, reals, &info);
	else
		pdgelqf_(&a->m, &a->n, a->at, &first, &first, a->desc, tau, real, reals, &info);
}

static void ormlq(
    const par_grid *g, matrix *a, const double *tau, matrix *b, double *real, const int *reals)
{
	int info;
	if (par_grid_is_one(g))
		dormlq_("R", "T", &b->m, &b->n, &a->m, a->at, a->lead, tau, b->at, b->lead, real,
		    reals, &info, 1, 1);
	else
		pdormlq_("R", "T", &b->m, &b->n, &a->m, a->at, &first, &first, a->desc, tau, b->at,
		    &first, &first, b->desc, real, reals, &info, 1, 1);
}

/* a^T = r^T q^T is the LQ decomposition of what the calls see; (q^T b)^T = b^T q */
par_err par_dense_qr(const par_grid *g, par_tensor *a, par_tensor *b)
{
	matrix x, y;
	room r = {0};
	int ask = -1;
	double factor = 0, apply = 0, none = 0;
	take(&x, g, a);
	take(&y, g, b);
	if (!g->mesh.idle) {
		gelqf(g, &x, &none, &factor, &ask);
		ormlq(g, &x, &none, &y, &apply, &ask);
	}
	/* tau: one number for each of our columns, n here at most */
	double reals = factor > apply ? factor : apply;
	par_err e = room_take(&r, g, reals + x.m, 0);
	if (e == PAR_OK && !g->mesh.idle) {
		int left = r.reals - x.m;
		gelqf(g, &x, r.real, r.real + x.m, &left);
		ormlq(g, &x, r.real, &y, r.real + x.m, &left);
	}
	room_free(&r);
	return e;
}

static void syevd(const par_grid *g, matrix *a, double *values, matrix *z, double *real,
    const int *reals, int *whole, const int *wholes, int *info)
{
	if (par_grid_is_one(g))
		dsyevd_("V", "L", &a->n, a->at, a->lead, values, real, reals, whole, wholes, info,
		    1, 1);
	else
		pdsyevd_("V", "L", &a->n, a->at, &first, &first, a->desc, values, z->at, &first,
		    &first, z->desc, real, reals, whole, wholes, info, 1, 1);
}

par_err par_dense_eigen(
    const par_grid *g, par_tensor *a, double *values, par_tensor *vectors, bool *found)
{
	matrix x, z;
	room r = {0};
	int ask = -1, wholes = 0, info = 0;
	double reals = 0;
	take(&x, g, a);
	take(&z, g, vectors);
	if (!g->mesh.idle)
		syevd(g, &x, values, &z, &reals, &ask, &wholes, &ask, &info);
	/* where ranks hold little, pdsyevd of ScaLAPACK 2.2.1 asks for less room than it uses */
	double more = (double)g->block * (double)(4 * g->block + a->layout.held[0].n);
	par_err e = room_take(&r, g, reals + more, wholes);
	if (e == PAR_OK && !g->mesh.idle) {
		syevd(g, &x, values, &z, r.real, &r.reals, r.whole, &r.wholes, &info);
		if (par_grid_is_one(g))
			memcpy(z.at, x.at, par_tensor_bytes(a));
	}
	room_free(&r);
	tell_all(g, &info, sizeof info);
	*found = info == 0;
	return e;
}
