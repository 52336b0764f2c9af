/* Totals: what a plan comes to over all SKUs, for the summary and the picture. */
#ifndef APPS_PLAN_TELL_TOTALS_H
#define APPS_PLAN_TELL_TOTALS_H

#include "plan/model/model.h"
#include "plan/orders/usable.h"

typedef struct {
	double money[FLOW_KINDS];     /* of the columns of each kind; of sales: below zero */
	double overflow[LIMIT_KINDS]; /* paid for passing limits */
	usable usable;                /* what kind of plan it is; made as the linear program's */
	double value;                 /* of all of it: what the plan costs */
	double residual;   /* of all rows, relative to their right sides: goods balance */
	double offered;    /* what all demand would bring, as sales below zero */
	double goods_sold; /* units sold, each at the cheapest purchase of its SKU ... */
	double goods_held; /* ... and the stock of all periods */
	double safety_wanted, safety_held; /* units over all periods */
	double unfilled;     /* a whole plan's, for empty space in containers (orders/boxes.h) */
	double safety_worth; /* part of money of stocks: what lacking would have cost, below zero */
	int periods;
	double *stock; /* [node][period] units */
	double *sold;  /* [market][period] what is brought there times the chance of its sale ... */
	double *demand;    /* ... and all demand times its chance: expected, both */
	double *purchased; /* [supplier][period] */
	double *shipped;   /* [lane][period] m3 that leave */
	double *use;       /* [limit], in the limit's own unit */
} totals;

/* collective | the totals on every rank, the same bits at any number of them; totals_drop also after a
 * failure. fails: PAR_E_MEMORY */
par_err totals_make(totals *t, const model *m, const solution *s);
/* local | what the plan is, and with it what whole orders and full containers cost beside the columns */
void totals_of(totals *t, const model *m, const usable *u);
void totals_drop(totals *t);

/* local | units expected to be sold in all markets and periods, and the units of all demand */
double totals_sold(const totals *t, const model *m, double *demand);

/* local | a limit that holds the plan back: nothing of it is left */
bool totals_binds(const totals *t, const model *m, int64_t i);

#endif
