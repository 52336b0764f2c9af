#include "plan/lp/cut.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ALIKE_LEAST 8     /* blocks of a size, for that size to count as repeated */
#define ALIKE_SHARE 0.9   /* of all rows, in blocks of repeated sizes */
#define LINKING_SHARE 0.2 /* of all rows, at most */
#define NARROWER 0.75     /* each trial takes rows of this share of the longest length left */

static par_err no_memory(void)
{
	return par_fail(PAR_E_MEMORY, "no memory to look for blocks");
}

void cut_drop(cut *c)
{
	free(c->block);
	*c = (cut){0};
}

/* the first row of i's component, as far as it is known; paths are halved on the way */
static int root_of(int *parent, int i)
{
	while (parent[i] != i)
		i = parent[i] = parent[parent[i]];
	return i;
}

static void join(int *parent, int a, int b)
{
	a = root_of(parent, a);
	b = root_of(parent, b);
	if (a < b)
		parent[b] = a;
	else
		parent[a] = b;
}

static void join_columns(int *parent, const cut *c, const lp *m)
{
	for (int j = 0; j < m->columns; j++) {
		int with = CUT_LINKING;
		for (int64_t e = m->first[j]; e < m->first[j + 1]; e++) {
			int i = m->row[e];
			if (c->block[i] == CUT_LINKING)
				continue;
			if (with != CUT_LINKING)
				join(parent, with, i);
			with = i;
		}
	}
}

par_err cut_components(cut *c, const lp *m)
{
	int *parent = malloc(((size_t)m->rows + 1) * sizeof *parent);
	if (!parent)
		return no_memory();
	for (int i = 0; i < m->rows; i++)
		parent[i] = i;
	join_columns(parent, c, m);
	c->blocks = 0;
	for (int i = 0; i < m->rows; i++) {
		if (c->block[i] == CUT_LINKING)
			continue;
		int first = root_of(parent, i);
		c->block[i] = first == i ? c->blocks++ : c->block[first];
	}
	free(parent);
	return PAR_OK;
}

/* what alike blocks have in common */
typedef struct {
	int rows, columns;
	int64_t entries;
} size;

static int by_size(const void *a, const void *b)
{
	const size *x = a, *y = b;
	if (x->rows != y->rows)
		return x->rows < y->rows ? -1 : 1;
	if (x->columns != y->columns)
		return x->columns < y->columns ? -1 : 1;
	return (x->entries > y->entries) - (x->entries < y->entries);
}

static void add_sizes(size *s, const cut *c, const lp *m)
{
	for (int i = 0; i < m->rows; i++)
		if (c->block[i] != CUT_LINKING)
			s[c->block[i]].rows++;
	for (int j = 0; j < m->columns; j++) {
		int of = CUT_LINKING;
		for (int64_t e = m->first[j]; e < m->first[j + 1]; e++)
			if (c->block[m->row[e]] != CUT_LINKING) {
				of = c->block[m->row[e]];
				s[of].entries++;
			}
		if (of != CUT_LINKING)
			s[of].columns++;
	}
}

/* rows in blocks of a size that enough others have */
static par_err rows_alike(const cut *c, const lp *m, int64_t *rows)
{
	size *s = calloc((size_t)c->blocks + 1, sizeof *s);
	if (!s)
		return no_memory();
	add_sizes(s, c, m);
	qsort(s, (size_t)c->blocks, sizeof *s, by_size);
	*rows = 0;
	for (int k = 0, next; k < c->blocks; k = next) {
		for (next = k; next < c->blocks && by_size(&s[k], &s[next]) == 0;)
			next++;
		if (next - k >= ALIKE_LEAST)
			*rows += (int64_t)(next - k) * s[k].rows;
	}
	free(s);
	return PAR_OK;
}

static int *row_lengths(const lp *m)
{
	int *length = calloc((size_t)m->rows + 1, sizeof *length);
	if (length)
		for (int64_t e = 0; e < (m->columns ? m->first[m->columns] : 0); e++)
			length[m->row[e]]++;
	return length;
}

/* rows longer than limit link; returns how many do, and the greatest length of the others */
static int choose_linking(cut *c, const lp *m, const int *length, int limit, int *longest)
{
	int linking = 0;
	*longest = 0;
	for (int i = 0; i < m->rows; i++) {
		bool links = length[i] > limit;
		linking += links;
		c->block[i] = links ? CUT_LINKING : 0;
		if (!links && length[i] > *longest)
			*longest = length[i];
	}
	return linking;
}

static par_err find(cut *c, const lp *m, const int *length)
{
	int64_t alike = 0;
	int longest;
	choose_linking(c, m, length, m->columns, &longest);
	while (longest > 1) {
		int linking = choose_linking(
		    c, m, length, (int)fmin(NARROWER * longest, longest - 1), &longest);
		if (linking > LINKING_SHARE * m->rows)
			break;
		PAR_TRY(cut_components(c, m));
		if (c->blocks < ALIKE_LEAST)
			continue;
		PAR_TRY(rows_alike(c, m, &alike));
		if ((double)alike >= ALIKE_SHARE * m->rows)
			return PAR_OK;
	}
	c->blocks = 0;
	return PAR_OK;
}

par_err cut_find(cut *c, const lp *m)
{
	int *length = row_lengths(m);
	*c = (cut){.block = calloc((size_t)m->rows + 1, sizeof *c->block)};
	par_err e = length && c->block ? find(c, m, length) : no_memory();
	free(length);
	if (e != PAR_OK)
		cut_drop(c);
	return e;
}
