#include "plan/tell/bars.h"

#include "common/svg.h"

#include <math.h>

enum { LEFT = 58, RIGHT = 104, TOP = 30, BOTTOM = 26 };

static const char *const colour[BARS_MOST] = {
    "#0b5394", "#6fa8dc", "#38761d", "#93c47d", "#b45f06", "#f6b26b", "#674ea7", "#b4a7d6"};

typedef struct {
	double x0, y0, width, per_unit, high;
} scale;

/* many names are one */
static int colours(const bars *b)
{
	return b->names->n <= BARS_MOST ? (int)b->names->n : 1;
}

/* of the k-th colour in period t */
static double amount_of(const bars *b, int k, int t)
{
	int64_t lo = k, hi = colours(b) > 1 ? k + 1 : b->names->n;
	double sum = 0;
	for (int64_t i = lo; i < hi; i++)
		sum += b->amount[i * b->periods + t];
	return sum;
}

static scale scale_of(const bars *b, int x, int y)
{
	scale s = {.x0 = x + LEFT, .y0 = y + BARS_HEIGHT - BOTTOM};
	s.width = (double)(BARS_WIDTH - LEFT - RIGHT) / b->periods;
	for (int t = 0; t < b->periods; t++) {
		double all = 0;
		for (int k = 0; k < colours(b); k++)
			all += amount_of(b, k, t);
		s.high = fmax(s.high, b->line ? fmax(all, b->line[t]) : all);
	}
	s.high = s.high > 0 ? 1.05 * s.high : 1;
	s.per_unit = (BARS_HEIGHT - TOP - BOTTOM) / s.high;
	return s;
}

static void draw_axes(const bars *b, FILE *out, const scale *s)
{
	double right = s->x0 + s->width * b->periods, tick = svg_tick(s->high);
	for (int i = 0; i * tick <= s->high; i++) {
		double y = s->y0 - s->per_unit * i * tick;
		fprintf(out,
		    "<line class=\"grid\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>"
		    "<text class=\"num\" x=\"%.1f\" y=\"%.1f\">%.6g</text>\n",
		    s->x0, y, right, y, s->x0 - 5, y + 4, i * tick);
	}
	fprintf(out,
	    "<text x=\"%.1f\" y=\"%.1f\">%s</text><text class=\"num\" x=\"%.1f\" y=\"%.1f\">%s"
	    "</text>\n",
	    s->x0, s->y0 + 16, b->first, right, s->y0 + 16, b->last);
}

static void draw_period(const bars *b, FILE *out, const scale *s, int t)
{
	double base = s->y0;
	for (int k = 0; k < colours(b); k++) {
		double height = s->per_unit * amount_of(b, k, t);
		base -= height;
		if (height > 0.05)
			fprintf(out,
			    "<rect fill=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" "
			    "height=\"%.1f\"/>",
			    colour[k], s->x0 + s->width * (t + 0.1), base, 0.8 * s->width, height);
	}
	fputc('\n', out);
}

static void draw_line(const bars *b, FILE *out, const scale *s)
{
	fputs("<polyline class=\"line\" points=\"", out);
	for (int t = 0; t < b->periods; t++)
		fprintf(out, "%.1f,%.1f ", s->x0 + s->width * (t + 0.5),
		    s->y0 - s->per_unit * b->line[t]);
	fputs("\"/>\n", out);
}

static void draw_legend(const bars *b, FILE *out, int x, int y)
{
	if (b->names->n > BARS_MOST)
		fprintf(out, "<text x=\"%d\" y=\"%d\">%lld together</text>\n", x, y + 9,
		    (long long)b->names->n);
	for (int k = 0; k < b->names->n && b->names->n <= BARS_MOST; k++) {
		fprintf(out,
		    "<rect fill=\"%s\" x=\"%d\" y=\"%d\" width=\"9\" height=\"9\"/>"
		    "<text x=\"%d\" y=\"%d\">",
		    colour[k], x, y + 15 * k, x + 14, y + 15 * k + 9);
		svg_text_cut(out, b->names->name[k], 13);
		fputs("</text>\n", out);
	}
}

void bars_style(FILE *out)
{
	fputs(".line{fill:none;stroke:#333;stroke-width:1.4;stroke-dasharray:5 2}", out);
}

void bars_draw(const bars *b, FILE *out, int x, int y)
{
	scale s = scale_of(b, x, y);
	fprintf(
	    out, "<text class=\"title\" x=\"%d\" y=\"%d\">%s</text>\n", x + LEFT, y + 18, b->title);
	draw_axes(b, out, &s);
	for (int t = 0; t < b->periods; t++)
		draw_period(b, out, &s, t);
	if (b->line)
		draw_line(b, out, &s);
	draw_legend(b, out, x + BARS_WIDTH - RIGHT + 12, y + TOP);
}
