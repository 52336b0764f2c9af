/* Adjust: every step's forecasts made to add up, and demand kept from falling below zero.
 *
 * The series that come out below zero are held at zero and the least squares solved again; those
 * whose multiplier then says that they should rise are let go, until none changes: the optimum under b' >= 0
 * (a primal-dual active set method, Hintermueller, Ito and Kunisch 2002). Few rounds do; after ADJUST_ROUNDS what is
 * still below zero is cut, which adds up as well. Steps are problems of their own and are dealt to ranks, unless
 * the border is so large that ranks solve together. */
#ifndef APPS_FORECAST_RECONCILE_ADJUST_H
#define APPS_FORECAST_RECONCILE_ADJUST_H

#include "comm/shared.h"
#include "forecast/reconcile/gls.h"

#define ADJUST_ROUNDS 20

typedef struct {
	const gls *s;
	int first, steps;   /* those to adjust: steps [first, first + steps) of node and series */
	bool counts;        /* nothing below zero */
	int rounds;         /* ADJUST_ROUNDS, or 1: what falls below zero is cut at once */
	const double *node; /* [step][nodes] */
	par_shared *series; /* f32[step][series]: forecasts, and afterwards the coherent ones */
} adjust_ask;

typedef struct {
	int64_t held;   /* series held at zero, over all steps */
	int64_t rounds; /* most of a step: how often it was solved */
	int64_t cut;    /* steps that did not settle */
	bool coarse;    /* other bits than on more ranks */
} adjust_report;

/* collective | fails: as gls_solve, agreed */
par_err adjust_steps(const adjust_ask *ask, adjust_report *report);

#endif
