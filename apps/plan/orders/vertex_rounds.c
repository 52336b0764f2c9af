#include "plan/orders/vertex_inside.h"

#include "comm/gather.h"
#include "plan/check/numbers.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define GAINS 1e-11 /* a block's better vertex, against the turnover of all */
#define BOX 1e-4    /* how far prices may go from the final ones, of a row's scale: at first, */
#define WIDER 10    /* ... each time that it is the box that gives way, */
#define WIDEST 1e6  /* ... and at most */
#define GIVES 1e-14 /* what the box may give way, in money, against the turnover */
#define ROUNDS 500

/* what goes from rank to rank: the vertex's block and cost, and then what it uses of the linking rows */
typedef struct {
	int64_t asked;
	double cost, use[];
} proposal;

/* Rows of the master: linking rows in money, then one for each asked block, whose levels sum to 1, in the
 * money of a usual block.
 * Columns: the own ones; for every linking row one that fills it and one that relieves it, which keep its
 * price in the box; the vertices. */

static par_err add_one(master *m, double cost, double upper, int row, double entry)
{
	return master_add(m, cost, upper, &row, &entry, 1);
}

static double center(const vertex_job *v, int row)
{
	return v->s->price[row] / v->scale[row];
}

static void set_box(vertex_job *v, double box)
{
	for (int r = 0; r < v->p->link.rows; r++) {
		v->m.cost[v->own + 2 * r] = box + center(v, r);
		v->m.cost[v->own + 2 * r + 1] = box - center(v, r);
	}
}

static par_err open_master(vertex_job *v)
{
	const linking *l = &v->p->link;
	int rows = l->rows + (int)v->n;
	v->weight = v->turnover > 0 ? v->turnover / (double)v->p->blocks : 1;
	double *right = calloc((size_t)rows + 1, sizeof *right);
	if (!right)
		return par_fail(PAR_E_MEMORY, "no room for %d rows", rows);
	for (int i = 0; i < rows; i++)
		right[i] = i < l->rows ? v->left[i] * v->scale[i] : v->weight;
	par_err e = master_open(&v->m, rows, right);
	free(right);
	for (int j = 0; e == PAR_OK && j < l->columns; j++)
		e = add_one(
		    &v->m, l->cost[j], l->upper[j], l->row[j], l->value[j] * v->scale[l->row[j]]);
	v->own = l->columns;
	for (int r = 0; e == PAR_OK && r < 2 * l->rows; r++)
		e = add_one(&v->m, 0, INFINITY, r / 2, r % 2 ? -1 : 1);
	return e;
}

/* ---- vertices */

static size_t proposal_bytes(const vertex_job *v)
{
	return sizeof(proposal) + (size_t)v->p->link.rows * sizeof(double);
}

static proposal *proposal_at(const vertex_job *v, void *all, int64_t i)
{
	return (proposal *)((char *)all + (size_t)i * proposal_bytes(v));
}

static bool wider(vertex_job *v)
{
	if (v->vertices < v->room)
		return true;
	int room = 2 * v->room + 256;
	vertex_column *c = realloc(v->vertex, (size_t)room * sizeof *c);
	if (!c)
		return false;
	v->vertex = c;
	v->room = room;
	return true;
}

/* the vertices that my blocks propose in a round */
typedef struct {
	void *all;  /* proposals, one after the other */
	double **x; /* of each: its columns; a vertex_column takes it over */
	int64_t n;
} bag;

static par_err bag_open(vertex_job *v, bag *b)
{
	size_t n = 0;
	for (int64_t a = 0; a < v->n; a++)
		n += v->asked[a].rank == v->d->world->rank;
	*b = (bag){calloc(n + 1, proposal_bytes(v)), calloc(n + 1, sizeof *b->x), 0};
	return b->all && b->x ? PAR_OK : par_fail(PAR_E_MEMORY, "no room for %zu vertices", n);
}

static void bag_close(bag *b)
{
	for (int64_t i = 0; b->x && i < b->n; i++)
		free(b->x[i]);
	free(b->x);
	free(b->all);
}

/* columns x of an asked block of mine, whose numbers are taken, into the bag */
static par_err put(vertex_job *v, bag *b, int64_t asked, const double *x)
{
	size_t bytes = (size_t)pattern_of(v->p, v->asked[asked].block)->columns * sizeof *x;
	proposal *one = proposal_at(v, b->all, b->n);
	double *copy = malloc(bytes);
	if (!copy)
		return par_fail(PAR_E_MEMORY, "no room for a vertex");
	memcpy(copy, x, bytes);
	b->x[b->n++] = copy;
	one->asked = asked;
	one->cost = pricing_cost(&v->q, x);
	pricing_use(&v->q, x, one->use);
	return PAR_OK;
}

/* what my asked blocks have to say: at first their answers, and then what is better at the prices now */
static par_err propose(vertex_job *v, bag *b, bool first)
{
	for (int64_t a = 0; a < v->n; a++) {
		const vertex_asked *me = &v->asked[a];
		if (me->rank != v->d->world->rank)
			continue;
		const double *plan = v->out->x + v->s->x_at[me->at];
		if (first) {
			pricing_take(&v->q, me->block);
			PAR_TRY(put(v, b, a, plan));
			continue;
		}
		pricing_ask(&v->q, me->block, v->out->price, plan);
		double worth = v->m.price[v->p->link.rows + a] * v->weight;
		if (worth - v->q.answer.value > GAINS * v->turnover)
			PAR_TRY(put(v, b, a, v->q.answer.x));
	}
	return PAR_OK;
}

/* x: the vertex's columns, taken over; NULL where the block is another rank's */
static par_err add_vertex(vertex_job *v, const proposal *one, double *x)
{
	int rows = v->p->link.rows;
	if (v->vertices == v->room && !wider(v)) {
		free(x);
		return par_fail(PAR_E_MEMORY, "no room for %d vertices", v->room);
	}
	v->vertex[v->vertices++] = (vertex_column){one->asked, x};
	for (int r = 0; r < rows; r++)
		v->entry[r] = one->use[r] * v->scale[r];
	v->entry[rows] = v->weight;
	v->row[rows] = rows + (int)one->asked;
	return master_add(&v->m, one->cost, INFINITY, v->row, v->entry, rows + 1);
}

/* collective | columns for what all ranks propose; returns how many through n */
static par_err add_all(vertex_job *v, bag *b, int64_t *n)
{
	void *all;
	int64_t mine = 0;
	par_err e = PAR_OK;
	PAR_TRY(par_gather_rows(v->d->world, b->all, b->n, proposal_bytes(v), &all, n));
	for (int64_t i = 0; e == PAR_OK && i < *n; i++) {
		const proposal *one = proposal_at(v, all, i);
		double *x = NULL;
		if (v->asked[one->asked].rank == v->d->world->rank) {
			x = b->x[mine];
			b->x[mine++] = NULL;
		}
		e = add_vertex(v, one, x);
	}
	free(all);
	return par_agree(v->d->world, e);
}

/* collective | one round of proposals */
static par_err ask(vertex_job *v, bool first, int64_t *n)
{
	bag b;
	par_err e = bag_open(v, &b);
	if (e == PAR_OK)
		e = propose(v, &b, first);
	e = par_agree(v->d->world, e);
	if (e == PAR_OK)
		e = add_all(v, &b, n);
	bag_close(&b);
	return e;
}

/* ---- the rounds */

/* begin with every block at its answer, and the box giving way where these do not fit */
static par_err begin(vertex_job *v)
{
	int rows = v->p->link.rows;
	double *rest = v->use;
	int *basis = calloc((size_t)v->m.rows + 1, sizeof *basis);
	if (!basis)
		return par_fail(PAR_E_MEMORY, "no room for %d rows", v->m.rows);
	memcpy(rest, v->m.right, (size_t)rows * sizeof *rest);
	for (int c = 0; c < v->vertices; c++) {
		int column = v->m.columns - v->vertices + c;
		basis[rows + v->vertex[c].asked] = column;
		for (int64_t e = v->m.first[column]; e < v->m.first[column + 1]; e++)
			if (v->m.row[e] < rows)
				rest[v->m.row[e]] -= v->m.entry[e];
	}
	for (int r = 0; r < rows; r++)
		basis[r] = v->own + 2 * r + (rest[r] < 0);
	par_err e = master_start(&v->m, basis);
	free(basis);
	return e;
}

/* money by which the box gives way */
static double given(const vertex_job *v)
{
	double sum = 0;
	for (int c = 0; c < 2 * v->p->link.rows; c++)
		sum += master_level(&v->m, v->own + c);
	return sum;
}

static par_err solve(vertex_job *v)
{
	if (!master_solve(&v->m))
		return par_fail(
		    PAR_E_NUMERIC, "the program over %lld blocks did not end", (long long)v->n);
	for (int r = 0; r < v->p->link.rows; r++)
		v->out->price[r] = v->m.price[r] * v->scale[r];
	return PAR_OK;
}

par_err vertex_rounds(vertex_job *v)
{
	int64_t n;
	PAR_TRY_ALL(v->d->world, open_master(v));
	PAR_TRY(ask(v, true, &n));
	double box = BOX;
	set_box(v, box);
	PAR_TRY_ALL(v->d->world, begin(v));
	for (v->out->rounds = 0; v->out->rounds < ROUNDS; v->out->rounds++) {
		PAR_TRY_ALL(v->d->world, solve(v));
		PAR_TRY(ask(v, false, &n));
		if (n > 0)
			continue;
		if (given(v) <= GIVES * v->turnover || box >= WIDEST)
			break;
		box *= WIDER;
		set_box(v, box);
	}
	for (int j = 0; j < v->own; j++)
		v->out->own[j] = master_level(&v->m, j);
	return PAR_OK;
}
