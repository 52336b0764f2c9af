#include "train/curve.h"

#include "io/publish.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MARK "<!-- entrepot-train -->\n"

enum { WIDTH = 460, HEIGHT = 260, LEFT = 58, RIGHT = 14, TOP = 34, BOTTOM = 36, LINES = 2 };

/* one panel: lines over the reports, [line][report], NaN where there is nothing */
typedef struct {
	const char *title, *name[LINES];
	const double *epoch;
	const double *y[LINES]; /* NULL: no such line */
	int64_t n;
	int64_t mark; /* a report to be marked on line 1, -1: none */
	double most;  /* no value can be larger */
} panel;

typedef struct {
	double x0, y0, low, first, per_epoch, per_unit;
	double high, last;
} scale;

static double px(const scale *s, double epoch)
{
	return s->x0 + s->per_epoch * (epoch - s->first);
}

static double py(const scale *s, double value)
{
	return s->y0 - s->per_unit * (value - s->low);
}

static scale scale_of(const panel *p, int x, int y)
{
	scale s = {.x0 = x + LEFT, .y0 = y + HEIGHT - BOTTOM, .low = INFINITY, .high = -INFINITY};
	for (int k = 0; k < LINES; k++)
		for (int64_t i = 0; p->y[k] && i < p->n; i++)
			if (isfinite(p->y[k][i])) {
				s.low = fmin(s.low, p->y[k][i]);
				s.high = fmax(s.high, p->y[k][i]);
			}
	if (!(s.low <= s.high)) {
		s.low = 0;
		s.high = 1;
	}
	double room = s.high > s.low ? .06 * (s.high - s.low) : s.high != 0 ? .5 * fabs(s.high) : 1;
	s.low = s.low >= 0 ? fmax(0, s.low - room) : s.low - room;
	s.high = fmin(s.high + room, p->most);
	s.last = p->n > 0 ? p->epoch[p->n - 1] : 1;
	s.per_epoch = (WIDTH - LEFT - RIGHT) / (s.last > 0 ? s.last : 1);
	s.per_unit = (HEIGHT - TOP - BOTTOM) / (s.high - s.low);
	return s;
}

/* 1, 2 or 5 times a power of ten, three to seven of which make the range */
static double tick_of(double range)
{
	double unit = pow(10, floor(log10(range))), n = range / unit;
	return n < 1.5 ? unit / 5 : n < 3.5 ? unit / 2 : n < 7 ? unit : 2 * unit;
}

static void draw_axes(FILE *out, const scale *s)
{
	double right = px(s, s->last), tick = tick_of(s->high - s->low);
	for (int64_t i = (int64_t)ceil(s->low / tick); (double)i * tick <= s->high; i++) {
		double v = (double)i * tick, y = py(s, v);
		fprintf(out,
		    "<line class=\"grid\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>"
		    "<text class=\"num\" x=\"%.1f\" y=\"%.1f\">%.6g</text>\n",
		    s->x0, y, right, y, s->x0 - 5, y + 4, v);
	}
	tick = fmax(1, tick_of(s->last > 0 ? s->last : 1));
	for (int64_t i = 0; (double)i * tick <= s->last; i++)
		fprintf(out, "<text class=\"mid\" x=\"%.1f\" y=\"%.1f\">%.6g</text>\n",
		    px(s, (double)i * tick), s->y0 + 16, (double)i * tick);
	fprintf(out, "<text class=\"mid\" x=\"%.1f\" y=\"%.1f\">epochs</text>\n",
	    (s->x0 + right) / 2, s->y0 + 31);
}

/* a line of one report has no length: it is a dot */
static void draw_line(FILE *out, const scale *s, const panel *p, int k)
{
	if (p->n == 1 && isfinite(p->y[k][0])) {
		fprintf(out, "<circle class=\"dot%d\" cx=\"%.1f\" cy=\"%.1f\" r=\"3.5\"/>\n", k,
		    px(s, p->epoch[0]), py(s, p->y[k][0]));
		return;
	}
	fprintf(out, "<polyline class=\"line%d\" points=\"", k);
	for (int64_t i = 0; i < p->n; i++)
		if (isfinite(p->y[k][i]))
			fprintf(out, "%.1f,%.1f ", px(s, p->epoch[i]), py(s, p->y[k][i]));
	fputs("\"/>\n", out);
}

static void draw_panel(FILE *out, const panel *p, int x, int y)
{
	scale s = scale_of(p, x, y);
	fprintf(
	    out, "<text class=\"title\" x=\"%d\" y=\"%d\">%s</text>\n", x + LEFT, y + 18, p->title);
	draw_axes(out, &s);
	int at = x + WIDTH - RIGHT;
	for (int k = LINES - 1; k >= 0; k--) {
		if (!p->y[k])
			continue;
		draw_line(out, &s, p, k);
		fprintf(out, "<text class=\"num name%d\" x=\"%d\" y=\"%d\">%s</text>\n", k, at,
		    y + 18, p->name[k]);
		at -= 80;
	}
	if (p->mark >= 0 && p->y[1])
		fprintf(out, "<circle class=\"mark\" cx=\"%.1f\" cy=\"%.1f\" r=\"3.5\"/>\n",
		    px(&s, p->epoch[p->mark]), py(&s, p->y[1][p->mark]));
}

static void draw(FILE *out, const panel *p, int panels)
{
	fprintf(out,
	    MARK "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" "
		 "height=\"%d\">\n",
	    panels * WIDTH, HEIGHT, panels * WIDTH, HEIGHT);
	fputs("<style>text{font:11px sans-serif;fill:#222}.title{font-weight:bold;font-size:12px}"
	      ".num{text-anchor:end}.mid{text-anchor:middle}.grid{stroke:#ddd}"
	      ".line0,.line1{fill:none;stroke-width:1.6}.line0{stroke:#333;stroke-dasharray:5 2}"
	      ".line1,.mark{stroke:#0b5394}.mark{fill:#fff;stroke-width:1.6}"
	      ".name0,.dot0{fill:#333}.name1,.dot1{fill:#0b5394}</style>\n"
	      "<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n",
	    out);
	for (int i = 0; i < panels; i++)
		draw_panel(out, &p[i], i * WIDTH, 0);
	fputs("</svg>\n", out);
}

static void draw_history(
    FILE *out, const network *n, const par_history *h, int64_t steps_an_epoch, double *room)
{
	int64_t lines = h->lines;
	double *epoch = room, *training = room + lines, *validation = training + lines,
	       *more = validation + lines;
	bool validated = h->best >= 0;
	for (int64_t i = 0; i < lines; i++) {
		epoch[i] = (double)h->line[i].step / (double)steps_an_epoch;
		training[i] = h->line[i].loss;
		validation[i] = h->line[i].validation[0];
		more[i] = h->line[i].validation[1];
	}
	panel p[2] = {
	    {"loss", {"training", "validation"}, epoch, {training, validated ? validation : NULL},
		lines, validated ? h->best : -1, INFINITY},
	    {n->loss.classes ? "accuracy" : "mean squared error", {"", "validation"}, epoch,
		{NULL, more}, lines, validated ? h->best : -1, n->loss.classes ? 1 : INFINITY},
	};
	draw(out, p, validated ? 2 : 1);
}

par_err curve_write(app *a, const network *n, const par_history *h, int64_t steps_an_epoch)
{
	char *text = NULL, path[4096];
	size_t size = 0;
	double *room = calloc(4 * (size_t)h->lines + 1, sizeof *room);
	FILE *out = open_memstream(&text, &size);
	par_err e = room && out ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory to draw");
	if (e == PAR_OK)
		draw_history(out, n, h, steps_an_epoch, room);
	if (out)
		fclose(out);
	e = par_agree(&a->world, e);
	app_beside(a, ".svg", path, sizeof path);
	if (e == PAR_OK)
		e = par_publish_text(
		    &a->world, path, a->world.rank == 0 ? text : NULL, strlen(MARK));
	if (e == PAR_OK)
		e = app_output(a, path);
	free(text);
	free(room);
	return e;
}
