#include "plan/solve/symbolic.h"

#include "plan/solve/order.h"
#include "plan/solve/panels.h"

#include <stdlib.h>
#include <string.h>

#define BATCH_EIGHTS 12000 /* of V: three quarters of a megabyte, in the second cache */
#define BATCH_MOST 8

/* zeros that live as long as s does; NULL when there is no room */
static void *keep(symbolic *s, int64_t n, size_t size)
{
	void **kept = realloc(s->kept, ((size_t)s->keeps + 1) * sizeof *kept);
	if (!kept)
		return NULL;
	s->kept = kept;
	return s->kept[s->keeps++] = calloc((size_t)n + 1, size);
}

#define KEEP(s, field, n)                                                                 \
	do {                                                                              \
		if (!((s)->field = keep((s), (n), sizeof *(s)->field)))                   \
			return par_fail(PAR_E_MEMORY, "no memory for a pattern's lists"); \
	} while (0)

/* Lists of terms are made in two walks over the same things. The first counts: terms of item i at
 * first[i + 2]. Then sums make first[i + 1] the place of item i's next term, which the second walk moves on
 * to the place of the next item's first. */
static int64_t list_sums(int items, int *first)
{
	for (int i = 0; i <= items; i++)
		first[i + 1] += first[i];
	return first[items + 1];
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

/* Columns with their entries: a in [*a, a_end) and q in [*q, q_end) of column j, as a loop's state */
typedef struct {
	const symbolic *s;
	int run, j, a, a_end, q, q_end;
} column_walk;

static bool walk_on(column_walk *w)
{
	w->j++;
	if (w->j >= w->s->columns)
		return false;
	while (w->j >= w->s->run[w->run].to)
		w->run++;
	w->a = w->a_end;
	w->q = w->q_end;
	w->a_end = w->a + w->s->run[w->run].entries;
	w->q_end = w->q + w->s->run[w->run].links;
	return true;
}

#define EACH_COLUMN(w, of) for (column_walk w = {.s = (of), .j = -1}; walk_on(&w);)

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

/* place[l]: of linking row l among those touched, or -1 */
static par_err by_links(symbolic *s, int all_links, int *place)
{
	for (int l = 0; l < all_links; l++)
		place[l] = -1;
	for (int q = 0; q < s->links; q++)
		place[s->b_link[q]] = 0;
	for (int l = 0; l < all_links; l++)
		if (place[l] == 0)
			place[l] = s->touched++;
	KEEP(s, touch, s->touched);
	for (int l = 0; l < all_links; l++)
		if (place[l] >= 0)
			s->touch[place[l]] = l;
	KEEP(s, link_first, s->touched + 2);
	KEEP(s, link_column, s->links);
	KEEP(s, link_entry, s->links);
	for (int q = 0; q < s->links; q++)
		s->link_first[place[s->b_link[q]] + 2]++;
	list_sums(s->touched, s->link_first);
	EACH_COLUMN(w, s)
	for (int q = w.q; q < w.q_end; q++) {
		int at = s->link_first[place[s->b_link[q]] + 1]++;
		s->link_column[at] = w.j;
		s->link_entry[at] = q;
	}
	return PAR_OK;
}

/* places[i * rows + j]: of the entry of L, or -1 */
static par_err factor_pattern(symbolic *s, const bool *filled, int *places)
{
	KEEP(s, l_first, s->rows + 1);
	for (int i = 0; i < s->rows; i++)
		for (int j = 0; j <= i; j++)
			places[i * s->rows + j] =
			    filled[(size_t)i * (size_t)s->rows + (size_t)j] ? s->factor++ : -1;
	KEEP(s, l_column, s->factor);
	KEEP(s, l_place, s->factor);
	KEEP(s, up_first, s->rows + 2);
	KEEP(s, up_row, s->factor);
	KEEP(s, up_at, s->factor);
	for (int i = 0, at = 0; i < s->rows; i++) {
		for (int j = 0; j <= i; j++)
			if (places[i * s->rows + j] >= 0)
				s->l_column[at++] = j;
		s->l_first[i + 1] = at;
		for (int e = s->l_first[i]; e < at - 1; e++)
			s->up_first[s->l_column[e] + 2]++;
	}
	list_sums(s->rows, s->up_first);
	for (int i = 0; i < s->rows; i++)
		for (int e = s->l_first[i]; e < s->l_first[i + 1] - 1; e++) {
			int at = s->up_first[s->l_column[e] + 1]++;
			s->up_row[at] = i;
			s->up_at[at] = e;
		}
	return PAR_OK;
}

static par_err normal_terms(symbolic *s, const int *places)
{
	KEEP(s, m_first, s->factor + 2);
	for (int fill = 0; fill < 2; fill++) {
		EACH_COLUMN(w, s)
		for (int a = w.a; a < w.a_end; a++)
			for (int b = w.a; b < w.a_end; b++) {
				if (s->a_row[b] > s->a_row[a])
					continue;
				int e = places[s->a_row[a] * s->rows + s->a_row[b]];
				if (!fill) {
					s->m_first[e + 2]++;
					continue;
				}
				int at = s->m_first[e + 1]++;
				s->m_column[at] = w.j;
				s->m_value[at] = s->a_value[a] * s->a_value[b];
			}
		if (fill)
			break;
		int64_t terms = list_sums(s->factor, s->m_first);
		KEEP(s, m_column, terms);
		KEEP(s, m_value, terms);
	}
	return PAR_OK;
}

/* entry (i, j): products of entries (i, k) and (j, k), k < j */
static par_err factor_pairs(symbolic *s, const int *places)
{
	KEEP(s, pair_first, s->factor + 2);
	for (int fill = 0; fill < 2; fill++) {
		for (int i = 0; i < s->rows; i++)
			for (int e = s->l_first[i]; e < s->l_first[i + 1]; e++) {
				int j = s->l_column[e];
				for (int f = s->l_first[i]; s->l_column[f] < j; f++) {
					int other = places[j * s->rows + s->l_column[f]];
					if (other < 0)
						continue;
					if (!fill) {
						s->pair_first[e + 2]++;
						continue;
					}
					int at = s->pair_first[e + 1]++;
					s->pair[2 * at] = f;
					s->pair[2 * at + 1] = other;
				}
			}
		if (!fill)
			KEEP(s, pair, 2 * list_sums(s->factor, s->pair_first));
	}
	return PAR_OK;
}

/* slots[t * rows + i]: of B Theta A', or -1 */
static par_err cross_terms(symbolic *s, const int *place, int *slots)
{
	for (int k = 0; k < s->touched * s->rows; k++)
		slots[k] = -1;
	EACH_COLUMN(w, s)
	for (int q = w.q; q < w.q_end; q++)
		for (int a = w.a; a < w.a_end; a++) {
			int *slot = &slots[place[s->b_link[q]] * s->rows + s->a_row[a]];
			if (*slot < 0)
				*slot = s->slots++;
		}
	KEEP(s, slot_first, s->slots + 2);
	for (int fill = 0; fill < 2; fill++) {
		EACH_COLUMN(w, s)
		for (int q = w.q; q < w.q_end; q++)
			for (int a = w.a; a < w.a_end; a++) {
				int slot = slots[place[s->b_link[q]] * s->rows + s->a_row[a]];
				if (!fill) {
					s->slot_first[slot + 2]++;
					continue;
				}
				int at = s->slot_first[slot + 1]++;
				s->slot_entry[at] = q;
				s->slot_value[at] = s->a_value[a];
			}
		if (fill)
			break;
		int64_t terms = list_sums(s->slots, s->slot_first);
		KEEP(s, slot_entry, terms);
		KEEP(s, slot_value, terms);
	}
	return PAR_OK;
}

/* number[t * touched + u], u <= t: of the pair of linking rows, or -1 */
static par_err link_pairs(symbolic *s, const int *place, int *number)
{
	for (int k = 0; k < s->touched * s->touched; k++)
		number[k] = -1;
#define EACH_PAIR                                   \
	EACH_COLUMN(w, s)                           \
	for (int q = w.q; q < w.q_end; q++)         \
		for (int o = w.q; o < w.q_end; o++) \
			if (s->b_link[o] <= s->b_link[q])
	EACH_PAIR
	{
		int *n = &number[place[s->b_link[q]] * s->touched + place[s->b_link[o]]];
		if (*n < 0)
			*n = s->crosses++;
	}
	KEEP(s, cross, 2 * s->crosses);
	KEEP(s, cross_first, s->crosses + 2);
	EACH_PAIR
	{
		int n = number[place[s->b_link[q]] * s->touched + place[s->b_link[o]]];
		s->cross[2 * n] = s->b_link[q];
		s->cross[2 * n + 1] = s->b_link[o];
		s->cross_first[n + 2]++;
	}
	KEEP(s, cross_pair, 2 * list_sums(s->crosses, s->cross_first));
	EACH_PAIR
	{
		int n = number[place[s->b_link[q]] * s->touched + place[s->b_link[o]]];
		int at = s->cross_first[n + 1]++;
		s->cross_pair[2 * at] = q;
		s->cross_pair[2 * at + 1] = o;
	}
#undef EACH_PAIR
	return PAR_OK;
}

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
		if (!(p->link = keep(s, s->touched, sizeof *p->link)))
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

static int64_t place_in_panel(const symbolic *s, const panel *p, int t, int row_in)
{
	int c = 0;
	while (p->link[c] != t)
		c++;
	return p->v_first + ((int64_t)c * s->batch * p->rows + row_in);
}

static int row_in_panel(const int *panel_of, int row)
{
	int n = 0;
	for (int i = 0; i < row; i++)
		n += panel_of[i] == panel_of[row];
	return n;
}

/* room for the items of a block of linking rows, and for the products that make them */
static par_err v_room(symbolic *s, const bool *reached)
{
	int items = 0, pairs = 0;
	for (int t = 0; t < s->touched; t++)
		for (int i = 0; i < s->rows; i++) {
			items += reached[i * s->touched + t];
			for (int e = s->l_first[i]; e < s->l_first[i + 1] - 1; e++)
				pairs += reached[s->l_column[e] * s->touched + t];
		}
	s->v_blocks = (s->touched + V_BLOCK - 1) / V_BLOCK;
	KEEP(s, v_first, s->v_blocks + 1);
	KEEP(s, v_slot, items);
	KEEP(s, v_diagonal, items);
	KEEP(s, v_pair_first, items + 1);
	KEEP(s, v_pair, 2 * pairs);
	KEEP(s, v_at, items);
	KEEP(s, v_step, items);
	return PAR_OK;
}

typedef struct {
	symbolic *s;
	const int *slots, *panel_of;
	const bool *reached;
	int *item_of; /* [linking row * rows + row]: in its block */
	int items, pairs;
} v_writer;

static void v_item(v_writer *w, int t, int i, int first)
{
	symbolic *s = w->s;
	const panel *p = &s->panel[w->panel_of[i]];
	w->item_of[t * s->rows + i] = w->items - first;
	for (int e = s->l_first[i]; e < s->l_first[i + 1] - 1; e++)
		if (w->reached[s->l_column[e] * s->touched + t]) {
			s->v_pair[2 * w->pairs] = e;
			s->v_pair[2 * w->pairs++ + 1] = w->item_of[t * s->rows + s->l_column[e]];
		}
	s->v_slot[w->items] = w->slots[t * s->rows + i];
	s->v_diagonal[w->items] = s->l_first[i + 1] - 1;
	s->v_at[w->items] = place_in_panel(s, p, t, row_in_panel(w->panel_of, i));
	s->v_step[w->items++] = p->rows;
	s->v_pair_first[w->items] = w->pairs;
}

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

static par_err v_program(symbolic *s, const int *slots, const bool *reached, const int *panel_of,
    int *item_of, int *sorted)
{
	PAR_TRY(v_room(s, reached));
	v_writer w = {s, slots, panel_of, reached, item_of, 0, 0};
	sort_links(s, reached, sorted);
	for (int b = 0; b < s->v_blocks; b++) {
		int first = s->v_first[b], end = (b + 1) * V_BLOCK;
		for (int i = 0; i < s->rows; i++)
			for (int k = b * V_BLOCK; k < end && k < s->touched; k++)
				if (reached[i * s->touched + sorted[k]])
					v_item(&w, sorted[k], i, first);
		s->v_first[b + 1] = w.items;
		s->widest = w.items - first > s->widest ? w.items - first : s->widest;
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
	int entries = s->row_first[s->rows], items = s->v_first[s->v_blocks];
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
	times_eight(s->v_slot, items);
	times_eight(s->v_diagonal, items);
	times_eight(s->v_pair, 2 * (int64_t)s->v_pair_first[items]);
}

/* room for the analysis alone */
typedef struct {
	int *places, *row_place, *link_place, *slots, *numbers, *panel_of, *item_of;
	bool *filled, *reached;
} work;

static par_err analyse(symbolic *s, const pattern *p, int all_links, work *w)
{
	PAR_TRY(order_rows(p, s->row));
	PAR_TRY(order_fill(p, s->row, w->filled));
	for (int i = 0; i < s->rows; i++)
		w->row_place[s->row[i]] = i;
	copy_entries(s, p, w->row_place);
	PAR_TRY(by_rows(s));
	PAR_TRY(by_links(s, all_links, w->link_place));
	PAR_TRY(factor_pattern(s, w->filled, w->places));
	PAR_TRY(normal_terms(s, w->places));
	PAR_TRY(factor_pairs(s, w->places));
	PAR_TRY(cross_terms(s, w->link_place, w->slots));
	PAR_TRY(link_pairs(s, w->link_place, w->numbers));
	reach(s, w->slots, w->reached);
	PAR_TRY(panels_choose(s->rows, s->touched, w->reached, w->panel_of, &s->panels));
	PAR_TRY(make_panels(s, w->reached, w->panel_of));
	PAR_TRY(v_program(s, w->slots, w->reached, w->panel_of, w->item_of, w->numbers));
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
	    .panel_of = calloc(1, n * sizeof(int)),
	    .item_of = calloc(1, l * n * sizeof(int)),
	    .filled = calloc(1, n * n),
	    .reached = calloc(1, n * l)};
	bool room = w.places && w.row_place && w.link_place && w.slots && w.numbers && w.panel_of &&
		    w.item_of && w.filled && w.reached;
	par_err e = room ? analyse(s, p, all_links, &w)
			 : par_fail(PAR_E_MEMORY, "no memory to analyse %d rows", s->rows);
	free(w.places);
	free(w.row_place);
	free(w.link_place);
	free(w.slots);
	free(w.numbers);
	free(w.panel_of);
	free(w.item_of);
	free(w.filled);
	free(w.reached);
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
