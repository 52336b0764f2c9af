/* Bars: amounts over periods as stacked bars, one colour a name, under a dashed line. */
#ifndef APPS_PLAN_TELL_BARS_H
#define APPS_PLAN_TELL_BARS_H

#include "plan/tell/axis.h"

#define BARS_GUTTER 78 /* left of the axis: the amounts */
#define BARS_BELOW 264 /* below the legend */
#define BARS_MOST 8    /* names with a colour each; more are drawn as one */

typedef struct {
	const char *title, *what; /* "markets": what the names are, together */
	const char *unit;
	const model_names *names;
	const double *amount; /* [name][period], not below zero */
	const double *line;   /* [period], or NULL ... */
	const char *line_text;
	axis axis;
} bars;

/* local | how high its title and legend are */
double bars_legend(const bars *b);
/* local | draw them from y on, legend + BARS_BELOW high, with so much room for title and legend */
void bars_draw(const bars *b, FILE *out, double y, double legend);
/* local | the style that bars and their legend want */
void bars_style(FILE *out);

#endif
