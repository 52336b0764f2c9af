#include "plan/tell/bars.h"

#include "base/date.h"
#include "common/svg.h"
#include "plan/tell/number_text.h"

#include <math.h>

enum { TITLE = 18, LINE = 16, ABOVE = 26, HEIGHT = BARS_BELOW - ABOVE - AXIS_HEIGHT }; /* px */

#define ENTRY (MODEL_NAME + 32)
#define SWATCH 15  /* px, with the gap to its text */
#define APART 14   /* px between entries of the legend */
#define LONGEST 42 /* characters of an entry */

static const char *const colour[BARS_MOST] = {
    "#0b5394", "#6fa8dc", "#38761d", "#93c47d", "#b45f06", "#f6b26b", "#674ea7", "#b4a7d6"};

typedef struct {
	double y0, per_unit, tick;
	int ticks; /* above zero */
} scale;

/* many names are one */
static int colours(const bars *b)
{
	return b->names->n <= BARS_MOST ? (int)b->names->n : 1;
}

/* of the k-th colour in period t */
static double amount_of(const bars *b, int k, int t)
{
	int periods = b->axis.m->periods;
	int64_t lo = k, hi = colours(b) > 1 ? k + 1 : b->names->n;
	double sum = 0;
	for (int64_t i = lo; i < hi; i++)
		sum += b->amount[i * periods + t];
	return sum;
}

static double highest(const bars *b)
{
	double high = 0;
	for (int t = 0; t < b->axis.m->periods; t++) {
		double all = 0;
		for (int k = 0; k < colours(b); k++)
			all += amount_of(b, k, t);
		high = fmax(high, b->line ? fmax(all, b->line[t]) : all);
	}
	return high > 0 ? high : 1;
}

static scale scale_of(const bars *b, double y0)
{
	double high = highest(b), tick = svg_tick(high);
	int ticks = (int)ceil(high / tick - 1e-9);
	return (scale){y0, HEIGHT / (ticks * tick), tick, ticks};
}

static int entries(const bars *b)
{
	return colours(b) + (b->line != NULL);
}

static const char *entry_text(const bars *b, int e, char out[ENTRY])
{
	if (e == colours(b))
		snprintf(out, ENTRY, "%s", b->line_text);
	else if (b->names->n > BARS_MOST)
		snprintf(out, ENTRY, "%lld %s together", (long long)b->names->n, b->what);
	else
		snprintf(out, ENTRY, "%s", b->names->name[e]);
	return out;
}

static void draw_entry(const bars *b, FILE *out, int e, const char *text, double x, double y)
{
	if (e == colours(b))
		fprintf(out,
		    "<line class=\"line\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>", x,
		    y - 4, x + 10, y - 4);
	else
		fprintf(out, "<rect fill=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"9\" height=\"9\"/>",
		    colour[e], x, y - 9);
	fprintf(out, "<text x=\"%.1f\" y=\"%.1f\">", x + SWATCH, y);
	svg_text_cut(out, text, LONGEST);
	fputs("</text>\n", out);
}

/* entry after entry, in as many lines as they take, which it returns; drawn where there is an out */
static int lay_out(const bars *b, FILE *out, double y)
{
	double x = 0;
	int lines = 1;
	for (int e = 0; e < entries(b); e++) {
		char text[ENTRY];
		double width = SWATCH + svg_width(entry_text(b, e, text)) + APART;
		if (x > 0 && x + width > AXIS_WIDTH) {
			x = 0;
			lines++;
		}
		if (out)
			draw_entry(b, out, e, text, b->axis.left + x, y + LINE * (lines - 1));
		x += width;
	}
	return lines;
}

double bars_legend(const bars *b)
{
	return TITLE + LINE * lay_out(b, NULL, 0);
}

static void draw_amounts(const bars *b, FILE *out, const scale *s)
{
	double left = b->axis.left, right = axis_at(&b->axis, b->axis.m->periods);
	for (int i = 0; i <= s->ticks; i++) {
		double y = s->y0 - s->per_unit * i * s->tick;
		char text[NUMBER_TEXT];
		if (s->tick < 1)
			snprintf(text, sizeof text, "%g", i * s->tick);
		else
			number_text(text, i * s->tick);
		fprintf(out,
		    "<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>"
		    "<text class=\"num\" x=\"%.1f\" y=\"%.1f\">%s</text>\n",
		    i > 0 ? "grid" : "tick", left, y, right, y, left - 6, y + 4, text);
	}
	fprintf(out, "<text class=\"num\" x=\"%.1f\" y=\"%.1f\">%s</text>\n", left - 6,
	    s->y0 - HEIGHT - 10, b->unit);
}

static void draw_bar(const bars *b, FILE *out, int k, int t, double base, double height)
{
	double x = axis_at(&b->axis, t), width = axis_at(&b->axis, t + 1) - x;
	char name[ENTRY], amount[NUMBER_TEXT], date[11];
	fprintf(out,
	    "<rect fill=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"><title>",
	    colour[k], x + 0.1 * width, base, 0.8 * width, height);
	svg_text(out, entry_text(b, k, name));
	fprintf(out, ", %s: %s %s</title></rect>", par_date_text(date, b->axis.m->period_date[t]),
	    number_text(amount, amount_of(b, k, t)), b->unit);
}

static void draw_period(const bars *b, FILE *out, const scale *s, int t)
{
	double base = s->y0;
	for (int k = 0; k < colours(b); k++) {
		double height = s->per_unit * amount_of(b, k, t);
		base -= height;
		if (height > 0.05)
			draw_bar(b, out, k, t, base, height);
	}
	fputc('\n', out);
}

static void draw_line(const bars *b, FILE *out, const scale *s)
{
	fputs("<polyline class=\"line\" points=\"", out);
	for (int t = 0; t < b->axis.m->periods; t++)
		fprintf(out, "%.1f,%.1f ", (axis_at(&b->axis, t) + axis_at(&b->axis, t + 1)) / 2,
		    s->y0 - s->per_unit * b->line[t]);
	fputs("\"/>\n", out);
}

void bars_style(FILE *out)
{
	fputs(".line{fill:none;stroke:#333;stroke-width:1.4;stroke-dasharray:4 2}", out);
}

void bars_draw(const bars *b, FILE *out, double y, double legend)
{
	scale s = scale_of(b, y + legend + ABOVE + HEIGHT);
	fprintf(out, "<g><text class=\"title\" x=\"%.1f\" y=\"%.1f\">%s</text>\n", b->axis.left,
	    y + 12, b->title);
	lay_out(b, out, y + TITLE + LINE - 4);
	draw_amounts(b, out, &s);
	for (int t = 0; t < b->axis.m->periods; t++)
		draw_period(b, out, &s, t);
	if (b->line)
		draw_line(b, out, &s);
	axis_draw(&b->axis, out, s.y0);
	fputs("</g>\n", out);
}
