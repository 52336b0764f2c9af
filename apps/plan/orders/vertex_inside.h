/* Vertex, inside: what orders/vertex.c and vertex_rounds.c share. */
#ifndef APPS_PLAN_ORDERS_VERTEX_INSIDE_H
#define APPS_PLAN_ORDERS_VERTEX_INSIDE_H

#include "plan/check/pricing.h"
#include "plan/check/sums.h"
#include "plan/orders/master.h"
#include "plan/orders/vertex.h"

/* a block that is asked for more than one vertex */
typedef struct {
	int64_t block;
	int64_t rank, at; /* who has it, and its place among that rank's */
	double moves;     /* in money: how far its answer is from the interior solution */
} vertex_asked;

/* a column of the master */
typedef struct {
	int64_t asked; /* whose */
	double *x;     /* owned; NULL where the block is not mine */
} vertex_column;

typedef struct {
	const problem *p;
	const deal *d;
	const solution *s;
	vertex_plan *out;
	pricing q;
	sums link;     /* of linking rows, over blocks */
	double *scale; /* of linking rows: the money that a unit of them is worth */
	double *use,
	    *left;      /* of linking rows: of one block; what blocks that are not asked leave */
	bool *is_asked; /* of my blocks */
	vertex_asked *asked; /* in the order of the deal, on every rank */
	int64_t n;           /* of them */
	master m;
	int own, vertices; /* where own columns end, and how many vertices follow the box */
	vertex_column *vertex;
	int room;
	int *row; /* linking rows and one more: a column on its way to the master */
	double *entry;
	double turnover; /* of all blocks: costs without sign */
	double weight;   /* of an asked block's row in the master: the turnover of a usual block */
} vertex_job;

/* collective | the small program over the asked blocks: levels of its columns, out->price, out->own.
 * fails: PAR_E_NUMERIC, PAR_E_MEMORY */
par_err vertex_rounds(vertex_job *v);

#endif
