/* Network, inside: the spanning tree that check/network.c, network_start.c and network_pivot.c work on.
 *
 * A row is a node and a column an arc from its -1 to its +1; the end a column lacks is the root, the
 * last node, whose price is 0. An artificial arc joins every node to the root, at a cost that no cycle
 * of other arcs reaches. An arc in the tree is known by its node that is farther from the root.
 * The tree is kept strongly feasible: every node can send a little to the root (Cunningham 1976). */
#ifndef APPS_PLAN_CHECK_NETWORK_INSIDE_H
#define APPS_PLAN_CHECK_NETWORK_INSIDE_H

#include "plan/check/bound.h"

typedef enum { AT_UPPER = -1, IN_TREE, AT_LOWER } network_place;

typedef struct {
	double cost, room, flow; /* room: the upper bound, may be infinite */
	int tail, head;
	network_place place;
} network_arc;

typedef struct {
	double price, need; /* need: what must flow in along the tree */
	int parent, arc, depth;
	int child, next, previous; /* the first child, and my neighbours among my parent's */
} network_node;

struct network {
	const pattern *pattern;
	int root, columns, arcs; /* arcs: the columns, and then an artificial one for every row */
	network_arc *arc;
	network_node *node;
	int *ranked;      /* columns in the order in which a start wants them in the tree */
	int *order;       /* nodes, parents first */
	int *team;        /* of nodes, while a tree is chosen: who is joined with whom */
	int *first, *end; /* tree arcs at node i: end[first[i]] up to end[first[i + 1]] */
	int *meets;       /* columns at node i: met[meets[i]] up to met[meets[i + 1]] */
	int *met;
	double tolerance; /* a smaller reduced cost is none */
	int at;           /* the column where pricing goes on */
	bool answered;    /* the tree is that of an answer */
};

/* towards the root | the arc of a node in the tree leads to its parent */
static inline bool network_up(const network *n, int node)
{
	return n->arc[n->node[node].arc].tail == node;
}

/* make the node a child of the parent, by the arc that is already its own */
static inline void network_hang(network *n, int node, int parent)
{
	network_node *me = &n->node[node];
	me->parent = parent;
	me->previous = -1;
	me->next = n->node[parent].child;
	if (me->next >= 0)
		n->node[me->next].previous = node;
	n->node[parent].child = node;
}

/* the node after this one in the subtree of top, parents first; -1 at the end */
static inline int network_after(const network *n, int node, int top)
{
	if (n->node[node].child >= 0)
		return n->node[node].child;
	while (node != top && n->node[node].next < 0)
		node = n->node[node].parent;
	return node == top ? -1 : n->node[node].next;
}

/* a strongly feasible tree of artificial arcs and of columns where start, which may be NULL, lies far
 * from its bounds; upper, right: as network_solve has them */
void network_begin(network *n, const double *right, const double *start);
/* prices and depths anew from the root */
void network_price(network *n);

typedef enum { NETWORK_BEST, NETWORK_FALLS, NETWORK_UNDONE } network_end;

/* pivot until no column gains, or the cost is seen to fall for ever, at most so often */
network_end network_improve(network *n, int64_t most);

typedef enum { REPAIR_DONE, REPAIR_HOPELESS, REPAIR_GIVEN_UP } network_repaired;

/* The tree of the answer before, with rooms and needs that have changed since, brought within bounds by dual
 * pivots at its own prices; it need not be strongly feasible. Hopeless: nothing can. */
network_repaired network_repair(network *n, const double *right);

/* the steps of a pivot: send so much round the cycle of column j; put it in the tree in the place of the arc of node
 * cut, inner being its end in the subtree of cut */
void network_send(network *n, int j, double by);
void network_exchange(network *n, int j, int cut, int inner);

#endif
