/* Pairs: what the method does to each column by itself. Kernels of solve/, in every kernel set.
 *
 * A column has x >= 0 with its reduced cost z >= 0; a bounded one also w = u - x with v >= 0. The method
 * wants xz and wv small and alike. A direction is a sum of components (solve/direction.h): the affine one,
 * which wants both 0, and corrections, each of which wants to move a product by a target t. With
 * a = A'dy + B'dprice of a component,
 *	dx = theta (a - g),  theta = 1 / (z/x + v/w)
 *	g = r + z - v (affine; r the residual c - A'y - B'p - z + v),  -t/x + t'/w (a correction)
 *	z dx + x dz = t,  w dv - v dx = t'   (affine: t = -xz, t' = -vw),  which leaves A'dy + dz - dv = r or 0.
 * So a component needs no memory but its dy: dx, dz, dv are made again from it where they are wanted, at
 * some ten operations a column, which is less than reading them costs. */
#ifndef APPS_PLAN_SOLVE_PAIRS_KERNELS_H
#define APPS_PLAN_SOLVE_PAIRS_KERNELS_H

#include "base/cpu.h"
#include "base/lanes.h"

#include <stdbool.h>
#include <stdint.h>

#define COMPONENTS 5
#define WEIGHTS 5 /* how much of a correction is taken: one of so many */

/* columns of eight lanes, the last `bounded` of them with upper bounds */
typedef struct {
	int columns, bounded;
	double *x, *z;   /* columns */
	double *w, *v;   /* bounded */
	float *residual; /* r, rounded: what is rounded off is there in the next residual */
} pairs;

typedef struct {
	bool
	    second_order; /* t = wanted - dx dz of the direction before; else t takes the products at
			      the step (x + primal_reach dx)(z + dual_reach dz) into [low, high], at
			      most -high down */
	double wanted, low, high, primal_reach, dual_reach;
	double primal, dual; /* how much of it the direction takes */
} component;

/* a: A'dy + B'dprice of component k at a + k * 8 * columns */
typedef struct {
	int components;
	const component *component;
	const double *a;
} move;

/* theta of every column */
void plan_theta(const pairs *p, double *theta);
/* of columns [from, to) */
void plan_theta_of(const pairs *p, int from, int to, double *theta);
/* r = cost - priced - z + v; sums += cost'x, x'z + w'v, r'r, upper'v (four eights) */
void plan_residual(
    pairs *p, const double *cost, const double *upper, const double *priced, double *sums);
/* the starting point (Mehrotra 1992) from least squares: x from priced, which solves A x = b; z and v from
 * cost - priced */
void plan_start_primal(const pairs *p, const double *upper, const double *priced);
void plan_start_dual(const pairs *p, const double *cost, const double *priced);
/* q = theta g of the affine component */
void plan_affine_target(const pairs *p, const double *theta, double *q);
/* q = theta g of one more component after those of m */
void plan_target(const pairs *p, const move *m, const component *next, double *q);
/* Of the affine component: primal[lane] = max -dx/x and of w, dual likewise of z and v, maxima with
 * what is there; sums += z'dx - v'dx, x'dz + w'dv, dx'dz - dx'dv (three eights) */
void plan_affine(const pairs *p, const move *m, double *primal, double *dual, double *sums);
/* The same maxima for the components of m but the last, and weight[k] of the last: WEIGHTS eights each */
void plan_weights(
    const pairs *p, const move *m, const double *weight, double *primal, double *dual);
/* x += primal dx, z += dual dz and so on */
void plan_step(const pairs *p, const move *m, double primal, double dual);
/* y += dual times the direction's dy */
void plan_step_rows(int rows, double *const *dy, const move *m, double dual, double *y);

KERNELS_DECLARE(plan_theta);
KERNELS_DECLARE(plan_theta_of);
KERNELS_DECLARE(plan_residual);
KERNELS_DECLARE(plan_start_primal);
KERNELS_DECLARE(plan_start_dual);
KERNELS_DECLARE(plan_affine_target);
KERNELS_DECLARE(plan_target);
KERNELS_DECLARE(plan_affine);
KERNELS_DECLARE(plan_weights);
KERNELS_DECLARE(plan_step);
KERNELS_DECLARE(plan_step_rows);

#endif
