/* Products: a group's A, B and factor applied to vectors. Kernels of solve/, in every kernel set.
 *
 * All vectors have eight lanes a number. link_number: the numbers of B, in the order of symbolic->entry. */
#ifndef APPS_PLAN_SOLVE_PRODUCTS_KERNELS_H
#define APPS_PLAN_SOLVE_PRODUCTS_KERNELS_H

#include "base/cpu.h"
#include "base/lanes.h"
#include "plan/solve/ahead.h"
#include "plan/solve/symbolic.h"

/* out = A'y + B'price for n of them, 1 or 2, one behind the other: y has rows eights each, out columns, and price
 * (the same for all lanes) one double a linking row of the problem */
void plan_priced(const symbolic *s, const double *link_number, int n, const double *y,
    const double *price, double *out);
/* The same of columns [from, to), at most NEAR_COLUMNS, less `residual`, but for the third side; rounded to floats. A side
 * of out has room for NEAR_COLUMNS, and stays in the first cache until it is used. */
#define NEAR_COLUMNS 64
typedef struct {
	const double *link_number, *y, *price;
	int n,
	    step; /* 1 to 3 sides, each `step` behind the other; 2 of step 2 are the first and the third */
	const float *residual;
	int from, to;
	float *out;
	ahead *ahead; /* what to fetch */
} priced_near;
void plan_priced_near(const symbolic *s, const priced_near *p);
/* q -= theta A'y of the columns with entries in B; the others are left alone */
void plan_back(const symbolic *s, const double *theta, const double *y, double *q);
/* r -= A theta B'price */
void plan_forward(const symbolic *s, const double *link_number, const double *theta,
    const double *price, double *r);
/* r += sign A q */
void plan_rows(const symbolic *s, double sign, const double *q, double *r);
/* sums += r'r, right'y: two eights */
void plan_row_sums(
    const symbolic *s, const double *r, const double *right, const double *y, double *sums);
/* sum += sign B q; q: of the columns with entries in B; sum: eights, one a linking row that the pattern touches */
void plan_links(
    const symbolic *s, const double *link_number, const double *q, double sign, double *sum);
/* r becomes M^-1 r with the factor of plan_factor */
void plan_solve(const symbolic *s, const double *l, double *r);

/* From theta: the factor L of M = A theta A' (its diagonal inverted; a pivot too small to be one becomes
 * infinite, so that its row moves nothing), group `in_batch` of V, and the group's share of B theta B'
 * added to cross (an eight a pair of linking rows).
 *   masked  link_number with zeros in the lanes that no sum may count
 *   weighed  work, links eights; slots: one more than there are, the last zeros; items: s->widest */
typedef struct {
	double *l, *v, *cross;
	int in_batch;
	double *weighed, *slots, *items;
	ahead *ahead;
} factor_job;
void plan_factor(
    const symbolic *s, const double *theta, const double *masked, const factor_job *job);

/* S += V'V for a batch's panel of `groups` groups: strips of the lower half, in tiles */
void plan_rank(const symbolic *s, int groups, const double *v, double *sums);

KERNELS_DECLARE(plan_priced);
KERNELS_DECLARE(plan_priced_near);
KERNELS_DECLARE(plan_back);
KERNELS_DECLARE(plan_forward);
KERNELS_DECLARE(plan_rows);
KERNELS_DECLARE(plan_row_sums);
KERNELS_DECLARE(plan_links);
KERNELS_DECLARE(plan_solve);
KERNELS_DECLARE(plan_factor);
KERNELS_DECLARE(plan_rank);

#endif
