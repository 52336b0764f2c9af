#include "plan/check/bound.h"

#include "comm/exact.h"
#include "plan/check/pricing.h"

#include <math.h>
#include <stdlib.h>

/* one price to where no own column without upper bound gains, d - v p >= 0; NaN: there is no such price */
static double moved_price(const linking *l, int row, double price)
{
	double low = -INFINITY, high = INFINITY;
	for (int j = 0; j < l->columns; j++) {
		if (l->row[j] != row || l->upper[j] < INFINITY)
			continue;
		double v = l->value[j], at = l->cost[j] / v;
		if (v > 0)
			high = fmin(high, at);
		else if (v < 0)
			low = fmax(low, at);
		else if (l->cost[j] < 0)
			return NAN;
	}
	return low <= high ? fmin(fmax(price, low), high) : NAN;
}

/* moved[]: the prices with which the bound is made; false: none is enough, the value falls for ever */
static bool move_prices(const linking *l, const double *price, double *moved, double *largest_move)
{
	double most = 0, largest = 0;
	bool all = true;
	for (int r = 0; r < l->rows; r++) {
		moved[r] = moved_price(l, r, price[r]);
		all &= !isnan(moved[r]);
		most = fmax(most, fabs(moved[r] - price[r]));
		largest = fmax(largest, fabs(price[r]));
	}
	*largest_move = most > 0 ? most / fmax(largest, most) : 0;
	return all;
}

/* h'p + sum of min(0, d - E p) w */
static void add_common(par_exact *sum, const linking *l, const double *price)
{
	for (int r = 0; r < l->rows; r++)
		par_exact_add(sum, l->right[r] * price[r]);
	for (int j = 0; j < l->columns; j++) {
		double gain = l->cost[j] - l->value[j] * price[l->row[j]];
		if (gain < 0 && l->upper[j] < INFINITY)
			par_exact_add(sum, gain * l->upper[j]);
	}
}

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
		bool priced = move_prices(&p->link, price, moved, &out->moved);
		if (d->world->rank == 0 && priced)
			add_common(&t.sum, &p->link, moved);
		if (priced)
			add_blocks(&t, &q, d, moved);
		finish(out, &t, d->world, priced);
	}
	free(moved);
	pricing_close(&q);
	return e;
}
