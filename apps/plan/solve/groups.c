#include "plan/solve/groups.h"

#include "base/memory.h"
#include "comm/reduce.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define EIGHTS(n) ((size_t)(n)*GROUP_LANES * sizeof(double))
/* the least room that a bound leaves, in a block's magnitude: the method walks inside of all bounds */
#define LEAST_UPPER 1e-9

/* Lay out the arrays of a group of s from `at`. masked takes room of its own only where
 * lanes are repeated. */
static void lay_out(group_view *v, const symbolic *s, int lanes, char *at)
{
	*v = (group_view){.s = s, .lanes = lanes};
	v->pairs = (pairs){.columns = s->columns, .bounded = s->bounded};
	double **field[] = {&v->magnitude, &v->pairs.x, &v->pairs.z, &v->pairs.w, &v->pairs.v,
	    &v->y, &v->cost, &v->upper, &v->right, &v->link, &v->factor};
	int eights[] = {1, s->columns, s->columns, s->bounded, s->bounded, s->rows, s->columns,
	    s->bounded, s->rows, s->links, s->factor};
	for (size_t k = 0; k < sizeof eights / sizeof *eights; k++) {
		*field[k] = (double *)(void *)at;
		at += EIGHTS(eights[k]);
	}
	for (int k = 0; k < SIDES; k++) {
		v->dy[k] = (double *)(void *)at;
		at += EIGHTS(s->rows);
	}
	v->masked = v->link;
	if (lanes < GROUP_LANES) {
		v->masked = (double *)(void *)at;
		at += EIGHTS(s->links);
	}
	pairs_lay_out(&v->pairs, (float *)(void *)at);
}

/* what lay_out takes */
static size_t group_bytes(const symbolic *s, int lanes)
{
	int eights = 1 + 3 * s->columns + 3 * s->bounded + (2 + SIDES) * s->rows + s->factor +
		     (lanes < GROUP_LANES ? 2 : 1) * s->links;
	size_t floats = (size_t)pairs_floats(s->columns, s->bounded);
	return EIGHTS(eights) + (floats * sizeof(float) + 63) / 64 * 64;
}

void groups_view(const groups *g, int64_t i, group_view *v)
{
	const group *of = &g->deal->mine[i];
	lay_out(v, g->class[of->class], of -> lanes, g -> memory + g -> first[i]);
	v->class = of->class;
	/* as if it were one of this class; the last one's next is itself */
	int64_t next = i + 1 < g->deal->groups ? i + 1 : i;
	v->next = g->memory + g->first[next];
	v->ahead.at = v->next + ((const char *)v->link - (const char *)v->magnitude);
}

static par_err room(groups *g)
{
	int64_t n = g->deal->groups;
	g->first = calloc((size_t)n + 1, sizeof *g->first);
	g->link_scale = calloc((size_t)g->p->link.rows + 1, sizeof *g->link_scale);
	if (!g->first || !g->link_scale)
		return par_fail(PAR_E_MEMORY, "no memory for %lld groups", (long long)n);
	for (int64_t i = 0; i < n; i++) {
		const group *of = &g->deal->mine[i];
		g->first[i] = g->bytes;
		g->bytes += group_bytes(g->class[of->class], of -> lanes);
	}
	g->memory = par_memory(g->bytes + 64);
	return g->memory ? PAR_OK
			 : par_fail(PAR_E_MEMORY, "no memory for %lld blocks: %.0f MB wanted",
			       (long long)g->deal->blocks, (double)g->bytes * 1e-6);
}

static bool finite_all(const double *x, int n)
{
	for (int i = 0; i < n; i++)
		if (!isfinite(x[i]))
			return false;
	return true;
}

static par_err take_lane(group_view *v, int lane, const pattern *p, const block *b, int64_t k)
{
	const symbolic *s = v->s;
	if (!finite_all(b->cost, s->columns) || !finite_all(b->upper, s->bounded) ||
	    !finite_all(b->right, s->rows) || !finite_all(b->link, s->links))
		return par_fail(
		    PAR_E_DATA, "block %lld holds a number that is not finite", (long long)k);
	double m = block_size(p, b);
	v->magnitude[lane] = m;
	for (int j = 0; j < s->columns; j++)
		v->cost[j * GROUP_LANES + lane] = b->cost[s->column[j]] * m;
	for (int j = 0; j < s->bounded; j++)
		v->upper[j * GROUP_LANES + lane] = fmax(b->upper[s->bound[j]] / m, LEAST_UPPER);
	for (int i = 0; i < s->rows; i++)
		v->right[i * GROUP_LANES + lane] = b->right[s->row[i]] / m;
	for (int q = 0; q < s->links; q++)
		v->link[q * GROUP_LANES + lane] = b->link[s->entry[q]] * m;
	return PAR_OK;
}

static par_err take_group(groups *g, int64_t i, block *b)
{
	const group *of = &g->deal->mine[i];
	group_view v;
	groups_view(g, i, &v);
	for (int lane = 0; lane < GROUP_LANES; lane++) {
		int64_t k = of->block[lane];
		g->p->fill(g->p->ctx, k, b);
		PAR_TRY(take_lane(&v, lane, &g->p->pattern[of->class], b, k));
	}
	return PAR_OK;
}

static int widest(const problem *p, bool of_columns)
{
	int most = 0;
	for (int c = 0; c < p->patterns; c++) {
		const pattern *at = &p->pattern[c];
		int n = at->columns > at->links ? at->columns : at->links;
		n = of_columns ? n : at->rows > at->bounds ? at->rows : at->bounds;
		most = n > most ? n : most;
	}
	return most;
}

static par_err take_all(groups *g)
{
	size_t n = (size_t)widest(g->p, true), r = (size_t)widest(g->p, false);
	double *room_for = calloc(2 * n + 2 * r + 1, sizeof *room_for);
	if (!room_for)
		return par_fail(PAR_E_MEMORY, "no memory for a block");
	block b = {room_for, room_for + 2 * n, room_for + 2 * n + r, room_for + n};
	par_err e = PAR_OK;
	for (int64_t i = 0; e == PAR_OK && i < g->deal->groups; i++)
		e = take_group(g, i, &b);
	free(room_for);
	return e;
}

/* sums of one shard: |B| and entries of each linking row, then |cost| and columns */
static void measure_shard(const groups *g, int64_t lo, int64_t hi, double *sums)
{
	int links = g->p->link.rows;
	memset(sums, 0, (size_t)(2 * links + 2) * sizeof *sums);
	for (int64_t i = lo; i < hi; i++) {
		group_view v;
		groups_view(g, i, &v);
		for (int lane = 0; lane < v.lanes; lane++) {
			for (int q = 0; q < v.s->links; q++) {
				double a = fabs(v.link[q * GROUP_LANES + lane]);
				sums[v.s->b_link[q]] += a;
				sums[links + v.s->b_link[q]] += a > 0;
			}
			for (int j = 0; j < v.s->columns; j++)
				sums[2 * links] += fabs(v.cost[j * GROUP_LANES + lane]);
			sums[2 * links + 1] += v.s->columns;
		}
	}
}

static void scale_group(const groups *g, group_view *v)
{
	for (int j = 0; j < v->s->columns * GROUP_LANES; j++)
		v->cost[j] *= g->cost_scale;
	for (int q = 0; q < v->s->links; q++)
		for (int lane = 0; lane < GROUP_LANES; lane++) {
			double *a = &v->link[q * GROUP_LANES + lane];
			*a *= g->link_scale[v->s->b_link[q]];
			v->masked[q * GROUP_LANES + lane] = lane < v->lanes ? *a : 0;
		}
}

/* of a linking row, from the sum of its entries and their number; one of no entries has a right side of 1 or 0 */
static double row_scale(double sum, double entries, double right)
{
	double size = sum > 0 ? sum / entries : fabs(right);
	return size > 0 ? 1 / size : 1;
}

static par_err scale(groups *g)
{
	int links = g->p->link.rows;
	const par_shards *s = &g->deal->shards;
	par_reduce *r;
	PAR_TRY(par_reduce_plan(&r, g->deal->world, PAR_F64, 2 * links + 2, s->shards, 0));
	for (int k = s->shard_lo; k < s->shard_hi; k++) {
		measure_shard(g, par_shards_first(s, k) - s->lo, par_shards_first(s, k + 1) - s->lo,
		    par_reduce_next(r));
		par_reduce_born(r);
	}
	const double *sum = par_reduce_sum(r);
	for (int l = 0; l < links; l++)
		g->link_scale[l] = row_scale(sum[l], sum[links + l], g->p->link.right[l]);
	g->cost_scale = sum[2 * links] > 0 ? sum[2 * links + 1] / sum[2 * links] : 1;
	par_reduce_free(r);
	for (int64_t i = 0; i < g->deal->groups; i++) {
		group_view v;
		groups_view(g, i, &v);
		scale_group(g, &v);
	}
	return PAR_OK;
}

static par_err prepare(groups *g)
{
	g->class = calloc((size_t)g->p->patterns + 1, sizeof(void *));
	if (!g->class)
		return par_fail(PAR_E_MEMORY, "no memory for %d patterns", g->p->patterns);
	for (int c = 0; c < g->p->patterns; c++)
		PAR_TRY(symbolic_open(&g->class[c], &g -> p -> pattern[c], g -> p -> link.rows));
	PAR_TRY(room(g));
	return take_all(g);
}

par_err groups_open(groups *g, const problem *p, const deal *d)
{
	*g = (groups){.p = p, .deal = d};
	par_err e = par_agree(d->world, prepare(g));
	if (e == PAR_OK)
		e = scale(g);
	if (e != PAR_OK)
		groups_close(g);
	return e;
}

void groups_close(groups *g)
{
	for (int c = 0; g->class && c < g->p->patterns; c++)
		symbolic_close(g->class[c]);
	free(g->class);
	free(g->link_scale);
	free(g->memory);
	free(g->first);
	*g = (groups){0};
}
