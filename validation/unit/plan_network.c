/* np: 1 2, apps: plan */
#include "plan/check/bound.h"

#include "../tap.h"
#include "base/rng.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ROWS 40
#define COLUMNS 160

/* a network in whole numbers; node `rows` is the root, which takes what is left */
typedef struct {
	int rows, columns, tail[COLUMNS], head[COLUMNS];
	double cost[COLUMNS], upper[COLUMNS], right[ROWS];
} net;

/* the same as a pattern */
typedef struct {
	pattern p;
	int first[COLUMNS + 1], row[2 * COLUMNS], bound[COLUMNS], link_first[COLUMNS + 1];
	double value[2 * COLUMNS], upper[COLUMNS];
} shape;

static void shape_of(shape *s, const net *m)
{
	*s = (shape){0};
	int entries = 0, bounds = 0;
	for (int j = 0; j < m->columns; j++) {
		const int end[2] = {m->tail[j], m->head[j]};
		for (int k = 0; k < 2; k++)
			if (end[k] < m->rows && end[0] != end[1]) {
				s->row[entries] = end[k];
				s->value[entries++] = k ? 1 : -1;
			}
		s->first[j + 1] = entries;
		s->bound[j] = m->upper[j] < INFINITY ? bounds : -1;
		if (m->upper[j] < INFINITY)
			s->upper[bounds++] = m->upper[j];
	}
	s->p = (pattern){.columns = m->columns,
	    .rows = m->rows,
	    .first = s->first,
	    .row = s->row,
	    .value = s->value,
	    .link_first = s->link_first,
	    .bound = s->bound,
	    .bounds = bounds};
}

/* ---- the oracle: negative cycles cancelled one after the other (Klein 1967) from a flow that runs
 * over arcs to and from the root at a cost beyond all others */

#define ARCS (COLUMNS + 2 * ROWS)

typedef struct {
	int nodes, arcs, tail[ARCS], head[ARCS];
	double cost[ARCS], upper[ARCS], flow[ARCS];
} flows;

static void add_arc(flows *f, int tail, int head, double cost, double upper, double flow)
{
	int a = f->arcs++;
	f->tail[a] = tail;
	f->head[a] = head;
	f->cost[a] = cost;
	f->upper[a] = upper;
	f->flow[a] = flow;
}

/* Bellman and Ford; way[i]: the arc (or ~arc, against it) that came last to node i. Returns a node behind
 * a negative cycle, or -1. */
static int behind_cycle(const flows *f, int *way)
{
	double far[ROWS + 1] = {0};
	int changed = -1;
	for (int round = 0; round <= f->nodes; round++) {
		changed = -1;
		for (int k = 0; k < 2 * f->arcs; k++) {
			int a = k / 2, back = k % 2;
			int from = back ? f->head[a] : f->tail[a],
			    to = back ? f->tail[a] : f->head[a];
			double c = back ? -f->cost[a] : f->cost[a];
			double left = back ? f->flow[a] : f->upper[a] - f->flow[a];
			if (left > 0 && far[from] + c < far[to]) {
				far[to] = far[from] + c;
				way[to] = back ? ~a : a;
				changed = to;
			}
		}
		if (changed < 0)
			return -1;
	}
	return changed;
}

static int came_from(const flows *f, int way)
{
	return way < 0 ? f->head[~way] : f->tail[way];
}

/* false: the cycle never fills */
static bool cancel(flows *f, const int *way, int node)
{
	for (int k = 0; k < f->nodes; k++)
		node = came_from(f, way[node]);
	double by = INFINITY;
	int i = node;
	do {
		int a = way[i] < 0 ? ~way[i] : way[i];
		by = fmin(by, way[i] < 0 ? f->flow[a] : f->upper[a] - f->flow[a]);
		i = came_from(f, way[i]);
	} while (i != node);
	if (by == INFINITY)
		return false;
	do {
		int a = way[i] < 0 ? ~way[i] : way[i];
		f->flow[a] += way[i] < 0 ? -by : by;
		i = came_from(f, way[i]);
	} while (i != node);
	return true;
}

typedef enum { SOLVABLE, NO_ANSWER, NO_END } outcome;

static outcome oracle(const net *m, double factor, double *value)
{
	static flows f;
	f.nodes = m->rows + 1;
	f.arcs = 0;
	for (int j = 0; j < m->columns; j++)
		add_arc(&f, m->tail[j], m->head[j], factor * m->cost[j], m->upper[j], 0);
	for (int i = 0; i < m->rows; i++) {
		add_arc(&f, m->rows, i, 1e6, INFINITY, fmax(m->right[i], 0));
		add_arc(&f, i, m->rows, 1e6, INFINITY, fmax(-m->right[i], 0));
	}
	int way[ROWS + 1];
	for (int node; (node = behind_cycle(&f, way)) >= 0;)
		if (!cancel(&f, way, node))
			return NO_END;
	*value = 0;
	double lacking = 0;
	for (int a = 0; a < f.arcs; a++)
		if (a < m->columns)
			*value += f.cost[a] * f.flow[a];
		else
			lacking += f.flow[a];
	return lacking > 0 ? NO_ANSWER : SOLVABLE;
}

/* ---- random networks */

static const par_rng rng = {7, 1, 0};
static int64_t drawn;

static int below(int n)
{
	return (int)par_rng_below(rng, drawn++, n);
}

/* kind 0: every node is joined with the root, so there is an answer; 1: anything; 2: anything at costs
 * that may be negative without bound */
static void draw(net *m, int kind)
{
	*m = (net){.rows = 1 + below(below(4) ? 7 : ROWS)};
	m->columns = 1 + below(below(4) ? 20 : COLUMNS);
	if (kind == 0 && m->columns < 2 * m->rows)
		m->columns = 2 * m->rows;
	for (int j = 0; j < m->columns; j++) {
		m->tail[j] = below(m->rows + 1);
		m->head[j] = below(m->rows + 1);
		m->upper[j] = below(3) ? below(9) : INFINITY;
		m->cost[j] = below(30) - (m->upper[j] < INFINITY ? 10 : kind == 2 ? 3 : 0);
		if (kind == 0 && j < 2 * m->rows) {
			m->tail[j] = j % 2 ? m->rows : j / 2;
			m->head[j] = j % 2 ? j / 2 : m->rows;
			m->upper[j] = INFINITY;
			m->cost[j] = 40;
		}
	}
	for (int i = 0; i < m->rows; i++)
		m->right[i] = below(3) ? below(11) - 5 : 0;
}

static bool keeps_rows(const net *m, const double *x)
{
	double rest[ROWS + 1] = {0};
	for (int j = 0; j < m->columns; j++) {
		if (x[j] < 0 || x[j] > m->upper[j] || x[j] != rint(x[j]))
			return false;
		rest[m->head[j]] += x[j];
		rest[m->tail[j]] -= x[j];
	}
	for (int i = 0; i < m->rows; i++)
		if (rest[i] != m->right[i])
			return false;
	return true;
}

/* columns strictly inside their bounds close no cycle */
static bool is_vertex(const net *m, const double *x)
{
	int team[ROWS + 1];
	for (int i = 0; i <= m->rows; i++)
		team[i] = i;
	for (int j = 0; j < m->columns; j++) {
		if (x[j] <= 0 || x[j] >= m->upper[j])
			continue;
		int t = team[m->tail[j]], h = team[m->head[j]];
		if (t == h)
			return false;
		for (int i = 0; i <= m->rows; i++)
			team[i] = team[i] == t ? h : team[i];
	}
	return true;
}

static int met[3];

static bool agrees(const net *m, const double *start)
{
	shape s;
	network *n;
	double x[COLUMNS], value = 0, cost = 0;
	block_answer a = {.x = x};
	shape_of(&s, m);
	if (network_open(&n, &s.p) != PAR_OK)
		return false;
	network_solve(n, m->cost, s.upper, m->right, start, &a);
	network_close(n);
	outcome o = oracle(m, 1, &value);
	if (o == NO_END && oracle(m, 0, &value) == NO_ANSWER)
		o = NO_ANSWER;
	met[o]++;
	if (o == NO_ANSWER)
		return !a.feasible;
	if (o == NO_END)
		return a.feasible && a.value == -INFINITY;
	for (int j = 0; j < m->columns; j++)
		cost += m->cost[j] * x[j];
	return a.feasible && fabs(a.value - value) < 1e-9 * (1 + fabs(value)) && cost == value &&
	       keeps_rows(m, x) && is_vertex(m, x);
}

static void random_networks(void)
{
	static const char *const what[] = {"with an answer", "with any rows", "with any costs"};
	static net m;
	for (int kind = 0; kind < 3; kind++) {
		int good = 0, tries = 1500;
		for (int t = 0; t < tries; t++) {
			double start[COLUMNS];
			draw(&m, kind);
			for (int j = 0; j < m.columns; j++)
				start[j] = fmin(below(3) ? 0 : below(9), m.upper[j]);
			good += agrees(&m, NULL) && agrees(&m, start);
		}
		ok(good == tries,
		    "%d of %d networks %s end as by cancelling cycles, from any start", good, tries,
		    what[kind]);
	}
	ok(met[SOLVABLE] > 2000 && met[NO_ANSWER] > 500 && met[NO_END] > 300,
	    "%d with a value, %d without an answer, %d without an end", met[SOLVABLE],
	    met[NO_ANSWER], met[NO_END]);
}

/* other costs first, as when one network serves block after block */
static void asked_before(void)
{
	static net m;
	int good = 0, tries = 300;
	for (int t = 0; t < tries; t++) {
		shape s;
		network *fresh, *used;
		double x[COLUMNS] = {0}, y[COLUMNS] = {0}, other[COLUMNS];
		block_answer a = {.x = x}, b = {.x = y};
		draw(&m, 0);
		shape_of(&s, &m);
		for (int j = 0; j < m.columns; j++)
			other[j] = m.cost[j] + below(9);
		if (network_open(&fresh, &s.p) != PAR_OK || network_open(&used, &s.p) != PAR_OK)
			break;
		network_solve(fresh, m.cost, s.upper, m.right, NULL, &a);
		network_solve(used, other, s.upper, m.right, NULL, &b);
		network_solve(used, m.cost, s.upper, m.right, NULL, &b);
		good += a.value == b.value && memcmp(x, y, (size_t)m.columns * sizeof *x) == 0;
		network_close(fresh);
		network_close(used);
	}
	ok(good == tries, "%d of %d answers have the bits of a network never asked before", good,
	    tries);
}

/* a few numbers become others, as from one node of a search to the next */
static void change(net *m, shape *s)
{
	for (int n = 1 + below(4); n > 0; n--) {
		int j = below(m->columns), i = below(m->rows), by = below(7) - 3;
		if (s->bound[j] >= 0)
			s->upper[s->bound[j]] = m->upper[j] = below(9);
		else
			m->cost[j] += by;
		if (below(3) == 0)
			m->right[i] += by;
	}
}

/* the answer that goes on from the one before is as good as one from the beginning */
static void asked_again(void)
{
	enum { CHANGES = 20 };
	static net m;
	int good = 0, tries = 400, ended = 0, hopeless = 0;
	for (int t = 0; t < tries; t++) {
		shape s;
		network *fresh, *used;
		double x[COLUMNS] = {0}, y[COLUMNS] = {0};
		block_answer a = {.x = x}, b = {.x = y};
		draw(&m, t % 3);
		shape_of(&s, &m);
		if (network_open(&fresh, &s.p) != PAR_OK || network_open(&used, &s.p) != PAR_OK)
			break;
		network_solve(used, m.cost, s.upper, m.right, NULL, &b);
		for (int c = 0; c < CHANGES; c++) {
			change(&m, &s);
			network_solve(fresh, m.cost, s.upper, m.right, NULL, &a);
			network_solve_again(used, m.cost, s.upper, m.right, &b);
			bool ends = a.feasible && isfinite(a.value);
			good += a.feasible == b.feasible &&
				(!a.feasible || a.value == b.value ||
				    fabs(a.value - b.value) < 1e-9 * (1 + fabs(a.value))) &&
				(!ends || (keeps_rows(&m, y) && is_vertex(&m, y)));
			ended += ends;
			hopeless += !a.feasible;
		}
		network_close(fresh);
		network_close(used);
	}
	ok(good == CHANGES * tries && ended > 2000 && hopeless > 1000,
	    "%d of %d answers after changes, %d without any, are as from the beginning", good,
	    CHANGES * tries, hopeless);
}

static void no_network(void)
{
	int first[] = {0, 2}, row[] = {0, 1}, bound[] = {-1}, links[] = {0, 0};
	double value[] = {1, 1};
	pattern p = {.columns = 1,
	    .rows = 2,
	    .first = first,
	    .row = row,
	    .value = value,
	    .link_first = links,
	    .bound = bound};
	network *n;
	ok(network_open(&n, &p) == PAR_E_DATA && !n, "two +1 in a column are no network");
	value[1] = -2;
	ok(network_open(&n, &p) == PAR_E_DATA && !n, "a -2 in a column is no network");
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	random_networks();
	asked_before();
	asked_again();
	no_network();
	return tap_end();
}
