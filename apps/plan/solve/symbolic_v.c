#include "plan/solve/panels.h"
#include "plan/solve/symbolic_inside.h"

#include <stdlib.h>

#define BATCH_EIGHTS 6000 /* of V: it shares the second cache with the groups that pass through */
#define BATCH_MOST 8

/* reached[i * touched + t]: is entry (t, i) of V' other than 0? */
static void reach(const symbolic *s, const int *slots, bool *reached)
{
	for (int i = 0; i < s->rows; i++)
		for (int t = 0; t < s->touched; t++) {
			bool r = slots[t * s->rows + i] >= 0;
			for (int e = s->l_first[i]; !r && e < s->l_first[i + 1] - 1; e++)
				r = reached[s->l_column[e] * s->touched + t];
			reached[i * s->touched + t] = r;
		}
}

static par_err make_panels(symbolic *s, const bool *reached, const int *panel_of)
{
	KEEP(s, panel, s->panels);
	int64_t eights = 0;
	for (int k = 0; k < s->panels; k++) {
		panel *p = &s->panel[k];
		if (!(p->link = symbolic_keep(s, s->touched, sizeof *p->link)))
			return par_fail(PAR_E_MEMORY, "no memory for a pattern's lists");
		for (int i = 0; i < s->rows; i++)
			p->rows += panel_of[i] == k;
		for (int t = 0; t < s->touched; t++) {
			bool in = false;
			for (int i = 0; !in && i < s->rows; i++)
				in = panel_of[i] == k && reached[i * s->touched + t];
			if (in)
				p->link[p->links++] = t;
		}
		p->padded = (p->links + PANEL_STRIP - 1) / PANEL_STRIP * PANEL_STRIP;
		eights += (int64_t)p->padded * p->rows;
	}
	int64_t fit = eights > 0 ? BATCH_EIGHTS / eights : 1;
	s->batch = (int)(fit < 1 ? 1 : fit > BATCH_MOST ? BATCH_MOST : fit);
	for (int k = 0; k < s->panels; k++) {
		panel *p = &s->panel[k];
		p->v_first = s->v_size;
		p->s_first = s->s_size;
		s->v_size += (int64_t)p->padded * p->rows * s->batch;
		/* strips of the lower half, up to the end of the diagonal's square */
		for (int at = 0; at < p->padded; at += PANEL_STRIP)
			s->s_size += PANEL_STRIP * (at + PANEL_STRIP);
	}
	return PAR_OK;
}

/* what V is made of, and room to say how */
typedef struct {
	symbolic *s;
	const int *slots, *panel_of;
	const bool *reached;
	int *sorted;   /* linking rows, those of like reach together */
	int *line_of;  /* of a row, in the block at hand, or -1 */
	int *in_panel; /* [panel * touched + linking row]: its column there, or -1 */
	int *row_in;   /* of a row: which of its panel's */
	int lines, pairs;
} v_writer;

/* linking rows that reach the same rows become neighbours: their items are made of equally many products, so
 * that a processor foresees where their loops end */
static void sort_links(const symbolic *s, const bool *reached, int *sorted)
{
	for (int n = 0; n < s->touched; n++) {
		int at = n;
		for (; at > 0; at--) {
			int i = 0, o = sorted[at - 1];
			while (i < s->rows &&
			       reached[i * s->touched + n] == reached[i * s->touched + o])
				i++;
			if (i == s->rows || reached[i * s->touched + o])
				break;
			sorted[at] = o;
		}
		sorted[at] = n;
	}
}

static void find_places(v_writer *w)
{
	const symbolic *s = w->s;
	for (int k = 0; k < s->panels * s->touched; k++)
		w->in_panel[k] = -1;
	for (int k = 0; k < s->panels; k++)
		for (int c = 0; c < s->panel[k].links; c++)
			w->in_panel[k * s->touched + s->panel[k].link[c]] = c;
	for (int i = 0; i < s->rows; i++)
		for (int o = 0; o < i; o++)
			w->row_in[i] += w->panel_of[o] == w->panel_of[i];
}

static bool block_reaches(const v_writer *w, int b, int row)
{
	for (int k = b * V_BLOCK; k < (b + 1) * V_BLOCK && k < w->s->touched; k++)
		if (w->reached[row * w->s->touched + w->sorted[k]])
			return true;
	return false;
}

/* which rows a block reaches, in line_of; the products that their lines take */
static int count_lines(v_writer *w, int b, int *pairs)
{
	const symbolic *s = w->s;
	int lines = 0;
	for (int i = 0; i < s->rows; i++) {
		w->line_of[i] = block_reaches(w, b, i) ? lines++ : -1;
		for (int e = s->l_first[i]; w->line_of[i] >= 0 && e < s->l_first[i + 1] - 1; e++)
			*pairs += w->line_of[s->l_column[e]] >= 0;
	}
	return lines;
}

/* item k of a line: where it begins, where it goes; what has no place in the panel goes where nobody looks */
static void write_item(v_writer *w, int row, int b, int k)
{
	symbolic *s = w->s;
	int n = b * V_BLOCK + k, item = w->lines * V_BLOCK + k, panel_of = w->panel_of[row];
	int t = n < s->touched ? w->sorted[n] : -1;
	int column = t >= 0 ? w->in_panel[panel_of * s->touched + t] : -1;
	const panel *p = &s->panel[panel_of];
	int slot = t >= 0 ? w->slots[t * s->rows + row] : -1;
	s->v_slot[item] = slot >= 0 ? slot : s->slots;
	s->v_at[item] = column < 0
			    ? s->v_size
			    : p->v_first + (int64_t)column * s->batch * p->rows + w->row_in[row];
	s->v_step[item] = column < 0 ? 0 : p->rows;
}

static void write_line(v_writer *w, int row, int b)
{
	symbolic *s = w->s;
	for (int k = 0; k < V_BLOCK; k++)
		write_item(w, row, b, k);
	for (int e = s->l_first[row]; e < s->l_first[row + 1] - 1; e++)
		if (w->line_of[s->l_column[e]] >= 0) {
			s->v_pair[2 * w->pairs] = e;
			s->v_pair[2 * w->pairs++ + 1] = w->line_of[s->l_column[e]] * V_BLOCK;
		}
	s->v_diagonal[w->lines++] = s->l_first[row + 1] - 1;
	s->v_pair_first[w->lines] = w->pairs;
}

static par_err write_blocks(v_writer *w)
{
	symbolic *s = w->s;
	int lines = 0, pairs = 0;
	s->v_blocks = (s->touched + V_BLOCK - 1) / V_BLOCK;
	for (int b = 0; b < s->v_blocks; b++)
		lines += count_lines(w, b, &pairs);
	KEEP(s, v_first, s->v_blocks + 1);
	KEEP(s, v_slot, lines * V_BLOCK);
	KEEP(s, v_at, lines * V_BLOCK);
	KEEP(s, v_step, lines * V_BLOCK);
	KEEP(s, v_diagonal, lines);
	KEEP(s, v_pair_first, lines + 1);
	KEEP(s, v_pair, 2 * pairs);
	for (int b = 0; b < s->v_blocks; b++) {
		int more = count_lines(w, b, &pairs) * V_BLOCK;
		s->widest = more > s->widest ? more : s->widest;
		for (int i = 0; i < s->rows; i++)
			if (w->line_of[i] >= 0)
				write_line(w, i, b);
		s->v_first[b + 1] = w->lines;
	}
	return PAR_OK;
}

static par_err write_program(
    symbolic *s, const int *slots, const bool *reached, const int *panel_of)
{
	size_t rows = (size_t)s->rows, touched = (size_t)s->touched;
	v_writer w = {.s = s, .slots = slots, .panel_of = panel_of, .reached = reached};
	w.sorted = calloc(touched + 1, sizeof *w.sorted);
	w.line_of = calloc(rows + 1, sizeof *w.line_of);
	w.row_in = calloc(rows + 1, sizeof *w.row_in);
	w.in_panel = calloc((size_t)s->panels * touched + 1, sizeof *w.in_panel);
	par_err e = PAR_OK;
	if (w.sorted && w.line_of && w.row_in && w.in_panel) {
		sort_links(s, reached, w.sorted);
		find_places(&w);
		e = write_blocks(&w);
	} else {
		e = par_fail(PAR_E_MEMORY, "no memory to analyse %d rows", s->rows);
	}
	free(w.sorted);
	free(w.line_of);
	free(w.row_in);
	free(w.in_panel);
	return e;
}

par_err symbolic_v(symbolic *s, const int *slots)
{
	size_t rows = (size_t)s->rows;
	bool *reached = calloc(rows * (size_t)s->touched + 1, sizeof *reached);
	int *panel_of = calloc(rows + 1, sizeof *panel_of);
	par_err e = PAR_OK;
	if (reached && panel_of) {
		reach(s, slots, reached);
		e = panels_choose(s->rows, s->touched, reached, panel_of, &s->panels);
		if (e == PAR_OK)
			e = make_panels(s, reached, panel_of);
		if (e == PAR_OK)
			e = write_program(s, slots, reached, panel_of);
	} else {
		e = par_fail(PAR_E_MEMORY, "no memory to analyse %d rows", s->rows);
	}
	free(reached);
	free(panel_of);
	return e;
}
