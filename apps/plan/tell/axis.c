#include "plan/tell/axis.h"

#include "base/date.h"

#define LABEL 44 /* px that a date wants */

double axis_at(const axis *a, int period)
{
	return a->left + (double)AXIS_WIDTH * period / a->m->periods;
}

void axis_draw(const axis *a, FILE *out, double y)
{
	int periods = a->m->periods, year = 0;
	int every = (LABEL * periods + AXIS_WIDTH - 1) / AXIS_WIDTH;
	for (int t = 0; t < periods; t += every) {
		par_date date = par_date_of(a->m->period_date[t]);
		double x = axis_at(a, t) + 0.5 * AXIS_WIDTH / periods;
		fprintf(out,
		    "<line class=\"tick\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>"
		    "<text class=\"mid\" x=\"%.1f\" y=\"%.1f\">%02d-%02d</text>\n",
		    x, y, x, y + 4, x, y + 16, date.month, date.day);
		if (date.year != year)
			fprintf(out, "<text class=\"mid\" x=\"%.1f\" y=\"%.1f\">%d</text>\n", x,
			    y + 30, date.year);
		year = date.year;
	}
}
