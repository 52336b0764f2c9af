/* Bars: amounts over periods as stacked bars, one colour a name, under a dashed line. */
#ifndef APPS_PLAN_TELL_BARS_H
#define APPS_PLAN_TELL_BARS_H

#include "plan/model/model.h"

#include <stdio.h>

#define BARS_WIDTH 460
#define BARS_HEIGHT 240
#define BARS_MOST 8 /* names with a colour each; more are drawn as one */

typedef struct {
	const char *title;
	const model_names *names;
	const double *amount; /* [name][period], not below zero */
	const double *line;   /* [period], or NULL */
	int periods;
	const char *first, *last; /* dates under the axis */
} bars;

/* local | draw them with their upper left corner at (x, y) */
void bars_draw(const bars *b, FILE *out, int x, int y);
/* local | the style that bars and their legend want */
void bars_style(FILE *out);

#endif
