#include "plan/check/network_inside.h"

#include <math.h>
#include <string.h>

#define BINADES 40 /* of a distance from the bounds that are told apart */

static double distance(const network_arc *a, double x)
{
	return fmin(x, a->room - x);
}

/* columns off their bounds, the farthest first to a factor of two; returns how many */
static int rank_columns(network *n, const double *start)
{
	int count[BINADES + 1] = {0};
	double farthest = 0;
	for (int j = 0; j < n->columns; j++)
		farthest = fmax(farthest, distance(&n->arc[j], start[j]));
	int most = farthest > 0 ? ilogb(farthest) : 0;
	for (int pass = 0; pass < 2; pass++) {
		for (int j = 0; j < n->columns; j++) {
			double d = distance(&n->arc[j], start[j]);
			int binade = d > 0 ? most - ilogb(d) : BINADES;
			if (binade >= BINADES)
				continue;
			if (pass == 0)
				count[binade + 1]++;
			else
				n->ranked[count[binade]++] = j;
		}
		for (int k = 0; k < BINADES && pass == 0; k++)
			count[k + 1] += count[k];
	}
	return count[BINADES];
}

static int captain(int *team, int i)
{
	while (team[i] != i)
		i = team[i] = team[team[i]];
	return i;
}

/* the first of the ranked columns that close no cycle (Kruskal) come to the front; returns how many */
static int choose_tree(network *n, int ranked)
{
	int chosen = 0;
	for (int i = 0; i <= n->root; i++)
		n->team[i] = i;
	for (int k = 0; k < ranked; k++) {
		const network_arc *a = &n->arc[n->ranked[k]];
		int t = captain(n->team, a->tail), h = captain(n->team, a->head);
		if (t == h)
			continue;
		n->team[t] = h;
		n->ranked[chosen++] = n->ranked[k];
	}
	return chosen;
}

static void list_ends(network *n, int chosen)
{
	memset(n->first, 0, (size_t)(n->root + 2) * sizeof *n->first);
	for (int k = 0; k < chosen; k++) {
		n->first[n->arc[n->ranked[k]].tail]++;
		n->first[n->arc[n->ranked[k]].head]++;
	}
	for (int i = 0; i <= n->root; i++)
		n->first[i + 1] += n->first[i];
	for (int k = 0; k < chosen; k++) {
		n->end[--n->first[n->arc[n->ranked[k]].tail]] = n->ranked[k];
		n->end[--n->first[n->arc[n->ranked[k]].head]] = n->ranked[k];
	}
}

/* give parents to all that top reaches along chosen columns, and add them to the order */
static int visit(network *n, int top, int ordered)
{
	n->order[ordered++] = top;
	for (int k = ordered - 1; k < ordered; k++) {
		int i = n->order[k];
		for (int e = n->first[i]; e < n->first[i + 1]; e++) {
			const network_arc *a = &n->arc[n->end[e]];
			int other = a->tail == i ? a->head : a->tail;
			if (n->end[e] == n->node[i].arc)
				continue;
			n->node[other].parent = i;
			n->node[other].arc = n->end[e];
			n->order[ordered++] = other;
		}
	}
	return ordered;
}

/* parents for all nodes, those that chosen columns do not join with the root by artificial arcs */
static void grow(network *n)
{
	n->node[n->root].arc = -1;
	int ordered = visit(n, n->root, 0), rooted = captain(n->team, n->root);
	for (int i = 0; i < n->root; i++)
		if (n->team[i] == i && i != rooted) {
			n->node[i].parent = n->root;
			n->node[i].arc = n->columns + i;
			ordered = visit(n, i, ordered);
		}
}

/* everything at the bound that start is nearer to; need becomes what is then missing */
static void put_at_bounds(network *n, const double *right, const double *start)
{
	for (int i = 0; i <= n->root; i++)
		n->node[i] = (network_node){.need = i < n->root ? right[i] : 0, .child = -1};
	for (int j = 0; j < n->columns; j++) {
		network_arc *a = &n->arc[j];
		bool full = start && start[j] > a->room - start[j];
		a->place = full ? AT_UPPER : AT_LOWER;
		a->flow = full ? a->room : 0;
		n->node[a->head].need -= a->flow;
		n->node[a->tail].need += a->flow;
	}
	for (int i = 0; i < n->root; i++) {
		network_arc *a = &n->arc[n->columns + i];
		*a = (network_arc){a->cost, INFINITY, 0, i, n->root, AT_LOWER};
	}
}

static void shift(network *n, network_arc *a, double to)
{
	n->node[a->head].need -= to - a->flow;
	n->node[a->tail].need += to - a->flow;
	a->flow = to;
}

static void hang_at_root(network *n, int i)
{
	network_node *me = &n->node[i];
	network_arc *a = &n->arc[n->columns + i];
	bool up = me->need <= 0;
	*a = (network_arc){
	    a->cost, INFINITY, fabs(me->need), up ? i : n->root, up ? n->root : i, IN_TREE};
	me->parent = n->root;
	me->arc = n->columns + i;
}

/* The flow of a node's tree arc follows from its need. Where the arc cannot carry it, or would leave
 * nothing to send to the root, it goes to a bound and an artificial arc takes its place. */
static void carry(network *n, int i)
{
	network_node *me = &n->node[i];
	if (me->arc == n->columns + i) {
		hang_at_root(n, i);
		return;
	}
	network_arc *a = &n->arc[me->arc];
	bool up = network_up(n, i);
	double flow = a->flow + (up ? -me->need : me->need);
	bool fits = up ? flow >= 0 && flow < a->room : flow > 0 && flow <= a->room;
	shift(n, a, fmin(fmax(flow, 0), a->room));
	a->place = fits ? IN_TREE : a->flow > 0 ? AT_UPPER : AT_LOWER;
	if (!fits)
		hang_at_root(n, i);
}

/* flows along the tree that parents and the order describe */
static void settle_tree(network *n)
{
	for (int k = n->root; k > 0; k--)
		carry(n, n->order[k]);
	for (int k = 1; k <= n->root; k++)
		network_hang(n, n->order[k], n->node[n->order[k]].parent);
	network_price(n);
}

void network_begin(network *n, const double *right, const double *start)
{
	n->at = 0; /* nothing of an answer may depend on which block was asked before */
	put_at_bounds(n, right, start);
	list_ends(n, choose_tree(n, start ? rank_columns(n, start) : 0));
	grow(n);
	settle_tree(n);
}
