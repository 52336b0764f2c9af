#include "plan/orders/whole_inside.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ROUNDED 1e-9 /* units: as good as whole */

/* ---- the network of a class */

/* the place of the order that a purchase belongs to, found among those before or new */
static int order_of(whole_class *c, const flow *f, int *period)
{
	for (int i = 0; i < c->orders; i++)
		if (c->supplier[i] == f->supplier && period[i] == f->period)
			return i;
	c->supplier[c->orders] = f->supplier;
	period[c->orders] = f->period;
	return c->orders++;
}

/* markets, orders, and which order a purchase belongs to */
static void survey(whole_class *c, const flow *f, int *order, int *period)
{
	const pattern *p = c->of;
	for (int i = 0; i < p->rows; i++)
		c->keeps[i] = -1;
	for (int j = 0; j < p->columns; j++) {
		c->step[j] = f[j].kind == FLOW_STOCK && f[j].step >= 0;
		order[j] = f[j].kind == FLOW_PURCHASE ? order_of(c, &f[j], period) : -1;
		for (int e = p->first[j]; e < p->first[j + 1]; e++)
			if (f[j].kind == FLOW_STOCK && p->value[e] < 0 && c->keeps[p->row[e]] < 0)
				c->keeps[p->row[e]] = j;
		if (f[j].kind != FLOW_SALE)
			continue;
		if (f[j].step > 0 && c->markets > 0)
			c->market[c->markets - 1].steps++;
		else
			c->market[c->markets++] = (whole_market){j, 1};
	}
}

static void put_entry(pattern *p, int row, double value)
{
	int at = p->first[p->columns + 1]++;
	p->row[at] = row;
	p->value[at] = value;
}

static void end_column(pattern *p, bool bounded)
{
	p->bound[p->columns] = bounded ? p->bounds++ : -1;
	p->columns++;
	p->first[p->columns + 1] = p->first[p->columns];
}

static void copy_entries(whole_class *c, int j)
{
	for (int e = c->of->first[j]; e < c->of->first[j + 1]; e++)
		put_entry(&c->p, c->of->row[e], c->of->value[e]);
}

/* the limit that a flow alone shares with other SKUs; the budget is all flows' */
static bool has_room(const model *m, const flow *f, int row)
{
	limit_kind kind = m->limit[row].kind;
	return (f->kind == FLOW_SHIPMENT && kind == LIMIT_LANE) ||
	       (f->kind == FLOW_STOCK && kind == LIMIT_SPACE);
}

static void find_twins(whole_class *c, const model *m, const flow *f)
{
	const pattern *p = c->of;
	for (int j = 0; j < p->columns; j++)
		for (int e = p->link_first[j]; e < p->link_first[j + 1]; e++) {
			bool known = c->twins > 0 && c->twin[c->twins - 1].column == j;
			if (p->bound[j] < 0 && !known && has_room(m, &f[j], p->link[e]))
				c->twin[c->twins++] = (whole_twin){j, p->link[e], e};
		}
}

static void add_twins(whole_class *c)
{
	pattern *p = &c->p;
	c->beyond = p->columns;
	for (int i = 0; i < c->twins; i++) {
		int j = c->twin[i].column;
		for (int e = p->first[j]; e < p->first[j + 1]; e++)
			put_entry(p, p->row[e], p->value[e]);
		end_column(p, false);
		if (p->bound[j] < 0)
			p->bound[j] = p->bounds++;
	}
}

static void fill_pattern(whole_class *c, const int *order)
{
	pattern *p = &c->p;
	p->rows = c->of->rows + c->orders;
	for (int j = 0; j < c->of->columns; j++) {
		copy_entries(c, j);
		if (order[j] >= 0)
			put_entry(p, c->of->rows + order[j], -1);
		end_column(p, c->of->bound[j] >= 0);
	}
	c->across = p->columns;
	for (int i = 0; i < c->markets; i++)
		for (int s = 0; s < c->market[i].steps; s++) {
			copy_entries(c, c->market[i].first + s);
			end_column(p, true);
		}
	c->order = p->columns;
	for (int i = 0; i < c->orders; i++) {
		put_entry(p, c->of->rows + i, 1);
		end_column(p, true);
	}
}

/* where goods of an order can go, whatever they do on the way; columns of y beyond the block's like theirs */
static void spread(whole_class *c, const int *order, int i, bool *at)
{
	const pattern *p = &c->p;
	bool *reach = c->reach + (size_t)i * (size_t)p->columns, more = true;
	memset(at, 0, (size_t)c->of->rows * sizeof *at);
	c->bounded[i] = true;
	for (int j = 0; j < c->of->columns; j++)
		if (order[j] == i) {
			at[c->of->row[c->of->first[j]]] = true;
			c->bounded[i] &= c->of->bound[j] >= 0;
			reach[j] = true;
		}
	while (more) {
		more = false;
		for (int j = 0; j < c->order; j++) {
			int from = -1, to = -1;
			for (int e = p->first[j]; e < p->first[j + 1]; e++)
				*(p->value[e] < 0 ? &from : &to) = p->row[e];
			if (from < 0 || from >= c->of->rows || !at[from] || reach[j])
				continue;
			more = reach[j] = true;
			if (to >= 0)
				at[to] = true;
		}
	}
}

static par_err reach_all(whole_class *c, const int *order)
{
	bool *at = calloc((size_t)c->of->rows + 1, sizeof *at);
	c->bounded = calloc((size_t)c->orders + 1, sizeof *c->bounded);
	c->reach = calloc((size_t)c->orders * (size_t)c->p.columns + 1, sizeof *c->reach);
	bool room = at && c->bounded && c->reach;
	for (int i = 0; room && i < c->orders; i++)
		spread(c, order, i, at);
	free(at);
	return room ? PAR_OK : par_fail(PAR_E_MEMORY, "no room for %d orders", c->orders);
}

static bool room_for(whole_class *c)
{
	size_t n = (size_t)c->of->columns + 1, most = 5 * n + 1;
	c->market = calloc(n, sizeof *c->market);
	c->supplier = calloc(n, sizeof *c->supplier);
	c->twin = calloc(n, sizeof *c->twin);
	c->step = calloc(n, sizeof *c->step);
	c->keeps = calloc((size_t)c->of->rows + 1, sizeof *c->keeps);
	c->p.first = calloc(most, sizeof *c->p.first);
	c->p.row = calloc(2 * most, sizeof *c->p.row);
	c->p.value = calloc(2 * most, sizeof *c->p.value);
	c->p.bound = calloc(most, sizeof *c->p.bound);
	return c->market && c->supplier && c->twin && c->step && c->keeps && c->p.first &&
	       c->p.row && c->p.value && c->p.bound;
}

par_err whole_class_open(whole_class *c, const model *m, int class, bool rooms)
{
	const pattern *p = &m->problem.pattern[class];
	const flow *f = m->flow[class];
	*c = (whole_class){.of = p};
	int *order = calloc((size_t)p->columns * 2 + 1, sizeof *order);
	if (!room_for(c) || !order) {
		free(order);
		return par_fail(PAR_E_MEMORY, "no room for a network of %d columns", p->columns);
	}
	survey(c, f, order, order + p->columns);
	fill_pattern(c, order);
	if (rooms)
		find_twins(c, m, f);
	add_twins(c);
	par_err e = reach_all(c, order);
	free(order);
	return e == PAR_OK ? network_open(&c->network, &c->p) : e;
}

void whole_class_close(whole_class *c)
{
	network_close(c->network);
	free(c->market);
	free(c->supplier);
	free(c->bounded);
	free(c->twin);
	free(c->step);
	free(c->reach);
	free(c->keeps);
	free(c->p.first);
	free(c->p.row);
	free(c->p.value);
	free(c->p.bound);
	*c = (whole_class){0};
}

/* ---- the numbers of a block */

/* Whole units on each step of a demand, counted from the best step on, and the unit that begins on a step
 * but ends beyond it: part[s * steps + t] of it lies on step t */
static void split(const double *wide, int steps, double *on, double *across, double *part)
{
	double all = 0, given = 0, end = 0;
	for (int s = 0; s < steps; s++)
		all += wide[s];
	memset(part, 0, (size_t)(steps * steps) * sizeof *part);
	for (int s = 0; s < steps; s++) {
		end += wide[s];
		double full = floor(end + ROUNDED);
		on[s] = fmax(full - given, 0);
		given = fmax(given, full);
		bool is = end - full > ROUNDED && full >= given && full + 1 <= all + ROUNDED;
		across[s] = is ? 1 : 0;
		if (!is)
			continue;
		given = full + 1;
		double left = 1;
		for (int t = s; t < steps && left > 0; t++) {
			part[s * steps + t] = fmin(t > s ? wide[t] : end - full, left);
			left -= part[s * steps + t];
		}
	}
}

static void split_demand(
    const whole_class *c, const block *b, const double *priced, whole_numbers *n)
{
	double *part = n->part;
	int across = c->across;
	for (int i = 0; i < c->markets; i++) {
		int first = c->market[i].first, steps = c->market[i].steps;
		const double *wide = b->upper + c->of->bound[first];
		double *upper = n->upper + c->p.bound[across];
		split(wide, steps, n->upper + c->p.bound[first], upper, part);
		for (int s = 0; s < steps; s++) {
			double cost = 0;
			for (int t = s; t < steps; t++)
				cost += part[s * steps + t] * priced[first + t];
			n->cost[across + s] = cost;
		}
		part += steps * steps;
		across += steps;
	}
}

/* parts of units stay in stock from period to period: columns stand period by period */
static void keep_parts(const whole_class *c, const double *priced, double *part, whole_numbers *n)
{
	const pattern *p = c->of;
	n->constant = 0;
	memset(n->kept, 0, (size_t)p->columns * sizeof *n->kept);
	for (int j = 0; j < p->columns; j++)
		for (int e = p->first[j]; e < p->first[j + 1]; e++)
			if (p->value[e] < 0 && c->keeps[p->row[e]] == j) {
				n->kept[j] = part[p->row[e]];
				n->constant += priced[j] * n->kept[j];
				for (int k = p->first[j]; k < p->first[j + 1]; k++)
					part[p->row[k]] += p->value[k] * n->kept[j];
			}
}

static void whole_rights(const whole_class *c, const block *b, whole_numbers *n)
{
	for (int i = 0; i < c->p.rows; i++)
		n->right[i] = i < c->of->rows ? b->right[i] : 0;
	for (int i = 0; i < c->of->rows; i++) {
		double up = ceil(b->right[i] - ROUNDED);
		n->rest[i] = c->keeps[i] >= 0 ? fmax(up - b->right[i], 0) : 0;
		n->right[i] = c->keeps[i] >= 0 ? up : b->right[i];
	}
}

void whole_numbers_of(const whole_class *c, const block *b, const double *priced, whole_numbers *n)
{
	const pattern *p = c->of;
	for (int j = 0; j < p->columns; j++) {
		n->cost[j] = priced[j];
		if (p->bound[j] < 0)
			continue;
		double most = n->most[j] = b->upper[p->bound[j]];
		n->upper[c->p.bound[j]] = c->step[j] ? ceil(most - ROUNDED) : floor(most + ROUNDED);
	}
	split_demand(c, b, priced, n);
	for (int i = 0; i < c->orders; i++)
		n->cost[c->order + i] = 0;
	whole_rights(c, b, n);
	keep_parts(c, priced, n->rest, n);
}

/* a step of the stock took parts of units, or more than it may: what is there fills the steps from the first on */
static void fill_steps(const whole_class *c, const whole_numbers *n, double *x)
{
	for (int j = 0; j < c->of->columns; j++) {
		double all = 0;
		int last = j;
		if (!c->step[j])
			continue;
		while (c->step[last])
			all += x[last++];
		for (all += x[last]; j < last; j++) {
			x[j] = fmin(all, n->most[j]);
			all -= x[j];
		}
		x[last] = all;
	}
}

void whole_columns(const whole_class *c, const whole_numbers *n, const double *y, double *x)
{
	const double *part = n->part;
	int across = c->across;
	for (int j = 0; j < c->of->columns; j++)
		x[j] = y[j] + n->kept[j];
	for (int i = 0; i < c->twins; i++)
		x[c->twin[i].column] += y[c->beyond + i];
	for (int i = 0; i < c->markets; i++) {
		int steps = c->market[i].steps;
		for (int s = 0; s < steps; s++)
			for (int t = s; t < steps; t++)
				x[c->market[i].first + t] += part[s * steps + t] * y[across + s];
		part += steps * steps;
		across += steps;
	}
	fill_steps(c, n, x);
}

void whole_rooms_of(
    const whole_class *c, const block *b, const double *left, const double *over, whole_numbers *n)
{
	for (int i = 0; i < c->twins; i++) {
		whole_twin t = c->twin[i];
		double each = b->link[t.link], room = fmax(left[t.row], 0);
		n->upper[c->p.bound[t.column]] = each > 0 ? floor(room / each + ROUNDED) : INFINITY;
		n->cost[c->beyond + i] = n->cost[t.column] + each * over[t.row];
	}
}

void whole_orders(const whole_class *c, const double *x, double *size)
{
	memset(size, 0, (size_t)c->orders * sizeof *size);
	for (int j = 0; j < c->of->columns; j++)
		for (int e = c->p.first[j]; e < c->p.first[j + 1]; e++)
			if (c->p.row[e] >= c->of->rows)
				size[c->p.row[e] - c->of->rows] += rint(x[j]);
}

static int across_squares(const whole_class *c)
{
	int n = 0;
	for (int i = 0; i < c->markets; i++)
		n += c->market[i].steps * c->market[i].steps;
	return n;
}

par_err whole_numbers_open(whole_numbers *n, const whole_class *c)
{
	const pattern *p = &c->p;
	int most = 3 * p->columns + p->bounds + 2 * p->rows + across_squares(c) + 1;
	n->cost = calloc((size_t)most, sizeof *n->cost);
	if (!n->cost)
		return par_fail(PAR_E_MEMORY, "no room for a block of %d columns", p->columns);
	n->upper = n->cost + p->columns;
	n->right = n->upper + p->bounds;
	n->rest = n->right + p->rows;
	n->kept = n->rest + p->rows;
	n->most = n->kept + p->columns;
	n->part = n->most + p->columns;
	return PAR_OK;
}
