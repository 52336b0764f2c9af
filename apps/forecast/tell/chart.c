#include "forecast/tell/chart.h"

#include "common/svg.h"

#include <math.h>

enum { LEFT = 52, RIGHT = 12, TOP = 28, BOTTOM = 26 };

typedef struct {
	double x0, y0;             /* where step 0 and the lowest demand lie */
	double low, high;          /* demand shown */
	double per_step, per_unit; /* pixels */
} scale;

static void widen(scale *s, const float *values, int n)
{
	for (int i = 0; i < n; i++) {
		if (!isfinite(values[i]))
			continue;
		s->low = fmin(s->low, (double)values[i]);
		s->high = fmax(s->high, (double)values[i]);
	}
}

/* from 0, or from the least value where some are negative; room above, and below where there is one */
static void find_range(scale *s, const chart *c)
{
	widen(s, c->history, c->past);
	widen(s, c->mean, c->steps);
	widen(s, c->band, 4 * c->steps);
	double range = s->high - s->low;
	s->high += range > 0 ? .05 * range : 1;
	s->low -= s->low < 0 ? .05 * range : 0;
}

static double px(const scale *s, double step)
{
	return s->x0 + s->per_step * step;
}

static double py(const scale *s, double value)
{
	return s->y0 - s->per_unit * (value - s->low);
}

static void draw_axes(const chart *c, FILE *out, const scale *s)
{
	double right = px(s, c->past + c->steps - 1);
	double tick = svg_tick(s->high - s->low);
	for (int i = (int)ceil(s->low / tick); i * tick <= s->high; i++) {
		double v = i * tick;
		fprintf(out,
		    "<line class=\"grid\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>", s->x0,
		    py(s, v), right, py(s, v));
		fprintf(out, "<text class=\"num\" x=\"%.1f\" y=\"%.1f\">%.6g</text>\n", s->x0 - 5,
		    py(s, v) + 4, v);
	}
	double split = px(s, c->past - 0.5);
	fprintf(out, "<line class=\"split\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n",
	    split, s->y0, split, py(s, s->high));
	fprintf(out, "<text class=\"date\" x=\"%.1f\" y=\"%.1f\">%s</text>", s->x0, s->y0 + 16,
	    c->first);
	fprintf(out, "<text class=\"date end\" x=\"%.1f\" y=\"%.1f\">%s</text>", split, s->y0 + 16,
	    c->split);
	fprintf(out, "<text class=\"date end\" x=\"%.1f\" y=\"%.1f\">%s</text>\n", right,
	    s->y0 + 16, c->last);
}

static void draw_band(
    const chart *c, FILE *out, const scale *s, int low, int high, const char *class)
{
	for (int h = 0; h < c->steps; h++)
		if (!isfinite(c->band[4 * h + low]) || !isfinite(c->band[4 * h + high]))
			return;
	fprintf(out, "<polygon class=\"%s\" points=\"", class);
	for (int h = 0; h < c->steps; h++)
		fprintf(
		    out, "%.1f,%.1f ", px(s, c->past + h), py(s, (double)c->band[4 * h + high]));
	for (int h = c->steps - 1; h >= 0; h--)
		fprintf(out, "%.1f,%.1f ", px(s, c->past + h), py(s, (double)c->band[4 * h + low]));
	fputs("\"/>\n", out);
}

/* a gap in the history breaks the line */
static void draw_line(FILE *out, const scale *s, const float *y, int n, int at, const char *class)
{
	int open = 0;
	for (int i = 0; i < n; i++) {
		if (!isfinite(y[i])) {
			fputs(open ? "\"/>\n" : "", out);
			open = 0;
			continue;
		}
		if (!open)
			fprintf(out, "<polyline class=\"%s\" points=\"", class);
		open = 1;
		fprintf(out, "%.1f,%.1f ", px(s, at + i), py(s, (double)y[i]));
	}
	fputs(open ? "\"/>\n" : "", out);
}

void chart_draw(const chart *c, FILE *out, int x, int y)
{
	int steps = c->past + c->steps;
	scale s = {.x0 = x + LEFT, .y0 = y + CHART_HEIGHT - BOTTOM};
	find_range(&s, c);
	s.per_step = (double)(CHART_WIDTH - LEFT - RIGHT) / (steps > 1 ? steps - 1 : 1);
	s.per_unit = (CHART_HEIGHT - TOP - BOTTOM) / (s.high - s.low);
	fprintf(out, "<text class=\"title\" x=\"%d\" y=\"%d\">", x + LEFT, y + 18);
	svg_text(out, c->title);
	fputs("</text>\n", out);
	draw_axes(c, out, &s);
	draw_band(c, out, &s, 0, 3, "outer");
	draw_band(c, out, &s, 1, 2, "inner");
	draw_line(out, &s, c->history, c->past, 0, "history");
	draw_line(out, &s, c->mean, c->steps, c->past, "mean");
}
