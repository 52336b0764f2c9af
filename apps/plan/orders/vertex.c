#include "plan/orders/vertex_inside.h"

#include "comm/gather.h"
#include "plan/check/numbers.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MIXED 1e-5 /* what a block's answer moves, against what it uses, in money */
#define BESIDE 64  /* so many blocks are asked beside one for every linking row */
#define LEVEL 1e-9 /* of a vertex, from which it counts */

/* ---- room */

static par_err make_room(vertex_job *v)
{
	size_t rows = (size_t)v->p->link.rows + 1, own = (size_t)v->p->link.columns + 1;
	int64_t last = v->s->blocks - 1;
	size_t columns =
	    last < 0 ? 1
		     : (size_t)(v->s->x_at[last] + pattern_of(v->p, v->s->block[last])->columns);
	v->out->price = calloc(rows, sizeof(double));
	v->out->own = calloc(own, sizeof(double));
	v->out->x = calloc(columns, sizeof(double));
	v->scale = calloc(rows, sizeof(double));
	v->use = calloc(rows, sizeof(double));
	v->left = calloc(rows, sizeof(double));
	v->entry = calloc(rows, sizeof(double));
	v->is_asked = calloc((size_t)v->s->blocks + 1, sizeof(bool));
	v->row = calloc(rows, sizeof(int));
	if (!v->out->price || !v->out->own || !v->out->x || !v->scale || !v->use || !v->left ||
	    !v->entry || !v->row || !v->is_asked)
		return par_fail(PAR_E_MEMORY, "no room for a plan of %zu columns", columns);
	for (size_t r = 0; r < rows; r++)
		v->row[r] = (int)r;
	PAR_TRY(sums_open(&v->link, v->p->link.rows));
	return pricing_open(&v->q, v->p);
}

static void drop_room(vertex_job *v)
{
	for (int c = 0; c < v->vertices; c++)
		free(v->vertex[c].x);
	free(v->vertex);
	free(v->asked);
	free(v->scale);
	free(v->use);
	free(v->left);
	free(v->entry);
	free(v->is_asked);
	free(v->row);
	sums_close(&v->link);
	pricing_close(&v->q);
	master_close(&v->m);
}

void vertex_drop(vertex_plan *v)
{
	free(v->price);
	free(v->own);
	free(v->x);
	*v = (vertex_plan){0};
}

/* ---- which blocks are asked */

static const double *interior(const vertex_job *v, int64_t i)
{
	return v->s->x + v->s->x_at[i];
}

static double *planned(const vertex_job *v, int64_t i)
{
	return v->out->x + v->s->x_at[i];
}

static void use_of(vertex_job *v, const double *x, double *use)
{
	memset(use, 0, (size_t)v->p->link.rows * sizeof *use);
	pricing_use(&v->q, x, use);
}

/* the answer of my i-th block at the final prices becomes its plan. true: it is far from the interior one */
static bool answer(vertex_job *v, int64_t i, vertex_asked *a, par_exact *turnover)
{
	int64_t k = v->s->block[i];
	double uses = 0;
	pricing_ask(&v->q, k, v->s->price, interior(v, i));
	memcpy(planned(v, i), v->q.answer.x, (size_t)pattern_of(v->p, k)->columns * sizeof(double));
	use_of(v, interior(v, i), v->use);
	use_of(v, planned(v, i), v->left);
	*a = (vertex_asked){k, v->d->world->rank, i, 0};
	for (int r = 0; r < v->p->link.rows; r++) {
		double price = fabs(v->s->price[r]);
		a->moves += price * fabs(v->use[r] - v->left[r]);
		uses += price * (fabs(v->use[r]) + fabs(v->left[r]));
		if (v->use[r] != 0)
			par_exact_add(&v->link.of[r], fabs(v->use[r]));
	}
	par_exact_add(turnover, fabs(pricing_cost(&v->q, planned(v, i))));
	return a->moves > MIXED * uses;
}

/* a linking row's unit in money: its price, or at least a thousandth of what rows are worth by turnover */
static void set_scales(vertex_job *v, par_exact *turnover)
{
	int rows = v->p->link.rows;
	par_exact_sum(v->d->world, turnover, 1);
	v->turnover = par_exact_value(turnover);
	sums_finish(&v->link, v->d->world, v->left);
	for (int r = 0; r < rows; r++) {
		double passed = fmax(v->left[r], fabs(v->p->link.right[r]));
		v->scale[r] = fmax(
		    fabs(v->s->price[r]), passed > 0 ? 1e-3 * v->turnover / rows / passed : 0);
		v->scale[r] = v->scale[r] > 0 ? v->scale[r] : 1;
	}
}

static int by_moves(const void *a, const void *b)
{
	const vertex_asked *x = a, *y = b;
	return x->moves != y->moves ? (x->moves < y->moves) - (x->moves > y->moves)
				    : (x->block > y->block) - (x->block < y->block);
}

/* as the deal has blocks, at any number of ranks */
static int by_place(const void *a, const void *b)
{
	const vertex_asked *x = a, *y = b;
	return x->rank != y->rank ? (x->rank > y->rank) - (x->rank < y->rank)
				  : (x->at > y->at) - (x->at < y->at);
}

/* collective | of all ranks' candidates those that move most */
static par_err choose(vertex_job *v, const vertex_asked *mine, int64_t n)
{
	void *all;
	int64_t most = (int64_t)v->p->link.rows + BESIDE;
	PAR_TRY(par_gather_rows(v->d->world, mine, n, sizeof *mine, &all, &v->n));
	v->asked = all;
	qsort(v->asked, (size_t)v->n, sizeof *v->asked, by_moves);
	v->n = v->n < most ? v->n : most;
	qsort(v->asked, (size_t)v->n, sizeof *v->asked, by_place);
	for (int64_t a = 0; a < v->n; a++)
		if (v->asked[a].rank == v->d->world->rank)
			v->is_asked[v->asked[a].at] = true;
	return PAR_OK;
}

static int64_t answer_mine(vertex_job *v, vertex_asked *mine, par_exact *turnover)
{
	int64_t n = 0;
	for (int64_t i = 0; i < v->s->blocks; i++) {
		n += answer(v, i, &mine[n], turnover);
		par_world_alive();
	}
	return n;
}

/* collective | everyone's answer, and who is asked for more */
static par_err answer_all(vertex_job *v)
{
	par_exact turnover = {0};
	vertex_asked *mine = calloc((size_t)v->s->blocks + 1, sizeof *mine);
	par_err e = mine ? PAR_OK
			 : par_fail(
			       PAR_E_MEMORY, "no room for %lld blocks", (long long)v->s->blocks);
	e = par_agree(v->d->world, e);
	if (e == PAR_OK) {
		int64_t n = answer_mine(v, mine, &turnover);
		set_scales(v, &turnover);
		e = choose(v, mine, n);
	}
	free(mine);
	return e;
}

/* collective | total[r]: what blocks, all or those that are not asked, use of linking row r; their cost */
static double add_up(vertex_job *v, bool all, double *total)
{
	par_exact cost = {0};
	for (int64_t i = 0; i < v->s->blocks; i++) {
		if (!all && v->is_asked[i])
			continue;
		pricing_take(&v->q, v->s->block[i]);
		use_of(v, planned(v, i), v->use);
		for (int r = 0; r < v->p->link.rows; r++)
			if (v->use[r] != 0)
				par_exact_add(&v->link.of[r], v->use[r]);
		par_exact_add(&cost, pricing_cost(&v->q, planned(v, i)));
	}
	sums_finish(&v->link, v->d->world, total);
	par_exact_sum(v->d->world, &cost, 1);
	return par_exact_value(&cost);
}

/* ---- the plan */

/* the asked blocks of mine become the means of their vertices */
static void put_means(vertex_job *v)
{
	for (int64_t a = 0; a < v->n; a++)
		if (v->asked[a].rank == v->d->world->rank)
			memset(planned(v, v->asked[a].at), 0,
			    (size_t)pattern_of(v->p, v->asked[a].block)->columns * sizeof(double));
	for (int c = 0; c < v->vertices; c++) {
		const vertex_asked *a = &v->asked[v->vertex[c].asked];
		double level = master_level(&v->m, v->m.columns - v->vertices + c);
		if (!v->vertex[c].x || level <= 0)
			continue;
		double *x = planned(v, a->at);
		for (int j = 0; j < pattern_of(v->p, a->block)->columns; j++)
			x[j] += level * v->vertex[c].x[j];
	}
}

static void count_mixed(vertex_job *v)
{
	for (int64_t a = 0; a < v->n; a++) {
		int used = 0;
		for (int c = 0; c < v->vertices; c++)
			used += v->vertex[c].asked == a &&
				master_level(&v->m, v->m.columns - v->vertices + c) > LEVEL;
		v->out->mixed += used > 1;
	}
}

/* collective | the plan's value, and what linking rows miss */
static void settle(vertex_job *v)
{
	const linking *l = &v->p->link;
	double *passed = v->scale;
	v->out->value = add_up(v, true, v->left);
	for (int r = 0; r < l->rows; r++) {
		passed[r] = fabs(v->left[r]) + fabs(l->right[r]);
		v->left[r] -= l->right[r];
	}
	for (int j = 0; j < l->columns; j++) {
		v->out->value += l->cost[j] * v->out->own[j];
		v->left[l->row[j]] += l->value[j] * v->out->own[j];
	}
	for (int r = 0; r < l->rows; r++)
		if (passed[r] > 0)
			v->out->missed = fmax(v->out->missed, fabs(v->left[r]) / passed[r]);
}

static par_err make(vertex_job *v)
{
	PAR_TRY_ALL(v->d->world, make_room(v));
	PAR_TRY(answer_all(v));
	add_up(v, false, v->left);
	for (int r = 0; r < v->p->link.rows; r++)
		v->left[r] = v->p->link.right[r] - v->left[r];
	PAR_TRY(vertex_rounds(v));
	put_means(v);
	count_mixed(v);
	settle(v);
	return PAR_OK;
}

par_err vertex_make(vertex_plan *out, const problem *p, const deal *d, const solution *s)
{
	vertex_job v = {.p = p, .d = d, .s = s, .out = out};
	*out = (vertex_plan){0};
	par_err e = make(&v);
	out->asked = (int)v.n;
	out->vertices = v.vertices;
	out->pivots = v.m.pivots;
	drop_room(&v);
	return e;
}
