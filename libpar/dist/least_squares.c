#include "dist/least_squares.h"

#include "dist/dense.h"
#include "dist/scaled.h"
#include "dist/tall.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* one problem on its way; few columns: rows stay spread and the rest runs on a grid of one */
typedef struct {
	par_grid grid;
	bool few;
	int64_t m, n, k;
	par_tall tall;     /* few columns: a and b */
	par_tensor a, b;   /* many: on the grid */
	par_tensor gram;   /* n x n: a^T a, then its factor or a's */
	par_tensor right;  /* n x k */
	double *by, *work; /* owns: n each; 1 / length of a's columns */
	double condition;
	bool by_qr;
} problem;

static par_err problem_open(
    problem *p, const par_tensor *a, const par_tensor *b, const par_dist_spec *spec)
{
	const par_world *w = a->layout.mesh->world;
	*p = (problem){.m = a->layout.shape[0], .n = a->layout.shape[1], .k = b->layout.shape[1]};
	PAR_TRY(par_grid_open(&p->grid, w, p->n, spec));
	p->by = malloc((size_t)p->n * sizeof *p->by);
	p->work = malloc((size_t)p->n * sizeof *p->work);
	PAR_TRY_ALL(w, p->by && p->work ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory to scale"));
	/* a grid of one for want of ranks is as good: the report says what it is worth */
	p->few = par_grid_is_one(&p->grid);
	if (p->few) {
		PAR_TRY(par_tall_open(&p->tall, a, b));
	} else {
		PAR_TRY(par_grid_matrix(&p->a, &p->grid, p->m, p->n, a));
		PAR_TRY(par_grid_matrix(&p->b, &p->grid, p->m, p->k, b));
	}
	PAR_TRY(par_grid_matrix(&p->gram, &p->grid, p->n, p->n, NULL));
	return par_grid_matrix(&p->right, &p->grid, p->n, p->k, NULL);
}

static void problem_close(problem *p)
{
	par_tensor_free(&p->right);
	par_tensor_free(&p->gram);
	par_tensor_free(&p->b);
	par_tensor_free(&p->a);
	par_tall_close(&p->tall);
	par_grid_close(&p->grid);
	free(p->by);
	free(p->work);
}

static par_err make_normal(problem *p)
{
	if (p->few)
		return par_tall_normal(&p->tall, &p->gram, &p->right);
	par_dense_normal(&p->grid, &p->a, &p->b, &p->gram, &p->right);
	return PAR_OK;
}

/* every rank knows as much, so all fail alike */
static par_err check(problem *p)
{
	int64_t bad = par_scaled_by(&p->grid, &p->gram, p->by);
	if (bad >= 0)
		return par_fail(PAR_E_NUMERIC, "column %lld of the matrix %s", (long long)bad,
		    p->by[bad] == 0 ? "is all 0"
				    : "holds a value that is not finite, or too large to square");
	bad = par_dense_not_finite(&p->grid, &p->right, 1);
	if (bad >= 0)
		return par_fail(PAR_E_NUMERIC,
		    "column %lld of the right-hand sides holds a value that is not finite, or too "
		    "large to square",
		    (long long)bad);
	return PAR_OK;
}

/* with s the scale: (s a^T a s) (x / s) = s a^T b */
static par_err try_normal(problem *p, bool *good)
{
	int64_t minor;
	double rcond;
	par_dense_scale(&p->gram, p->by, p->by);
	PAR_TRY(par_dense_cholesky(&p->grid, &p->gram, &minor, &rcond));
	/* the condition of a^T a is that of a squared */
	p->condition = minor == 0 ? 1 / sqrt(rcond) : INFINITY;
	*good = p->condition <= PAR_NORMAL_CONDITION;
	if (!*good)
		return PAR_OK;
	par_dense_scale(&p->right, p->by, NULL);
	par_dense_triangle_solve(&p->grid, &p->gram, true, &p->right);
	par_dense_triangle_solve(&p->grid, &p->gram, false, &p->right);
	par_dense_scale(&p->right, p->by, NULL);
	return PAR_OK;
}

/* blocks are dealt alike, so the first rows of a longer matrix are the first rows here */
static void take_first_rows(par_tensor *to, const par_tensor *from)
{
	memcpy(to->data, from->data, par_tensor_bytes(to));
}

static par_err make_triangle(problem *p)
{
	if (p->few)
		return par_tall_qr(&p->tall, &p->gram, &p->right);
	PAR_TRY(par_dense_qr(&p->grid, &p->a, &p->b));
	take_first_rows(&p->gram, &p->a);
	take_first_rows(&p->right, &p->b);
	return PAR_OK;
}

/* with s the scale: (r s) (x / s) = q^T b */
static par_err solve_triangle(problem *p)
{
	double rcond;
	par_dense_scale(&p->gram, NULL, p->by);
	PAR_TRY(par_dense_triangle_rcond(&p->grid, &p->gram, &rcond));
	p->condition = 1 / rcond;
	if (par_scaled_singular(p->n, rcond))
		return par_fail(PAR_E_NUMERIC,
		    "column %lld of the matrix depends on those before it up to rounding "
		    "(condition %.1e)",
		    (long long)par_scaled_dependent(&p->grid, &p->gram, p->work), p->condition);
	par_dense_triangle_solve(&p->grid, &p->gram, false, &p->right);
	par_dense_scale(&p->right, p->by, NULL);
	return PAR_OK;
}

static par_err solve(problem *p, par_tensor *x)
{
	const par_world *w = p->grid.mesh.world;
	bool good = false;
	PAR_TRY(make_normal(p));
	PAR_TRY_ALL(w, check(p));
	PAR_TRY(try_normal(p, &good));
	p->by_qr = !good;
	if (!good) {
		PAR_TRY(make_triangle(p));
		PAR_TRY_ALL(w, solve_triangle(p));
	}
	return par_redistribute(x, &p->right);
}

par_err par_least_squares(par_tensor *x, const par_tensor *a, const par_tensor *b,
    const par_dist_spec *spec, par_dist_report *report)
{
	const int64_t *of_a = a->layout.shape, *of_b = b->layout.shape, *of_x = x->layout.shape;
	PAR_MUST(of_a[1] > 0 && of_a[0] >= of_a[1] && of_b[0] == of_a[0] && of_b[1] > 0 &&
		     of_x[0] == of_a[1] && of_x[1] == of_b[1],
	    "a %lld x %lld, b %lld x %lld", (long long)of_a[0], (long long)of_a[1],
	    (long long)of_b[0], (long long)of_b[1]);
	problem p;
	par_err e = problem_open(&p, a, b, spec);
	if (e == PAR_OK)
		e = solve(&p, x);
	if (report)
		*report = (par_dist_report){.rows = p.grid.mesh.size[0],
		    .cols = p.grid.mesh.size[1],
		    .same_bits = p.grid.same_bits,
		    .condition = p.condition,
		    .by_qr = p.by_qr};
	problem_close(&p);
	return e;
}
