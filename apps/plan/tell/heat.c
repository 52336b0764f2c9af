#include "plan/tell/heat.h"

#include "base/date.h"
#include "common/svg.h"
#include "plan/tell/limit_text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LEFT = 6, RIGHT = 8, TOP = 30, BOTTOM = 26, ROW = 15 };

static int by_weight(const void *a, const void *b)
{
	const heat_row *x = a, *y = b;
	if (x->weight != y->weight)
		return x->weight > y->weight ? -1 : 1;
	return x->kind != y->kind ? (int)x->kind - (int)y->kind : x->which - y->which;
}

static int by_kind(const void *a, const void *b)
{
	const heat_row *x = a, *y = b;
	return x->kind != y->kind ? (int)x->kind - (int)y->kind : x->which - y->which;
}

/* what a hundredth more of a limit would save */
static double saves(const model *m, const solution *s, int64_t i)
{
	return fabs(limit_worth(s, i) * m->limit[i].capacity) / 100;
}

static double most_saved(const heat *h)
{
	double most = 0;
	for (int64_t i = 0; i < h->m->problem.link.rows; i++)
		most = fmax(most, saves(h->m, h->s, i));
	return most;
}

static int collect(heat_row *row, const model *m, const solution *s)
{
	int n = 0;
	for (int64_t i = 0; i < m->problem.link.rows; i++) {
		const limit *l = &m->limit[i];
		int k = 0;
		while (k < n && (row[k].kind != l->kind || row[k].which != l->which))
			k++;
		if (k == n)
			row[n++] = (heat_row){l->kind, l->which, 0};
		row[k].weight += saves(m, s, i);
	}
	return n;
}

par_err heat_rows(heat *h, const model *m, const solution *s, const totals *t)
{
	*h = (heat){.m = m, .s = s, .t = t};
	heat_row *row = malloc((size_t)(m->problem.link.rows + 1) * sizeof *row);
	if (!row)
		return par_fail(PAR_E_MEMORY, "no memory to draw the limits");
	int n = collect(row, m, s);
	qsort(row, (size_t)n, sizeof *row, by_weight);
	h->rows = n < HEAT_ROWS ? n : HEAT_ROWS;
	h->left_out = n - h->rows;
	qsort(row, (size_t)h->rows, sizeof *row, by_kind);
	for (int k = 0; k < h->rows; k++)
		h->row[k] = row[k];
	free(row);
	return PAR_OK;
}

int heat_height(const heat *h)
{
	return TOP + BOTTOM + ROW * h->rows;
}

/* from white to a colour, share from 0 to 1 */
static void shade(char out[8], double share, int red, int green, int blue)
{
	double p = fmax(0, fmin(1, share));
	snprintf(out, 8, "#%02x%02x%02x", (int)(255 - p * (255 - red)),
	    (int)(255 - p * (255 - green)), (int)(255 - p * (255 - blue)));
}

static void colour_of(const heat *h, bool worth, int64_t i, double most, char out[8])
{
	double share = h->t->use[i] / fmax(h->m->limit[i].capacity, 1e-300);
	if (worth)
		shade(out, most > 0 ? sqrt(saves(h->m, h->s, i) / most) : 0, 0x38, 0x76, 0x1d);
	else if (share > 1 + 1e-6 && h->m->limit[i].kind != LIMIT_COMMITMENT)
		shade(out, 1, 0xcc, 0x41, 0x25);
	else
		shade(out, share, 0x0b, 0x53, 0x94);
}

static void draw_cell(
    const heat *h, FILE *out, int64_t i, const char *fill, double x, double y, double width)
{
	char name[LIMIT_NAME];
	fprintf(out,
	    "<rect class=\"cell\" fill=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%d\">"
	    "<title>",
	    fill, x, y, width, ROW - 1);
	svg_text(out, limit_name(h->m, i, name));
	fprintf(out, ": %.4g of %.4g, one more saves %.4g</title></rect>\n", h->t->use[i],
	    h->m->limit[i].capacity, limit_worth(h->s, i));
}

static int row_of(const heat *h, const limit *l)
{
	for (int k = 0; k < h->rows; k++)
		if (h->row[k].kind == l->kind && h->row[k].which == l->which)
			return k;
	return -1;
}

void heat_draw_names(const heat *h, FILE *out, int x, int y)
{
	bool named[HEAT_ROWS] = {false};
	for (int64_t i = 0; i < h->m->problem.link.rows; i++) {
		int k = row_of(h, &h->m->limit[i]);
		if (k < 0 || named[k])
			continue;
		named[k] = true;
		fprintf(out, "<text class=\"num\" x=\"%d\" y=\"%d\">%s ", x + HEAT_NAMES,
		    y + TOP + ROW * k + 11, limit_kind_text(h->row[k].kind));
		svg_text_cut(
		    out, limit_whose(h->m, i), 25 - (int)strlen(limit_kind_text(h->row[k].kind)));
		fputs("</text>\n", out);
	}
}

void heat_style(FILE *out)
{
	fputs(".cell{stroke:#ddd;stroke-width:.5}.mid{text-anchor:middle}", out);
}

static void draw_cells(const heat *h, bool worth, FILE *out, int x, int y, double width)
{
	char fill[8];
	double most = most_saved(h);
	for (int64_t i = 0; i < h->m->problem.link.rows; i++) {
		const limit *l = &h->m->limit[i];
		int k = row_of(h, l);
		if (k < 0)
			continue;
		colour_of(h, worth, i, most, fill);
		draw_cell(h, out, i, fill, x + width * l->period, y + ROW * k,
		    width * (l->until - l->period));
	}
}

static void draw_dates(const heat *h, FILE *out, double left, double right, int y)
{
	char first[11], last[11];
	const model *m = h->m;
	fprintf(out,
	    "<text x=\"%.1f\" y=\"%d\">%s</text><text class=\"num\" x=\"%.1f\" y=\"%d\">%s"
	    "</text>\n",
	    left, y, par_date_text(first, m->period_date[0]), right, y,
	    par_date_text(last, m->period_date[m->periods - 1]));
}

void heat_draw(const heat *h, bool worth, FILE *out, int x, int y)
{
	double width = (double)(HEAT_WIDTH - LEFT - RIGHT) / h->m->periods;
	fprintf(out, "<text class=\"title\" x=\"%d\" y=\"%d\">", x + LEFT, y + 18);
	if (worth)
		fprintf(out, "What 1 %% more of it saves (dark: %.3g %s)", most_saved(h),
		    h->m->currency);
	else
		fputs("Use of each limit (red: passed)", out);
	fputs("</text>\n", out);
	draw_cells(h, worth, out, x + LEFT, y + TOP, width);
	draw_dates(h, out, x + LEFT, x + HEAT_WIDTH - RIGHT, y + heat_height(h) - 10);
	if (worth && h->left_out > 0)
		fprintf(out, "<text class=\"mid\" x=\"%d\" y=\"%d\">%d more are not drawn</text>\n",
		    x + HEAT_WIDTH / 2, y + heat_height(h) - 10, h->left_out);
}
