/* Heat: limits as a map, one row a lane, supplier, node or budget, one column a period. */
#ifndef APPS_PLAN_TELL_HEAT_H
#define APPS_PLAN_TELL_HEAT_H

#include "plan/tell/totals.h"

#include <stdio.h>

#define HEAT_NAMES 196 /* wide are the names of the rows */
#define HEAT_WIDTH 350 /* a map without them */
#define HEAT_ROWS 40   /* drawn at most, those that bind dearest */

typedef struct {
	limit_kind kind;
	int which;
	double weight; /* price times size, of all periods */
} heat_row;

typedef struct {
	const model *m;
	const solution *s;
	const totals *t;
	heat_row row[HEAT_ROWS];
	int rows, left_out;
} heat;

/* local | choose the rows. fails: PAR_E_MEMORY */
par_err heat_rows(heat *h, const model *m, const solution *s, const totals *t);
/* local | how high a map is */
int heat_height(const heat *h);
/* local | the names, ending at x + HEAT_NAMES */
void heat_draw_names(const heat *h, FILE *out, int x, int y);
/* local | how far limits are used, or (worth) what a hundredth more of each would save */
void heat_draw(const heat *h, bool worth, FILE *out, int x, int y);
void heat_style(FILE *out);

#endif
