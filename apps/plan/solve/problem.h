/* Problem: a linear program of many alike blocks under common rows.
 *
 *	minimise    sum_k c_k' x_k + d' e
 *	subject to  A_k x_k = b_k                  for every block k (a SKU)
 *	            sum_k B_k x_k + E e = h        the linking rows, in the order of all
 *	            0 <= x_k <= u_k,  0 <= e <= w  upper bounds may be infinite
 *
 * Blocks of one class share a pattern: the matrix A with its numbers, and where B has entries. Their own are
 * costs, bounds, right sides and the numbers of B. E has one entry a column: the slack of an inequality,
 * the priced overflow of a limit. There are no free columns: a backlog is a column of its own.
 *
 * The price p of a linking row is what one more unit of h costs, that of a block's row what one more
 * unit of b does; the reduced cost of a column is c - A' y - B' p. */
#ifndef APPS_PLAN_SOLVE_PROBLEM_H
#define APPS_PLAN_SOLVE_PROBLEM_H

#include "comm/world.h"

#include <stdint.h>

#define PATTERN_CLASSES 255

/* entries of column j are [first[j], first[j + 1]); none twice in a column. Indices count from 0. */
typedef struct {
	int columns, rows;
	int *first, *row; /* of A */
	double *value;
	int *link_first,
	    *link;  /* of B: the linking row of an entry; its number is the block's own */
	int links;  /* entries of B */
	int *bound; /* of a column: the place of its upper bound among the block's, or -1 */
	int bounds;
} pattern;

/* a block's own numbers, in the order of its pattern */
typedef struct {
	double *cost;  /* columns */
	double *upper; /* bounds, from 0, finite */
	double *right; /* rows */
	double *link;  /* links */
} block;

/* the linking rows and the columns that belong to no block */
typedef struct {
	int rows;
	double *right;
	int columns;
	int *row;                     /* of a column: its only linking row */
	double *value, *cost, *upper; /* upper: INFINITY where there is none */
} linking;

typedef struct {
	int patterns;
	const pattern *pattern;
	int64_t blocks;       /* of all ranks */
	const uint8_t *class; /* of every block, known to every rank: its pattern */
	/* local | the numbers of block k, one of mine (solve/deal.h); asked once or more, always alike */
	void (*fill)(void *ctx, int64_t k, block *b);
	void *ctx;
	linking link;
} problem;

/* local | the mean of what is not 0 in a block's right side and bounds, without signs; 1 where all is 0 */
double block_size(const pattern *p, const block *b);

/* local | linking rows that own their arrays: right sides, not set, and room for so many columns; linking_close also
 * after a failure. fails: PAR_E_MEMORY */
par_err linking_open(linking *l, int rows, int64_t most);
/* local | one more column */
void linking_add(linking *l, int row, double value, double cost, double upper);
void linking_close(linking *l);

#endif
