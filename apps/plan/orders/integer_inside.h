/* Integer, inside: what orders/integer.c, steer.c, choose.c and mend.c share. */
#ifndef APPS_PLAN_ORDERS_INTEGER_INSIDE_H
#define APPS_PLAN_ORDERS_INTEGER_INSIDE_H

#include "plan/check/pricing.h"
#include "plan/check/sums.h"
#include "plan/orders/boxes.h"
#include "plan/orders/integer.h"
#include "plan/orders/pool.h"
#include "plan/orders/whole.h"

typedef struct {
	const model *m;
	const solution *s;
	const integer_spec *spec;
	integer_plan *out;
	pricing q;
	whole *search, *roomy; /* at prices; with rooms */
	sums link;             /* of linking rows, over blocks */
	boxes box;
	pool found;
	const pool_plan **now; /* of my blocks: the plan in x; NULL: not in whole units yet */
	int64_t searched;      /* which of my blocks is */
	whole_effort usual;    /* of a search that is not for the bound */
	int places;            /* of a pool's plans */
	double *state, *stiff; /* of places, and one more; of linking rows (choose.c) */
	double *x, *one;       /* columns of my blocks now; of one block */
	double *fixed;         /* of my blocks: costs of their orders now */
	int *orders;           /* of my blocks; -1: not in whole units yet */
	int64_t *turn;         /* my blocks, shard by shard, those that weigh most first */
	double *weight;        /* of my blocks, by what they use of priced rows */
	/* of linking rows: the prices to begin with and now, and their mean; what a unit over or left over costs;
	 * what is used, is left, and was left by the linear program; of a shard; of a block; after a change */
	double *center, *price, *mean, *over, *under, *use, *left, *target, *share, *mine, *beyond,
	    *then;
	double worth;   /* of a usual linking row: price times size */
	double hardest; /* what a unit too much or too few of a hard limit costs */
	double within;  /* money by which a search may miss */
	double *own;    /* of linking columns */
	size_t columns;
} integer_job;

/* local | search for a plan of my i-th block, whose prices are asked for, near to its plan now; all that are met on
 * the way are kept */
void integer_search(integer_job *j, whole *w, int64_t i, whole_effort effort, whole_answer *out);
/* local | the columns x of my i-th block are another plan's */
void integer_take(integer_job *j, int64_t i, const whole_answer *a);
/* local | its use added to the sums, times 1 or -1 */
void integer_use(integer_job *j, int64_t i, double times);
/* collective | every SKU planned at steered prices */
void integer_steer(integer_job *j);
/* collective | of the plans found, those chosen that go together best at prices near the center, which becomes where
 * these balance */
void integer_balance(integer_job *j);
/* collective | of the plans found, those chosen that are cheapest together; from those that now are, by what makes all
 * cheaper alone */
void integer_choose(integer_job *j);
void integer_descend(integer_job *j);
/* collective | every SKU planned again, some shards at a time; round draws */
void integer_mend(integer_job *j, int round, int part, int parts);

#endif
