#include "plan/lp/alike.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ROUNDS 4

typedef struct {
	uint64_t colour;
	int which;
} coloured;

typedef struct {
	const lp *m;
	alike *a;
	int *row_rank, *column_rank;                  /* places in the program's order */
	uint64_t *row_colour, *column_colour, *mixed; /* mixed: of rows */
	uint64_t *hash; /* of classes: the colours of their template */
	int **row_place,
	    **column_place; /* of classes: in the order of colours, places in the block */
	coloured *order;    /* of one block */
	double *value;      /* of one column by the places of rows; zero between uses */
} finder;

static par_err no_memory(void)
{
	return par_fail(PAR_E_MEMORY, "no memory to compare blocks");
}

/* the finaliser of splitmix64 (Steele, Lea, Flood 2014) */
static uint64_t mix(uint64_t x)
{
	x += 0x9e3779b97f4a7c15;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
	x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
	return x ^ (x >> 31);
}

static uint64_t bits(double v)
{
	uint64_t b;
	memcpy(&b, &v, sizeof b);
	return b;
}

static unsigned sides(double low, double high)
{
	return 4u * (low == high) + 2u * !isinf(low) + !isinf(high);
}

/* fixed columns are like those of two bounds */
static unsigned column_kind(const lp *m, int j)
{
	return sides(m->lower[j], m->upper[j]) & 3u;
}

static unsigned row_kind(const lp *m, int i)
{
	return sides(m->row_lower[i], m->row_upper[i]);
}

static par_err room(alike *a, const lp *m)
{
	size_t rows = (size_t)m->rows + 1, columns = (size_t)m->columns + 1;
	a->class = calloc(rows, 1);
	a->template = malloc(rows * sizeof(int));
	a->first_row = calloc(rows + 1, sizeof(int));
	a->first_column = calloc(rows + 1, sizeof(int));
	a->row = malloc(rows * sizeof(int));
	a->row_at = malloc(rows * sizeof(int));
	a->row_block = malloc(rows * sizeof(int));
	a->column = malloc(columns * sizeof(int));
	a->column_at = malloc(columns * sizeof(int));
	a->column_block = malloc(columns * sizeof(int));
	return a->class && a->template && a->first_row && a->first_column && a->row && a->row_at &&
		       a->row_block && a->column && a->column_at && a->column_block
		   ? PAR_OK
		   : no_memory();
}

/* blocks in the order of their first rows, empty ones left out */
static par_err number_blocks(alike *a, const lp *m, const cut *c)
{
	int *number = malloc(((size_t)c->blocks + 1) * sizeof *number);
	if (!number)
		return no_memory();
	memset(number, -1, (size_t)c->blocks * sizeof *number);
	for (int i = 0; i < m->rows; i++) {
		int k = c->block[i];
		a->row_block[i] = -1;
		if (k == CUT_LINKING || (row_kind(m, i) & 3u) == 0)
			continue;
		if (number[k] < 0)
			number[k] = a->blocks++;
		a->row_block[i] = number[k];
	}
	free(number);
	for (int j = 0; j < m->columns; j++) {
		a->column_block[j] = -1;
		for (int64_t e = m->first[j]; e < m->first[j + 1]; e++)
			if (a->row_block[m->row[e]] >= 0)
				a->column_block[j] = a->row_block[m->row[e]];
	}
	return PAR_OK;
}

/* block by block, in the program's order, which rank tells */
static void list(int n, int blocks, const int *block, int *first, int *member, int *rank)
{
	for (int i = 0; i < n; i++)
		if (block[i] >= 0)
			first[block[i] + 1]++;
	for (int k = 0; k < blocks; k++)
		first[k + 1] += first[k];
	for (int i = 0; i < n; i++) {
		int k = block[i];
		if (k < 0)
			continue;
		member[first[k]] = i;
		first[k]++;
	}
	for (int k = blocks; k > 0; k--)
		first[k] = first[k - 1];
	first[0] = 0;
	for (int k = 0; k < blocks; k++)
		for (int p = first[k]; p < first[k + 1]; p++)
			rank[member[p]] = p - first[k];
}

/* entry e of column j as the blocks' columns have it: from a lower bound of zero upward */
static double turned(const lp *m, int j, int64_t e)
{
	return lp_way(m, j) * m->value[e];
}

static void colour_rows(finder *f)
{
	const lp *m = f->m;
	memset(f->mixed, 0, (size_t)m->rows * sizeof *f->mixed);
	for (int j = 0; j < m->columns; j++)
		for (int64_t e = m->first[j]; e < m->first[j + 1]; e++)
			f->mixed[m->row[e]] += mix(f->column_colour[j] ^ bits(turned(m, j, e)));
	for (int i = 0; i < m->rows; i++)
		f->row_colour[i] = mix(f->row_colour[i] ^ mix(f->mixed[i]));
}

static void colour_columns(finder *f)
{
	const lp *m = f->m;
	for (int j = 0; j < m->columns; j++) {
		uint64_t sum = 0;
		for (int64_t e = m->first[j]; e < m->first[j + 1]; e++)
			if (f->a->row_block[m->row[e]] >= 0)
				sum += mix(f->row_colour[m->row[e]] ^ bits(turned(m, j, e)));
		f->column_colour[j] = mix(f->column_colour[j] ^ mix(sum));
	}
}

static void colour(finder *f)
{
	const lp *m = f->m;
	for (int j = 0; j < m->columns; j++)
		f->column_colour[j] = column_kind(m, j);
	for (int i = 0; i < m->rows; i++)
		f->row_colour[i] = 8 + row_kind(m, i);
	for (int round = 0; round < ROUNDS; round++) {
		colour_columns(f);
		colour_rows(f);
	}
}

static int by_colour(const void *a, const void *b)
{
	const coloured *x = a, *y = b;
	if (x->colour != y->colour)
		return x->colour < y->colour ? -1 : 1;
	return x->which - y->which;
}

/* the n members of a block in the order of their colours; returns what these come to */
static uint64_t sort(finder *f, int *member, int n, const uint64_t *colours)
{
	uint64_t sum = (uint64_t)n;
	for (int p = 0; p < n; p++) {
		f->order[p] = (coloured){colours[member[p]], member[p]};
		sum += mix(colours[member[p]]);
	}
	qsort(f->order, (size_t)n, sizeof *f->order, by_colour);
	for (int p = 0; p < n; p++)
		member[p] = f->order[p].which;
	return mix(sum);
}

static int rows_of(const alike *a, int k)
{
	return a->first_row[k + 1] - a->first_row[k];
}

static int columns_of(const alike *a, int k)
{
	return a->first_column[k + 1] - a->first_column[k];
}

/* columns j of the template and h of a block whose rows have their places already */
static bool same_column(finder *f, int j, int h)
{
	const lp *m = f->m;
	int left = 0;
	bool same = column_kind(m, j) == column_kind(m, h);
	for (int64_t e = m->first[j]; e < m->first[j + 1]; e++)
		if (f->a->row_block[m->row[e]] >= 0) {
			f->value[f->a->row_at[m->row[e]]] = turned(m, j, e);
			left++;
		}
	for (int64_t e = m->first[h]; e < m->first[h + 1]; e++)
		if (f->a->row_block[m->row[e]] >= 0) {
			same &= f->value[f->a->row_at[m->row[e]]] == turned(m, h, e);
			left--;
		}
	for (int64_t e = m->first[j]; e < m->first[j + 1]; e++)
		if (f->a->row_block[m->row[e]] >= 0)
			f->value[f->a->row_at[m->row[e]]] = 0;
	return same && left == 0;
}

/* block k, sorted by colours, gets the places of class c; false where a number is another */
static bool take_places(finder *f, int k, int c)
{
	alike *a = f->a;
	int t = a->template[c];
	if (rows_of(a, k) != rows_of(a, t) || columns_of(a, k) != columns_of(a, t))
		return false;
	for (int p = 0; p < rows_of(a, k); p++) {
		int i = a->row[a->first_row[k] + p], place = f->row_place[c][p];
		if (row_kind(f->m, i) != row_kind(f->m, a->row[a->first_row[t] + place]))
			return false;
		a->row_at[i] = place;
	}
	for (int p = 0; p < columns_of(a, k); p++) {
		int j = a->column[a->first_column[k] + p], place = f->column_place[c][p];
		if (!same_column(f, a->column[a->first_column[t] + place], j))
			return false;
		a->column_at[j] = place;
	}
	return true;
}

/* a block's members by their places */
static void put_in_place(int *member, int n, const int *at, coloured *order)
{
	for (int p = 0; p < n; p++)
		order[at[member[p]]].which = member[p];
	for (int p = 0; p < n; p++)
		member[p] = order[p].which;
}

/* places by the program's order, which the first of a class keeps; returns them in the order of colours */
static int *rank_places(const int *member, int n, const int *rank, int *at)
{
	int *place = malloc(((size_t)n + 1) * sizeof *place);
	for (int p = 0; place && p < n; p++)
		at[member[p]] = place[p] = rank[member[p]];
	return place;
}

static par_err found_class(finder *f, int k, uint64_t hash)
{
	alike *a = f->a;
	int c = a->classes++;
	a->template[c] = k;
	f->hash[c] = hash;
	f->row_place[c] = rank_places(
	    a->row + a->first_row[k], rows_of(a, k), f->row_rank, a->row_at);
	f->column_place[c] = rank_places(
	    a->column + a->first_column[k], columns_of(a, k), f->column_rank, a->column_at);
	return f->row_place[c] && f->column_place[c] ? PAR_OK : no_memory();
}

/* false: it would be one class too many */
static par_err classify(finder *f, int k, int most, bool *known)
{
	alike *a = f->a;
	int *rows = a->row + a->first_row[k], *columns = a->column + a->first_column[k], c = 0;
	uint64_t hash = sort(f, rows, rows_of(a, k), f->row_colour);
	hash = mix(hash ^ sort(f, columns, columns_of(a, k), f->column_colour));
	while (c < a->classes && !(f->hash[c] == hash && take_places(f, k, c)))
		c++;
	*known = c < most;
	if (!*known)
		return PAR_OK;
	if (c == a->classes)
		PAR_TRY(found_class(f, k, hash));
	a->class[k] = (uint8_t)c;
	put_in_place(rows, rows_of(a, k), a->row_at, f->order);
	put_in_place(columns, columns_of(a, k), a->column_at, f->order);
	return PAR_OK;
}

static par_err classify_all(finder *f, int most)
{
	bool known = true;
	for (int k = 0; k < f->a->blocks && known; k++)
		PAR_TRY(classify(f, k, most, &known));
	if (!known)
		f->a->classes = 0;
	return PAR_OK;
}

static par_err finder_open(finder *f, int most)
{
	size_t rows = (size_t)f->m->rows + 1, columns = (size_t)f->m->columns + 1;
	f->row_rank = malloc(rows * sizeof(int));
	f->column_rank = malloc(columns * sizeof(int));
	f->row_colour = malloc(rows * sizeof(uint64_t));
	f->column_colour = malloc(columns * sizeof(uint64_t));
	f->mixed = malloc(rows * sizeof(uint64_t));
	f->hash = calloc((size_t)most + 1, sizeof(uint64_t));
	f->row_place = calloc((size_t)most + 1, sizeof(int *));
	f->column_place = calloc((size_t)most + 1, sizeof(int *));
	f->order = malloc((rows > columns ? rows : columns) * sizeof(coloured));
	f->value = calloc(rows, sizeof(double));
	return f->row_rank && f->column_rank && f->row_colour && f->column_colour && f->mixed &&
		       f->hash && f->row_place && f->column_place && f->order && f->value
		   ? PAR_OK
		   : no_memory();
}

static void finder_close(finder *f, int most)
{
	for (int c = 0; c < most; c++) {
		if (f->row_place)
			free(f->row_place[c]);
		if (f->column_place)
			free(f->column_place[c]);
	}
	free(f->row_rank);
	free(f->column_rank);
	free(f->row_colour);
	free(f->column_colour);
	free(f->mixed);
	free(f->hash);
	free(f->row_place);
	free(f->column_place);
	free(f->order);
	free(f->value);
}

static par_err open(finder *f, const cut *c, int most)
{
	alike *a = f->a;
	const lp *m = f->m;
	PAR_TRY(room(a, m));
	PAR_TRY(finder_open(f, most));
	PAR_TRY(number_blocks(a, m, c));
	list(m->rows, a->blocks, a->row_block, a->first_row, a->row, f->row_rank);
	list(m->columns, a->blocks, a->column_block, a->first_column, a->column, f->column_rank);
	colour(f);
	return classify_all(f, most);
}

par_err alike_open(alike *a, const lp *m, const cut *c, int most)
{
	finder f = {.m = m, .a = a};
	*a = (alike){0};
	par_err e = open(&f, c, most);
	finder_close(&f, most);
	if (e != PAR_OK)
		alike_close(a);
	return e;
}

void alike_close(alike *a)
{
	free(a->class);
	free(a->template);
	free(a->first_row);
	free(a->first_column);
	free(a->row);
	free(a->column);
	free(a->row_at);
	free(a->column_at);
	free(a->row_block);
	free(a->column_block);
	*a = (alike){0};
}
