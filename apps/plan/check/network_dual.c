#include "plan/check/network_inside.h"

#include <math.h>

#define ROUNDED 1e-9 /* of the largest need: as good as within bounds */

/* The dual simplex: the tree's prices are those of the best answer, but flows may lie beyond their bounds. The arc
 * farthest beyond leaves; of the columns that can bring what its subtree lacks or has too much of, the one whose
 * reduced cost is least enters. A column that fills before goes to its other bound, and the next one
 * follows (long steps; Maros 2003). */

/* ---- flows of a tree that is kept */

/* every column out of the tree at its bound, which may have moved; returns the largest need */
static double place_rest(network *n, const double *right)
{
	double largest = 0;
	for (int i = 0; i < n->root; i++) {
		n->node[i].need = right[i];
		n->arc[n->columns + i].flow = 0;
		largest = fmax(largest, fabs(right[i]));
	}
	for (int j = 0; j < n->columns; j++) {
		network_arc *a = &n->arc[j];
		if (a->place == IN_TREE)
			continue;
		if (a->place == AT_UPPER && a->room == INFINITY)
			a->place = AT_LOWER;
		a->flow = a->place == AT_UPPER ? a->room : 0;
		n->node[a->head].need -= a->flow;
		n->node[a->tail].need += a->flow;
		largest = fmax(largest, a->flow);
	}
	return largest;
}

/* the flows of tree arcs follow from the needs of their nodes */
static void carry_needs(network *n)
{
	int last = 0;
	for (int i = n->node[n->root].child; i >= 0; i = network_after(n, i, n->root))
		n->order[last++] = i;
	while (last-- > 0) {
		int i = n->order[last];
		network_node *me = &n->node[i];
		n->arc[me->arc].flow = network_up(n, i) ? -me->need : me->need;
		n->node[me->parent].need += me->need;
	}
}

/* ---- a pivot */

static double room_of(const network *n, int arc)
{
	return arc < n->columns ? n->arc[arc].room : 0;
}

/* how far the tree arc of a node is beyond its bounds */
static double beyond(const network *n, int node)
{
	int arc = n->node[node].arc;
	double flow = n->arc[arc].flow;
	return flow < 0 ? -flow : flow - room_of(n, arc);
}

/* the node whose tree arc is farthest beyond its bounds; -1: all are within */
static int leaving(const network *n, double small)
{
	int worst = -1;
	double most = small;
	for (int i = 0; i < n->root; i++) {
		double off = beyond(n, i);
		if (off > most) {
			most = off;
			worst = i;
		}
	}
	return worst;
}

/* columns between the subtree of a node and the rest that can bring goods in, or out; returns how many */
static int candidates(network *n, int top, bool in)
{
	int count = 0;
	for (int i = top; i >= 0; i = network_after(n, i, top))
		n->team[i] = top;
	for (int i = top; i >= 0; i = network_after(n, i, top))
		for (int e = n->meets[i]; e < n->meets[i + 1]; e++) {
			const network_arc *a = &n->arc[n->met[e]];
			bool comes = a->head == i;
			if (a->place == IN_TREE || a->room <= 0 ||
			    comes != (in == (a->place == AT_LOWER)))
				continue;
			if (n->team[comes ? a->tail : a->head] != top)
				n->ranked[count++] = n->met[e];
		}
	return count;
}

/* the candidate of the least reduced cost, taken from the list */
static int take_least(network *n, int *count)
{
	int best = -1;
	double least = INFINITY;
	for (int c = 0; c < *count; c++) {
		double reduced = fabs(network_reduced(n, n->ranked[c]));
		if (reduced < least) {
			least = reduced;
			best = c;
		}
	}
	int j = n->ranked[best];
	n->ranked[best] = n->ranked[--*count];
	return j;
}

/* make good what the tree arc of a node is beyond its bounds; false: no columns can */
static bool pivot(network *n, int cut, double small)
{
	network_arc *out = &n->arc[n->node[cut].arc];
	bool low = out->flow < 0, in = network_up(n, cut) == low;
	double off = beyond(n, cut);
	for (int i = 0; i <= n->root; i++)
		n->team[i] = -1;
	int count = candidates(n, cut, in);
	while (count > 0) {
		int j = take_least(n, &count);
		network_arc *a = &n->arc[j];
		if (a->room >= off - small) {
			network_send(n, j, off);
			out->place = low || n->node[cut].arc >= n->columns ? AT_LOWER : AT_UPPER;
			out->flow = out->place == AT_UPPER ? out->room : 0;
			network_exchange(n, j, cut, n->team[a->head] == cut ? a->head : a->tail);
			return true;
		}
		network_send(n, j, a->room);
		a->place = -a->place;
		a->flow = a->place == AT_UPPER ? a->room : 0;
		off -= a->room;
	}
	return false;
}

network_repaired network_repair(network *n, const double *right)
{
	double small = ROUNDED * fmax(place_rest(n, right), 1e-300);
	carry_needs(n);
	for (int pivots = 0; pivots < n->columns; pivots++) {
		int cut = leaving(n, small);
		if (cut < 0)
			return REPAIR_DONE;
		if (!pivot(n, cut, small))
			return REPAIR_HOPELESS;
	}
	return REPAIR_GIVEN_UP;
}
