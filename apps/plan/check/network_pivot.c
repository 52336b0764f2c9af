#include "plan/check/network_inside.h"

#include <math.h>

#define SCAN 48 /* columns priced before the best of them is taken */
/* what one more unit saves on the way that is open; at most 0 in the tree */
static double saving(const network *n, int j)
{
	const network_arc *a = &n->arc[j];
	return a->place * (n->node[a->head].price - n->node[a->tail].price - a->cost);
}

/* the best column of the first stretch of SCAN that has one; -1: no column gains */
static int entering(network *n)
{
	int best = -1;
	double most = n->tolerance;
	for (int seen = 1; seen <= n->columns; seen++) {
		double s = saving(n, n->at);
		if (s > most) {
			most = s;
			best = n->at;
		}
		n->at = n->at + 1 < n->columns ? n->at + 1 : 0;
		if (best >= 0 && seen % SCAN == 0)
			break;
	}
	return best;
}

static int apex(const network *n, int a, int b)
{
	while (a != b)
		if (n->node[a].depth >= n->node[b].depth)
			a = n->node[a].parent;
		else
			b = n->node[b].parent;
	return a;
}

/* what the tree arc of a node still takes, towards the root or away from it */
static double left(const network *n, int node, bool rootward)
{
	const network_arc *a = &n->arc[n->node[node].arc];
	double r = network_up(n, node) == rootward ? a->room - a->flow : a->flow;
	return r > 0 ? r : 0;
}

static void push(network *n, int node, int top, bool rootward, double by)
{
	for (; node != top; node = n->node[node].parent)
		n->arc[n->node[node].arc].flow += network_up(n, node) == rootward ? by : -by;
}

/* put the arc at the bound that its flow has reached */
static void settle(network_arc *a, bool full)
{
	a->place = full ? AT_UPPER : AT_LOWER;
	a->flow = full ? a->room : 0;
}

static void unhang(network *n, int node)
{
	const network_node *me = &n->node[node];
	if (me->previous >= 0)
		n->node[me->previous].next = me->next;
	else
		n->node[me->parent].child = me->next;
	if (me->next >= 0)
		n->node[me->next].previous = me->previous;
}

/* the subtree below cut now hangs by the arc from its node inner, at outer */
static void turn(network *n, int cut, int inner, int outer, int arc)
{
	for (int node = inner, parent = outer, last = -1; last != cut;) {
		int next = n->node[node].parent, mine = n->node[node].arc;
		unhang(n, node);
		n->node[node].arc = arc;
		network_hang(n, node, parent);
		last = parent = node;
		node = next;
		arc = mine;
	}
}

static void reprice(network *n, int top, double by)
{
	for (int i = top; i >= 0; i = network_after(n, i, top)) {
		n->node[i].price += by;
		n->node[i].depth = n->node[n->node[i].parent].depth + 1;
	}
}

void network_send(network *n, int j, double by)
{
	network_arc *a = &n->arc[j];
	bool forward = a->place == AT_LOWER;
	int from = forward ? a->tail : a->head, to = forward ? a->head : a->tail;
	int top = apex(n, from, to);
	push(n, from, top, false, by);
	push(n, to, top, true, by);
	a->flow += forward ? by : -by;
}

void network_exchange(network *n, int j, int cut, int inner)
{
	network_arc *a = &n->arc[j];
	double gain = n->node[a->head].price - n->node[a->tail].price - a->cost;
	a->place = IN_TREE;
	turn(n, cut, inner, inner == a->head ? a->tail : a->head, j);
	reprice(n, inner, inner == a->head ? -gain : gain);
}

/* bring column j in; false: its cycle never fills */
static bool pivot(network *n, int j)
{
	network_arc *a = &n->arc[j];
	bool forward = a->place == AT_LOWER;
	int from = forward ? a->tail : a->head, to = forward ? a->head : a->tail;
	int top = apex(n, from, to), cut = -1;
	bool after = false;
	double by = a->room;
	/* of several that block, the last one on the way from the apex round to it leaves */
	for (int i = from; i != top; i = n->node[i].parent)
		if (left(n, i, false) < by) {
			by = left(n, i, false);
			cut = i;
		}
	for (int i = to; i != top; i = n->node[i].parent)
		if (left(n, i, true) <= by) {
			by = left(n, i, true);
			cut = i;
			after = true;
		}
	if (by == INFINITY)
		return false;
	network_send(n, j, by);
	if (cut < 0) {
		settle(a, forward);
		return true;
	}
	settle(&n->arc[n->node[cut].arc], network_up(n, cut) == after);
	network_exchange(n, j, cut, after ? to : from);
	return true;
}

void network_price(network *n)
{
	n->node[n->root].price = 0;
	n->node[n->root].depth = 0;
	for (int i = n->node[n->root].child; i >= 0; i = network_after(n, i, n->root)) {
		network_node *me = &n->node[i];
		const network_node *parent = &n->node[me->parent];
		me->price = parent->price + (network_up(n, i) ? -1 : 1) * n->arc[me->arc].cost;
		me->depth = parent->depth + 1;
	}
}

network_end network_improve(network *n, int64_t most)
{
	bool fresh = true; /* prices lose digits as they change */
	for (int64_t pivots = 0; pivots < most; pivots++) {
		int j = entering(n);
		if (j < 0 && fresh)
			return NETWORK_BEST;
		fresh = j < 0;
		if (fresh)
			network_price(n);
		else if (!pivot(n, j))
			return NETWORK_FALLS;
	}
	return NETWORK_UNDONE;
}
