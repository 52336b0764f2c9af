/* np: 1 2 3 6   apps: plan */
#include "plan/solve/interior.h"

#include "../tap.h"
#include "alone.h"
#include "base/cpu.h"
#include "base/rng.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS 9
#define ROWS 3
#define BOUNDS 3
#define LINKS 4
#define MOST_BLOCKS 400

/* A random problem that has a solution: b and h are those of some x within its bounds, and costs are
 * A'y + B'p + z - v with z, v >= 0. Columns 0 to 5 are in two rows of A, the others in one; three are bounded;
 * the last linking row is touched by its own column alone. */
typedef struct {
	int blocks, classes;
	pattern pattern[2];
	uint8_t class[MOST_BLOCKS];
	linking link;
	double idle; /* share of blocks whose right side and bounds are 0 */
	par_rng rng;
	problem p;
} sample;

static const int first[] = {0, 2, 4, 6, 8, 10, 12, 13, 14, 15};
static const int rows[] = {0, 1, 1, 2, 0, 2, 1, 0, 2, 1, 2, 0, 0, 1, 2};
static const double values[] = {1, -1, 1, -1, 1, 1, -1, 2, -1, 1, 1, 0.5, 1, 1, 1};
static const int link_first[2][COLUMNS + 1] = {
    {0, 1, 2, 4, 5, 5, 5, 5, 6, 6}, {0, 0, 0, 1, 1, 2, 3, 3, 3, 3}};
static const int link_rows[2][6] = {{0, 1, 0, 2, 1, 2}, {2, 0, 1}};
static const int bound[COLUMNS] = {-1, 2, -1, -1, 0, -1, -1, -1, 1};

static double draw(const sample *s, int64_t k, int what, int i)
{
	par_rng r = s->rng;
	r.stream += (uint32_t)what;
	return par_rng_f64(r, k * 64 + i);
}

static bool idle(const sample *s, int64_t k)
{
	return draw(s, k, 9, 0) < s->idle;
}

static double size(const sample *s, int64_t k)
{
	return exp(4 * draw(s, k, 0, 0) - 2);
}

static double upper(const sample *s, int64_t k, int i)
{
	return idle(s, k) ? 0 : size(s, k) * (0.5 + draw(s, k, 1, i));
}

/* where some x is: at 0, inside or at its bound */
static double inside(const sample *s, int64_t k, int j)
{
	double u = draw(s, k, 2, j);
	if (idle(s, k) || u < 0.4)
		return 0;
	if (bound[j] >= 0)
		return upper(s, k, bound[j]) * (u < 0.7 ? 0.5 : 1);
	return size(s, k) * u;
}

static double link_number(const sample *s, int64_t k, int q)
{
	return 0.2 + draw(s, k, 3, q);
}

static double reduced_cost(const sample *s, int64_t k, int j)
{
	double x = inside(s, k, j), z = draw(s, k, 4, j);
	if (bound[j] >= 0 && x > 0 && x == upper(s, k, bound[j]))
		return -z;
	return x > 0 ? 0 : z;
}

static void fill(void *ctx, int64_t k, block *b)
{
	const sample *s = ctx;
	const pattern *p = &s->pattern[s->class[k]];
	for (int i = 0; i < BOUNDS; i++)
		b->upper[i] = upper(s, k, i);
	memset(b->right, 0, ROWS * sizeof *b->right);
	for (int j = 0; j < COLUMNS; j++) {
		b->cost[j] = reduced_cost(s, k, j);
		for (int a = p->first[j]; a < p->first[j + 1]; a++) {
			b->right[p->row[a]] += p->value[a] * inside(s, k, j);
			b->cost[j] += p->value[a] * (draw(s, k, 5, p->row[a]) - 0.3);
		}
		for (int q = p->link_first[j]; q < p->link_first[j + 1]; q++) {
			b->link[q] = link_number(s, k, q);
			b->cost[j] -= b->link[q] * draw(s, 0, 6, p->link[q]);
		}
	}
}

/* linking rows are <= with a slack and an overflow at a price, for the second one so cheap that it is used up; but
 * the last: a column with a bound */
static int own_row[] = {0, 1, 2, 0, 1, 2, 3};
static double own_value[] = {1, 2, 1, -1, -1, -0.5, 3}, own_cost[] = {0, 0, 0, 3, 0.01, 2, -1},
	      own_upper[] = {INFINITY, INFINITY, 400, INFINITY, 0.75, INFINITY, 5};
static double own_right[LINKS];

static void make(sample *s, int blocks, int classes, double idle_share, uint64_t seed)
{
	*s = (sample){
	    .blocks = blocks, .classes = classes, .idle = idle_share, .rng = {seed, 1, 0}};
	for (int c = 0; c < classes; c++)
		s->pattern[c] = (pattern){COLUMNS, ROWS, (int *)first, (int *)rows,
		    (double *)values, (int *)link_first[c], (int *)link_rows[c],
		    link_first[c][COLUMNS], (int *)bound, BOUNDS};
	memset(own_right, 0, sizeof own_right);
	for (int k = 0; k < blocks; k++) {
		s->class[k] = (uint8_t)(classes > 1 && k % 3 == 1);
		const pattern *p = &s->pattern[s->class[k]];
		for (int j = 0; j < COLUMNS; j++)
			for (int q = p->link_first[j]; q < p->link_first[j + 1]; q++)
				own_right[p->link[q]] += link_number(s, k, q) * inside(s, k, j);
	}
	own_right[1] += 1;
	own_right[3] = 6;
	s->link = (linking){LINKS, own_right, 7, own_row, own_value, own_cost, own_upper};
	s->p = (problem){classes, s->pattern, blocks, s->class, fill, s, s->link};
}

/* The oracle: a dense tableau, two phases, Bland's rule. rows x (columns + 1), the right side last and >= 0;
 * basis columns are made artificial at the end. Returns the least cost. */
typedef struct {
	int m, n;
	double *t; /* m + 1 rows of n + m + 1 */
	int *basis;
} tableau;

static double *cell(const tableau *t, int i, int j)
{
	return t->t + (size_t)i * (size_t)(t->n + t->m + 1) + j;
}

static void pivot(tableau *t, int row, int col)
{
	int wide = t->n + t->m + 1;
	double by = 1 / *cell(t, row, col);
	for (int j = 0; j < wide; j++)
		*cell(t, row, j) *= by;
	for (int i = 0; i <= t->m; i++) {
		double f = i == row ? 0 : *cell(t, i, col);
		for (int j = 0; f != 0 && j < wide; j++)
			*cell(t, i, j) -= f * *cell(t, row, j);
	}
	t->basis[row] = col;
}

static void walk_down(tableau *t, int columns)
{
	for (;;) {
		int col = 0, row = -1;
		while (col<columns && * cell(t, t->m, col)> - 1e-9)
			col++;
		if (col == columns)
			return;
		double least = INFINITY;
		for (int i = 0; i < t->m; i++) {
			double a = *cell(t, i, col), ratio = *cell(t, i, t->n + t->m) / a;
			if (a > 1e-9 &&
			    (ratio < least - 1e-12 || (ratio <= least + 1e-12 && row >= 0 &&
							  t->basis[i] < t->basis[row]))) {
				least = ratio;
				row = i;
			}
		}
		if (row < 0)
			return;
		pivot(t, row, col);
	}
}

static double simplex(tableau *t, const double *cost)
{
	int last = t->n + t->m;
	for (int i = 0; i < t->m; i++) {
		double sign = *cell(t, i, last) < 0 ? -1 : 1;
		for (int j = 0; j <= last; j++)
			*cell(t, i, j) *= sign;
		*cell(t, i, t->n + i) = 1;
		t->basis[i] = t->n + i;
		for (int j = 0; j <= last; j++)
			*cell(t, t->m, j) -= j < t->n || j == last ? *cell(t, i, j) : 0;
	}
	walk_down(t, t->n);
	for (int i = 0; i < t->m; i++)
		for (int j = 0; t->basis[i] >= t->n && j < t->n; j++)
			if (fabs(*cell(t, i, j)) > 1e-7)
				pivot(t, i, j);
	for (int j = 0; j <= last; j++)
		*cell(t, t->m, j) = j < t->n ? cost[j] : 0;
	for (int i = 0; i < t->m; i++) {
		double c = t->basis[i] < t->n ? cost[t->basis[i]] : 0;
		for (int j = 0; c != 0 && j <= last; j++)
			*cell(t, t->m, j) -= c * *cell(t, i, j);
	}
	walk_down(t, t->n);
	return -*cell(t, t->m, last);
}

/* the whole problem as one dense matrix; each bound is a row with a slack */
static double by_simplex(const sample *s)
{
	int k = s->blocks, own = s->link.columns, bounds = BOUNDS * k + 2;
	tableau t = {.m = ROWS * k + LINKS + bounds, .n = COLUMNS * k + own + bounds};
	t.t = calloc((size_t)(t.m + 1) * (size_t)(t.n + t.m + 1), sizeof *t.t);
	t.basis = calloc((size_t)t.m, sizeof *t.basis);
	double *cost = calloc((size_t)t.n, sizeof *cost), u[BOUNDS] = {0}, r[ROWS] = {0},
	       l[6] = {0};
	int last = t.n + t.m, link = ROWS * k, at = link + LINKS, slack = COLUMNS * k + own;
	for (int i = 0; i < k; i++) {
		const pattern *p = &s->pattern[s->class[i]];
		fill((void *)s, i, &(block){cost + COLUMNS * i, u, r, l});
		for (int row = 0; row < ROWS; row++)
			*cell(&t, ROWS * i + row, last) = r[row];
		for (int j = 0; j < COLUMNS; j++) {
			int col = COLUMNS * i + j;
			for (int a = p->first[j]; a < p->first[j + 1]; a++)
				*cell(&t, ROWS * i + p->row[a], col) = p->value[a];
			for (int q = p->link_first[j]; q < p->link_first[j + 1]; q++)
				*cell(&t, link + p->link[q], col) = l[q];
			const int place = bound[j];
			if (place < 0)
				continue;
			*cell(&t, at, col) = *cell(&t, at, slack++) = 1;
			*cell(&t, at++, last) = u[place];
		}
	}
	for (int row = 0; row < LINKS; row++)
		*cell(&t, link + row, last) = s->link.right[row];
	for (int e = 0; e < own; e++) {
		*cell(&t, link + s->link.row[e], COLUMNS * k + e) = s->link.value[e];
		cost[COLUMNS * k + e] = s->link.cost[e];
		if (!isfinite(s->link.upper[e]))
			continue;
		*cell(&t, at, COLUMNS * k + e) = *cell(&t, at, slack++) = 1;
		*cell(&t, at++, last) = s->link.upper[e];
	}
	double value = simplex(&t, cost);
	free(t.t);
	free(t.basis);
	free(cost);
	return value;
}

static par_err solve(solution *out, const par_world *w, const sample *s)
{
	deal d;
	par_err e = deal_groups(&d, w, &s->p);
	if (e == PAR_OK)
		e = interior_solve(out, &s->p, &d, NULL);
	deal_drop(&d);
	return e;
}

/* the largest violation of the conditions of an optimum in one block, in its own size */
static double violation(const sample *s, const solution *got, int64_t at)
{
	int64_t k = got->block[at];
	const pattern *p = &s->pattern[s->class[k]];
	double c[COLUMNS] = {0}, u[BOUNDS] = {0}, r[ROWS] = {0}, l[6] = {0}, worst = 0,
	       m = idle(s, k) ? 1 : size(s, k);
	fill((void *)s, k, &(block){c, u, r, l});
	const double *x = got->x + got->x_at[at], *y = got->row_price + got->row_at[at];
	for (int j = 0; j < COLUMNS; j++) {
		double z = c[j];
		for (int a = p->first[j]; a < p->first[j + 1]; a++) {
			r[p->row[a]] -= p->value[a] * x[j];
			z -= p->value[a] * y[p->row[a]];
		}
		for (int q = p->link_first[j]; q < p->link_first[j + 1]; q++)
			z -= l[q] * got->price[p->link[q]];
		double room = bound[j] >= 0 ? u[bound[j]] - x[j] : INFINITY;
		worst = fmax(worst, fmax(-x[j], -room) / m);
		worst = fmax(worst, fmin(fmax(z, 0), x[j] / m));
		worst = fmax(worst, fmin(fmax(-z, 0), room / m));
	}
	for (int i = 0; i < ROWS; i++)
		worst = fmax(worst, fabs(r[i]) / m);
	return worst;
}

/* the same of linking rows and their own columns; price and own are those of all ranks */
static double link_violation(const par_world *w, const sample *s, const solution *got)
{
	double use[LINKS] = {0}, c[COLUMNS] = {0}, u[BOUNDS] = {0}, r[ROWS] = {0}, l[6] = {0};
	double worst = 0;
	const linking *own = &s->link;
	if (!got->own || !got->price)
		return INFINITY;
	for (int64_t i = 0; i < got->blocks; i++) {
		int64_t k = got->block[i];
		const pattern *p = &s->pattern[s->class[k]];
		fill((void *)s, k, &(block){c, u, r, l});
		for (int j = 0; j < COLUMNS; j++)
			for (int q = p->link_first[j]; q < p->link_first[j + 1]; q++)
				use[p->link[q]] += l[q] * got->x[got->x_at[i] + j];
	}
	MPI_Allreduce(MPI_IN_PLACE, use, LINKS, MPI_DOUBLE, MPI_SUM, w->comm);
	for (int e = 0; e < own->columns; e++) {
		double x = got->own[e], room = own->upper[e] - x,
		       m = 1 + fabs(own_right[own->row[e]]);
		double z = own->cost[e] - own->value[e] * got->price[own->row[e]];
		use[own->row[e]] += own->value[e] * x;
		worst = fmax(worst, fmax(-x, -room) / m);
		worst = fmax(worst, fmax(fmin(z, x / m), fmin(-z, room / m)));
	}
	for (int i = 0; i < LINKS; i++)
		worst = fmax(worst, fabs(use[i] - own_right[i]) / (1 + fabs(own_right[i])));
	return worst;
}

static void check(const par_world *w, int blocks, int classes, double idle_share, uint64_t seed)
{
	sample s;
	solution got = {0};
	make(&s, blocks, classes, idle_share, seed);
	ok(solve(&got, w, &s) == PAR_OK && got.status == SOLVED_OPTIMAL,
	    "%d blocks of %d classes, %.0f %% of them idle: solved", blocks, classes,
	    100 * idle_share);
	double worst = 0;
	for (int64_t k = 0; k < got.blocks; k++)
		worst = fmax(worst, violation(&s, &got, k));
	ok(worst < 1e-5, "... every block is feasible and its prices are right (%.1e)", worst);
	worst = link_violation(w, &s, &got);
	ok(worst < 1e-6, "... so are linking rows and their own columns (%.1e)", worst);
	ok(fabs(got.dual_value - got.value) < 1e-7 * (1 + fabs(got.value)),
	    "... both values are the same");
	ok(par_world_sum(w, got.blocks) == blocks, "... every block is on one rank");
	if (blocks <= 24) {
		double want = by_simplex(&s);
		ok(fabs(got.value - want) < 1e-7 * (1 + fabs(want)),
		    "... its value is the simplex method's (%.9g, %.9g)", got.value, want);
	}
	solution_drop(&got);
}

/* a linking row of 0 that no block and no own column touches has an empty row in Schur's matrix */
static void untouched(const par_world *w)
{
	sample s;
	solution got = {0};
	make(&s, 24, 2, 0.1, 12);
	double want = by_simplex(&s), right[LINKS + 1] = {0};
	memcpy(right, own_right, sizeof own_right);
	s.p.link.rows = LINKS + 1;
	s.p.link.right = right;
	par_err e = solve(&got, w, &s);
	ok(e == PAR_OK && got.status == SOLVED_OPTIMAL &&
		fabs(got.value - want) < 1e-7 * (1 + fabs(want)) && isfinite(got.price[LINKS]),
	    "a linking row that nothing touches changes nothing (%.9g, %.9g)", got.value, want);
	solution_drop(&got);
}

static void stopped(const par_world *w)
{
	sample s;
	solution got = {0};
	deal d;
	interior_spec spec = {.iterations = 1};
	make(&s, 40, 2, 0.1, 8);
	par_err e = deal_groups(&d, w, &s.p);
	if (e == PAR_OK)
		e = interior_solve(&got, &s.p, &d, &spec);
	deal_drop(&d);
	ok(e == PAR_OK && got.status == SOLVED_STALLED && got.iterations == 1 &&
		got.primal_residual > 1e-8 && got.dual_residual > 1e-8 && got.gap > 1e-8,
	    "stopped early, it tells what is left: %.1e, %.1e, gap %.1e", got.primal_residual,
	    got.dual_residual, got.gap);
	solution_drop(&got);
}

static bool same(const solution *a, const solution *b)
{
	return a->price && b->price && a->own && b->own && a->value == b->value &&
	       a->iterations == b->iterations &&
	       memcmp(a->price, b->price, LINKS * sizeof *a->price) == 0 &&
	       memcmp(a->own, b->own, 7 * sizeof *a->own) == 0;
}

/* all ranks against this one alone */
static void same_bits(const par_world *w, int blocks)
{
	par_world alone = alone_of(w);
	sample s;
	solution together = {0}, one = {0};
	make(&s, blocks, 2, 0.1, 7);
	par_err e = solve(&together, w, &s);
	par_err f = solve(&one, &alone, &s);
	bool equal = e == PAR_OK && f == PAR_OK && same(&together, &one);
	for (int64_t k = 0; equal && k < together.blocks; k++)
		for (int64_t o = 0; o < one.blocks; o++)
			if (one.block[o] == together.block[k])
				equal &= memcmp(one.x + one.x_at[o], together.x + together.x_at[k],
					     COLUMNS * sizeof(double)) == 0;
	ok(equal, "%d blocks: the bits are those of one rank", blocks);
	solution_drop(&together);
	solution_drop(&one);
}

static void kernel_sets(const par_world *w)
{
	sample s;
	solution got[3] = {{0}};
	int best = (int)par_cpu_best();
	make(&s, 100, 2, 0.1, 11);
	for (int k = 0; k <= best; k++) {
		par_cpu_use((par_kernels)k);
		ok(solve(&got[k], w, &s) == PAR_OK && got[k].status == SOLVED_OPTIMAL,
		    "solved with %s kernels", par_kernels_name((par_kernels)k));
	}
	if (best == PAR_KERNELS_AVX512)
		ok(same(&got[1], &got[2]), "avx2 and avx512 give the same bits");
	else
		skip("no AVX-512 here");
	ok(fabs(got[0].value - got[best].value) < 1e-7 * fabs(got[0].value),
	    "plain gives the same value");
	for (int k = 0; k < 3; k++)
		solution_drop(&got[k]);
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	par_world w;
	ok(par_world_open(&w, MPI_COMM_WORLD) == PAR_OK, "a world opens");
	check(&w, 1, 1, 0, 1);
	check(&w, 5, 1, 0, 2);
	check(&w, 8, 1, 0, 3);
	check(&w, 23, 2, 0, 4);
	check(&w, 24, 2, 0.4, 5);
	check(&w, 400, 2, 0.1, 6);
	untouched(&w);
	stopped(&w);
	same_bits(&w, 2);
	same_bits(&w, 37);
	same_bits(&w, 400);
	kernel_sets(&w);
	par_world_close(&w);
	return tap_end();
}
