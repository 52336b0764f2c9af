#include "train/optimizer_inside.h"

#include <stdlib.h>
#include <string.h>

static void show(par_optimizer *o)
{
	for (int i = 0; i < o->tables; i++)
		o->rows[i].param->weights = o->rows[i].kept.weights;
	for (int i = 0; i < o->buckets; i++)
		if (!o->bucket[i].rests)
			par_bucket_show(&o->bucket[i]);
	o->whole = NULL;
}

void par_optimizer_restored(par_optimizer *o, int64_t steps)
{
	o->steps = steps;
	show(o);
}

/* what this rank keeps: of each bucket, then of each table */
static int kepts(const par_optimizer *o)
{
	return o->buckets + o->tables;
}

static par_kept *kept_of(par_optimizer *o, int i)
{
	return i < o->buckets ? &o->bucket[i].kept : &o->rows[i - o->buckets].kept;
}

bool par_optimizer_averages(const par_optimizer *o)
{
	return o->spec.average > 0;
}

void par_optimizer_swap_average(par_optimizer *o)
{
	PAR_MUST(o->spec.average > 0, "group %s keeps no averages", o->group);
	for (int i = 0; i < kepts(o); i++)
		par_kept_swap_average(kept_of(o, i));
	o->averaged = !o->averaged;
	show(o);
}

void par_optimizer_renew(par_optimizer *o)
{
	PAR_MUST(!o->averaged, "the averages of group %s stand in", o->group);
	for (int i = 0; i < kepts(o); i++) {
		par_kept *k = kept_of(o, i);
		size_t bytes = (size_t)k->n * sizeof(float);
		if (k->average)
			memcpy(k->weights, k->average, bytes);
		if (k->first)
			memset(k->first, 0, bytes);
		if (k->second)
			memset(k->second, 0, bytes);
	}
	o->steps = 0;
	show(o);
}

/* buffers of the group, one behind the other */
static par_param *next_buffer(const par_optimizer *o, int *i)
{
	while (*i < par_graph_params(o->graph)) {
		par_param *p = par_graph_param(o->graph, (*i)++);
		if (par_optimizer_owns(o, p, PAR_PARAM_BUFFER))
			return p;
	}
	return NULL;
}

static int64_t buffer_floats(const par_optimizer *o)
{
	int64_t n = 0;
	int i = 0;
	for (const par_param *p; (p = next_buffer(o, &i));)
		n += p->n;
	return n;
}

static par_err remember_buffers(par_optimizer *o)
{
	int i = 0;
	if (!o->best_buffers)
		o->best_buffers = calloc((size_t)buffer_floats(o) + 1, sizeof(float));
	if (!o->best_buffers)
		return par_fail(PAR_E_MEMORY, "no memory to keep buffers");
	float *to = o->best_buffers;
	for (const par_param *p; (p = next_buffer(o, &i)); to += p->n)
		memcpy(to, p->weights, (size_t)p->n * sizeof *to);
	return PAR_OK;
}

par_err par_optimizer_remember(par_optimizer *o)
{
	par_err e = remember_buffers(o);
	for (int i = 0; i < kepts(o) && e == PAR_OK; i++) {
		par_kept *k = kept_of(o, i);
		e = par_kept_want_best(k);
		if (e == PAR_OK)
			memcpy(k->best, k->weights, (size_t)k->n * sizeof *k->best);
	}
	return par_agree(o->world, e);
}

void par_optimizer_recall(par_optimizer *o)
{
	int b = 0;
	const float *from = o->best_buffers;
	for (const par_param *p; (p = next_buffer(o, &b)); from += p->n)
		memcpy(p->weights, from, (size_t)p->n * sizeof *from);
	for (int i = 0; i < kepts(o); i++) {
		par_kept *k = kept_of(o, i);
		memcpy(k->weights, k->best, (size_t)k->n * sizeof *k->weights);
	}
	show(o);
}

/* a buffer stands whole on every rank; rank 0 brings it */
static int list_buffer(const par_optimizer *o, const par_param *p, par_optimizer_part *part)
{
	int i = 0;
	float *best = o->best_buffers;
	int64_t lo = o->world->rank == 0 ? 0 : p->n;
	part[0] = (par_optimizer_part){"", lo, p->n, p->weights};
	for (const par_param *q; best && (q = next_buffer(o, &i)) != p;)
		best += q->n; /* q is never NULL: p is in the list */
	part[1] = (par_optimizer_part){"best", lo, p->n, best};
	return best ? 2 : 1;
}

static int list_parts(
    par_optimizer_part *part, const par_kept *k, int64_t at, int64_t lo, int64_t hi)
{
	float *const all[PAR_OPTIMIZER_PARTS] = {
	    k->weights, k->first, k->second, k->average, k->best};
	static const char *const name[] = {"", "first", "second", "average", "best"};
	int n = 0;
	for (int i = 0; i < PAR_OPTIMIZER_PARTS; i++)
		if (all[i])
			part[n++] = (par_optimizer_part){
			    name[i], lo, hi, lo < hi ? all[i] + at : all[i]};
	return n;
}

int par_optimizer_parts(
    par_optimizer *o, const par_param *p, par_optimizer_part part[PAR_OPTIMIZER_PARTS])
{
	for (int i = 0; i < o->tables; i++)
		if (o->rows[i].param == p)
			return list_parts(part, &o->rows[i].kept, 0, p->row_lo * p->shape[1],
			    p->row_hi * p->shape[1]);
	if (par_optimizer_owns(o, p, PAR_PARAM_BUFFER))
		return list_buffer(o, p, part);
	if (!par_optimizer_owns(o, p, PAR_PARAM_DENSE))
		return 0;
	int64_t lo, hi;
	par_bucket *b = par_optimizer_bucket(o, p);
	for (int i = 0; i < b->places; i++)
		if (b->place[i].param == p) {
			par_bucket_mine(b, &b->place[i], &lo, &hi);
			return list_parts(part, &b->kept, b->place[i].at + lo - b->lo, lo, hi);
		}
	return 0;
}

par_optimizer_bytes par_optimizer_memory(const par_optimizer *o)
{
	par_optimizer_bytes m = {0};
	for (int i = 0; i < o->buckets; i++) {
		const par_bucket *b = &o->bucket[i];
		bool window = !b->rests || b == o->widest;
		size_t shown = window ? (size_t)b->n * sizeof(float) / (size_t)o->world->node_size
				      : 0;
		size_t sums = par_reduce_bytes(b->sum), mine = (size_t)b->kept.n * sizeof(float);
		m.weights += mine + shown;
		m.gradients += (sums > shown ? sums - shown : 0) + (b->rests ? mine : 0);
		m.state += par_kept_bytes(&b->kept);
	}
	for (int i = 0; i < o->tables; i++) {
		m.weights += (size_t)o->rows[i].kept.n * sizeof(float);
		m.state += par_kept_bytes(&o->rows[i].kept);
	}
	return m;
}

const char *par_optimizer_how(const par_optimizer *o)
{
	return o->how;
}

void par_optimizer_set(par_optimizer *o, const par_param *p, const float *value)
{
	par_optimizer_part part[PAR_OPTIMIZER_PARTS];
	int parts = par_optimizer_parts(o, p, part);
	for (int k = 0; k < parts; k++)
		if (!*part[k].part || strcmp(part[k].part, "average") == 0)
			memcpy(part[k].here, value + part[k].lo,
			    (size_t)(part[k].hi - part[k].lo) * sizeof *value);
}
