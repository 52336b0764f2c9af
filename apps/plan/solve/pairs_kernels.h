/* Pairs: what the method does to each column by itself. Kernels of solve/, in every kernel set.
 *
 * A column has x >= 0 with its reduced cost z >= 0; a bounded one also w = u - x with v >= 0. The method
 * wants xz and wv small and alike. A direction is a sum of components (solve/direction.h): the affine one,
 * which wants both 0, and corrections, each of which wants to move a product by a target t. With
 * a = A'dy + B'dprice of a component,
 *	dx = theta (a - g),  theta = 1 / (z/x + v/w)
 *	g = r + z - v (affine; r the residual c - A'y - B'p - z + v),  -t/x + t'/w (a correction)
 *	z dx + x dz = t,  w dv - v dx = t'   (affine: t = -xz, t' = -vw),  which leaves A'dy + dz - dv = r or 0.
 * A direction is a sum of components, x taking other shares of them than z, and all of this is linear. So it
 * needs no memory but two sums of dy, one as x takes the components and one as z does, and the targets t of
 * each: dx, dz, dv are made again from them where they are wanted, at some ten operations a column, which is
 * less than reading them costs.
 *
 * Memory is slow and passes are many, so directions are made with theta and g of x, z, w, v rounded to floats,
 * everywhere alike: A dx = b - A x and A'dy + dz - dv = r hold to double precision, products xz to that of a
 * float. Targets are rounded to sixteen bits before they are used at all: what is kept of one is what was
 * solved for. */
#ifndef APPS_PLAN_SOLVE_PAIRS_KERNELS_H
#define APPS_PLAN_SOLVE_PAIRS_KERNELS_H

#include "base/cpu.h"
#include "base/lanes.h"

#include <stdbool.h>
#include <stdint.h>

#define COMPONENTS 5
/* the sums of dy and dprice as x takes the components, as z takes them, and those of the last component */
enum { SIDE_PRIMAL, SIDE_DUAL, SIDE_LAST, SIDES };

/* columns of eight lanes, the last `bounded` of them with upper bounds */
typedef struct {
	int columns, bounded;
	double *x, *z; /* columns */
	double *w, *v; /* bounded */
	/* r (what is rounded off is there in the next residual), x, z, w, v as directions see them */
	float *residual, *near_x, *near_z, *near_w, *near_v;
	uint16_t *aims; /* of each correction: t of the columns, then t' of the bounded */
} pairs;

/* the floats that the rounded numbers of a pairs take, and their places from `at` */
static inline int64_t pairs_floats(int columns, int bounded)
{
	return 8 * (3 * (int64_t)columns + 2 * (int64_t)bounded) +
	       4 * (COMPONENTS - 1) * ((int64_t)columns + bounded);
}

static inline void pairs_lay_out(pairs *p, float *at)
{
	const int64_t columns = 8 * (int64_t)p->columns, bounded = 8 * (int64_t)p->bounded;
	p->residual = at;
	p->near_x = p->residual + columns;
	p->near_z = p->near_x + columns;
	p->near_w = p->near_z + columns;
	p->near_v = p->near_w + bounded;
	p->aims = (uint16_t *)(void *)(p->near_v + bounded);
}

typedef struct {
	bool
	    second_order; /* t = wanted - dx dz of the direction before; else t takes the products at
			      the step (x + primal_reach dx)(z + dual_reach dz) into [low, high], at
			      most -high down */
	double wanted, low, high, primal_reach, dual_reach;
	double primal, dual; /* how much of it the direction takes */
} component;

/* A'dy + B'dprice of the sums */
typedef struct {
	int components;
	const component *component;
	const double *primal, *dual;
} move;

/* All kernels but plan_residual, plan_step and those of the starting point see rounded numbers alone.
 * theta of every column */
void plan_theta(const pairs *p, double *theta);
/* of columns [from, to) */
void plan_theta_of(const pairs *p, int from, int to, double *theta);
/* rounds x, z, w, v; r = cost - priced - z + v; sums += cost'x, x'z + w'v, r'r, upper'v (four eights) */
void plan_residual(
    const pairs *p, const double *cost, const double *upper, const double *priced, double *sums);
/* the starting point (Mehrotra 1992) from least squares: x from priced, which solves A x = b; z and v from
 * cost - priced */
void plan_start_primal(const pairs *p, const double *upper, const double *priced);
void plan_start_dual(const pairs *p, const double *cost, const double *priced);
/* q = theta g of the affine component */
void plan_affine_target(const pairs *p, const double *theta, double *q);
/* q = theta g of component k, a correction, from its targets */
void plan_target_q(const pairs *p, int k, double *q);
/* x += primal dx, z += dual dz and so on */
void plan_step(const pairs *p, const move *m, double primal, double dual);
/* y += by dy */
void plan_add_rows(int rows, double by, const double *dy, double *y);

KERNELS_DECLARE(plan_theta);
KERNELS_DECLARE(plan_theta_of);
KERNELS_DECLARE(plan_residual);
KERNELS_DECLARE(plan_start_primal);
KERNELS_DECLARE(plan_start_dual);
KERNELS_DECLARE(plan_affine_target);
KERNELS_DECLARE(plan_target_q);
KERNELS_DECLARE(plan_step);
KERNELS_DECLARE(plan_add_rows);

#endif
