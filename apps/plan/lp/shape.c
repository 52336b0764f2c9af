#include "plan/lp/shape.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PASSES 8
#define DEPENDENT 1e-10 /* of a row's largest entry: what is left of one that follows from others */
#define ELIMINATION 1e9 /* multiply-adds, at most, to look for such rows */

static par_err no_memory(void)
{
	return par_fail(PAR_E_MEMORY, "no memory for the pattern of a block");
}

static bool is_free(const lp *m, int j)
{
	return isinf(m->lower[j]) && isinf(m->upper[j]);
}

static bool is_bounded(const lp *m, int j)
{
	return !isinf(m->lower[j]) && !isinf(m->upper[j]);
}

static bool has_slack(const lp *m, int i)
{
	return m->row_lower[i] < m->row_upper[i];
}

static bool is_ranged(const lp *m, int i)
{
	return has_slack(m, i) && !isinf(m->row_lower[i]) && !isinf(m->row_upper[i]);
}

/* what is to be laid out: the template's rows and columns */
typedef struct {
	const lp *m;
	const alike *a;
	const int *row, *column, *link;
	int rows, class, links;
	int *at;         /* of places of rows: the row of the pattern, or -1: left out */
	uint8_t *linked; /* columns x links: 1 where a block of the class has an entry */
} plan;

/* the template's equalities as dense rows of its columns; returns how many, which are in place */
static int spread_out(const plan *p, int columns, double *dense, int *place)
{
	const lp *m = p->m;
	int rows = 0;
	for (int i = 0; i < p->rows; i++) {
		p->at[i] = has_slack(m, p->row[i]) ? -1 : rows;
		if (p->at[i] >= 0)
			place[rows++] = i;
	}
	for (int q = 0; q < columns; q++) {
		int j = p->column[q];
		for (int64_t e = m->first[j]; e < m->first[j + 1]; e++) {
			if (p->a->row_block[m->row[e]] < 0)
				continue;
			int i = p->at[p->a->row_at[m->row[e]]];
			if (i >= 0)
				dense[(size_t)i * (size_t)columns + (size_t)q] = m->value[e];
		}
	}
	return rows;
}

static int largest(const double *row, int n)
{
	int at = 0;
	for (int q = 1; q < n; q++)
		if (fabs(row[q]) > fabs(row[at]))
			at = q;
	return at;
}

/* Gauss: each row is rid of the pivots of those before it; pivot[i] = -1 of one of which nothing is left */
static void eliminate(double *dense, int rows, int n, int *pivot)
{
	for (int i = 0; i < rows; i++) {
		double *mine = dense + (size_t)i * (size_t)n;
		double size = fabs(mine[largest(mine, n)]);
		for (int k = 0; k < i; k++) {
			const double *other = dense + (size_t)k * (size_t)n;
			if (pivot[k] < 0 || mine[pivot[k]] == 0)
				continue;
			double f = mine[pivot[k]] / other[pivot[k]];
			for (int q = 0; q < n; q++)
				mine[q] -= f * other[q];
			mine[pivot[k]] = 0;
		}
		pivot[i] = largest(mine, n);
		if (!(fabs(mine[pivot[i]]) > DEPENDENT * size))
			pivot[i] = -1;
	}
}

/* the rows of the pattern: those of the block without the dependent ones */
static par_err choose_rows(shape *s, plan *p)
{
	bool look = (double)p->rows * p->rows * s->columns <= ELIMINATION;
	size_t n = (size_t)p->rows + 1;
	double *dense = calloc(look ? n * (size_t)s->columns : 1, sizeof *dense);
	int *pivot = calloc(n, sizeof *pivot);
	s->place = calloc(n, sizeof *s->place);
	p->at = calloc(n, sizeof *p->at);
	par_err e = dense && pivot && s->place && p->at ? PAR_OK : no_memory();
	int equalities = 0;
	if (e == PAR_OK && look) {
		equalities = spread_out(p, s->columns, dense, s->place);
		eliminate(dense, equalities, s->columns, pivot);
	}
	for (int i = 0, k = 0; e == PAR_OK && i < p->rows; i++) {
		bool drop = k < equalities && s->place[k] == i && pivot[k] < 0;
		k += k < equalities && s->place[k] == i;
		p->at[i] = drop ? -1 : s->pattern.rows++;
	}
	for (int i = 0; e == PAR_OK && i < p->rows; i++)
		if (p->at[i] >= 0)
			s->place[p->at[i]] = i;
	free(dense);
	free(pivot);
	return e;
}

static void count(shape *s, const plan *p, int64_t *entries)
{
	const lp *m = p->m;
	*entries = 0;
	for (int q = 0; q < s->columns; q++) {
		int j = p->column[q], own = 0;
		for (int64_t e = m->first[j]; e < m->first[j + 1]; e++)
			own += p->a->row_block[m->row[e]] >= 0;
		*entries += is_free(m, j) ? 2 * own : own;
		s->splits += is_free(m, j);
	}
	for (int i = 0; i < s->pattern.rows; i++)
		s->slacks += has_slack(m, p->row[s->place[i]]);
	*entries += s->slacks;
}

static par_err room(shape *s, const plan *p)
{
	int64_t entries;
	count(s, p, &entries);
	pattern *t = &s->pattern;
	t->columns = s->columns + s->splits + s->slacks;
	size_t n = (size_t)t->columns + 1, k = (size_t)entries + 1;
	s->split = calloc((size_t)s->splits + 1, sizeof(int));
	s->slack = calloc((size_t)s->slacks + 1, sizeof(int));
	s->row_scale = malloc(((size_t)t->rows + 1) * sizeof(double));
	s->column_scale = malloc(n * sizeof(double));
	t->first = calloc(n, sizeof(int));
	t->row = calloc(k, sizeof(int));
	t->value = calloc(k, sizeof(double));
	t->link_first = malloc(n * sizeof(int));
	t->bound = malloc(n * sizeof(int));
	return s->split && s->slack && s->row_scale && s->column_scale && t->first && t->row &&
		       t->value && t->link_first && t->bound
		   ? PAR_OK
		   : no_memory();
}

/* entries of column j, times f, from `at` on; returns the place after them */
static int put_column(shape *s, const plan *p, int j, double f, int at)
{
	const lp *m = p->m;
	for (int64_t e = m->first[j]; e < m->first[j + 1]; e++)
		if (p->a->row_block[m->row[e]] >= 0 && p->at[p->a->row_at[m->row[e]]] >= 0) {
			s->pattern.row[at] = p->at[p->a->row_at[m->row[e]]];
			s->pattern.value[at++] = f * m->value[e];
		}
	return at;
}

static void put_columns(shape *s, const plan *p)
{
	const lp *m = p->m;
	pattern *t = &s->pattern;
	int at = 0, q = 0, splits = 0, slacks = 0;
	for (; q < s->columns; q++) {
		int j = p->column[q];
		t->first[q] = at;
		t->bound[q] = is_bounded(m, j) ? t->bounds++ : -1;
		at = put_column(s, p, j, lp_way(m, j), at);
		if (is_free(m, j))
			s->split[splits++] = q;
	}
	for (int k = 0; k < splits; k++, q++) {
		t->first[q] = at;
		t->bound[q] = -1;
		at = put_column(s, p, p->column[s->split[k]], -1, at);
	}
	for (int i = 0; i < t->rows; i++) {
		int r = p->row[s->place[i]];
		if (!has_slack(m, r))
			continue;
		t->first[q] = at;
		t->bound[q++] = is_ranged(m, r) ? t->bounds++ : -1;
		t->row[at] = i;
		t->value[at++] = lp_slack(m, r);
		s->slack[slacks++] = i;
	}
	t->first[q] = at;
}

static par_err find_linked(const shape *s, plan *p)
{
	const alike *a = p->a;
	p->linked = calloc((size_t)s->columns * (size_t)p->links + 1, 1);
	if (!p->linked)
		return no_memory();
	for (int k = 0; k < a->blocks; k++) {
		if (a->class[k] != p->class)
			continue;
		for (int q = 0; q < s->columns; q++) {
			int j = a->column[a->first_column[k] + q];
			uint8_t *mine = p->linked + (size_t)q * (size_t)p->links;
			for (int64_t e = p->m->first[j]; e < p->m->first[j + 1]; e++)
				if (p->link[p->m->row[e]] >= 0)
					mine[p->link[p->m->row[e]]] = 1;
		}
	}
	return PAR_OK;
}

/* the linking rows of the pattern's column q: slacks have none */
static const uint8_t *linked_of(const shape *s, const plan *p, int q)
{
	if (q >= s->columns + s->splits)
		return NULL;
	int place = q < s->columns ? q : s->split[q - s->columns];
	return p->linked + (size_t)place * (size_t)p->links;
}

static par_err put_links(shape *s, const plan *p)
{
	pattern *t = &s->pattern;
	for (int q = 0; q < t->columns; q++) {
		const uint8_t *mine = linked_of(s, p, q);
		t->link_first[q] = t->links;
		for (int l = 0; mine && l < p->links; l++)
			t->links += mine[l];
	}
	t->link_first[t->columns] = t->links;
	t->link = malloc(((size_t)t->links + 1) * sizeof(int));
	if (!t->link)
		return no_memory();
	for (int q = 0, at = 0; q < t->columns; q++) {
		const uint8_t *mine = linked_of(s, p, q);
		for (int l = 0; mine && l < p->links; l++)
			if (mine[l])
				t->link[at++] = l;
	}
	return PAR_OK;
}

static double to_one(double most)
{
	return most > 0 ? exp2(-rint(0.5 * log2(most))) : 1;
}

static void scale_once(shape *s, double *most)
{
	pattern *t = &s->pattern;
	memset(most, 0, (size_t)t->rows * sizeof *most);
	for (int e = 0; e < t->first[t->columns]; e++)
		most[t->row[e]] = fmax(most[t->row[e]], fabs(t->value[e]));
	for (int i = 0; i < t->rows; i++) {
		most[i] = to_one(most[i]);
		s->row_scale[i] *= most[i];
	}
	for (int q = 0; q < t->columns; q++) {
		double largest = 0;
		for (int e = t->first[q]; e < t->first[q + 1]; e++)
			largest = fmax(largest, fabs(t->value[e]));
		double f = to_one(largest);
		s->column_scale[q] *= f;
		for (int e = t->first[q]; e < t->first[q + 1]; e++)
			t->value[e] *= f * most[t->row[e]];
	}
}

static par_err scale(shape *s)
{
	double *most = malloc(((size_t)s->pattern.rows + 1) * sizeof *most);
	if (!most)
		return no_memory();
	for (int i = 0; i < s->pattern.rows; i++)
		s->row_scale[i] = 1;
	for (int q = 0; q < s->pattern.columns; q++)
		s->column_scale[q] = 1;
	for (int pass = 0; pass < PASSES; pass++)
		scale_once(s, most);
	free(most);
	return PAR_OK;
}

static par_err lay_out(shape *s, plan *p)
{
	PAR_TRY(choose_rows(s, p));
	PAR_TRY(room(s, p));
	put_columns(s, p);
	PAR_TRY(find_linked(s, p));
	return put_links(s, p);
}

par_err shape_open(shape *s, const lp *m, const alike *a, int c, const int *link, int links)
{
	int k = a->template[c];
	plan p = {.m = m,
	    .a = a,
	    .row = a->row + a->first_row[k],
	    .column = a->column + a->first_column[k],
	    .link = link,
	    .rows = a->first_row[k + 1] - a->first_row[k],
	    .class = c,
	    .links = links};
	*s = (shape){.columns = a->first_column[k + 1] - a->first_column[k]};
	par_err e = lay_out(s, &p);
	free(p.at);
	free(p.linked);
	return e == PAR_OK ? scale(s) : e;
}

void shape_close(shape *s)
{
	pattern *t = &s->pattern;
	free(t->first);
	free(t->row);
	free(t->value);
	free(t->link_first);
	free(t->link);
	free(t->bound);
	free(s->place);
	free(s->split);
	free(s->slack);
	free(s->row_scale);
	free(s->column_scale);
	*s = (shape){0};
}

/* entries of column j in linking rows, times f, for the pattern's column q */
static void fill_links(
    const pattern *t, const lp *m, int q, int j, double f, const int *link, double *out)
{
	for (int64_t e = m->first[j]; e < m->first[j + 1]; e++) {
		int l = link[m->row[e]], at = t->link_first[q];
		if (l < 0)
			continue;
		while (t->link[at] != l)
			at++;
		out[at] = f * m->value[e];
	}
}

static void fill_column(
    const shape *s, const lp *m, int q, int j, double way, const int *link, block *b)
{
	const pattern *t = &s->pattern;
	double f = way * s->column_scale[q];
	b->cost[q] = (m->maximise ? -f : f) * m->cost[j];
	if (t->bound[q] >= 0)
		b->upper[t->bound[q]] = (m->upper[j] - m->lower[j]) / s->column_scale[q];
	fill_links(t, m, q, j, f, link, b->link);
}

void shape_fill(const shape *s, const lp *m, const alike *a, int64_t k, const int *link,
    const double *from, block *b)
{
	const pattern *t = &s->pattern;
	const int *row = a->row + a->first_row[k], *column = a->column + a->first_column[k];
	memset(b->link, 0, (size_t)t->links * sizeof *b->link);
	for (int q = 0; q < s->columns; q++)
		fill_column(s, m, q, column[q], lp_way(m, column[q]), link, b);
	for (int q = 0; q < s->splits; q++)
		fill_column(s, m, s->columns + q, column[s->split[q]], -1, link, b);
	for (int q = s->columns + s->splits, k2 = 0; k2 < s->slacks; k2++, q++) {
		int i = row[s->place[s->slack[k2]]];
		b->cost[q] = 0;
		if (t->bound[q] >= 0)
			b->upper[t->bound[q]] = (m->row_upper[i] - m->row_lower[i]) /
						s->column_scale[q];
	}
	for (int i = 0; i < t->rows; i++)
		b->right[i] = s->row_scale[i] *
			      (lp_right(m, row[s->place[i]]) - from[row[s->place[i]]]);
}
