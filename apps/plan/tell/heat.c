#include "plan/tell/heat.h"

#include "common/svg.h"
#include "plan/tell/limit_text.h"
#include "plan/tell/number_text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TOP = 44, ROW = 15, GROUP = 5 };  /* px above the rows, of a row, between kinds */
enum { SHADES = 24, SHADES_WIDTH = 96 }; /* of the key to the colours */

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

/* below the first row's top */
static double row_at(const heat *h, int k)
{
	double y = ROW * k;
	for (int i = 1; i <= k && i < h->rows; i++)
		y += h->row[i].kind != h->row[i - 1].kind ? GROUP : 0;
	return y;
}

static double rows_height(const heat *h)
{
	return row_at(h, h->rows - 1) + ROW + 1;
}

/* from white to a colour, share from 0 to 1 */
static void shade(char out[8], double share, int red, int green, int blue)
{
	double p = fmax(0, fmin(1, share));
	snprintf(out, 8, "#%02x%02x%02x", (int)(255 - p * (255 - red)),
	    (int)(255 - p * (255 - green)), (int)(255 - p * (255 - blue)));
}

#define PASSED "#cc4125"

/* of how far a limit is used, or what more of it would save, where small savings show, too */
static void shade_of(bool worth, double share, char out[8])
{
	if (worth)
		shade(out, sqrt(share), 0x38, 0x76, 0x1d);
	else
		shade(out, share, 0x0b, 0x53, 0x94);
}

static void colour_of(const heat *h, bool worth, int64_t i, double most, char out[8])
{
	const limit *l = &h->m->limit[i];
	double share = h->t->use[i] / fmax(l->capacity, 1e-300);
	if (worth)
		shade_of(worth, most > 0 ? saves(h->m, h->s, i) / most : 0, out);
	else if (l->kind == LIMIT_COMMITMENT ? share < 1 - 1e-6 : share > 1 + 1e-6)
		snprintf(out, 8, PASSED);
	else
		shade_of(worth, share, out);
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

/* the first limit of row k */
static int64_t first_of(const heat *h, int k)
{
	int64_t i = 0;
	while (row_of(h, &h->m->limit[i]) != k)
		i++;
	return i;
}

/* "lane HAMBURG-LYON-RAIL", "budget" */
static const char *label_of(const heat *h, int k, char out[LIMIT_NAME])
{
	int64_t i = first_of(h, k);
	const char *whose = limit_whose(h->m, i);
	snprintf(
	    out, LIMIT_NAME, "%s%s%s", limit_kind_text(h->row[k].kind), *whose ? " " : "", whose);
	return out;
}

double heat_names(const heat *h)
{
	char label[LIMIT_NAME];
	double most = 0;
	for (int k = 0; k < h->rows; k++)
		most = fmax(most, svg_width(label_of(h, k, label)));
	return most;
}

static void draw_names(const heat *h, FILE *out, double right, double y)
{
	char label[LIMIT_NAME];
	for (int k = 0; k < h->rows; k++) {
		fprintf(out, "<text class=\"num\" x=\"%.1f\" y=\"%.1f\">", right,
		    y + TOP + row_at(h, k) + 11);
		svg_text(out, label_of(h, k, label));
		fputs("</text>\n", out);
	}
}

void heat_style(FILE *out)
{
	fputs(".cell{stroke:#ddd;stroke-width:.5}", out);
}

static void draw_cells(const heat *h, bool worth, FILE *out, const axis *a, double y)
{
	char fill[8];
	double most = most_saved(h);
	for (int64_t i = 0; i < h->m->problem.link.rows; i++) {
		const limit *l = &h->m->limit[i];
		int k = row_of(h, l);
		if (k < 0)
			continue;
		colour_of(h, worth, i, most, fill);
		draw_cell(h, out, i, fill, axis_at(a, l->period), y + row_at(h, k),
		    axis_at(a, l->until) - axis_at(a, l->period));
	}
}

/* text, shades from nothing to the most, text */
static double draw_shades(FILE *out, bool worth, double x, double y, const char *most)
{
	char fill[8];
	fprintf(out, "<text x=\"%.1f\" y=\"%.1f\">0</text>", x, y);
	x += 12;
	for (int i = 0; i < SHADES; i++) {
		double width = (double)SHADES_WIDTH / SHADES;
		shade_of(worth, (i + 0.5) / SHADES, fill);
		fprintf(out,
		    "<rect fill=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"9\"/>", fill,
		    x + i * width, y - 9, width + 0.5);
	}
	x += SHADES_WIDTH + 5;
	fprintf(out, "<text x=\"%.1f\" y=\"%.1f\">%s</text>\n", x, y, most);
	return x + svg_width(most);
}

static void draw_key(const heat *h, bool worth, FILE *out, double x, double y)
{
	char most[2 * NUMBER_TEXT];
	if (worth) {
		double saved = most_saved(h);
		char whole[NUMBER_TEXT];
		if (saved < 100)
			snprintf(most, sizeof most, "%.2g %s", saved, h->m->currency);
		else
			snprintf(
			    most, sizeof most, "%s %s", number_text(whole, saved), h->m->currency);
		draw_shades(out, worth, x, y, most);
		return;
	}
	bool commitments = h->row[h->rows - 1].kind == LIMIT_COMMITMENT;
	x = draw_shades(out, worth, x, y, "100 %") + 14;
	fprintf(out,
	    "<rect fill=\"" PASSED "\" x=\"%.1f\" y=\"%.1f\" width=\"9\" height=\"9\"/>"
	    "<text x=\"%.1f\" y=\"%.1f\">passed%s</text>\n",
	    x, y - 9, x + 14, y, commitments ? ", or a commitment missed" : "");
}

static void draw_map(const heat *h, bool worth, FILE *out, const axis *a, double y)
{
	fprintf(out, "<text class=\"title\" x=\"%.1f\" y=\"%.1f\">%s</text>\n", a->left, y + 12,
	    worth ? "What 1 % more of a limit would save" : "Use of the limits");
	draw_key(h, worth, out, a->left, y + 32);
	draw_cells(h, worth, out, a, y + TOP);
	axis_draw(a, out, y + TOP + rows_height(h));
}

double heat_height(const heat *h)
{
	return h->rows > 0 ? TOP + rows_height(h) + AXIS_HEIGHT + (h->left_out > 0 ? ROW : 0) : 0;
}

void heat_draw(const heat *h, FILE *out, const axis at[2], double y)
{
	if (h->rows == 0)
		return;
	draw_names(h, out, at[0].left - 8, y);
	draw_map(h, false, out, &at[0], y);
	draw_map(h, true, out, &at[1], y);
	if (h->left_out > 0)
		fprintf(out,
		    "<text x=\"%.1f\" y=\"%.1f\">%d more, of less weight, are not drawn</text>\n",
		    at[0].left, y + heat_height(h) - 3, h->left_out);
}
