/* Chart: one series as SVG: history as a line, the forecast as a dashed line in shaded intervals.
 */
#ifndef APPS_FORECAST_CHART_H
#define APPS_FORECAST_CHART_H

#include <stdio.h>

#define CHART_WIDTH 460
#define CHART_HEIGHT 220

typedef struct {
	const char *title;
	const float *history; /* [past], NaN where missing */
	int past;
	const float *mean; /* [steps] */
	const float
	    *band; /* [steps][4]: outer low, inner low, inner high, outer high; NaN: not known */
	int steps;
	const char *first, *split, *last; /* dates under the axis */
} chart;

/* local | draw it with its upper left corner at (x, y) */
void chart_draw(const chart *c, FILE *out, int x, int y);

#endif
