#include "plan/check/network_inside.h"

#include <math.h>
#include <stdlib.h>

#define TOLERANCE 1e-12 /* of a reduced cost, against the largest cost */
#define LACKING 1e-9    /* what artificial arcs may carry, against the largest flow */
#define PIVOTS \
	100 /* for each column: beyond what any tree needs, should rounding break the order */
#define AGAIN \
	1 /* the same from a tree that is not strongly feasible, where an order may turn in a circle */

static bool put_entry(network_arc *a, int root, int row, double value)
{
	int *end = value > 0 ? &a->head : &a->tail;
	if (fabs(value) != 1 || *end != root)
		return false;
	*end = row;
	return true;
}

/* columns at every node, once at its tail and once at its head */
static void list_columns(network *n)
{
	for (int j = 0; j < n->columns; j++) {
		n->meets[n->arc[j].tail]++;
		n->meets[n->arc[j].head]++;
	}
	for (int i = 0; i <= n->root; i++)
		n->meets[i + 1] += n->meets[i];
	for (int j = n->columns; j-- > 0;) {
		n->met[--n->meets[n->arc[j].tail]] = j;
		n->met[--n->meets[n->arc[j].head]] = j;
	}
}

static par_err read_pattern(network *n, const pattern *p)
{
	for (int j = 0; j < p->columns; j++) {
		n->arc[j].tail = n->arc[j].head = n->root;
		for (int e = p->first[j]; e < p->first[j + 1]; e++)
			if (!put_entry(&n->arc[j], n->root, p->row[e], p->value[e]))
				return par_fail(PAR_E_DATA,
				    "column %d of a block has %g in row %d; wanted at most one +1 "
				    "and one -1 in a column, a network",
				    j, p->value[e], p->row[e]);
	}
	list_columns(n);
	return PAR_OK;
}

static bool room_for(network *n)
{
	size_t nodes = (size_t)n->root + 1, arcs = (size_t)n->arcs;
	n->arc = calloc(arcs, sizeof *n->arc);
	n->node = calloc(nodes, sizeof *n->node);
	n->ranked = calloc(3 * arcs + 6 * nodes + 2, sizeof *n->ranked);
	if (!n->arc || !n->node || !n->ranked)
		return false;
	n->order = n->ranked + arcs;
	n->team = n->order + nodes;
	n->first = n->team + nodes;
	n->end = n->first + nodes + 1;
	n->meets = n->end + 2 * nodes;
	n->met = n->meets + nodes + 1;
	return true;
}

par_err network_open(network **out, const pattern *p)
{
	network *n = calloc(1, sizeof *n);
	*out = n;
	if (!n)
		return par_fail(PAR_E_MEMORY, "no room for a network");
	n->pattern = p;
	n->root = p->rows;
	n->columns = p->columns;
	n->arcs = p->columns + p->rows;
	par_err e = room_for(n)
			? read_pattern(n, p)
			: par_fail(PAR_E_MEMORY, "no room for a network of %d columns", p->columns);
	if (e != PAR_OK) {
		network_close(n);
		*out = NULL;
	}
	return e;
}

void network_close(network *n)
{
	if (!n)
		return;
	free(n->arc);
	free(n->node);
	free(n->ranked);
	free(n);
}

/* costs of columns, none where cost is NULL; an artificial arc costs more than any simple path */
static void put_costs(network *n, const double *cost)
{
	double largest = 0;
	for (int j = 0; j < n->columns; j++) {
		n->arc[j].cost = cost ? cost[j] : 0;
		largest = fmax(largest, fabs(n->arc[j].cost));
	}
	for (int a = n->columns; a < n->arcs; a++)
		n->arc[a].cost = (n->root + 1) * largest + 1;
	n->tolerance = TOLERANCE * largest;
}

static int64_t most_pivots(const network *n)
{
	return (int64_t)PIVOTS * n->columns;
}

static bool served(const network *n)
{
	double largest = 0, lacking = 0;
	for (int j = 0; j < n->columns; j++)
		largest = fmax(largest, n->arc[j].flow);
	for (int a = n->columns; a < n->arcs; a++)
		lacking += n->arc[a].flow;
	return lacking <= LACKING * fmax(largest, lacking);
}

/* b'y + sum of min(0, c - A'y) u: what the tree's prices prove, which is the value at an optimum */
static double proved(const network *n, const double *right)
{
	double value = 0;
	for (int i = 0; i < n->root; i++)
		value += right[i] * n->node[i].price;
	for (int j = 0; j < n->columns; j++) {
		const network_arc *a = &n->arc[j];
		double gain = n->node[a->head].price - n->node[a->tail].price - a->cost;
		if (a->place != IN_TREE && gain > n->tolerance)
			value -= gain * a->room;
	}
	return value;
}

static void put_rooms(network *n, const double *upper)
{
	for (int j = 0; j < n->columns; j++) {
		int k = n->pattern->bound[j];
		n->arc[j].room = k >= 0 ? upper[k] : INFINITY;
	}
}

/* what the tree at hand comes to when pivoting ended so */
static void answer(network *n, network_end end, const double *right, block_answer *out)
{
	n->answered = end != NETWORK_FALLS;
	out->value = n->answered ? proved(n, right) : -INFINITY;
	if (!n->answered) { /* has it an answer at all? */
		put_costs(n, NULL);
		network_begin(n, right, NULL);
		network_improve(n, most_pivots(n));
	}
	out->feasible = served(n);
	for (int j = 0; j < n->columns; j++)
		out->x[j] = n->arc[j].flow;
}

void network_solve(network *n, const double *cost, const double *upper, const double *right,
    const double *start, block_answer *out)
{
	put_rooms(n, upper);
	put_costs(n, cost);
	network_begin(n, right, start);
	answer(n, network_improve(n, most_pivots(n)), right, out);
}

void network_solve_again(
    network *n, const double *cost, const double *upper, const double *right, block_answer *out)
{
	put_rooms(n, upper);
	network_repaired r = n->answered ? network_repair(n, right) : REPAIR_GIVEN_UP;
	if (r == REPAIR_HOPELESS) {
		*out = (block_answer){.value = INFINITY, .x = out->x};
		return;
	}
	network_end end = NETWORK_UNDONE;
	put_costs(n, cost);
	if (r == REPAIR_DONE) {
		network_price(n);
		end = network_improve(n, AGAIN * n->columns);
	}
	if (end == NETWORK_UNDONE) {
		network_begin(n, right, NULL);
		end = network_improve(n, most_pivots(n));
	}
	answer(n, end, right, out);
}

double network_reduced(const network *n, int column)
{
	const network_arc *a = &n->arc[column];
	return a->cost + n->node[a->tail].price - n->node[a->head].price;
}
