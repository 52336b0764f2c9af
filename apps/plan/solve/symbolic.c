#include "plan/solve/order.h"
#include "plan/solve/symbolic_inside.h"

#include <stdlib.h>
#include <string.h>

void *symbolic_keep(symbolic *s, int64_t n, size_t size)
{
	void **kept = realloc(s->kept, ((size_t)s->keeps + 1) * sizeof *kept);
	if (!kept)
		return NULL;
	s->kept = kept;
	return s->kept[s->keeps++] = calloc((size_t)n + 1, size);
}

static int entries_of(const pattern *p, int j)
{
	return p->first[j + 1] - p->first[j];
}

static int links_of(const pattern *p, int j)
{
	return p->link_first[j + 1] - p->link_first[j];
}

static int shape_of(const pattern *p, int j)
{
	int entries = entries_of(p, j), links = links_of(p, j);
	entries = entries < 1000 ? entries : 999;
	links = links < 1000 ? links : 999;
	return (p->bound[j] >= 0) * 1000000 + links * 1000 + entries;
}

/* a stable counting of shapes: few shapes, many columns */
static void sort_columns(symbolic *s, const pattern *p)
{
	int at = 0;
	for (int last = -1; at < p->columns;) {
		int next = 1 << 30;
		for (int j = 0; j < p->columns; j++)
			if (shape_of(p, j) > last && shape_of(p, j) < next)
				next = shape_of(p, j);
		for (int j = 0; j < p->columns; j++)
			if (shape_of(p, j) == next)
				s->column[at++] = j;
		last = next;
	}
	for (int i = 0; i < s->bounded; i++)
		s->bound[i] = p->bound[s->column[s->columns - s->bounded + i]];
}

static void make_runs(symbolic *s, const pattern *p)
{
	int a = 0, q = 0;
	for (int j = 0; j < s->columns; j++) {
		int c = s->column[j], entries = entries_of(p, c), links = links_of(p, c);
		column_run *r = s->runs ? &s->run[s->runs - 1] : NULL;
		if (r && r->entries == entries && r->links == links && j != s->columns - s->bounded)
			r->to++;
		else
			s->run[s->runs++] = (column_run){j, j + 1, entries, links, a, q};
		a += entries;
		q += links;
	}
}

static par_err columns(symbolic *s, const pattern *p)
{
	KEEP(s, column, p->columns);
	KEEP(s, run, p->columns);
	KEEP(s, bound, p->bounds);
	KEEP(s, a_row, p->first[p->columns]);
	KEEP(s, a_value, p->first[p->columns]);
	KEEP(s, b_link, p->links);
	KEEP(s, entry, p->links);
	for (int j = 0; j < p->columns; j++)
		s->bounded += p->bound[j] >= 0;
	sort_columns(s, p);
	make_runs(s, p);
	return PAR_OK;
}

/* A and B in the orders of here; row_place[r]: where the pattern's row r is */
static void copy_entries(symbolic *s, const pattern *p, const int *row_place)
{
	int a = 0, q = 0;
	for (int j = 0; j < s->columns; j++) {
		int c = s->column[j];
		for (int e = p->first[c]; e < p->first[c + 1]; e++, a++) {
			s->a_row[a] = row_place[p->row[e]];
			s->a_value[a] = p->value[e];
		}
		for (int e = p->link_first[c]; e < p->link_first[c + 1]; e++, q++) {
			s->b_link[q] = p->link[e];
			s->entry[q] = e;
		}
	}
}

static par_err by_rows(symbolic *s)
{
	int entries = 0;
	for (int r = 0; r < s->runs; r++)
		entries += (s->run[r].to - s->run[r].from) * s->run[r].entries;
	KEEP(s, row_first, s->rows + 2);
	KEEP(s, row_column, entries);
	KEEP(s, row_value, entries);
	EACH_COLUMN(w, s)
	for (int a = w.a; a < w.a_end; a++)
		s->row_first[s->a_row[a] + 2]++;
	list_sums(s->rows, s->row_first);
	EACH_COLUMN(w, s)
	for (int a = w.a; a < w.a_end; a++) {
		int at = s->row_first[s->a_row[a] + 1]++;
		s->row_column[at] = w.j;
		s->row_value[at] = s->a_value[a];
	}
	return PAR_OK;
}

/* lists become offsets */
static void times_eight(int *list, int64_t n)
{
	for (int64_t i = 0; i < n; i++)
		list[i] *= 8;
}

static void make_offsets(symbolic *s)
{
	int entries = s->row_first[s->rows], lines = s->v_first[s->v_blocks];
	memcpy(s->l_place, s->l_column, (size_t)s->factor * sizeof *s->l_place);
	times_eight(s->a_row, entries);
	times_eight(s->row_column, entries);
	times_eight(s->link_column, s->links);
	times_eight(s->link_entry, s->links);
	times_eight(s->l_place, s->factor);
	times_eight(s->up_row, s->up_first[s->rows]);
	times_eight(s->up_at, s->up_first[s->rows]);
	times_eight(s->m_column, s->m_first[s->factor]);
	times_eight(s->pair, 2 * (int64_t)s->pair_first[s->factor]);
	times_eight(s->slot_entry, s->slot_first[s->slots]);
	times_eight(s->cross_pair, 2 * (int64_t)s->cross_first[s->crosses]);
	times_eight(s->v_slot, lines * V_BLOCK);
	times_eight(s->v_diagonal, lines);
	times_eight(s->v_pair, 2 * (int64_t)s->v_pair_first[lines]);
}

/* room for the analysis alone */
typedef struct {
	int *places, *row_place, *link_place, *slots, *numbers;
	bool *filled;
} work;

static par_err analyse(symbolic *s, const pattern *p, work *w)
{
	PAR_TRY(order_rows(p, s->row));
	PAR_TRY(order_fill(p, s->row, w->filled));
	for (int i = 0; i < s->rows; i++)
		w->row_place[s->row[i]] = i;
	copy_entries(s, p, w->row_place);
	PAR_TRY(by_rows(s));
	PAR_TRY(symbolic_factor(s, w->filled, w->places));
	PAR_TRY(symbolic_links(s, w->link_place, w->slots, w->numbers));
	PAR_TRY(symbolic_v(s, w->slots));
	make_offsets(s);
	return PAR_OK;
}

static par_err analyse_with_room(symbolic *s, const pattern *p, int all_links)
{
	size_t n = (size_t)s->rows + 1, l = (size_t)all_links + 1;
	work w = {.places = calloc(1, n * n * sizeof(int)),
	    .row_place = calloc(1, n * sizeof(int)),
	    .link_place = calloc(1, l * sizeof(int)),
	    .slots = calloc(1, l * n * sizeof(int)),
	    .numbers = calloc(1, l * l * sizeof(int)),
	    .filled = calloc(1, n * n)};
	bool room = w.places && w.row_place && w.link_place && w.slots && w.numbers && w.filled;
	par_err e = room ? analyse(s, p, &w)
			 : par_fail(PAR_E_MEMORY, "no memory to analyse %d rows", s->rows);
	free(w.places);
	free(w.row_place);
	free(w.link_place);
	free(w.slots);
	free(w.numbers);
	free(w.filled);
	return e;
}

static par_err make(symbolic *s, const pattern *p, int all_links)
{
	s->rows = p->rows;
	s->columns = p->columns;
	s->links = p->links;
	s->all_links = all_links;
	PAR_TRY(columns(s, p));
	KEEP(s, row, p->rows);
	return analyse_with_room(s, p, all_links);
}

par_err symbolic_open(symbolic **out, const pattern *p, int all_links)
{
	symbolic *s = *out = calloc(1, sizeof *s);
	if (!s)
		return par_fail(PAR_E_MEMORY, "no memory for a pattern");
	par_err e = make(s, p, all_links);
	if (e != PAR_OK) {
		symbolic_close(s);
		*out = NULL;
	}
	return e;
}

void symbolic_close(symbolic *s)
{
	for (int i = 0; s && i < s->keeps; i++)
		free(s->kept[i]);
	if (s)
		free(s->kept);
	free(s);
}
