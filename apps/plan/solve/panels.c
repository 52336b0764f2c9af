#include "plan/solve/panels.h"

#include <stdint.h>
#include <stdlib.h>

/* what a panel costs beside its products (sums across lanes, reading and writing its S), as rows */
#define OVERHEAD 2.0

typedef struct {
	int words, panels; /* words: of 64 linking rows */
	int *rows, *count;
	uint64_t *unions; /* a bit a linking row */
	double *saved;    /* by merging panel a < b, at a * panels + b */
} merger;

static uint64_t *set_of(const merger *m, int a)
{
	return m->unions + (size_t)a * (size_t)m->words;
}

static double cost(int rows, int links)
{
	return (rows + OVERHEAD) * links * links;
}

static int union_size(const merger *m, int a, int b)
{
	const uint64_t *x = set_of(m, a), *y = set_of(m, b);
	int n = 0;
	for (int t = 0; t < m->words; t++)
		n += __builtin_popcountll(x[t] | y[t]);
	return n;
}

static double *saving_at(const merger *m, int a, int b)
{
	return m->saved + (size_t)(a < b ? a : b) * (size_t)m->panels + (size_t)(a < b ? b : a);
}

static void weigh(merger *m, int a)
{
	for (int b = 0; b < m->panels; b++)
		if (b != a && m->rows[b] > 0)
			*saving_at(m, a, b) = cost(m->rows[a], m->count[a]) +
					      cost(m->rows[b], m->count[b]) -
					      cost(m->rows[a] + m->rows[b], union_size(m, a, b));
}

static bool best_pair(const merger *m, int *a, int *b)
{
	double best = 0;
	for (int i = 0; i < m->panels; i++)
		for (int j = i + 1; m->rows[i] > 0 && j < m->panels; j++)
			if (m->rows[j] > 0 && *saving_at(m, i, j) > best) {
				best = *saving_at(m, i, j);
				*a = i;
				*b = j;
			}
	return best > 0;
}

static void merge(merger *m, int a, int b)
{
	m->count[a] = union_size(m, a, b);
	for (int t = 0; t < m->words; t++)
		set_of(m, a)[t] |= set_of(m, b)[t];
	m->rows[a] += m->rows[b];
	m->rows[b] = 0;
	weigh(m, a);
}

static void start(merger *m, int rows, int links, const bool *reached, int *panel_of)
{
	for (int i = 0; i < rows; i++) {
		for (int t = 0; t < links; t++)
			set_of(m, i)[t / 64] |= (uint64_t)reached[i * links + t] << t % 64;
		m->count[i] = union_size(m, i, i);
		m->rows[i] = m->count[i] > 0;
		panel_of[i] = m->count[i] > 0 ? i : -1;
	}
	for (int i = 0; i < rows; i++)
		if (m->rows[i] > 0)
			weigh(m, i);
}

/* number the panels that are left in the order of their first rows */
static int renumber(int rows, int *panel_of, int *scratch)
{
	int n = 0;
	for (int i = 0; i < rows; i++)
		scratch[i] = -1;
	for (int i = 0; i < rows; i++) {
		if (panel_of[i] < 0)
			continue;
		int *number = &scratch[panel_of[i]];
		if (*number < 0)
			*number = n++;
		panel_of[i] = *number;
	}
	return n;
}

par_err panels_choose(int rows, int links, const bool *reached, int *panel_of, int *panels)
{
	size_t n = (size_t)rows;
	merger m = {.words = (links + 63) / 64, .panels = rows};
	m.rows = calloc(n + 1, sizeof *m.rows);
	m.count = calloc(n + 1, sizeof *m.count);
	m.unions = calloc(n * (size_t)m.words + 1, sizeof *m.unions);
	m.saved = calloc(n * n + 1, sizeof *m.saved);
	bool room = m.rows && m.count && m.unions && m.saved;
	if (room) {
		start(&m, rows, links, reached, panel_of);
		for (int a = 0, b = 0; best_pair(&m, &a, &b);) {
			merge(&m, a, b);
			for (int i = 0; i < rows; i++)
				if (panel_of[i] == b)
					panel_of[i] = a;
		}
		*panels = renumber(rows, panel_of, m.count);
	}
	free(m.rows);
	free(m.count);
	free(m.unions);
	free(m.saved);
	return room ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory to group %d rows", rows);
}
