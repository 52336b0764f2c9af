/* np: 1, apps: plan */
#include "plan/orders/whole.h"

#include "../tap.h"
#include "tiny_model.h"

/* SKUs of three periods: a hub and a store that sells, one supplier that delivers to the hub a period later and one
 * that delivers at once to either, but not much. Every plan there is is tried, stocks by dynamic
 * programming. */
#define PERIODS 3
#define STEPS 2  /* of the demand, and of the safety stock */
#define STOCK 14 /* no larger one is of use */
#define LARGEST 14
#define TRIALS 200

enum { HUB, STORE, MARKET, PLACES };

/* places of columns */
typedef struct {
	int late, hub, store, ship, hub_stock, step, store_stock, deliver, sale;
} period_columns;

typedef enum { PLAIN, ROOMS, SAFETY } trial_kind;

typedef struct {
	tiny_model t;
	trial_kind kind;
	period_columns at[PERIODS];
	int start[2]; /* whole units in hub and store */
	double part;  /* of a unit, in the store */
	double each;  /* of the lane a unit uses */
	double left[PERIODS], over[PERIODS];
} trial;

static int place(int node, int t)
{
	return t < PERIODS ? node * PERIODS + t : -1;
}

static flow of_kind(flow_kind kind, int supplier, int t, int step)
{
	return (flow){.kind = kind, .supplier = supplier, .period = t, .step = step};
}

static void arcs_of(trial *s, int t)
{
	tiny_model *m = &s->t;
	bool last = t + 1 == PERIODS;
	period_columns *c = &s->at[t];
	if (!last)
		c->late = tiny_arc(
		    m, of_kind(FLOW_PURCHASE, 0, t, -1), -1, place(HUB, t + 1), false, -1);
	c->hub = tiny_arc(m, of_kind(FLOW_PURCHASE, 1, t, -1), -1, place(HUB, t), true, -1);
	c->store = tiny_arc(m, of_kind(FLOW_PURCHASE, 1, t, -1), -1, place(STORE, t), true, -1);
	if (!last)
		c->ship = tiny_arc(m, of_kind(FLOW_SHIPMENT, -1, t, -1), place(HUB, t),
		    place(STORE, t + 1), false, t);
	c->hub_stock = tiny_arc(
	    m, of_kind(FLOW_STOCK, -1, t, -1), place(HUB, t), place(HUB, t + 1), false, -1);
	c->step = m->p.columns;
	for (int i = 0; s->kind == SAFETY && i < STEPS; i++)
		tiny_arc(m, of_kind(FLOW_STOCK, -1, t, i), place(STORE, t), place(STORE, t + 1),
		    true, -1);
	c->store_stock = tiny_arc(
	    m, of_kind(FLOW_STOCK, -1, t, -1), place(STORE, t), place(STORE, t + 1), false, -1);
	c->deliver = tiny_arc(
	    m, of_kind(FLOW_DELIVERY, -1, t, -1), place(STORE, t), place(MARKET, t), false, -1);
	c->sale = m->p.columns;
	for (int i = 0; i < STEPS; i++)
		tiny_arc(m, of_kind(FLOW_SALE, -1, t, i), place(MARKET, t), -1, true, -1);
}

static double *upper_of(trial *s, int j)
{
	return &s->t.block[0].upper[s->t.bound[j]];
}

static void numbers_of(trial *s, int t, tiny_draw *d)
{
	const period_columns *c = &s->at[t];
	double *cost = s->t.block[0].cost;
	bool last = t + 1 == PERIODS;
	if (!last) {
		cost[c->late] = 0.25 * tiny_whole(d, 4, 12);
		cost[c->ship] = 0.125 * tiny_whole(d, 0, 8);
		s->t.block[0].link[t] = s->each;
	}
	cost[c->hub] = 0.25 * tiny_whole(d, 6, 16);
	cost[c->store] = cost[c->hub] + 0.125 * tiny_whole(d, 0, 6);
	*upper_of(s, c->hub) = 0.5 * tiny_whole(d, 0, 9);
	*upper_of(s, c->store) = 0.5 * tiny_whole(d, 0, 9);
	cost[c->hub_stock] = 0.0625 * tiny_whole(d, 1, 8);
	cost[c->store_stock] = 0.0625 * tiny_whole(d, 1, 10);
	double gain = 0, worth = 1.5;
	for (int i = STEPS; s->kind == SAFETY && i-- > 0;) {
		gain += 0.25 * tiny_whole(d, 1, 6);
		cost[c->step + i] = cost[c->store_stock] - gain;
		*upper_of(s, c->step + i) = 0.25 * tiny_whole(d, 1, 7);
	}
	cost[c->deliver] = 0.125 * tiny_whole(d, 0, 4);
	for (int i = STEPS; i-- > 0;) {
		worth += 0.5 * tiny_whole(d, 1, 6);
		cost[c->sale + i] = -worth;
		*upper_of(s, c->sale + i) = 0.25 * tiny_whole(d, 0, 8);
	}
	s->left[t] = s->each * tiny_whole(d, -1, 3);
	s->over[t] = tiny_whole(d, 0, 3);
}

static void draw_trial(trial *s, const par_world *w, trial_kind kind, int seed)
{
	static const double terms[4][2] = {{0, 0}, {3, 0}, {3, 2}, {2, 3}}; /* least, multiple */
	tiny_draw d = {{(uint64_t)seed, 1, 0}, 0};
	*s = (trial){.kind = kind, .each = tiny_whole(&d, 1, 4) * 0.5};
	for (int t = 0; t < PERIODS; t++)
		arcs_of(s, t);
	for (int t = 0; t < PERIODS; t++)
		numbers_of(s, t, &d);
	for (int i = 0; i < 2; i++) {
		const double *of = terms[tiny_whole(&d, 0, 3)];
		s->t.block[0].terms[i] = (order_terms){of[0], of[1], 0.5 * tiny_whole(&d, 0, 8)};
		s->start[i] = tiny_whole(&d, 0, 2);
	}
	s->part = 0.25 * tiny_whole(&d, 0, 3);
	s->t.block[0].right[place(HUB, 0)] = -s->start[HUB];
	s->t.block[0].right[place(STORE, 0)] = -(s->start[STORE] + s->part);
	for (int t = 0; t < PERIODS; t++)
		s->t.limit[t] = (limit){.kind = LIMIT_LANE};
	tiny_model_of(&s->t, w, PERIODS, PLACES * PERIODS, 1, PERIODS);
}

/* ---- all plans */

/* the cost of so much on steps in turn, what is beyond them at the cost of rest */
static double on_steps(const double *cost, const double *wide, double all, double rest)
{
	double sum = 0;
	for (int i = 0; i < STEPS; i++) {
		double here = fmin(all, wide[i]);
		sum += cost[i] * here;
		all -= here;
	}
	return sum + rest * all;
}

/* n whole units and the part are in the store after period t; roomy: steps hold a part more, up to a whole unit, and
 * the part lies on the first, as the search has it */
static double store_cost(trial *s, int t, int n, bool roomy)
{
	const double *cost = s->t.block[0].cost;
	const period_columns *c = &s->at[t];
	double wide[STEPS];
	if (s->kind != SAFETY)
		return cost[c->store_stock] * (n + s->part);
	for (int i = 0; i < STEPS; i++)
		wide[i] = roomy ? ceil(*upper_of(s, c->step + i)) : *upper_of(s, c->step + i);
	if (roomy)
		return on_steps(cost + c->step, wide, n, cost[c->store_stock]) +
		       cost[c->step] * s->part;
	return on_steps(cost + c->step, wide, n + s->part, cost[c->store_stock]);
}

static double ship_cost(const trial *s, int t, int n)
{
	double each = s->t.block[0].cost[s->at[t].ship] * n;
	if (s->kind != ROOMS)
		return each;
	return each + s->over[t] * fmax(0, n * s->each - fmax(s->left[t], 0));
}

/* the best from the end of period t on, with so much in the hub and the store */
typedef double table[STOCK + 1][STOCK + 1];

/* the last of a period: what is ordered late and shipped */
static void end_of(trial *s, int t, bool roomy, table after, table out)
{
	const order_terms *late = &s->t.block[0].terms[0];
	const double *cost = s->t.block[0].cost;
	for (int hub = 0; hub <= STOCK; hub++)
		for (int store = 0; store <= STOCK; store++) {
			double best = INFINITY;
			bool last = t + 1 == PERIODS;
			for (int ship = 0; ship <= (last ? 0 : hub); ship++)
				for (int more = 0; more <= (last ? 0 : LARGEST); more++) {
					int a = hub - ship + more, b = store + ship;
					if (a > STOCK || b > STOCK || !tiny_allowed(late, more))
						continue;
					double moved = last ? 0
							    : ship_cost(s, t, ship) +
								  cost[s->at[t].late] * more +
								  (more > 0 ? late->fixed : 0);
					best = fmin(
					    best, moved + cost[s->at[t].hub_stock] * (hub - ship) +
						      (last ? 0 : after[a][b]));
				}
			out[hub][store] = best + store_cost(s, t, store, roomy);
		}
}

/* the first of it: what is bought at once and sold */
static void begin_of(trial *s, int t, table end, table out)
{
	const period_columns *c = &s->at[t];
	const order_terms *soon = &s->t.block[0].terms[1];
	const double *cost = s->t.block[0].cost, *wide = upper_of(s, c->sale);
	int asked = (int)floor(wide[0] + wide[1] + 1e-9);
	for (int hub = 0; hub <= STOCK; hub++)
		for (int store = 0; store <= STOCK; store++)
			out[hub][store] = INFINITY;
	for (int i = 0; i <= *upper_of(s, c->hub); i++)
		for (int j = 0; j <= *upper_of(s, c->store); j++) {
			if (!tiny_allowed(soon, i + j))
				continue;
			double paid = cost[c->hub] * i + cost[c->store] * j +
				      (i + j > 0 ? soon->fixed : 0);
			for (int hub = 0; hub + i <= STOCK; hub++)
				for (int store = 0; store + j <= STOCK; store++)
					for (int n = 0; n <= asked && n <= store + j; n++) {
						double sold = on_steps(cost + c->sale, wide, n, 0);
						double all = paid + sold + cost[c->deliver] * n +
							     end[hub + i][store + j - n];
						out[hub][store] = fmin(out[hub][store], all);
					}
		}
}

static double best_of_all(trial *s, bool roomy)
{
	static table end, begin;
	memset(begin, 0, sizeof begin);
	for (int t = PERIODS - 1; t >= 0; t--) {
		end_of(s, t, roomy, begin, end);
		begin_of(s, t, end, begin);
	}
	return begin[s->start[HUB]][s->start[STORE]];
}

/* ---- the plan that was found */

static double rest_of(const tiny_model *t, const double *x)
{
	double rest[TINY_MOST], worst = 0;
	for (int i = 0; i < t->p.rows; i++)
		rest[i] = -t->block[0].right[i];
	for (int j = 0; j < t->p.columns; j++) {
		double most = t->bound[j] >= 0 ? t->block[0].upper[t->bound[j]] : INFINITY;
		worst = fmax(worst, fmax(-x[j], x[j] - most));
		for (int e = t->first[j]; e < t->first[j + 1]; e++)
			rest[t->row[e]] += t->value[e] * x[j];
	}
	for (int i = 0; i < t->p.rows; i++)
		worst = fmax(worst, fabs(rest[i]));
	return worst;
}

/* what a plan costs, with its orders and what passes the room; INFINITY where it breaks a term or a row */
static double cost_of(trial *s, const double *x)
{
	double sum = 0;
	for (int j = 0; j < s->t.p.columns; j++)
		sum += s->t.block[0].cost[j] * x[j];
	for (int t = 0; t < PERIODS; t++) {
		const period_columns *c = &s->at[t];
		bool last = t + 1 == PERIODS;
		double size[2] = {last ? 0 : x[c->late], x[c->hub] + x[c->store]};
		for (int i = 0; i < 2; i++) {
			const order_terms *terms = &s->t.block[0].terms[i];
			if (fabs(size[i] - rint(size[i])) > 1e-9 ||
			    !tiny_allowed(terms, (int)rint(size[i])))
				return INFINITY;
			sum += size[i] > 0.5 ? terms->fixed : 0;
		}
		if (!last)
			sum += ship_cost(s, t, (int)rint(x[c->ship])) -
			       s->t.block[0].cost[c->ship] * x[c->ship];
	}
	return rest_of(&s->t, x) < 1e-9 ? sum : INFINITY;
}

/* steps are filled in turn, the last before what lies beyond */
static bool fills_steps(trial *s, const double *x)
{
	for (int t = 0; t < PERIODS; t++) {
		int j = s->at[t].step;
		for (int i = j; i < s->at[t].store_stock; i++)
			if (x[i] < *upper_of(s, i) - 1e-9 && x[i + 1] > 1e-9)
				return false;
	}
	return true;
}

typedef struct {
	int best, bounded, kept, valued, filled, exact, known, met, wrong;
} counts;

typedef struct {
	trial *s;
	counts *n;
} listener;

static void hear(void *ctx, const whole_answer *a)
{
	listener *l = ctx;
	l->n->met++;
	l->n->wrong += !(fabs(cost_of(l->s, a->x) - a->value) < 1e-7);
}

/* a search that knows the best plan finds none; one that knows a worse one finds the best */
static bool beats_known(trial *s, whole *w, const block *b, const whole_answer *best)
{
	double x[TINY_MOST] = {0};
	const double *cost = s->t.block[0].cost;
	whole_answer same = {.x = x}, better = {.x = x};
	whole_effort effort = {1e-9, 100000, best->value, best->x};
	whole_solve(w, 0, b, cost, &effort, &same);
	effort.known += 0.01;
	whole_solve(w, 0, b, cost, &effort, &better);
	return !same.found && same.value == best->value && fabs(same.bound - best->bound) < 1e-7 &&
	       better.found && fabs(better.value - best->value) < 1e-7;
}

static void try_one(trial *s, counts *n)
{
	double x[TINY_MOST] = {0}, found = best_of_all(s, true), best = best_of_all(s, false);
	tiny_block *of = &s->t.block[0];
	block b = {of->cost, of->upper, of->right, of->link};
	whole *w;
	whole_answer a = {.x = x};
	if (whole_open(&w, &s->t.m, s->kind == ROOMS) != PAR_OK)
		return;
	listener l = {s, n};
	whole_listen(w, hear, &l, 1);
	whole_room(w, s->left, s->over);
	whole_solve(w, 0, &b, of->cost, &(whole_effort){1e-9, 100000, INFINITY, NULL}, &a);
	double cost = cost_of(s, x);
	n->best += fabs(a.value - found) < 1e-7;
	n->bounded += a.bound <= found + 1e-7 && a.bound >= found - 1e-7;
	n->kept += isfinite(cost) && cost >= best - 1e-7;
	n->valued += fabs(cost - a.value) < 1e-7;
	n->filled += fills_steps(s, x) && found <= best + 1e-7;
	n->exact += fabs(cost - best) < 1e-7;
	n->known += beats_known(s, w, &b, &a);
	whole_close(w);
}

static counts try_all(const par_world *w, trial_kind kind)
{
	static trial s;
	counts n = {0};
	for (int i = 0; i < TRIALS; i++) {
		draw_trial(&s, w, kind, i);
		try_one(&s, &n);
		deal_drop(&s.t.m.deal);
	}
	return n;
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	par_world w;
	ok(par_world_open(&w, MPI_COMM_WORLD) == PAR_OK, "a world opens");
	static const char *const what[] = {"at prices", "with room"};
	for (trial_kind kind = PLAIN; kind <= ROOMS; kind++) {
		counts n = try_all(&w, kind);
		ok(n.best == TRIALS && n.bounded == TRIALS,
		    "%s: %d of %d SKUs get the best of all plans, %d the bound", what[kind], n.best,
		    TRIALS, n.bounded);
		ok(n.kept == TRIALS, "... %d keep rows, bounds and terms", n.kept);
		ok(n.valued == TRIALS, "... %d cost what is said", n.valued);
		ok(n.met > TRIALS && n.wrong == 0, "... so do all %d plans met on the way", n.met);
		ok(n.known == TRIALS, "... in %d cases the best is found if it is not known",
		    n.known);
	}
	counts n = try_all(&w, SAFETY);
	ok(n.best == TRIALS && n.bounded == TRIALS,
	    "safety stock: %d SKUs get the best of all plans whose steps hold whole units, %d its "
	    "bound",
	    n.best, n.bounded);
	ok(n.kept == TRIALS && n.filled == TRIALS,
	    "... %d keep rows, bounds and terms, %d fill their steps in turn and cost no less",
	    n.kept, n.filled);
	ok(n.exact > TRIALS / 2, "... %d are the best of all plans", n.exact);
	par_world_close(&w);
	return tap_end();
}
