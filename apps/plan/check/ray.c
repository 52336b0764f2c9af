#include "plan/check/ray.h"

#include "comm/gather.h"
#include "plan/check/numbers.h"
#include "plan/check/sums.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SLACK 1e-6   /* what misses may come to, against the gain */
#define ROUNDED 1e-9 /* a gain below this part of what it is the sum of is rounding */
#define TOLD 1e-3    /* who carries less than this part of the largest is not named */
#define NOISE 1e-6   /* nor who carries less than this of all: what a solver leaves of a 0 */

enum { GAIN, MISSED, BLOCKS_MOVED, LINKS_MOVED, TOTALS };

typedef struct {
	const problem *p;
	const deal *d;
	const solution *s;
	block b;
	sums total; /* of what the enum names */
	sums used, passed,
	    turned;  /* of every linking row: terms, their sizes, their columns' costs */
	double *row; /* room for the rows of a block, and for three times the linking rows */
	ray_part link[RAY_NAMED], block[RAY_NAMED];
	int links, blocks;
} check;

/* ---- who carries the proof */

static bool before(const ray_part *a, const ray_part *b)
{
	return a->share > b->share || (a->share == b->share && a->which < b->which);
}

/* keep the largest, in order */
static void weigh(ray_part *best, int *named, ray_part part)
{
	int at = *named;
	if (!(part.share > 0))
		return;
	while (at > 0 && before(&part, &best[at - 1]))
		at--;
	if (at == RAY_NAMED)
		return;
	int end = *named < RAY_NAMED ? (*named)++ : RAY_NAMED - 1;
	memmove(best + at + 1, best + at, (size_t)(end - at) * sizeof *best);
	best[at] = part;
}

/* how many of the parts, the largest first, are worth telling; they become shares of what all parts moved */
static int told(ray_part *part, int named, const double moved[2], int kind)
{
	int n = 0;
	double least = fmax(named > 0 ? TOLD * part[0].share : 0, NOISE * (moved[0] + moved[1]));
	while (n < named && part[n].share > least)
		part[n++].share /= moved[kind];
	return n;
}

/* collective | the largest blocks of all ranks, as shares */
static par_err gather_blocks(check *c, ray_report *out)
{
	void *all;
	int64_t n;
	PAR_TRY(par_gather_rows(c->d->world, c->block, c->blocks, sizeof *c->block, &all, &n));
	for (int64_t i = 0; i < n; i++)
		weigh(out->block, &out->blocks, ((ray_part *)all)[i]);
	free(all);
	return PAR_OK;
}

/* collective */
static par_err report(check *c, ray_report *out)
{
	double total[TOTALS];
	sums_finish(&c->total, c->d->world, total);
	*out = (ray_report){.gain = total[GAIN]};
	out->slack = out->gain > 0 ? total[MISSED] / out->gain : INFINITY;
	out->holds = out->slack <= SLACK &&
		     out->gain > ROUNDED * (total[BLOCKS_MOVED] + total[LINKS_MOVED]);
	memcpy(out->link, c->link, sizeof out->link);
	PAR_TRY(gather_blocks(c, out));
	out->links = told(out->link, c->links, total + BLOCKS_MOVED, 1);
	out->blocks = told(out->block, out->blocks, total + BLOCKS_MOVED, 0);
	return PAR_OK;
}

static void add(check *c, int what, double a)
{
	par_exact_add(&c->total.of[what], a);
}

/* ---- room, and the frame of both checks */

static par_err check_open(check *c)
{
	int rows = 3 * c->p->link.rows + 1;
	for (int i = 0; i < c->p->patterns; i++)
		rows = c->p->pattern[i].rows > rows ? c->p->pattern[i].rows : rows;
	PAR_TRY(numbers_open(&c->b, c->p));
	PAR_TRY(sums_open(&c->total, TOTALS));
	PAR_TRY(sums_open(&c->used, c->p->link.rows));
	PAR_TRY(sums_open(&c->passed, c->p->link.rows));
	PAR_TRY(sums_open(&c->turned, c->p->link.rows));
	c->row = calloc((size_t)rows, sizeof *c->row);
	return c->row ? PAR_OK : par_fail(PAR_E_MEMORY, "no room for %d rows", rows);
}

static void check_close(check *c)
{
	numbers_close(&c->b);
	sums_close(&c->total);
	sums_close(&c->used);
	sums_close(&c->passed);
	sums_close(&c->turned);
	free(c->row);
}

typedef void (*block_fn)(check *c, const pattern *p, int64_t i);
typedef void (*common_fn)(check *c);

/* collective | each() for my blocks, then common() on every rank */
static par_err run(ray_report *out, const problem *p, const deal *d, const solution *s,
    block_fn each, common_fn common)
{
	check c = {.p = p, .d = d, .s = s};
	par_err e = par_agree(d->world, check_open(&c));
	if (e == PAR_OK) {
		for (int64_t i = 0; i < s->blocks; i++) {
			p->fill(p->ctx, s->block[i], &c.b);
			each(&c, pattern_of(p, s->block[i]), i);
			par_world_alive();
		}
		common(&c);
		e = report(&c, out);
	}
	check_close(&c);
	return e;
}

/* ---- no plan */

/* the size a column of the block may have: its largest bound or right side */
static double largest_column(const pattern *p, const block *b)
{
	double most = 0;
	for (int i = 0; i < p->rows; i++)
		most = fmax(most, fabs(b->right[i]));
	for (int i = 0; i < p->bounds; i++)
		most = fmax(most, b->upper[i]);
	return most > 0 ? most : 1;
}

/* A'y + B'p of a column */
static double pull(const check *c, const pattern *p, int j, const double *y)
{
	double t = 0;
	for (int e = p->first[j]; e < p->first[j + 1]; e++)
		t += p->value[e] * y[p->row[e]];
	for (int e = p->link_first[j]; e < p->link_first[j + 1]; e++)
		t += c->b.link[e] * c->s->price[p->link[e]];
	return t;
}

static void no_plan_block(check *c, const pattern *p, int64_t i)
{
	const double *y = c->s->row_price + c->s->row_at[i];
	double gain = 0, missed = 0, size = largest_column(p, &c->b);
	for (int r = 0; r < p->rows; r++)
		gain += c->b.right[r] * y[r];
	for (int j = 0; j < p->columns; j++) {
		double t = fmax(pull(c, p, j, y), 0);
		if (p->bound[j] >= 0)
			gain -= t * c->b.upper[p->bound[j]];
		else
			missed += t * size;
	}
	add(c, GAIN, gain);
	add(c, MISSED, missed);
	add(c, BLOCKS_MOVED, fabs(gain));
	weigh(c->block, &c->blocks, (ray_part){c->s->block[i], fabs(gain)});
}

static void no_plan_common(check *c)
{
	const linking *l = &c->p->link;
	bool here = c->d->world->rank == 0;
	for (int r = 0; r < l->rows; r++) {
		double moved = l->right[r] * c->s->price[r];
		weigh(c->link, &c->links, (ray_part){r, fabs(moved)});
		add(c, GAIN, here ? moved : 0);
		add(c, LINKS_MOVED, here ? fabs(moved) : 0);
	}
	for (int j = 0; here && j < l->columns; j++) {
		double t = fmax(l->value[j] * c->s->price[l->row[j]], 0);
		if (l->upper[j] < INFINITY)
			add(c, GAIN, -t * l->upper[j]);
		else
			add(c, MISSED, t * fabs(l->right[l->row[j]] / l->value[j]));
	}
}

par_err ray_check_no_plan(ray_report *out, const problem *p, const deal *d, const solution *s)
{
	return run(out, p, d, s, no_plan_block, no_plan_common);
}

/* ---- no end */

/* how far the block's columns miss being a ray, against the largest of them */
static double block_miss(check *c, const pattern *p, const double *x)
{
	double largest = 0, miss = 0;
	memset(c->row, 0, (size_t)p->rows * sizeof *c->row);
	for (int j = 0; j < p->columns; j++) {
		largest = fmax(largest, fabs(x[j]));
		miss = fmax(miss, p->bound[j] >= 0 ? fabs(x[j]) : -x[j]);
		for (int e = p->first[j]; e < p->first[j + 1]; e++)
			c->row[p->row[e]] += p->value[e] * x[j];
	}
	for (int r = 0; r < p->rows; r++)
		miss = fmax(miss, fabs(c->row[r]));
	return miss > 0 ? miss / largest : 0;
}

/* one term of a linking row, and what its column costs */
static void pass(check *c, int row, double term, double cost)
{
	par_exact_add(&c->used.of[row], term);
	par_exact_add(&c->passed.of[row], fabs(term));
	par_exact_add(&c->turned.of[row], fabs(cost));
}

static void no_end_block(check *c, const pattern *p, int64_t i)
{
	const double *x = c->s->x + c->s->x_at[i];
	double cost = 0, turned = 0;
	for (int j = 0; j < p->columns; j++) {
		cost += c->b.cost[j] * x[j];
		turned += fabs(c->b.cost[j] * x[j]);
		for (int e = p->link_first[j]; e < p->link_first[j + 1]; e++)
			pass(c, p->link[e], c->b.link[e] * x[j], c->b.cost[j] * x[j]);
	}
	add(c, GAIN, -cost);
	add(c, MISSED, block_miss(c, p, x) * turned);
	add(c, BLOCKS_MOVED, turned);
	weigh(c->block, &c->blocks, (ray_part){c->s->block[i], -cost});
}

/* collective | what it comes to that linking rows miss 0: the part that each misses of what passes through
 * it, in the money of its columns */
static double links_miss(check *c)
{
	int rows = c->p->link.rows;
	double *used = c->row, *passed = used + rows, *turned = passed + rows, miss = 0;
	sums_finish(&c->used, c->d->world, used);
	sums_finish(&c->passed, c->d->world, passed);
	sums_finish(&c->turned, c->d->world, turned);
	for (int r = 0; r < rows; r++)
		miss += passed[r] > 0 ? fabs(used[r]) / passed[r] * turned[r] : 0;
	return miss;
}

static void no_end_common(check *c)
{
	const linking *l = &c->p->link;
	bool here = c->d->world->rank == 0;
	for (int j = 0; here && j < l->columns; j++) {
		/* what no ray may have counts as 0, and its row then misses it */
		double e = l->upper[j] < INFINITY ? 0 : fmax(c->s->own[j], 0);
		pass(c, l->row[j], l->value[j] * e, l->cost[j] * e);
		add(c, GAIN, -l->cost[j] * e);
		add(c, LINKS_MOVED, fabs(l->cost[j] * e));
	}
	double miss = links_miss(c);
	add(c, MISSED, here ? miss : 0);
}

par_err ray_check_no_end(ray_report *out, const problem *p, const deal *d, const solution *s)
{
	return run(out, p, d, s, no_end_block, no_end_common);
}
