/* Heat: limits as a map, one row a lane, supplier, node or budget, one column a period. */
#ifndef APPS_PLAN_TELL_HEAT_H
#define APPS_PLAN_TELL_HEAT_H

#include "plan/tell/axis.h"
#include "plan/tell/totals.h"

#define HEAT_ROWS 40 /* drawn at most, those that bind dearest */

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
/* local | how wide the names of the rows are, and how high the maps */
double heat_names(const heat *h);
double heat_height(const heat *h);
/* local | two maps from y on: how far limits are used, and what a hundredth more of each would save; the names stand left
 * of the first */
void heat_draw(const heat *h, FILE *out, const axis at[2], double y);
void heat_style(FILE *out);

#endif
