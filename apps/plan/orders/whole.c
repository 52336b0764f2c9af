#include "plan/orders/whole_inside.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ROUNDED 1e-7 /* units: as good as allowed */

/* the least and the most of every order, as far as decided */
typedef struct {
	double bound; /* no plan within them is below */
	double *least, *most;
} node;

struct whole {
	const model *model;
	bool rooms; /* networks have twins */
	const double *left, *over;
	int classes;
	whole_class *class;
	whole_numbers *numbers; /* of classes */
	/* of the block at hand */
	const whole_class *c;
	whole_numbers *n;
	order_terms *terms; /* of orders */
	double *largest;    /* of orders: no larger one is of use */
	double unit;        /* what a unit is worth, to weigh units against fixed costs */
	double *y, *best;   /* columns of the network: at hand, of the best plan */
	double *size;       /* of orders at hand */
	node *stack;
	int depth;
	whole_heard heard;
	void *ctx;
	double slack;
};

#define DEPTH 256

/* ---- room */

static par_err open_classes(whole *w)
{
	const problem *p = &w->model->problem;
	w->class = calloc((size_t)p->patterns, sizeof *w->class);
	w->numbers = calloc((size_t)p->patterns, sizeof *w->numbers);
	if (!w->class || !w->numbers)
		return par_fail(PAR_E_MEMORY, "no room for %d classes", p->patterns);
	for (w->classes = 0; w->classes < p->patterns; w->classes++) {
		whole_class *c = &w->class[w->classes];
		par_err e = whole_class_open(c, w->model, w->classes, w->rooms);
		if (e == PAR_OK)
			e = whole_numbers_open(&w->numbers[w->classes], c);
		if (e != PAR_OK) {
			w->classes++;
			return e;
		}
	}
	return PAR_OK;
}

static par_err open_search(whole *w)
{
	size_t columns = 1, orders = 1;
	for (int i = 0; i < w->classes; i++) {
		columns += (size_t)w->class[i].p.columns;
		orders += (size_t)w->class[i].orders;
	}
	w->terms = calloc(orders, sizeof *w->terms);
	w->stack = calloc(DEPTH, sizeof *w->stack);
	w->y = calloc(2 * columns + (2 + 2 * DEPTH) * orders, sizeof *w->y);
	if (!w->terms || !w->stack || !w->y)
		return par_fail(PAR_E_MEMORY, "no room to search for %zu orders", orders);
	w->best = w->y + columns;
	w->size = w->best + columns;
	w->largest = w->size + orders;
	for (int i = 0; i < DEPTH; i++) {
		w->stack[i].least = w->largest + (size_t)(1 + 2 * i) * orders;
		w->stack[i].most = w->stack[i].least + orders;
	}
	return PAR_OK;
}

par_err whole_open(whole **out, const model *m, bool rooms)
{
	whole *w = calloc(1, sizeof *w);
	*out = w;
	if (!w)
		return par_fail(PAR_E_MEMORY, "no room for a search");
	w->model = m;
	w->rooms = rooms;
	par_err e = open_classes(w);
	if (e == PAR_OK)
		e = open_search(w);
	if (e != PAR_OK) {
		whole_close(w);
		*out = NULL;
	}
	return e;
}

void whole_close(whole *w)
{
	if (!w)
		return;
	for (int i = 0; i < w->classes; i++) {
		whole_class_close(&w->class[i]);
		free(w->numbers[i].cost);
	}
	free(w->class);
	free(w->numbers);
	free(w->terms);
	free(w->stack);
	free(w->y);
	free(w);
}

/* ---- what an order may be: 0, or smallest, smallest + multiple, ... */

static double lot(const order_terms *t)
{
	return t->multiple > 0 ? t->multiple : 1;
}

static double smallest(const order_terms *t)
{
	return fmax(ceil(t->least / lot(t) - ROUNDED), 1) * lot(t);
}

/* the largest order allowed up to size, the smallest from it on */
static double allowed_below(const order_terms *t, double size)
{
	double units = floor((size + ROUNDED) / lot(t)) * lot(t);
	return units >= smallest(t) ? units : 0;
}

static double allowed_above(const order_terms *t, double size)
{
	if (size <= ROUNDED)
		return 0;
	return fmax(ceil((size - ROUNDED) / lot(t)) * lot(t), smallest(t));
}

/* whether column j of the network buys goods for an order */
static bool is_bought(const whole_class *c, int j)
{
	for (int e = c->p.first[j]; j < c->of->columns && e < c->p.first[j + 1]; e++)
		if (c->p.row[e] >= c->of->rows)
			return true;
	return false;
}

/* by its own number, whatever room there is */
static bool is_bounded(const whole_class *c, int j)
{
	return j >= c->of->columns || c->of->bound[j] >= 0;
}

/* Every unit of use passes a bounded column, or the cost would fall for ever: what the order's goods can reach
 * of these bounds is all of it that is of use, to the next size allowed. Where what is bought is bounded
 * already, it is these bounds. */
static double most_of(const whole *w, int i)
{
	const whole_class *c = w->c;
	const bool *reach = c->reach + (size_t)i * (size_t)c->p.columns;
	const order_terms *t = &w->terms[i];
	double units = 0;
	for (int j = 0; j < c->order; j++)
		if (reach[j] && is_bounded(c, j) && is_bought(c, j) == c->bounded[i])
			units += w->n->upper[c->p.bound[j]];
	return c->bounded[i] ? allowed_below(t, units) : allowed_above(t, units);
}

static void take_terms(whole *w, int64_t k)
{
	const whole_class *c = w->c;
	double worth = 0;
	for (int j = 0; j < c->of->columns; j++)
		worth = fmax(worth, fabs(w->n->cost[j]));
	w->unit = worth / 10;
	for (int i = 0; i < c->orders; i++) {
		w->terms[i] = w->model->terms(w->model->own, k, c->supplier[i]);
		w->largest[i] = most_of(w, i);
	}
}

/* ---- one node */

/* y: where a plan x of the block lies, as nearly as the network needs to know */
static const double *start_at(whole *w, const double *x)
{
	const whole_class *c = w->c;
	if (!x)
		return NULL;
	memset(w->y, 0, (size_t)c->p.columns * sizeof *w->y);
	for (int j = 0; j < c->of->columns; j++)
		w->y[j] = x[j] - w->n->kept[j];
	whole_orders(c, x, w->y + c->order);
	return w->y;
}

/* the network's value within the node's bounds; orders it leaves open count their fixed cost in proportion. near:
 * for the first network of a block */
static double relax(whole *w, const node *at, bool again, const double *near)
{
	const whole_class *c = w->c;
	double sure = w->n->constant;
	for (int i = 0; i < c->orders; i++) {
		bool open = at->least[i] <= 0;
		w->n->cost[c->order + i] = open && at->most[i] > 0 ? w->terms[i].fixed / at->most[i]
								   : 0;
		w->n->upper[c->p.bound[c->order + i]] = at->most[i] - at->least[i];
		w->n->right[c->of->rows + i] = -at->least[i];
		sure += open ? 0 : w->terms[i].fixed;
	}
	block_answer a = {.x = w->y};
	if (again)
		network_solve_again(c->network, w->n->cost, w->n->upper, w->n->right, &a);
	else
		network_solve(
		    c->network, w->n->cost, w->n->upper, w->n->right, start_at(w, near), &a);
	for (int i = 0; i < c->orders; i++)
		w->size[i] = w->y[c->order + i] + at->least[i];
	return a.feasible ? a.value + sure : INFINITY;
}

/* What costs so much that no better plan has it: an order that is out and would cost so much more a unit, and
 * its fixed cost as far as that does not count yet */
static void tighten(whole *w, node *at, double value, double enough)
{
	const whole_class *c = w->c;
	for (int i = 0; i < c->orders; i++) {
		double more = network_reduced(c->network, c->order + i), most = at->most[i];
		if (at->least[i] > 0 || most <= 0 || w->size[i] > ROUNDED || more <= 0)
			continue;
		double small = smallest(&w->terms[i]), left = enough - value;
		if (left < fmin(more * small + w->terms[i].fixed * (1 - small / most), more * most))
			at->most[i] = 0;
		else if (left < more * most)
			at->most[i] = allowed_below(&w->terms[i], left / more);
	}
}

/* the order whose size is farthest from what it may be and costs, or -1: all are as they must */
static int worst(const whole *w, const node *at)
{
	int order = -1;
	double most = 1e-9 * w->unit;
	for (int i = 0; i < w->c->orders; i++) {
		double size = w->size[i];
		if (size <= ROUNDED)
			continue;
		double off = fmin(size - allowed_below(&w->terms[i], size),
		    allowed_above(&w->terms[i], size) - size);
		double miss = fmax(off, 0) * w->unit;
		if (at->least[i] <= 0)
			miss += w->terms[i].fixed * (1 - size / at->most[i]);
		if (miss > most) {
			most = miss;
			order = i;
		}
	}
	return order;
}

static void count_orders(const whole *w, whole_answer *a)
{
	a->fixed = 0;
	a->orders = 0;
	for (int i = 0; i < w->c->orders; i++)
		if (w->size[i] > ROUNDED) {
			a->fixed += w->terms[i].fixed;
			a->orders++;
		}
}

/* out->x is free as long as the search goes on */
static void tell(whole *w, const whole_answer *out, double value)
{
	whole_answer met = {.found = true, .value = value, .x = out->x};
	count_orders(w, &met);
	whole_columns(w->c, w->n, w->y, met.x);
	w->heard(w->ctx, &met);
}

static void keep(whole *w, whole_answer *out, double value)
{
	if (w->heard && isfinite(value) && value <= out->value + w->slack)
		tell(w, out, value);
	if (value >= out->value)
		return;
	out->value = value;
	out->found = true;
	memcpy(w->best, w->y, (size_t)w->c->p.columns * sizeof *w->best);
	count_orders(w, out);
}

/* a plan with every order at the allowed size nearest to the one at hand */
static void round_orders(whole *w, whole_answer *out)
{
	node *fixed = &w->stack[DEPTH - 1];
	for (int i = 0; i < w->c->orders; i++) {
		double down = allowed_below(&w->terms[i], w->size[i]);
		double up = allowed_above(&w->terms[i], w->size[i]);
		fixed->least[i] = w->size[i] - down < up - w->size[i] ? down : up;
		fixed->most[i] = fixed->least[i];
	}
	double value = relax(w, fixed, true, NULL);
	keep(w, out, value);
	out->nodes++;
}

static node *push(whole *w, const node *from, double bound)
{
	node *to = &w->stack[w->depth++];
	size_t bytes = (size_t)w->c->orders * sizeof *to->least;
	to->bound = bound;
	if (to != from) {
		memcpy(to->least, from->least, bytes);
		memcpy(to->most, from->most, bytes);
	}
	return to;
}

/* two nodes in the place of the one just popped, the one nearer to its size on top */
static void branch(whole *w, double bound, int i)
{
	const order_terms *t = &w->terms[i];
	double size = w->size[i], down = allowed_below(t, size), up = allowed_above(t, size);
	if (up - down < ROUNDED) /* allowed, but its fixed cost is not sure */
		down = 0;
	if (down < smallest(t))
		up = smallest(t);
	bool rise = up - size < size - down;
	node *first = push(w, &w->stack[w->depth], bound);
	node *second = push(w, first, bound);
	node *low = rise ? first : second, *high = rise ? second : first;
	low->most[i] = down;
	high->least[i] = up;
}

static void begin(whole *w)
{
	node root = w->stack[DEPTH - 1];
	for (int i = 0; i < w->c->orders; i++) {
		root.least[i] = 0;
		root.most[i] = w->largest[i];
	}
	w->depth = 0;
	push(w, &root, -INFINITY);
}

/* the nodes that are left open, and the plan, bound what there is */
static double open_bound(const whole *w, double bound)
{
	for (int i = 0; i < w->depth; i++)
		bound = fmin(bound, w->stack[i].bound);
	return bound;
}

void whole_room(whole *w, const double *left, const double *over)
{
	w->left = left;
	w->over = over;
}

static void take(whole *w, int64_t k, const block *b, const double *priced, whole_answer *out)
{
	int class = w->model->problem.class[k];
	w->c = &w->class[class];
	w->n = &w->numbers[class];
	whole_numbers_of(w->c, b, priced, w->n);
	if (w->c->twins > 0)
		whole_rooms_of(w->c, b, w->left, w->over, w->n);
	take_terms(w, k);
	*out = (whole_answer){.value = INFINITY, .bound = INFINITY, .x = out->x};
}

void whole_listen(whole *w, whole_heard heard, void *ctx, double slack)
{
	w->heard = heard;
	w->ctx = ctx;
	w->slack = slack;
}

void whole_solve(whole *w, int64_t k, const block *b, const double *priced,
    const whole_effort *effort, whole_answer *out)
{
	take(w, k, b, priced, out);
	out->value = effort->known;
	begin(w);
	while (w->depth > 0 && out->nodes < effort->nodes && w->depth < DEPTH - 3) {
		node *at = &w->stack[--w->depth];
		double enough = out->value - effort->within;
		double value = at->bound;
		if (value < enough) {
			value = relax(w, at, out->nodes > 0, effort->near);
			out->nodes++;
		}
		if (value < enough && isfinite(enough))
			tighten(w, at, value, enough);
		int order = value < enough ? worst(w, at) : -1;
		if (value < enough && order < 0)
			keep(w, out, value);
		if (order < 0) {
			out->bound = fmin(out->bound, value);
			continue;
		}
		branch(w, value, order);
		if ((out->nodes & (out->nodes - 1)) == 0)
			round_orders(w, out);
	}
	out->bound = open_bound(w, fmin(out->bound, out->value));
	if (out->found)
		whole_columns(w->c, w->n, w->best, out->x);
}

void whole_route(
    whole *w, int64_t k, const block *b, const double *priced, const double *x, whole_answer *out)
{
	node *at = &w->stack[DEPTH - 1];
	take(w, k, b, priced, out);
	whole_orders(w->c, x, at->least);
	memcpy(at->most, at->least, (size_t)w->c->orders * sizeof *at->most);
	keep(w, out, relax(w, at, false, x));
	out->bound = out->value;
	out->nodes = 1;
	if (out->found)
		whole_columns(w->c, w->n, w->best, out->x);
}
