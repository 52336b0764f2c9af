/* Axis: the periods of a plan from left to right, under bars and maps alike. */
#ifndef APPS_PLAN_TELL_AXIS_H
#define APPS_PLAN_TELL_AXIS_H

#include "plan/model/model.h"

#include <stdio.h>

#define AXIS_WIDTH 352 /* of all periods */
#define AXIS_HEIGHT 38 /* of the dates under it */

typedef struct {
	const model *m; /* borrowed */
	double left;
} axis;

/* local | where a period begins */
double axis_at(const axis *a, int period);
/* local | the days of as many periods as find room, month and day, under y; the year where it begins */
void axis_draw(const axis *a, FILE *out, double y);

#endif
