#include "train/optimizer_inside.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUCKET_BYTES ((int64_t)4 << 20)

/* ---- what stands where ---- */

bool par_optimizer_owns(const par_optimizer *o, const par_param *p, par_param_kind kind)
{
	return p->kind == kind && strcmp(p->group, o->group) == 0;
}

static int count_of(const par_optimizer *o, par_param_kind kind)
{
	int n = 0;
	for (int i = 0; i < par_graph_params(o->graph); i++)
		n += par_optimizer_owns(o, par_graph_param(o->graph, i), kind);
	return n;
}

/* gradients are born in about this order */
static void list_places(par_optimizer *o)
{
	for (int i = par_graph_params(o->graph) - 1; i >= 0; i--) {
		par_param *p = par_graph_param(o->graph, i);
		if (!par_optimizer_owns(o, p, PAR_PARAM_DENSE))
			continue;
		o->place[o->places++].param = p;
		o->spectrals += p->spectral;
	}
}

static void fill_buckets(par_optimizer *o)
{
	int64_t bytes = o->spec.bucket_bytes > 0 ? o->spec.bucket_bytes : BUCKET_BYTES;
	for (int at = 0; at < o->places;) {
		par_bucket *b = &o->bucket[o->buckets++];
		par_bucket_fill(b, o->place + at, o->places - at, bytes);
		at += b->places;
		if (b->rests && (!o->widest || b->n > o->widest->n))
			o->widest = b;
	}
}

static par_err open_rows(par_optimizer *o)
{
	for (int i = 0; i < par_graph_params(o->graph); i++) {
		par_param *p = par_graph_param(o->graph, i);
		if (par_optimizer_owns(o, p, PAR_PARAM_TABLE))
			PAR_TRY(par_rows_open(
			    &o->rows[o->tables++], p, par_graph_seed(o->graph), &o->spec));
	}
	return PAR_OK;
}

static par_err open_buckets(par_optimizer *o)
{
	if (o->widest)
		PAR_TRY(par_bucket_open(o->widest, o->graph, &o->spec, NULL));
	for (int i = 0; i < o->buckets; i++) {
		par_bucket *b = &o->bucket[i];
		if (b != o->widest)
			PAR_TRY(
			    par_bucket_open(b, o->graph, &o->spec, b->rests ? o->widest : NULL));
	}
	return PAR_OK;
}

par_bucket *par_optimizer_bucket(par_optimizer *o, const par_param *p)
{
	for (int tried = 0; tried <= o->buckets; tried++) {
		par_bucket *b = &o->bucket[o->next];
		for (int i = 0; i < b->places; i++)
			if (b->place[i].param == p)
				return b;
		o->next = (o->next + 1) % o->buckets;
	}
	PAR_MUST(false, "%s is in no bucket of group %s", p->name, o->group);
	return NULL;
}

/* ---- sums ---- */

/* the weights of this rank's part of a place are multiplied with the gradient, or that with itself */
static void add_place(const par_bucket *b, const par_place *p, bool weights, par_exact *sum)
{
	int64_t lo, hi;
	par_bucket_mine(b, p, &lo, &hi);
	if (lo == hi)
		return;
	const float *g = b->gradient + p->at + lo - b->lo;
	par_kept_add_products(sum, hi - lo, g, weights ? b->kept.weights + p->at + lo - b->lo : g);
}

/* while the sum is in cache */
static void add_bucket(par_optimizer *o, const par_bucket *b)
{
	for (int i = 0; i < b->places; i++)
		if (!b->place[i].param->spectral)
			add_place(b, &b->place[i], false, &o->squares);
}

static void for_spectral(
    par_optimizer *o, void (*fn)(par_optimizer *o, par_bucket *b, par_place *p, par_exact *dot))
{
	par_exact *dot = o->dot;
	for (int i = 0; i < o->buckets && o->spectrals > 0; i++)
		for (int k = 0; k < o->bucket[i].places; k++)
			if (o->bucket[i].place[k].param->spectral)
				fn(o, &o->bucket[i], &o->bucket[i].place[k], dot++);
}

static void add_dot(par_optimizer *o, par_bucket *b, par_place *p, par_exact *dot)
{
	(void)o;
	*dot = (par_exact){0};
	add_place(b, p, true, dot);
}

static void undo_sigma(par_optimizer *o, par_bucket *b, par_place *p, par_exact *dot)
{
	const par_param *q = p->param;
	par_spectral_gradient s = {.columns = q->shape[q->nd - 1],
	    .left = q->left,
	    .right = q->right,
	    .sigma = q->sigma,
	    .dot = par_exact_value(dot) / (double)q->sigma};
	int64_t lo, hi;
	par_bucket_mine(b, p, &lo, &hi);
	if (lo < hi)
		par_update_spectral(&s, lo, hi, b->gradient + p->at + lo - b->lo);
	add_place(b, p, false, &o->squares);
}

/* the gradients of normalised weights become the weights' own, then the norm of all is known */
static double sum_norm(par_optimizer *o)
{
	if (o->spectrals > 0) {
		for_spectral(o, add_dot);
		par_exact_sum(o->world, o->dot, o->spectrals);
		for_spectral(o, undo_sigma);
	}
	for (int i = 0; i < o->tables; i++)
		par_rows_add_squares(&o->rows[i], &o->squares);
	par_exact_sum(o->world, &o->squares, 1);
	double norm = sqrt(par_exact_value(&o->squares));
	o->squares = (par_exact){0};
	return norm;
}

/* ---- hooks ---- */

static void born(void *ctx, par_param *p)
{
	par_optimizer *o = ctx;
	if (p->kind != PAR_PARAM_DENSE)
		return;
	par_bucket *b = par_optimizer_bucket(o, p);
	PAR_MUST(!b->summed, "%s is born twice in a step", p->name);
	if (--b->unborn > 0)
		return;
	par_bucket_sum(b);
	add_bucket(o, b);
	if (b->rests)
		o->whole = NULL;
}

static void fetch(void *ctx, par_param *p)
{
	par_optimizer *o = ctx;
	PAR_MUST(!o->used, "%s and %s rest sharded and are used at once", o->used->name, p->name);
	o->used = p;
	par_bucket *b = par_optimizer_bucket(o, p);
	if (o->whole != b)
		par_bucket_show(b);
	o->whole = b;
}

static void release(void *ctx, par_param *p)
{
	(void)p;
	((par_optimizer *)ctx)->used = NULL;
}

/* ---- opening ---- */

static void describe(par_optimizer *o)
{
	int64_t dense = 0, rest = 0;
	for (int i = 0; i < o->buckets; i++)
		*(o->bucket[i].rests ? &rest : &dense) += o->bucket[i].n * (int64_t)sizeof(float);
	snprintf(o->how, sizeof o->how,
	    "%d buckets, %.1f MiB in all and %.1f MiB at rest sharded, %d tables; %s", o->buckets,
	    (double)dense / 0x1p20, (double)rest / 0x1p20, o->tables,
	    o->buckets > 0 ? par_reduce_how(o->bucket[0].sum) : "no sums");
}

static par_err check_spec(const par_optimizer *o)
{
	const par_optimizer_spec *s = &o->spec;
	if (o->places == 0 && count_of(o, PAR_PARAM_TABLE) == 0)
		return par_fail(PAR_E_CONFIG, "group %s has no parameters to train", o->group);
	if (o->spectrals > PAR_SPECTRAL_MOST)
		return par_fail(PAR_E_CONFIG,
		    "%d weights with spectral norm; at most %d in group %s", o->spectrals,
		    PAR_SPECTRAL_MOST, o->group);
	if (!(s->clip >= 0) || !(s->average >= 0 && s->average < 1) ||
	    !(s->momentum >= 0 && s->momentum < 1) || !(s->beta1 >= 0 && s->beta1 < 1) ||
	    !(s->beta2 >= 0 && s->beta2 < 1))
		return par_fail(PAR_E_CONFIG,
		    "optimizer of group %s: clip %g, average %g, momentum %g, beta %g and %g; "
		    "wanted clip >= 0, the others from 0 to below 1",
		    o->group, s->clip, s->average, s->momentum, s->beta1, s->beta2);
	return PAR_OK;
}

static par_err make(par_optimizer *o, par_graph *g, const char *group)
{
	o->graph = g;
	o->world = par_graph_shards(g)->world;
	snprintf(o->group, sizeof o->group, "%s", group);
	size_t dense = (size_t)count_of(o, PAR_PARAM_DENSE) + 1;
	size_t tables = (size_t)count_of(o, PAR_PARAM_TABLE) + 1;
	o->place = calloc(dense, sizeof *o->place);
	o->bucket = calloc(dense, sizeof *o->bucket);
	o->rows = calloc(tables, sizeof *o->rows);
	if (!o->place || !o->bucket || !o->rows)
		return par_fail(PAR_E_MEMORY, "no memory for the optimizer of group %s", group);
	list_places(o);
	fill_buckets(o);
	PAR_TRY(check_spec(o));
	return open_rows(o);
}

par_err par_optimizer_open(
    par_optimizer **out, par_graph *g, const char *group, const par_optimizer_spec *spec)
{
	*out = NULL;
	par_optimizer *o = calloc(1, sizeof *o);
	PAR_MUST(o, "no memory for an optimizer");
	o->spec = *spec;
	par_err e = par_agree(par_graph_shards(g)->world, make(o, g, group));
	if (e == PAR_OK)
		e = open_buckets(o);
	if (e != PAR_OK) {
		par_optimizer_close(o);
		return e;
	}
	describe(o);
	par_graph_hook(g, group, &(par_graph_hooks){o, fetch, release, born});
	*out = o;
	return PAR_OK;
}

void par_optimizer_close(par_optimizer *o)
{
	if (!o)
		return;
	for (int i = 0; i < o->tables; i++)
		par_rows_close(&o->rows[i]);
	for (int i = 0; i < o->buckets; i++)
		if (&o->bucket[i] != o->widest)
			par_bucket_close(&o->bucket[i]);
	if (o->widest)
		par_bucket_close(o->widest);
	free(o->best_buffers);
	free(o->rows);
	free(o->bucket);
	free(o->place);
	free(o);
}

/* ---- a step ---- */

static double average_factor(const par_optimizer *o)
{
	double steps = (double)o->steps, ramp = steps / (steps + 9);
	return o->spec.average_ramps && ramp < o->spec.average ? ramp : o->spec.average;
}

bool par_optimizer_step(par_optimizer *o, double lr)
{
	PAR_MUST(!o->averaged, "a step while the averages of group %s stand in", o->group);
	for (int i = 0; i < o->buckets; i++)
		PAR_MUST(o->bucket[i].summed, "a step before the gradients of group %s are born",
		    o->group);
	o->norm = sum_norm(o);
	bool sound = isfinite(o->norm);
	o->steps += sound;
	par_optimizer_spec now = o->spec, *s = &now;
	double scale = s->clip > 0 && o->norm > s->clip ? s->clip / o->norm : 1;
	now.average = average_factor(o);
	par_update u[2];
	for (int decays = 0; decays < 2; decays++)
		u[decays] = par_update_of(s, lr, o->steps, scale, decays);
	for (int i = 0; i < o->tables && sound; i++)
		par_rows_update(&o->rows[i], &u[o->rows[i].param->decays], s);
	for (int i = 0; i < o->buckets; i++)
		par_bucket_update(&o->bucket[i], sound ? u : NULL, s->average);
	o->whole = NULL;
	o->next = 0;
	return sound;
}

double par_optimizer_norm(const par_optimizer *o)
{
	return o->norm;
}

int64_t par_optimizer_steps(const par_optimizer *o)
{
	return o->steps;
}
