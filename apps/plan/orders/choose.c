#include "plan/orders/integer_inside.h"

#include "comm/exchange.h"
#include "plan/check/numbers.h"

#include <math.h>
#include <string.h>

#define REST 0.1 /* a row at rest counts as if it had so much of a usual row's price */
#define BALANCING \
	2 /* by how much of itself a price moves when all of its row's size is too much ... */
#define STIFF 700     /* ... at last, when plans are chosen to stay */
#define SWEEPS 10     /* to find where prices balance, which is the mean over ... */
#define COUNTED 5     /* ... the last of them */
#define STIFFENING 32 /* sweeps from the one to the other */
#define LAST 8        /* sweeps at what limits cost in truth, at most */
#define FIRST_SHARP \
	4 /* of the slope to full containers, which counts from half way on; in the last sweeps */
#define SHARP 8

/* What so much left of row r costs: the largest of p left - (p - price)^2 / (2 stiff) over the prices p that the row
 * can have (Moreau 1965). The stiffer, the nearer to what it costs in truth. */
static double cost_of_left(const integer_job *j, int r, double left)
{
	double stiff = j->stiff[r], p = j->price[r];
	if (stiff == INFINITY)
		return left < 0 ? -left * j->over[r] : left * j->under[r];
	p += stiff * left;
	p = p < -j->over[r] ? -j->over[r] : p > j->under[r] ? j->under[r] : p;
	double off = p - j->price[r];
	return p * left - off * off / (2 * stiff);
}

/* what a plan costs with what it takes of limits and containers */
static double cost_with(const integer_job *j, const pool_plan *a)
{
	int rows = (int)j->link.n;
	double cost = a->cost;
	for (int e = 0; e < a->uses; e++) {
		int at = a->place[e];
		double now = j->state[at], use = (double)a->use[e];
		cost += at < rows ? cost_of_left(j, at, now - use) - cost_of_left(j, at, now)
				  : boxes_slope(&j->box, at - rows, use - now) -
					boxes_slope(&j->box, at - rows, -now);
	}
	return cost;
}

/* state[]: of rows what is left, of cells what is shipped, below zero */
static void put(integer_job *j, const pool_plan *a, double times)
{
	for (int e = 0; e < a->uses; e++)
		j->state[a->place[e]] -= times * (double)a->use[e];
}

static void choose_one(integer_job *j, int64_t i)
{
	const pool_plan *was = j->now[i];
	if (!was)
		return;
	put(j, was, -1);
	double least = cost_with(j, was);
	for (const pool_plan *a = j->found.of[i]; a; a = a->next) {
		double cost = a != was ? cost_with(j, a) : INFINITY;
		if (cost < least) {
			least = cost;
			j->now[i] = a;
		}
	}
	put(j, j->now[i], 1);
	j->state[j->places] += j->now[i] != was;
}

/* every SKU in turn, those of one rank after those of the rank before it; returns how many changed */
static int64_t sweep(integer_job *j)
{
	const par_world *w = j->m->deal.world;
	j->state[j->places] = 0;
	for (int r = 0; r < w->size; r++) {
		for (int64_t t = 0; r == w->rank && t < j->s->blocks; t++)
			choose_one(j, j->turn[t]);
		par_exchange_from(w, r, j->state, (size_t)(j->places + 1) * sizeof *j->state);
	}
	par_world_alive();
	return (int64_t)j->state[j->places];
}

/* how stiff row r is when its price moves by so much of itself for all of its size */
static double stiffness(const integer_job *j, int r, double gain)
{
	double right = j->m->problem.link.right[r];
	double size = fmax(fabs(right), fabs(right - j->target[r]));
	double price = fmax(fabs(j->s->price[r]), REST * j->worth / fmax(size, 1e-300));
	return size > 0 ? gain * fmax(price, 1e-300) / size : INFINITY;
}

static void stiffen(integer_job *j, double gain)
{
	for (int r = 0; r < (int)j->link.n; r++)
		j->stiff[r] = isfinite(gain) ? stiffness(j, r, gain) : INFINITY;
}

static void begin(integer_job *j)
{
	int64_t rows = j->link.n;
	memcpy(j->price, j->center, (size_t)rows * sizeof *j->price);
	memcpy(j->state, j->left, (size_t)rows * sizeof *j->state);
	for (int c = 0; rows + c < j->places; c++)
		j->state[rows + c] = -j->box.now[c];
}

/* the price of row r where so much is left now */
static double price_now(const integer_job *j, int64_t r)
{
	double p = j->price[r];
	if (isfinite(j->stiff[r]))
		p += j->stiff[r] * j->state[r];
	return fmin(fmax(p, -j->over[r]), j->under[r]);
}

static void take_chosen(integer_job *j)
{
	for (int64_t i = 0; i < j->s->blocks; i++) {
		const pool_plan *a = j->now[i];
		if (!a)
			continue;
		pool_columns(
		    a, j->x + j->s->x_at[i], pattern_of(&j->m->problem, j->s->block[i])->columns);
		j->fixed[i] = a->fixed;
		j->orders[i] = a->orders;
	}
}

void integer_balance(integer_job *j)
{
	size_t bytes = (size_t)j->link.n * sizeof *j->mean;
	begin(j);
	stiffen(j, BALANCING);
	boxes_begin(&j->box, 1, 1);
	memset(j->mean, 0, bytes);
	for (int s = 0; s < SWEEPS; s++) {
		sweep(j);
		for (int64_t r = 0; s >= SWEEPS - COUNTED && r < j->link.n; r++)
			j->mean[r] += price_now(j, r) / COUNTED;
	}
	memcpy(j->center, j->mean, bytes);
	take_chosen(j);
}

void integer_choose(integer_job *j)
{
	begin(j);
	for (int s = 0; s < STIFFENING; s++) {
		boxes_begin(&j->box, 2 * s < STIFFENING ? 1 : FIRST_SHARP, 1);
		stiffen(
		    j, BALANCING * pow((double)STIFF / BALANCING, (double)s / (STIFFENING - 1)));
		sweep(j);
		for (int64_t r = 0; r < j->link.n; r++)
			j->price[r] = price_now(j, r);
	}
	integer_descend(j);
}

void integer_descend(integer_job *j)
{
	stiffen(j, INFINITY);
	boxes_begin(&j->box, SHARP, 1);
	for (int s = 0; s < LAST && sweep(j) > 0;)
		s++;
	take_chosen(j);
}
