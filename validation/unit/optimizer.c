/* np: 1 2 3 4 6 */
#include "train/optimizer.h"

#include "../tap.h"
#include "base/rng.h"
#include "comm/exact.h"
#include "grad/op.h"
#include "train/update.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BATCH 50
#define MOST 8
#define SEED 17

/* ---- an operator that only has parameters: their gradients are known by sample ---- */

typedef struct {
	int n;
	int64_t shape[MOST][2];
	par_param_kind kind[MOST];
	bool rests[MOST], spectral[MOST];
	int poison; /* the step in which one sample's gradient is not finite; -1: never */
} probe_spec;

typedef struct {
	probe_spec spec;
	float left[64], right[64];
	int64_t *id;
	float *row;
} probe;

static float noise(int64_t step, int k, int64_t sample, int64_t i)
{
	par_rng r = {5, (uint32_t)(k * 1000 + sample), (uint32_t)step};
	return (float)par_rng_normal(r, i) * (sample % 3 ? 0.01f : 1);
}

typedef struct {
	const probe_spec *spec;
	int64_t step, n;
	int k;
} part;

static void sum_samples(void *ctx, int64_t lo, int64_t hi, float *out)
{
	const part *p = ctx;
	memset(out, 0, (size_t)p->n * sizeof *out);
	for (int64_t s = lo; s < hi; s++)
		for (int64_t i = 0; i < p->n; i++)
			out[i] += noise(p->step, p->k, s, i);
	if (p->step == p->spec->poison && p->k == 1 && lo <= 20 && 20 < hi)
		out[0] = HUGE_VALF;
}

static void probe_forward(const par_run *r, par_op *op)
{
	memcpy(op->y, op->x[0], (size_t)r->samples * sizeof(float));
}

/* rows 1, 2, 3 and every fifth are looked up; each is the sum over the whole batch */
static bool looked_up(int64_t row)
{
	return (row >= 1 && row <= 3) || row % 5 == 0;
}

static void table_rows(const par_run *r, probe *o, par_param *p)
{
	int64_t n = 0, width = p->shape[1];
	for (int64_t row = p->row_lo; row < p->row_hi; row++) {
		if (!looked_up(row))
			continue;
		for (int64_t j = 0; j < width; j++)
			o->row[n * width + j] = noise(r->step, 99, row, j);
		o->id[n++] = row;
	}
	p->rows = (par_grad_rows){n, o->id, o->row};
}

static void probe_backward(const par_run *r, par_op *op)
{
	probe *o = op->own;
	for (int k = 0; k < op->params; k++) {
		if (op->param[k]->kind == PAR_PARAM_TABLE) {
			table_rows(r, o, op->param[k]);
			continue;
		}
		part sum = {&o->spec, r->step, op->param[k]->n, k};
		par_shards_sum(
		    r->shards, sum_samples, &sum, sum.n, op->param[k]->grad, op->scratch);
	}
}

static par_err probe_plan(par_op *op, const par_shards *s)
{
	probe *o = op->own;
	for (int k = 0; k < op->params; k++) {
		par_param *p = op->param[k];
		p->row_lo = p->shape[0] * s->world->rank / s->world->size;
		p->row_hi = p->shape[0] * (s->world->rank + 1) / s->world->size;
		if (p->kind == PAR_PARAM_TABLE) {
			o->id = calloc((size_t)p->shape[0], sizeof *o->id);
			o->row = calloc((size_t)p->n, sizeof *o->row);
		}
	}
	return PAR_OK;
}

static void probe_close(par_op *op)
{
	free(((probe *)op->own)->id);
	free(((probe *)op->own)->row);
}

static const par_op_kind probe_kind = {.name = "probe",
    .forward = probe_forward,
    .backward = probe_backward,
    .plan = probe_plan,
    .close = probe_close};

/* parameters that rest sharded come one an operator */
static par_value add_probe(par_graph *g, par_value x, const probe_spec *spec, int from, int to)
{
	char part_name[8];
	par_op *op = par_op_new(g, &probe_kind, 1, &x, sizeof(probe));
	probe *o = op->own;
	int64_t most = 0;
	o->spec = *spec;
	for (int i = 0; i < 64; i++) {
		o->left[i] = (float)cos(i);
		o->right[i] = (float)sin(i + 1);
	}
	for (int k = from; k < to; k++) {
		snprintf(part_name, sizeof part_name, "p%d", k);
		par_param *p = par_op_param(
		    op, "probe", part_name, spec->kind[k], 2, spec->shape[k], PAR_INIT_NORMAL, 1);
		p->rests_sharded = spec->rests[k];
		p->spectral = spec->spectral[k];
		p->left = o->left;
		p->right = o->right;
		p->sigma = 1.5f;
		p->decays = k % 2 == 0;
		most = p->n > most ? p->n : most;
	}
	op->scratch_floats = (size_t)par_shards_scratch(par_graph_shards(g)) * (size_t)most;
	return par_op_done(op, PAR_F32, 1, (int64_t[]){1});
}

typedef struct {
	par_graph *graph;
	par_optimizer *optimizer;
	int pass;
} model;

static bool open_model(
    model *m, const par_world *w, const probe_spec *spec, const par_optimizer_spec *rule)
{
	par_graph_open(&m->graph, &(par_graph_spec){.world = w, .batch = BATCH, .seed = SEED});
	par_value x = par_graph_input(m->graph, "x", PAR_F32, 1, (int64_t[]){1});
	x = add_probe(m->graph, x, spec, 0, spec->n);
	m->pass = par_graph_pass(m->graph, x, "model");
	return par_graph_plan(m->graph) == PAR_OK &&
	       par_optimizer_open(&m->optimizer, m->graph, "model", rule) == PAR_OK;
}

static void close_model(model *m)
{
	par_optimizer_close(m->optimizer);
	par_graph_close(m->graph);
}

static bool step(model *m, int64_t number, double lr)
{
	par_graph_step(m->graph, number, BATCH);
	par_graph_forward(m->graph, m->pass);
	par_graph_backward(m->graph, m->pass);
	return par_optimizer_step(m->optimizer, lr);
}

/* ---- the oracle: one rank, whole parameters, one after the other ---- */

typedef struct {
	const probe_spec *spec;
	par_optimizer_spec rule;
	int64_t n[MOST], t;
	float *w[MOST], *m[MOST], *v[MOST], *average[MOST], *g[MOST];
	double norm;
} oracle;

static void open_oracle(
    oracle *o, par_graph *g, const probe_spec *spec, const par_optimizer_spec *rule)
{
	*o = (oracle){.spec = spec, .rule = *rule};
	for (int k = 0; k < spec->n; k++) {
		size_t n = (size_t)(o->n[k] = spec->shape[k][0] * spec->shape[k][1]);
		o->w[k] = calloc(n + 1, sizeof(float));
		o->m[k] = calloc(n + 1, sizeof(float));
		o->v[k] = calloc(n + 1, sizeof(float));
		o->g[k] = calloc(n + 1, sizeof(float));
		o->average[k] = calloc(n + 1, sizeof(float));
		par_param_fill(par_graph_param(g, k), SEED, 0, o->n[k], o->w[k]);
		memcpy(o->average[k], o->w[k], n * sizeof(float));
	}
}

static void close_oracle(oracle *o)
{
	for (int k = 0; k < o->spec->n; k++) {
		free(o->w[k]);
		free(o->m[k]);
		free(o->v[k]);
		free(o->g[k]);
		free(o->average[k]);
	}
}

/* the gradient over all samples, by one rank that holds the whole tree */
static void whole_gradient(oracle *o, int64_t number, int k)
{
	par_world alone = {.size = 1};
	par_shards s;
	par_shards_cut(&s, &alone, BATCH, PAR_SHARDS);
	float *scratch = calloc(
	    (size_t)par_shards_scratch(&s) * (size_t)o->n[k] + 1, sizeof(float));
	part sum = {o->spec, number, o->n[k], k};
	par_shards_sum(&s, sum_samples, &sum, sum.n, &o->g[k], scratch);
	free(scratch);
}

static void table_gradient(oracle *o, int64_t number, int k)
{
	int64_t width = o->spec->shape[k][1];
	for (int64_t i = 0; i < o->n[k]; i++)
		o->g[k][i] = looked_up(i / width) ? noise(number, 99, i / width, i % width) : 0;
}

static void undo_sigma(oracle *o, int k, par_graph *g)
{
	const par_param *p = par_graph_param(g, k);
	int64_t columns = p->shape[1];
	double dot = 0;
	for (int64_t i = 0; i < o->n[k]; i++)
		dot += (double)o->g[k][i] * (double)o->w[k][i] / (double)p->sigma;
	for (int64_t i = 0; i < o->n[k]; i++)
		o->g[k][i] = (float)(((double)o->g[k][i] - dot * (double)p->left[i / columns] *
							       (double)p->right[i % columns]) /
				     (double)p->sigma);
}

static void oracle_gradients(oracle *o, int64_t number, par_graph *g)
{
	double squares = 0;
	for (int k = 0; k < o->spec->n; k++) {
		if (o->spec->kind[k] == PAR_PARAM_TABLE)
			table_gradient(o, number, k);
		else
			whole_gradient(o, number, k);
		if (o->spec->spectral[k])
			undo_sigma(o, k, g);
		for (int64_t i = 0; i < o->n[k]; i++)
			squares += (double)o->g[k][i] * (double)o->g[k][i];
	}
	o->norm = sqrt(squares);
}

static void oracle_row(oracle *o, const par_update *u, int k, int64_t at, int64_t n)
{
	par_update_run(u, n, o->g[k] + at, o->w[k] + at, o->m[k] + at, o->v[k] + at, NULL);
	double most = o->rule.average_ramps ? (double)o->t / ((double)o->t + 9) : 1;
	par_update_average(fmin(o->rule.average, most), n, o->w[k] + at, o->average[k] + at);
}

static void oracle_step(oracle *o, par_graph *g, int64_t number, double lr, double norm)
{
	oracle_gradients(o, number, g);
	if (number == o->spec->poison)
		return;
	o->t++;
	double scale = o->rule.clip > 0 && norm > o->rule.clip ? o->rule.clip / norm : 1;
	for (int k = 0; k < o->spec->n; k++) {
		par_update u = par_update_of(&o->rule, lr, o->t, scale, k % 2 == 0);
		int64_t width = o->spec->shape[k][1];
		bool lazy = o->spec->kind[k] == PAR_PARAM_TABLE && o->rule.lazy_tables;
		for (int64_t row = 0; row < o->spec->shape[k][0]; row++)
			if (!lazy || looked_up(row))
				oracle_row(o, &u, k, row * width, width);
	}
}

/* how far the weights every rank reads are from the oracle's; 0 is the same bits */
static double off(model *m, float *const want[], int n)
{
	double worst = 0;
	for (int k = 0; k < n; k++) {
		const par_param *p = par_graph_param(m->graph, k);
		par_optimizer_part parts[PAR_OPTIMIZER_PARTS];
		par_optimizer_parts(m->optimizer, p, parts);
		bool whole = p->kind == PAR_PARAM_DENSE && !p->rests_sharded;
		int64_t lo = whole ? 0 : parts[0].lo, hi = whole ? p->n : parts[0].hi;
		const float *got = whole ? p->weights : parts[0].here;
		for (int64_t i = lo; i < hi; i++)
			worst = fmax(worst, fabs((double)got[i - lo] - (double)want[k][i]));
	}
	return worst;
}

/* ---- claims ---- */

static const probe_spec plain = {
    .n = 6, .shape = {{1, 1}, {7, 5}, {40, 33}, {1, 10}, {130, 17}, {3, 1}}, .poison = -1};

static void follows(const par_world *w, const char *name, probe_spec spec, par_optimizer_spec rule,
    double tolerance)
{
	model m;
	oracle o;
	double worst = 0, norms = 0, averages = 0;
	bool right = true;
	bool opened = open_model(&m, w, &spec, &rule);
	ok(opened, "%s: opened (%s)", name,
	    opened ? par_optimizer_how(m.optimizer) : par_err_why());
	if (!opened)
		return;
	open_oracle(&o, m.graph, &spec, &rule);
	worst = off(&m, o.w, spec.n);
	for (int64_t t = 0; t < 4; t++) {
		double lr = 0.01 * (double)(t + 1);
		bool done = step(&m, t, lr);
		double norm = par_optimizer_norm(m.optimizer);
		oracle_step(&o, m.graph, t, lr, norm);
		right = right && done == (t != spec.poison);
		if (done)
			norms = fmax(norms, fabs(norm - o.norm) / o.norm);
		worst = fmax(worst, off(&m, o.w, spec.n));
	}
	ok(worst <= tolerance, "... after every step all ranks read one rank's weights (off %.1e)",
	    worst);
	ok(norms < 1e-12 + tolerance, "... the norm is that of the whole gradient (off %.1e)",
	    norms);
	ok(right && par_optimizer_steps(m.optimizer) == o.t,
	    "... a gradient that is not finite stops every rank, and only it");
	if (rule.average > 0) {
		par_optimizer_swap_average(m.optimizer);
		averages = off(&m, o.average, spec.n);
		par_optimizer_swap_average(m.optimizer);
		ok(averages <= tolerance && off(&m, o.w, spec.n) <= tolerance,
		    "... averages stand in for the weights and go again");
	}
	close_oracle(&o);
	close_model(&m);
}

static void remembers(const par_world *w)
{
	model m;
	oracle o;
	par_optimizer_spec rule = {.rule = PAR_MOMENTUM, .momentum = 0.5};
	open_model(&m, w, &plain, &rule);
	open_oracle(&o, m.graph, &plain, &rule);
	step(&m, 0, 0.1);
	oracle_step(&o, m.graph, 0, 0.1, 0);
	bool kept = par_optimizer_remember(m.optimizer) == PAR_OK;
	step(&m, 1, 0.1);
	ok(kept && off(&m, o.w, plain.n) > 0, "a step leaves what was remembered");
	par_optimizer_recall(m.optimizer);
	ok(off(&m, o.w, plain.n) == 0, "... and recalling goes back to it");
	close_oracle(&o);
	close_model(&m);
}

/* the oracle begins anew by hand */
static void renews(const par_world *w)
{
	model m;
	oracle o;
	par_optimizer_spec rule = {.rule = PAR_ADAMW, .decay = 0.1, .average = 0.5};
	open_model(&m, w, &plain, &rule);
	open_oracle(&o, m.graph, &plain, &rule);
	for (int64_t t = 0; t < 2; t++) {
		step(&m, t, 0.1);
		oracle_step(&o, m.graph, t, 0.1, 0);
	}
	par_optimizer_renew(m.optimizer);
	for (int k = 0; k < plain.n; k++) {
		size_t bytes = (size_t)o.n[k] * sizeof(float);
		memcpy(o.w[k], o.average[k], bytes);
		memset(o.m[k], 0, bytes);
		memset(o.v[k], 0, bytes);
	}
	o.t = 0;
	ok(off(&m, o.w, plain.n) == 0 && par_optimizer_steps(m.optimizer) == 0,
	    "a new phase begins at the averages");
	step(&m, 2, 0.1);
	oracle_step(&o, m.graph, 2, 0.1, 0);
	ok(off(&m, o.w, plain.n) == 0, "... with nothing remembered");
	close_oracle(&o);
	close_model(&m);
}

static void refuses(const par_world *w)
{
	model m;
	par_optimizer *o;
	open_model(&m, w, &plain, &(par_optimizer_spec){0});
	ok(par_optimizer_open(&o, m.graph, "nobody", &(par_optimizer_spec){0}) == PAR_E_CONFIG,
	    "a group without parameters is refused");
	ok(par_optimizer_open(&o, m.graph, "model", &(par_optimizer_spec){.average = 1}) ==
		PAR_E_CONFIG,
	    "so is an average that never moves");
	close_model(&m);
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	par_world w;
	ok(par_world_open(&w, MPI_COMM_WORLD) == PAR_OK, "a world opens");
	follows(&w, "SGD", plain, (par_optimizer_spec){.rule = PAR_SGD}, 0);
	par_optimizer_spec adam = {.rule = PAR_ADAM, .l2 = 0.01, .average = 0.9};
	follows(&w, "Adam with averages", plain, adam, 0);
	par_optimizer_spec ramp = adam;
	ramp.average = 0.25;
	ramp.average_ramps = true;
	follows(&w, "Adam with averages that ramp", plain, ramp, 0);
	adam.bucket_bytes = 4096;
	adam.clip = 0.5;
	follows(&w, "Adam, clipped, in small buckets", plain, adam, 0);
	par_optimizer_spec momentum = {.rule = PAR_MOMENTUM, .momentum = 0.9, .bucket_bytes = 1};
	probe_spec poisoned = plain;
	poisoned.poison = 2;
	follows(&w, "momentum with a bad step", poisoned, momentum, 0);
	probe_spec spectral = plain;
	spectral.spectral[1] = spectral.spectral[2] = true;
	follows(&w, "AdamW with spectral norm", spectral,
	    (par_optimizer_spec){.rule = PAR_ADAMW, .decay = 0.1}, 1e-4);
	probe_spec table = plain;
	table.kind[4] = PAR_PARAM_TABLE;
	follows(&w, "Adam with a table", table, adam, 0);
	follows(&w, "SGD with a table", table, (par_optimizer_spec){.rule = PAR_SGD}, 0);
	adam.lazy_tables = true;
	follows(&w, "Adam with a lazy table", table, adam, 0);
	remembers(&w);
	renews(&w);
	refuses(&w);
	par_world_close(&w);
	return tap_end();
}
