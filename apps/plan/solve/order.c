#include "plan/solve/order.h"

#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* which rows meet in a column; where[r] is the place of row r */
static void meet(const pattern *p, const int *where, bool *meets)
{
	size_t n = (size_t)p->rows;
	memset(meets, 0, n * n);
	for (int j = 0; j < p->columns; j++)
		for (int a = p->first[j]; a < p->first[j + 1]; a++)
			for (int b = p->first[j]; b < p->first[j + 1]; b++)
				meets[(size_t)where[p->row[a]] * n + (size_t)where[p->row[b]]] =
				    true;
}

typedef struct {
	int n, done, words; /* words: of 64 linking rows */
	int *order;
	bool *meets, *gone, *linked;
	uint64_t *
	    reach; /* of a row: a bit a linking row that its row of V holds if it is eliminated next */
} elimination;

static uint64_t *reach_of(const elimination *e, int row)
{
	return e->reach + (size_t)row * (size_t)e->words;
}

static int reached(const elimination *e, int row)
{
	int n = 0;
	for (int t = 0; t < e->words; t++)
		n += __builtin_popcountll(reach_of(e, row)[t]);
	return n;
}

static int degree(const elimination *e, int row)
{
	int d = 0;
	const bool *meets = e->meets + (size_t)row * (size_t)e->n;
	for (int i = 0; i < e->n; i++)
		d += meets[i] && !e->gone[i];
	return d;
}

/* the rows that the eliminated one met meet each other from now on */
static void eliminate(elimination *e, int row)
{
	size_t n = (size_t)e->n;
	e->gone[row] = true;
	e->order[e->done++] = row;
	const bool *meets = e->meets + (size_t)row * n;
	for (size_t i = 0; i < n; i++) {
		if (!meets[i] || e->gone[i])
			continue;
		for (size_t j = 0; j < n; j++)
			e->meets[i * n + j] |= meets[j] && !e->gone[j];
		for (int t = 0; t < e->words; t++)
			reach_of(e, (int)i)[t] |= reach_of(e, row)[t];
	}
}

/* Of several rows of least degree the one that reaches the fewest linking rows: V'V costs their number
 * squared, and where all weeks look alike, degrees alone would walk from one end to the other. */
static int least_degree(const elimination *e, const bool *barred)
{
	int best = -1, least = INT_MAX, fewest = INT_MAX;
	for (int i = 0; i < e->n; i++) {
		int d = e->gone[i] || (barred && barred[i]) ? INT_MAX : degree(e, i);
		int links = d <= least && d < INT_MAX ? reached(e, i) : INT_MAX;
		if (d < least || links < fewest) {
			least = d;
			fewest = links;
			best = i;
		}
	}
	return best;
}

static void find_linked(const pattern *p, elimination *e)
{
	for (int j = 0; j < p->columns; j++)
		for (int a = p->first[j]; a < p->first[j + 1]; a++)
			for (int q = p->link_first[j]; q < p->link_first[j + 1]; q++) {
				e->linked[p->row[a]] = true;
				reach_of(e, p->row[a])[p->link[q] / 64] |= 1ull << p->link[q] % 64;
			}
}

static int words_of(const pattern *p)
{
	int last = 0;
	for (int q = 0; q < p->links; q++)
		last = p->link[q] > last ? p->link[q] : last;
	return last / 64 + 1;
}

/* a row taken bars all that it meets, now and by elimination, so that no two taken ones share a column */
static void eliminate_unlinked(elimination *e, bool *barred)
{
	memcpy(barred, e->linked, (size_t)e->n);
	for (int row; (row = least_degree(e, barred)) >= 0;) {
		for (int i = 0; i < e->n; i++)
			barred[i] |= e->meets[(size_t)row * (size_t)e->n + (size_t)i];
		eliminate(e, row);
	}
}

par_err order_rows(const pattern *p, int *order)
{
	size_t n = (size_t)p->rows;
	elimination e = {.n = p->rows, .words = words_of(p), .order = order};
	bool *barred = calloc(n + 1, 1);
	int *where = calloc(n + 1, sizeof *where);
	e.meets = malloc(n * n + 1);
	e.gone = calloc(n + 1, 1);
	e.linked = calloc(n + 1, 1);
	e.reach = calloc(n * (size_t)e.words + 1, sizeof *e.reach);
	bool room = barred && where && e.meets && e.gone && e.linked && e.reach;
	for (int i = 0; room && i < p->rows; i++)
		where[i] = i;
	if (room) {
		meet(p, where, e.meets);
		find_linked(p, &e);
		eliminate_unlinked(&e, barred);
		while (e.done < e.n)
			eliminate(&e, least_degree(&e, NULL));
	}
	free(barred);
	free(where);
	free(e.meets);
	free(e.gone);
	free(e.linked);
	free(e.reach);
	return room ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory to order %d rows", p->rows);
}

par_err order_fill(const pattern *p, const int *order, bool *filled)
{
	size_t n = (size_t)p->rows;
	int *where = calloc(n + 1, sizeof *where);
	if (!where)
		return par_fail(PAR_E_MEMORY, "no memory for %d rows", p->rows);
	for (int i = 0; i < p->rows; i++)
		where[order[i]] = i;
	meet(p, where, filled);
	free(where);
	for (size_t k = 0; k < n; k++)
		for (size_t i = k + 1; i < n; i++)
			for (size_t j = k + 1; filled[i * n + k] && j < n; j++)
				filled[i * n + j] |= filled[j * n + k];
	return PAR_OK;
}
