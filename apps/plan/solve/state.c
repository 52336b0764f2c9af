#include "plan/solve/state_numbers.h"

#include <stdlib.h>
#include <string.h>

enum { COUNTERS = 3 }; /* correctors, and the steps that led here */

static int64_t eights(const symbolic *s)
{
	return 2 * (int64_t)(s->columns + s->bounded) + s->rows;
}

static int64_t widest(const groups *g)
{
	int64_t most = 0;
	for (int c = 0; c < g->p->patterns; c++)
		most = eights(g->class[c]) > most ? eights(g->class[c]) : most;
	return most * GROUP_LANES;
}

par_err state_open(solve_state *s, const iterate *it, int more)
{
	const groups *g = &it->groups;
	const own *o = &it->own;
	*s = (solve_state){.groups = g->deal->shards.batch,
	    .columns = widest(g),
	    .first = g->deal->shards.lo,
	    .here = g->deal->groups,
	    .shared = more + COUNTERS + it->links + 2 * o->places +
		      2 * (o->places - o->bounded_from)};
	s->group = calloc((size_t)(s->here * s->columns) + 1, sizeof *s->group);
	s->alike = calloc((size_t)s->shared + 1, sizeof *s->alike);
	return s->group && s->alike
		   ? PAR_OK
		   : par_fail(PAR_E_MEMORY, "no memory to save the state of %lld groups of SKUs",
			 (long long)s->here);
}

void state_close(solve_state *s)
{
	free(s->group);
	free(s->alike);
	*s = (solve_state){0};
}

/* n numbers go to the state, or come from it */
static void move_numbers(double **at, double *numbers, int64_t n, bool save)
{
	memcpy(save ? *at : numbers, save ? numbers : *at, (size_t)n * sizeof *numbers);
	*at += n;
}

static void move_pairs(double **at, const pairs *p, bool save)
{
	int64_t columns = (int64_t)p->columns * GROUP_LANES, bounded = p->bounded * GROUP_LANES;
	move_numbers(at, p->x, columns, save);
	move_numbers(at, p->z, columns, save);
	move_numbers(at, p->w, bounded, save);
	move_numbers(at, p->v, bounded, save);
}

static void move_groups(const solve_state *s, const groups *g, bool save)
{
	for (int64_t i = 0; i < s->here; i++) {
		double *at = s->group + i * s->columns;
		group_view v;
		groups_view(g, i, &v);
		move_pairs(&at, &v.pairs, save);
		move_numbers(&at, v.y, (int64_t)v.s->rows * GROUP_LANES, save);
	}
}

void state_take(solve_state *s, const iterate *it, int more)
{
	double *at = s->alike + more;
	double counters[COUNTERS] = {it->correctors, it->primal_step, it->dual_step};
	move_numbers(&at, counters, COUNTERS, true);
	move_numbers(&at, it->price, it->links, true);
	move_pairs(&at, &it->own.pairs, true);
	move_groups(s, &it->groups, true);
}

void state_give(const solve_state *s, iterate *it, int more)
{
	double *at = s->alike + more, counters[COUNTERS];
	move_numbers(&at, counters, COUNTERS, false);
	it->correctors = (int)counters[0];
	it->primal_step = counters[1];
	it->dual_step = counters[2];
	it->components = 0;
	move_numbers(&at, it->price, it->links, false);
	move_pairs(&at, &it->own.pairs, false);
	move_groups(s, &it->groups, false);
}
