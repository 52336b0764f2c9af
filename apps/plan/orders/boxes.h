/* Boxes: full containers, lane by lane and period by period.
 *
 * A lane with a container of C m3 is booked in whole ones: V m3 that leave in a period pay for ceil(V / C)
 * containers. A linear program pays for V alone, so what stays empty, C ceil(V / C) - V, comes on top at the lane's
 * rate, and the linear program's bound still holds.
 *
 * A plan is steered to full containers by a slope in the place of the stairs: of the last container, full to the
 * part f, so much as 1 - (1 - f)^p counts as booked. Space in a container that is nearly full costs
 * little then, the first m3 of a container nearly p times the rate: goods leave containers that are nearly empty and
 * go where one is open, and the more so the larger p is. With p = 1 all costs what it does in the linear program. */
#ifndef APPS_PLAN_ORDERS_BOXES_H
#define APPS_PLAN_ORDERS_BOXES_H

#include "plan/check/sums.h"
#include "plan/model/model.h"

typedef struct {
	const model *m; /* borrowed */
	int cells;      /* lanes x periods, place lane x periods + period */
	bool any;       /* does any lane charge for empty space? */
	sums volume;    /* of cells: what is added */
	/* of cells, m3: of all plans; as a shard sees them that plans anew; of one block's change */
	double *now, *seen, *more;
	int sharp;      /* p */
	double sharing; /* how many shards plan anew at the same time */
} boxes;

/* local | containers that so much takes, 0 where goods go loose; what rounding adds to a full one opens none */
int64_t boxes_needed(double volume, double container);
/* local | what their empty space costs, at the rate of the lane */
double boxes_unfilled(const lane_load *l, double volume);

/* local | fails: PAR_E_MEMORY */
par_err boxes_open(boxes *b, const model *m);
void boxes_close(boxes *b);
/* local | add what block k, one of mine, ships by its columns x */
void boxes_add(boxes *b, int64_t k, const double *x);
/* collective | now[] of all that was added; returns what their empty space costs */
double boxes_finish(boxes *b);

/* local | a shard begins to plan anew, and as many others with it: it sees its own changes as if all made them */
void boxes_begin(boxes *b, int sharp, int sharing);
/* local | add to the costs of block k's columns what a unit more changes of the slope */
void boxes_price(const boxes *b, int64_t k, double *cost);
/* local | what the slope has above the linear program's freight when a cell ships so much */
double boxes_slope(const boxes *b, int cell, double volume);
/* local | what the slope rises when block k ships x in the place of old */
double boxes_change(boxes *b, int64_t k, const double *old, const double *x);
/* local | the change asked for last is made */
void boxes_take(boxes *b);

#endif
