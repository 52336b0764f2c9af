#include "plan/check/bound.h"

#include "plan/check/common_part.h"
#include "plan/check/pricing.h"

#include <math.h>
#include <stdlib.h>

typedef struct {
	par_exact sum;
	int64_t falling;  /* blocks whose value falls for ever */
	int64_t hopeless; /* the first block that has no answer, or INT64_MAX */
} tally;

static void add_blocks(tally *t, pricing *q, const deal *d, const double *price)
{
	for (int64_t g = 0; g < d->groups; g++)
		for (int lane = 0; lane < d->mine[g].lanes; lane++) {
			int64_t k = d->mine[g].block[lane];
			/* blocks of a group are alike, so the last answer is a start */
			pricing_ask(q, k, price, lane > 0 ? q->answer.x : NULL);
			if (!q->answer.feasible)
				t->hopeless = k < t->hopeless ? k : t->hopeless;
			else if (q->answer.value > -INFINITY)
				par_exact_add(&t->sum, q->answer.value);
			else
				t->falling++;
			par_world_alive();
		}
}

/* collective | the tally of all ranks */
static void finish(bound_report *out, tally *t, const par_world *w, bool priced)
{
	par_exact_sum(w, &t->sum, 1);
	int64_t first = -par_world_max(w, -t->hopeless);
	bool falls = par_world_sum(w, t->falling) > 0 || !priced;
	out->hopeless = first < INT64_MAX ? first : -1;
	out->bound = out->hopeless >= 0 ? INFINITY : falls ? -INFINITY : par_exact_value(&t->sum);
}

static par_err open_both(pricing *q, double **moved, const problem *p)
{
	PAR_TRY(pricing_open(q, p));
	*moved = calloc((size_t)p->link.rows + 1, sizeof **moved);
	return *moved ? PAR_OK : par_fail(PAR_E_MEMORY, "no room for %d prices", p->link.rows);
}

par_err lagrangian_bound(bound_report *out, const problem *p, const deal *d, const double *price)
{
	pricing q = {0};
	double *moved = NULL;
	par_err e = par_agree(d->world, open_both(&q, &moved, p));
	if (e == PAR_OK) {
		tally t = {.hopeless = INT64_MAX};
		bool priced = common_prices(&p->link, price, moved, &out->moved);
		if (d->world->rank == 0 && priced)
			common_add(&t.sum, &p->link, moved);
		if (priced)
			add_blocks(&t, &q, d, moved);
		finish(out, &t, d->world, priced);
	}
	free(moved);
	pricing_close(&q);
	return e;
}
