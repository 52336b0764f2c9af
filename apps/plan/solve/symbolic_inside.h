/* Symbolic, inside: what the makers of a pattern's lists (solve/symbolic.h) share. */
#ifndef APPS_PLAN_SOLVE_SYMBOLIC_INSIDE_H
#define APPS_PLAN_SOLVE_SYMBOLIC_INSIDE_H

#include "plan/solve/symbolic.h"

/* zeros that live as long as s does; NULL when there is no room */
void *symbolic_keep(symbolic *s, int64_t n, size_t size);

#define KEEP(s, field, n)                                                                 \
	do {                                                                              \
		if (!((s)->field = symbolic_keep((s), (n), sizeof *(s)->field)))          \
			return par_fail(PAR_E_MEMORY, "no memory for a pattern's lists"); \
	} while (0)

/* Lists of terms are made in two walks over the same things. The first counts: terms of item i at
 * first[i + 2]. Then sums make first[i + 1] the place of item i's next term, which the second walk moves on
 * to the place of the next item's first. */
static inline int64_t list_sums(int items, int *first)
{
	for (int i = 0; i <= items; i++)
		first[i + 1] += first[i];
	return first[items + 1];
}

/* Columns with their entries: a in [*a, a_end) and q in [*q, q_end) of column j, as a loop's state */
typedef struct {
	const symbolic *s;
	int run, j, a, a_end, q, q_end;
} column_walk;

static inline bool walk_on(column_walk *w)
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

/* L and the terms of M. filled: rows x rows, where L is not 0; places[i * rows + j]: of its entry, or -1 */
par_err symbolic_factor(symbolic *s, const bool *filled, int *places);
/* B by the linking rows, the terms of B Theta A' and B Theta B'. place[l]: of linking row l among those
 * touched, or -1; slots[t * rows + i]: of B Theta A', or -1; number: work, all_links x all_links */
par_err symbolic_links(symbolic *s, int *place, int *slots, int *number);
/* panels and the making of V */
par_err symbolic_v(symbolic *s, const int *slots);

#endif
