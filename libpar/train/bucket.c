#include "train/bucket.h"

#include <stdlib.h>
#include <string.h>

static int64_t whole_lines(int64_t n)
{
	return (n + PAR_LINE - 1) / PAR_LINE * PAR_LINE;
}

void par_bucket_fill(par_bucket *b, par_place *place, int most, int64_t bytes)
{
	*b = (par_bucket){.place = place, .rests = place[0].param->rests_sharded};
	for (int i = 0; i < most; i++) {
		const par_param *p = place[i].param;
		int64_t end = b->n + whole_lines(p->n);
		if (i > 0 && (b->rests || p->rests_sharded || end * (int64_t)sizeof(float) > bytes))
			break;
		place[i].at = b->n;
		b->n = end;
		b->places = ++b->unborn;
	}
}

void par_bucket_mine(const par_bucket *b, const par_place *p, int64_t *lo, int64_t *hi)
{
	int64_t n = p->param->n, from = b->lo - p->at, to = b->hi - p->at;
	*lo = from < 0 ? 0 : from < n ? from : n;
	*hi = to < 0 ? 0 : to < n ? to : n;
}

static void first_weights(par_bucket *b, uint64_t seed)
{
	for (int i = 0; i < b->places; i++) {
		const par_place *p = &b->place[i];
		int64_t lo, hi;
		par_bucket_mine(b, p, &lo, &hi);
		if (lo < hi)
			par_param_fill(
			    p->param, seed, lo, hi, b->kept.weights + p->at + lo - b->lo);
	}
	if (b->kept.average)
		memcpy(b->kept.average, b->kept.weights, (size_t)b->kept.n * sizeof(float));
}

static void place_gradients(const par_bucket *b)
{
	for (int i = 0; i < b->places; i++)
		for (int k = 0; k < par_reduce_nodes(b->sum); k++)
			b->place[i].param->grad[k] = (float *)par_reduce_node(b->sum, k) +
						     b->place[i].at;
}

static par_err take_gradient(par_bucket *b)
{
	if (!b->rests)
		return PAR_OK;
	b->gradient = malloc((size_t)(b->hi - b->lo) * sizeof *b->gradient + 1);
	return b->gradient ? PAR_OK
			   : par_fail(PAR_E_MEMORY, "no memory for the gradient of %s",
				 b->place[0].param->name);
}

par_err par_bucket_open(
    par_bucket *b, par_graph *g, const par_optimizer_spec *spec, par_bucket *within)
{
	const par_shards *s = par_graph_shards(g);
	PAR_TRY(par_reduce_plan_nodes(
	    &b->sum, s->world, PAR_F32, b->n, s->shards, 0, within ? within->sum : NULL));
	par_reduce_slice(b->sum, &b->lo, &b->hi);
	PAR_TRY_ALL(s->world, par_kept_open(&b->kept, b->hi - b->lo, spec));
	PAR_TRY_ALL(s->world, take_gradient(b));
	first_weights(b, par_graph_seed(g));
	place_gradients(b);
	if (!b->rests)
		par_bucket_show(b);
	return PAR_OK;
}

void par_bucket_close(par_bucket *b)
{
	par_reduce_free(b->sum);
	par_kept_close(&b->kept);
	if (b->rests)
		free(b->gradient);
}

static void gather(par_bucket *b)
{
	float *all = (float *)(uintptr_t)par_reduce_gather(b->sum);
	for (int i = 0; i < b->places; i++)
		b->place[i].param->weights = all + b->place[i].at;
}

void par_bucket_show(par_bucket *b)
{
	float *mine = par_reduce_bring(b->sum);
	memcpy(mine, b->kept.weights, (size_t)b->kept.n * sizeof *mine);
	gather(b);
}

void par_bucket_sum(par_bucket *b)
{
	par_reduce_nodes_born(b->sum);
	float *mine = par_reduce_scatter(b->sum);
	b->unborn = b->places;
	b->summed = true;
	if (!b->rests) {
		b->gradient = mine;
		return;
	}
	memcpy(b->gradient, mine, (size_t)(b->hi - b->lo) * sizeof *mine);
}

void par_bucket_update(par_bucket *b, const par_update u[2], double average)
{
	for (int i = 0; i < b->places && u; i++) {
		const par_place *p = &b->place[i];
		int64_t lo, hi;
		par_bucket_mine(b, p, &lo, &hi);
		if (lo == hi)
			continue;
		int64_t at = p->at + lo - b->lo;
		float *g = b->gradient + at;
		par_kept_update(
		    &b->kept, &u[p->param->decays], average, at, hi - lo, g, b->rests ? NULL : g);
	}
	if (!u && !b->rests)
		memcpy(b->gradient, b->kept.weights, (size_t)b->kept.n * sizeof(float));
	b->summed = false;
	if (!b->rests)
		gather(b);
}
