#include "plan/lp/angular.h"

#include "comm/exchange.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* the method pays where ... */
#define LANES_IDLE 4       /* ... no more lanes than this for each block are worked, */
#define LINKS_MOST 4000    /* ... the Schur complement is small enough to be dense, */
#define SHAPE_MOST 4000000 /* ... rows or columns of a block times linking rows, too, */
#define LINKS_EMPTY 4 /* ... and of the entries in linking rows that are laid out so many exist */

static par_err no_memory(void)
{
	return par_fail(PAR_E_MEMORY, "no memory for a program of blocks");
}

static bool is_fixed(const lp *m, int j)
{
	return m->lower[j] == m->upper[j];
}

static bool is_free(const lp *m, int j)
{
	return isinf(m->lower[j]) && isinf(m->upper[j]);
}

static bool has_bounds(const lp *m, int i)
{
	return !isinf(m->row_lower[i]) || !isinf(m->row_upper[i]);
}

/* a column in several linking rows and in no block */
static bool wants_copy(const lp *m, const cut *c, int j)
{
	int links = 0;
	for (int64_t e = m->first[j]; e < m->first[j + 1] && !is_fixed(m, j); e++) {
		if (!has_bounds(m, m->row[e]))
			continue;
		if (c->block[m->row[e]] != CUT_LINKING)
			return false;
		links++;
	}
	return links > 1;
}

static par_err add_column(lp *to, const lp *m, int j, double cost)
{
	PAR_TRY(lp_add_column(to));
	to->cost[to->columns - 1] = cost;
	to->lower[to->columns - 1] = m->lower[j];
	to->upper[to->columns - 1] = m->upper[j];
	return PAR_OK;
}

static par_err add_rows(lp *to, const lp *m, int copies)
{
	for (int i = 0; i < m->rows + copies; i++) {
		PAR_TRY(lp_add_row(to));
		to->row_lower[i] = i < m->rows ? m->row_lower[i] : 0;
		to->row_upper[i] = i < m->rows ? m->row_upper[i] : 0;
	}
	return PAR_OK;
}

/* the columns of m and the copies after them; row m->rows + k says that copy k is its column */
static par_err add_columns(lp *to, const lp *m, const cut *c)
{
	int copies = 0;
	for (int j = 0; j < m->columns; j++) {
		PAR_TRY(add_column(to, m, j, m->cost[j]));
		for (int64_t e = m->first[j]; e < m->first[j + 1]; e++)
			PAR_TRY(lp_add_entry(to, m->row[e], m->value[e]));
		if (wants_copy(m, c, j))
			PAR_TRY(lp_add_entry(to, m->rows + copies++, 1));
	}
	copies = 0;
	for (int j = 0; j < m->columns; j++)
		if (wants_copy(m, c, j)) {
			PAR_TRY(add_column(to, m, j, 0));
			PAR_TRY(lp_add_entry(to, m->rows + copies++, -1));
		}
	return PAR_OK;
}

static par_err add_copies(angular *a, const lp *m, const cut *c, int copies, cut *with)
{
	with->block = malloc(((size_t)m->rows + (size_t)copies + 1) * sizeof *with->block);
	if (!with->block)
		return no_memory();
	memcpy(with->block, c->block, (size_t)m->rows * sizeof *with->block);
	with->blocks = c->blocks;
	for (int k = 0; k < copies; k++)
		with->block[m->rows + k] = with->blocks++;
	a->whole.maximise = m->maximise;
	PAR_TRY(add_rows(&a->whole, m, copies));
	PAR_TRY(add_columns(&a->whole, m, c));
	a->m = &a->whole;
	return PAR_OK;
}

static par_err find_alike(angular *a, const lp *m, const cut *c)
{
	int copies = 0;
	cut with = {0};
	for (int j = 0; j < m->columns; j++)
		copies += wants_copy(m, c, j);
	par_err e = copies ? add_copies(a, m, c, copies, &with) : PAR_OK;
	if (e == PAR_OK)
		e = alike_open(&a->alike, a->m, copies ? &with : c, PATTERN_CLASSES);
	cut_drop(&with);
	return e;
}

static par_err number_links(angular *a, int *links)
{
	const lp *m = a->m;
	a->link = malloc(((size_t)m->rows + 1) * sizeof *a->link);
	if (!a->link)
		return no_memory();
	*links = 0;
	for (int i = 0; i < m->rows; i++)
		a->link[i] = a->alike.row_block[i] < 0 && has_bounds(m, i) ? (*links)++ : -1;
	return PAR_OK;
}

/* entries of block k in linking rows */
static int64_t linked(const angular *a, int k)
{
	const lp *m = a->m;
	int64_t sum = 0;
	for (int p = a->alike.first_column[k]; p < a->alike.first_column[k + 1]; p++) {
		int j = a->alike.column[p];
		for (int64_t e = m->first[j]; e < m->first[j + 1]; e++)
			sum += a->link[m->row[e]] >= 0;
	}
	return sum;
}

static bool pays_by_size(const angular *a, int links)
{
	const alike *k = &a->alike;
	int64_t lanes = 0, of[PATTERN_CLASSES] = {0};
	if (k->classes == 0 || links > LINKS_MOST)
		return false;
	for (int b = 0; b < k->blocks; b++)
		lanes += of[k->class[b]]++ % GROUP_LANES == 0 ? GROUP_LANES : 0;
	for (int c = 0; c < k->classes; c++) {
		int t = k->template[c];
		int64_t rows = k->first_row[t + 1] - k->first_row[t];
		int64_t columns = k->first_column[t + 1] - k->first_column[t];
		if ((rows > columns ? rows : columns) * links > SHAPE_MOST)
			return false;
	}
	return lanes <= LANES_IDLE * (int64_t)k->blocks;
}

static bool pays_by_links(const angular *a)
{
	int64_t there = 0, laid_out = 0;
	for (int k = 0; k < a->alike.blocks; k++) {
		there += linked(a, k);
		laid_out += a->pattern[a->alike.class[k]].links;
	}
	return laid_out <= LINKS_EMPTY * there + LINKS_MOST;
}

static par_err open_shapes(angular *a, int links)
{
	size_t n = (size_t)a->alike.classes;
	a->shape = calloc(n + 1, sizeof *a->shape);
	a->pattern = calloc(n + 1, sizeof *a->pattern);
	if (!a->shape || !a->pattern)
		return no_memory();
	for (int c = 0; c < a->alike.classes; c++) {
		PAR_TRY(shape_open(&a->shape[c], a->m, &a->alike, c, a->link, links));
		a->pattern[c] = a->shape[c].pattern;
	}
	return PAR_OK;
}

static void fill(void *ctx, int64_t k, block *b)
{
	const angular *a = ctx;
	shape_fill(&a->shape[a->alike.class[k]], a->m, &a->alike, k, a->link, a->from, b);
}

static par_err fill_from(angular *a)
{
	const lp *m = a->m;
	a->from = calloc((size_t)m->rows + 1, sizeof *a->from);
	if (!a->from)
		return no_memory();
	for (int j = 0; j < m->columns; j++)
		for (int64_t e = m->first[j]; e < m->first[j + 1]; e++)
			a->from[m->row[e]] += lp_from(m, j) * m->value[e];
	return PAR_OK;
}

static par_err link_room(angular *a, int links)
{
	int64_t most = links + 2 * (int64_t)a->m->columns;
	PAR_TRY(linking_open(&a->problem.link, links, most));
	a->own = malloc(((size_t)most + 1) * sizeof *a->own);
	return a->own ? PAR_OK : no_memory();
}

static void add_own(angular *a, angular_own is, int row, double value, double cost, double upper)
{
	linking *l = &a->problem.link;
	a->own[l->columns] = is;
	linking_add(l, row, value, cost, upper);
}

static void put_linking_rows(angular *a)
{
	const lp *m = a->m;
	for (int i = 0; i < m->rows; i++) {
		int l = a->link[i];
		if (l < 0)
			continue;
		a->problem.link.right[l] = lp_right(m, i) - a->from[i];
		if (m->row_lower[i] < m->row_upper[i])
			add_own(a, (angular_own){-1, 0}, l, lp_slack(m, i), 0,
			    m->row_upper[i] - m->row_lower[i]);
	}
}

/* the only linking row of column j, or -1 with no row at all */
static int only_entry(const angular *a, int j, double *value)
{
	const lp *m = a->m;
	for (int64_t e = m->first[j]; e < m->first[j + 1]; e++)
		if (a->link[m->row[e]] >= 0) {
			*value = m->value[e];
			return a->link[m->row[e]];
		}
	return -1;
}

static void put_linking_columns(angular *a)
{
	const lp *m = a->m;
	double value = 0;
	for (int j = 0; j < m->columns; j++) {
		int l = a->alike.column_block[j] < 0 ? only_entry(a, j, &value) : -1;
		if (l < 0 || is_fixed(m, j))
			continue;
		double way = lp_way(m, j), cost = m->maximise ? -m->cost[j] : m->cost[j];
		add_own(a, (angular_own){j, way}, l, way * value, way * cost,
		    m->upper[j] - m->lower[j]);
		if (is_free(m, j))
			add_own(a, (angular_own){j, -1}, l, -value, -cost, INFINITY);
	}
}

/* where a column in no row stands best; not finite when it would go on for ever */
static double best_alone(const lp *m, int j)
{
	double cost = m->maximise ? -m->cost[j] : m->cost[j];
	if (cost == 0)
		return lp_from(m, j);
	return cost > 0 ? m->lower[j] : m->upper[j];
}

/* what no interior point has: a linking row without an entry, a column alone that gains for ever */
static par_err ordinary(const angular *a, bool *is)
{
	const lp *m = a->m;
	double value;
	uint8_t *met = calloc((size_t)m->rows + 1, 1);
	if (!met)
		return no_memory();
	for (int j = 0; j < m->columns; j++) {
		for (int64_t e = m->first[j]; e < m->first[j + 1]; e++)
			met[m->row[e]] = 1;
		if (a->alike.column_block[j] < 0 && only_entry(a, j, &value) < 0)
			*is &= !isinf(best_alone(m, j));
	}
	for (int i = 0; i < m->rows; i++)
		*is &= met[i] || !has_bounds(m, i);
	free(met);
	return PAR_OK;
}

par_err angular_open(angular *a, const lp *m, const cut *c, bool *fits)
{
	int links;
	*a = (angular){.m = m, .rows = m->rows, .columns = m->columns};
	*fits = false;
	PAR_TRY(find_alike(a, m, c));
	PAR_TRY(number_links(a, &links));
	if (!pays_by_size(a, links))
		return PAR_OK;
	PAR_TRY(open_shapes(a, links));
	*fits = pays_by_links(a);
	PAR_TRY(ordinary(a, fits));
	PAR_TRY(fill_from(a));
	a->problem = (problem){.patterns = a->alike.classes,
	    .pattern = a->pattern,
	    .blocks = a->alike.blocks,
	    .class = a->alike.class,
	    .fill = fill,
	    .ctx = a};
	PAR_TRY(link_room(a, links));
	put_linking_rows(a);
	put_linking_columns(a);
	return PAR_OK;
}

void angular_close(angular *a)
{
	linking_close(&a->problem.link);
	for (int c = 0; a->shape && c < a->alike.classes; c++)
		shape_close(&a->shape[c]);
	free(a->shape);
	free(a->pattern);
	free(a->own);
	free(a->link);
	free(a->from);
	alike_close(&a->alike);
	lp_drop(&a->whole);
	*a = (angular){0};
}

/* what the blocks of this rank say */
static void back_blocks(const angular *a, const solution *s, double *x, double *y)
{
	const alike *k = &a->alike;
	for (int64_t b = 0; b < s->blocks; b++) {
		int64_t at = s->block[b];
		const shape *h = &a->shape[k->class[at]];
		const double *mine = s->x + s->x_at[b], *price = s->row_price + s->row_at[b];
		const int *column = k->column + k->first_column[at];
		for (int q = 0; q < h->columns; q++)
			x[column[q]] = lp_from(a->m, column[q]) +
				       lp_way(a->m, column[q]) * h->column_scale[q] * mine[q];
		for (int q = 0, p = h->columns; q < h->splits; q++, p++)
			x[column[h->split[q]]] -= h->column_scale[p] * mine[p];
		for (int i = 0; i < h->pattern.rows; i++)
			y[k->row[k->first_row[at] + h->place[i]]] = h->row_scale[i] * price[i];
	}
}

/* and what every rank knows */
static void back_links(const angular *a, const solution *s, double *x, double *y)
{
	const lp *m = a->m;
	double value;
	for (int j = 0; j < m->columns; j++)
		if (a->alike.column_block[j] < 0)
			x[j] = only_entry(a, j, &value) < 0 ? best_alone(m, j) : lp_from(m, j);
	for (int e = 0; e < a->problem.link.columns; e++)
		if (a->own[e].column >= 0)
			x[a->own[e].column] += a->own[e].way * s->own[e];
	for (int i = 0; i < m->rows; i++)
		if (a->link[i] >= 0)
			y[i] = s->price[a->link[i]];
}

/* each number is one rank's, the others have zero: no bit of theirs is set */
static void gather(const par_world *w, double *v, int n)
{
	par_exchange_or(w, (unsigned char *)v, (size_t)n * sizeof *v);
}

void angular_back(const angular *a, const deal *d, const solution *s, double *x, double *y)
{
	const lp *m = a->m;
	memset(x, 0, (size_t)m->columns * sizeof *x);
	memset(y, 0, (size_t)m->rows * sizeof *y);
	back_blocks(a, s, x, y);
	if (d->world->rank == 0)
		back_links(a, s, x, y);
	gather(d->world, x, a->columns);
	gather(d->world, y, a->rows);
	for (int j = 0; j < a->columns; j++)
		x[j] = fmin(fmax(x[j], m->lower[j]), m->upper[j]);
	for (int i = 0; m->maximise && i < a->rows; i++)
		y[i] = -y[i];
}
