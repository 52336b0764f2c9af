/* np: 1 2 3 6   apps: plan */
#include "plan/model/generate.h"
#include "plan/solve/interior.h"

#include "../tap.h"

#include <stdlib.h>
#include <string.h>

/* keeps the state after one iteration and hands it out to the next solve */
typedef struct {
	int at;          /* the iteration whose state is kept */
	par_err verdict; /* what save returns */
	bool kept, holds;
	solve_state state; /* owns its arrays */
} keeper;

static bool due(void *ctx, int iteration)
{
	return iteration == ((keeper *)ctx)->at;
}

static double *copy_of(const double *from, int64_t n)
{
	double *to = malloc((size_t)(n + 1) * sizeof *to);
	memcpy(to, from, (size_t)n * sizeof *to);
	return to;
}

static par_err save(void *ctx, const solve_state *s)
{
	keeper *k = ctx;
	k->kept = true;
	k->state = *s;
	k->state.group = copy_of(s->group, s->here * s->columns);
	k->state.alike = copy_of(s->alike, s->shared);
	return k->verdict == PAR_OK ? PAR_OK : par_fail(k->verdict, "enough");
}

static par_err load(void *ctx, solve_state *s, bool *found)
{
	keeper *k = ctx;
	const solve_state *of = &k->state;
	*found = k->kept;
	if (!k->kept)
		return PAR_OK;
	k->holds = s->groups == of->groups && s->columns == of->columns && s->first == of->first &&
		   s->here == of->here && s->shared == of->shared && s->iteration == 0;
	memcpy(s->group, of->group, (size_t)(of->here * of->columns) * sizeof *s->group);
	memcpy(s->alike, of->alike, (size_t)of->shared * sizeof *s->alike);
	s->iteration = of->iteration;
	return PAR_OK;
}

static par_err refuse(void *ctx, solve_state *s, bool *found)
{
	(void)ctx, (void)s, (void)found;
	return par_fail(PAR_E_CONFIG, "not this one");
}

static bool same_bits(const void *a, const void *b, int64_t n)
{
	return a && b && memcmp(a, b, (size_t)n * sizeof(double)) == 0;
}

static bool alike(const model *m, const solution *a, const solution *b)
{
	const problem *p = &m->problem;
	bool same = a->status == b->status && a->iterations == b->iterations &&
		    a->correctors == b->correctors && same_bits(&a->value, &b->value, 1) &&
		    same_bits(&a->gap, &b->gap, 1) && same_bits(a->price, b->price, p->link.rows) &&
		    same_bits(a->own, b->own, p->link.columns);
	for (int64_t i = 0; i < a->blocks; i++) {
		const pattern *of = &p->pattern[p->class[a->block[i]]];
		same &= same_bits(a->x + a->x_at[i], b->x + b->x_at[i], of->columns) &&
			same_bits(
			    a->row_price + a->row_at[i], b->row_price + b->row_at[i], of->rows);
	}
	return same;
}

static par_err solve(const model *m, solution *out, const solve_pauses *pauses)
{
	interior_spec spec = {.pauses = pauses};
	return interior_solve(out, &m->problem, &m->deal, &spec);
}

static void drop(keeper *k)
{
	free(k->state.group);
	free(k->state.alike);
}

/* stopped after iteration `at`, and gone on with */
static void interrupt(const model *m, const solution *whole, int at)
{
	keeper k = {.at = at, .verdict = PAR_E_AGAIN};
	solution s;
	ok(solve(m, &s, &(solve_pauses){NULL, due, save, &k}) == PAR_E_AGAIN && k.kept && !s.x,
	    "a solve that is stopped after iteration %d ends with what save returned", at);
	ok(k.state.iteration == at && k.state.here == m->deal.groups,
	    "and its state holds a row for each of this rank's groups");
	ok(solve(m, &s, &(solve_pauses){load, NULL, NULL, &k}) == PAR_OK && k.holds,
	    "a solve goes on from there");
	ok(alike(m, whole, &s), "and ends with the same bits as one that was not stopped");
	solution_drop(&s);
	drop(&k);
}

int main(int argc, char **argv)
{
	par_world w;
	model m;
	solution whole = {0}, s;
	tap_begin(&argc, &argv);
	par_world_open(&w, MPI_COMM_WORLD);
	/* groups that are not full, of two classes, fewer than ranks at six */
	generate_options made = {.skus = 37, .seed = 3, .periods = 8, .two_classes = true};
	ok(generate(&m, &w, &made) == PAR_OK && solve(&m, &whole, NULL) == PAR_OK &&
		whole.status == SOLVED_OPTIMAL,
	    "37 SKUs of two classes are planned");
	interrupt(&m, &whole, 0);
	interrupt(&m, &whole, 7);
	interrupt(&m, &whole, whole.iterations);
	keeper k = {.at = 5};
	ok(solve(&m, &s, &(solve_pauses){load, due, save, &k}) == PAR_OK && k.kept &&
		alike(&m, &whole, &s),
	    "with nothing to go on from a solve begins anew, and saving changes no bit");
	solution_drop(&s);
	ok(solve(&m, &s, &(solve_pauses){refuse, NULL, NULL, NULL}) == PAR_E_CONFIG,
	    "a state that cannot be read ends the solve");
	drop(&k);
	solution_drop(&whole);
	model_drop(&m);
	par_world_close(&w);
	return tap_end();
}
