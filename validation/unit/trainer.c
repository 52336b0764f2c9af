/* np: 1 2 3 4 */
#include "train/trainer.h"

#include "../tap.h"
#include "base/rng.h"
#include "grad/layers.h"
#include "scratch.h"
#include "train/state.h"

#include <math.h>
#include <signal.h>
#include <string.h>

/* A line through noisy points, few of them: more steps fit the noise, and what a held-out set says
 * gets worse again. */
enum { SAMPLES = 24, BATCH = 12, IN = 16, STEPS = 400 };

typedef struct {
	par_graph *graph;
	par_optimizer *optimizer;
	par_feed *train, *check;
	par_value input[2], loss;
	int pass, answer;
	int64_t told, stop_at;
} model;

static float noise(uint32_t stream, int64_t i)
{
	return (float)par_rng_normal((par_rng){77, stream, 0}, i);
}

/* all on the last rank */
static par_feed *feed_of(const par_world *w, uint32_t stream, par_sampler order)
{
	static const par_field field[] = {{.name = "x", .type = PAR_F32, .nd = 1, .shape = {IN}},
	    {.name = "y", .type = PAR_F32, .nd = 1, .shape = {1}}};
	par_feed *f;
	float x[64 * IN], y[64];
	for (int64_t i = 0; i < order.n; i++) {
		for (int64_t j = 0; j < IN; j++)
			x[i * IN + j] = noise(stream, i * IN + j);
		y[i] = x[i * IN] + 2 * noise(stream + 1, i);
	}
	if (par_feed_memory(&f, w, 2, field, &order) != PAR_OK)
		return NULL;
	int64_t rows = w->rank == w->size - 1 ? order.n : 0;
	par_feed_put(f, 0, 0, rows, x);
	par_feed_put(f, 1, 0, rows, y);
	return f;
}

static bool open_model(model *m, const par_world *w)
{
	par_graph *g;
	par_optimizer_spec adam = {.rule = PAR_ADAM, .average = 0.9};
	if (par_graph_open(&g, &(par_graph_spec){.world = w, .batch = BATCH}) != PAR_OK)
		return false;
	par_value x = par_graph_input(g, "x", PAR_F32, 1, (int64_t[]){IN});
	par_value y = par_graph_input(g, "y", PAR_F32, 1, (int64_t[]){1});
	par_value h = par_linear(
	    g, x, &(par_linear_spec){.name = "line", .out = 1, .init = PAR_FIRST_ZERO});
	*m = (model){.graph = g, .input = {x, y}, .loss = par_loss_mse(g, h, y)};
	m->pass = par_graph_pass(g, m->loss, "model");
	m->answer = par_graph_answer(g, 1, &m->loss);
	m->train = feed_of(w, 1, (par_sampler){.n = SAMPLES, .batch = BATCH, .shuffle = true});
	m->check = feed_of(w, 3, (par_sampler){.n = 61, .batch = BATCH});
	return par_graph_plan(g) == PAR_OK && m->train && m->check &&
	       par_optimizer_open(&m->optimizer, g, "model", &adam) == PAR_OK;
}

static void close_model(model *m)
{
	par_feed_close(m->train);
	par_feed_close(m->check);
	par_optimizer_close(m->optimizer);
	par_graph_close(m->graph);
}

static void measure_loss(void *ctx, int64_t samples, par_exact *sum)
{
	const model *m = ctx;
	const float *loss = par_graph_at(m->graph, m->loss);
	for (int64_t i = 0; i < samples; i++)
		par_exact_add(sum, (double)loss[i]);
}

static par_evaluation check_of(model *m)
{
	return (par_evaluation){.graph = m->graph,
	    .answer = m->answer,
	    .feed = m->check,
	    .input = m->input,
	    .metrics = 1,
	    .measure = measure_loss,
	    .ctx = m};
}

static void listen(void *ctx, int64_t step, const par_report *line)
{
	model *m = ctx;
	m->told += line != NULL;
	if (m->stop_at > 0 && step >= m->stop_at)
		raise(SIGUSR1);
}

static par_training training_of(model *m, const par_evaluation *check)
{
	return (par_training){.graph = m->graph,
	    .turns = 1,
	    .turn = {{m->pass, m->loss, m->optimizer, {.rate = 0.05}}},
	    .feed = m->train,
	    .input = m->input,
	    .steps = STEPS,
	    .validation = check,
	    .note = "line",
	    .seconds = 3600,
	    .progress = listen,
	    .ctx = m};
}

/* the mean over held-out samples, summed by one loop over all of them */
static double by_hand(const model *m)
{
	const float *weight = par_graph_find(m->graph, "line/weight")->weights;
	const float *bias = par_graph_find(m->graph, "line/bias")->weights;
	double sum = 0;
	for (int64_t i = 0; i < 61; i++) {
		double y = (double)*bias;
		for (int64_t j = 0; j < IN; j++)
			y += (double)weight[j] * (double)noise(3, i * IN + j);
		y -= (double)noise(3, i * IN) + 2 * (double)noise(4, i);
		sum += y * y;
	}
	return sum / 61;
}

static void stops_early(const par_world *w)
{
	model m;
	par_history h;
	double now = 0;
	if (!open_model(&m, w))
		return;
	par_evaluation check = check_of(&m);
	par_training t = training_of(&m, &check);
	t.patience = 5;
	par_err e = par_train(&t, &h);
	const par_report *best = h.line + h.best;
	ok(e == PAR_OK && h.step < STEPS && h.best == h.lines - 1 - 5 && m.told == h.lines,
	    "training ends 5 reports after the best (line %lld of %lld)", (long long)h.best,
	    (long long)h.lines);
	ok(h.line[0].step == SAMPLES / BATCH && h.line[0].rate == 0.05,
	    "... a report comes once an epoch");
	ok(best->validation[0] < h.line[h.lines - 1].validation[0] &&
		best->loss > h.line[h.lines - 1].loss,
	    "... while the training loss still falls");
	e = par_evaluate(&check, &now);
	ok(e == PAR_OK && now == best->validation[0], "... the weights of the best are back");
	ok(fabs(now - by_hand(&m)) < 1e-5,
	    "... whose mean over held-out samples is the one by hand");
	par_history_drop(&h);
	close_model(&m);
}

static void gives_up(const par_world *w)
{
	model m;
	par_history h;
	if (!open_model(&m, w))
		return;
	par_training t = training_of(&m, NULL);
	t.report = 7;
	t.turn[0].schedule.rate = HUGE_VAL;
	par_err e = par_train(&t, &h);
	ok(e == PAR_E_NUMERIC && h.skipped == 100 && h.step < STEPS,
	    "a rate that blows up ends training after 100 skipped steps (%lld of %lld)",
	    (long long)h.skipped, (long long)h.step);
	par_history_drop(&h);
	close_model(&m);
}

static bool same_parts(model *a, model *b, bool all)
{
	bool same = true;
	par_optimizer_part p[PAR_OPTIMIZER_PARTS], q[PAR_OPTIMIZER_PARTS];
	for (int i = 0; i < par_graph_params(a->graph); i++) {
		int n = par_optimizer_parts(a->optimizer, par_graph_param(a->graph, i), p);
		int k = par_optimizer_parts(b->optimizer, par_graph_param(b->graph, i), q);
		same = same && n == k;
		for (int j = 0; j < n && same && (all || j == 0); j++)
			same = memcmp(p[j].here, q[j].here,
				   (size_t)(p[j].hi - p[j].lo) * sizeof(float)) == 0;
	}
	return same;
}

static bool has_shape(const par_store *s, const char *name, int64_t a, int64_t b)
{
	int64_t extent[PAR_STORE_RANK];
	int rank = par_store_shape(s, name, extent);
	return rank == (b ? 2 : 1) && extent[0] == a && (!b || extent[1] == b);
}

static void writes_model(const par_world *w)
{
	model m, other;
	par_history h;
	par_store *s = NULL;
	const char *path = scratch_path("model.h5");
	if (!open_model(&m, w) || !open_model(&other, w))
		return;
	par_training t = training_of(&m, NULL);
	t.steps = 9;
	par_err e = par_train(&t, &h);
	par_state state = {m.graph, 1, &m.optimizer}, into = {other.graph, 1, &other.optimizer};
	if (e == PAR_OK)
		e = par_store_create(&s, w, path, PAR_MODEL_FORMAT, PAR_MODEL_VERSION, 0);
	if (e == PAR_OK) {
		e = par_state_put(&state, s, h.step);
		e = par_store_publish(s, e);
	}
	int64_t step = 0;
	if (e == PAR_OK)
		e = par_store_open(&s, w, path, PAR_MODEL_FORMAT, PAR_MODEL_VERSION);
	ok(e == PAR_OK && has_shape(s, "line.weight", IN, 1) && has_shape(s, "line.bias", 1, 0) &&
		has_shape(s, "line.weight.second", IN, 1),
	    "a model file has every parameter and moment in its own shape (%s)",
	    e == PAR_OK ? "written" : par_err_why());
	if (e == PAR_OK)
		e = par_store_get_attr_int(s, NULL, "step", &step);
	ok(e == PAR_OK && step == 9, "... and the step");
	bool apart = by_hand(&m) != by_hand(&other);
	if (e == PAR_OK)
		e = par_state_get(&into, s);
	ok(e == PAR_OK && apart && same_parts(&m, &other, false) && by_hand(&m) == by_hand(&other),
	    "... another model takes its weights over");
	par_store_close(s);
	par_history_drop(&h);
	close_model(&m);
	close_model(&other);
	scratch_empty();
}

/* ---- turns that wait ---- */

typedef struct {
	par_graph *graph;
	par_feed *feed;
	par_value input[2], loss[2];
	par_optimizer *optimizer[2];
	int pass[2];
} pair;

/* two lines through the same points */
static bool open_pair(pair *p, const par_world *w)
{
	static const char *const name[] = {"often", "rarely"};
	*p = (pair){0};
	if (par_graph_open(&p->graph, &(par_graph_spec){.world = w, .batch = BATCH}) != PAR_OK)
		return false;
	p->input[0] = par_graph_input(p->graph, "x", PAR_F32, 1, (int64_t[]){IN});
	p->input[1] = par_graph_input(p->graph, "y", PAR_F32, 1, (int64_t[]){1});
	for (int k = 0; k < 2; k++) {
		par_graph_group(p->graph, name[k]);
		par_value h = par_linear(
		    p->graph, p->input[0], &(par_linear_spec){.name = name[k], .out = 1});
		p->loss[k] = par_loss_mse(p->graph, h, p->input[1]);
		p->pass[k] = par_graph_pass(p->graph, p->loss[k], name[k]);
	}
	p->feed = feed_of(w, 1, (par_sampler){.n = SAMPLES, .batch = BATCH, .shuffle = true});
	bool made = p->feed && par_graph_plan(p->graph) == PAR_OK;
	for (int k = 0; made && k < 2; k++)
		made = par_optimizer_open(&p->optimizer[k], p->graph, name[k],
			   &(par_optimizer_spec){.rule = PAR_ADAM}) == PAR_OK;
	return made;
}

static void close_pair(pair *p)
{
	par_feed_close(p->feed);
	for (int k = 0; k < 2; k++)
		par_optimizer_close(p->optimizer[k]);
	par_graph_close(p->graph);
}

static par_err train_pair(
    pair *p, int64_t steps, int every, const par_schedule *s, const char *checkpoint, bool resume)
{
	par_history h;
	par_training t = {.graph = p->graph,
	    .turns = 2,
	    .turn = {{p->pass[0], p->loss[0], p->optimizer[0], {.rate = 0.01}, 0},
		{p->pass[1], p->loss[1], p->optimizer[1], *s, every}},
	    .feed = p->feed,
	    .input = p->input,
	    .steps = steps,
	    .checkpoint = checkpoint,
	    .note = "pair",
	    .seconds = 3600,
	    .resume = resume,
	    .at_end = true};
	par_err e = par_train(&t, &h);
	par_history_drop(&h);
	return e;
}

static bool same_pair(const pair *a, const pair *b, int k)
{
	static const char *const name[] = {"often/weight", "rarely/weight"};
	return memcmp(par_graph_find(a->graph, name[k])->weights,
		   par_graph_find(b->graph, name[k])->weights, IN * sizeof(float)) == 0;
}

static void takes_turns(const par_world *w)
{
	/* a rate of 0 from step 5 on */
	static const par_schedule steady = {.rate = 0.01},
				  once = {.kind = PAR_RATE_STEPS, .rate = 0.01, .every = 5};
	pair all, few, cut;
	const char *name = scratch_path("turns");
	if (!open_pair(&all, w) || !open_pair(&few, w) || !open_pair(&cut, w))
		return;
	par_err e = train_pair(&all, 12, 5, &steady, NULL, false);
	ok(e == PAR_OK && par_optimizer_steps(all.optimizer[0]) == 12 &&
		par_optimizer_steps(all.optimizer[1]) == 2,
	    "of 12 steps a turn of each fifth takes two");
	e = train_pair(&few, 4, 5, &steady, NULL, false);
	ok(e == PAR_OK && par_optimizer_steps(few.optimizer[1]) == 0,
	    "the first of them with the fifth step");
	e = train_pair(&cut, 7, 5, &steady, name, false);
	ok(e == PAR_OK && !same_pair(&all, &cut, 0), "seven are not twelve");
	close_pair(&cut);
	bool made = open_pair(&cut, w);
	e = made ? train_pair(&cut, 12, 5, &steady, name, true) : PAR_E_MEMORY;
	ok(e == PAR_OK && same_pair(&all, &cut, 0) && same_pair(&all, &cut, 1) &&
		par_optimizer_steps(cut.optimizer[1]) == 2,
	    "gone on with after seven, the twelve have the same bits");
	close_pair(&all);
	close_pair(&few);
	made = made && open_pair(&all, w) && open_pair(&few, w) &&
	       train_pair(&all, 5, 5, &once, NULL, false) == PAR_OK &&
	       train_pair(&few, 10, 5, &once, NULL, false) == PAR_OK;
	ok(made && par_optimizer_steps(few.optimizer[1]) == 2 && same_pair(&all, &few, 1),
	    "its rate goes by steps, not by turns");
	close_pair(&all);
	close_pair(&few);
	close_pair(&cut);
}

/* last: a request to stop stands until the program ends */
static void stops_and_resumes(const par_world *w)
{
	model m, other;
	par_history h, again;
	const char *name = scratch_path("run");
	if (!open_model(&m, w) || !open_model(&other, w))
		return;
	par_evaluation check = check_of(&m);
	par_training t = training_of(&m, &check);
	t.checkpoint = name;
	t.patience = 300;
	t.seconds = 0; /* the clock is looked at after every step */
	m.stop_at = w->rank == w->size - 1 ? 5 : 0;
	par_err e = par_train(&t, &h);
	ok(e == PAR_E_AGAIN && h.step >= 5 && h.step < STEPS && strstr(par_err_why(), "--resume"),
	    "a stop asked of one rank ends all with a checkpoint (step %lld)", (long long)h.step);
	par_evaluation other_check = check_of(&other);
	par_training u = training_of(&other, &other_check);
	u.checkpoint = name;
	u.patience = 300;
	u.resume = true;
	u.steps = h.step;
	e = par_train(&u, &again);
	ok(e == PAR_OK && again.step == h.step && again.lines == h.lines && again.best == h.best &&
		memcmp(h.line, again.line, (size_t)h.lines * sizeof *h.line) == 0,
	    "a resumed run has the history of the one before");
	par_optimizer_recall(m.optimizer);
	ok(same_parts(&m, &other, true) &&
		par_optimizer_steps(m.optimizer) == par_optimizer_steps(other.optimizer),
	    "... its weights, the best of them, moments and averages");
	u.note = "another";
	par_history_drop(&again);
	ok(par_train(&u, &again) == PAR_E_CONFIG, "other settings do not resume it");
	par_history_drop(&h);
	par_history_drop(&again);
	close_model(&m);
	close_model(&other);
}

static void ends_once(const par_world *w)
{
	model m, other;
	par_history h = {0}, again = {0};
	if (!open_model(&m, w) || !open_model(&other, w))
		return;
	par_training t = training_of(&m, NULL), u = training_of(&other, NULL);
	t.checkpoint = u.checkpoint = scratch_path("ended");
	t.steps = u.steps = 1; /* the clock is not looked at */
	t.at_end = u.at_end = u.resume = true;
	par_err e = par_train(&t, &h);
	if (e == PAR_OK)
		e = par_train(&u, &again);
	ok(e == PAR_OK && h.began == 0 && again.began == 1 && again.step == 1 &&
		same_parts(&m, &other, true),
	    "a run whose end was saved is whole again without a step");
	par_history_drop(&h);
	par_history_drop(&again);
	close_model(&m);
	close_model(&other);
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	par_stop_catch();
	par_world w;
	ok(par_world_open(&w, MPI_COMM_WORLD) == PAR_OK, "a world opens");
	scratch_begin();
	stops_early(&w);
	gives_up(&w);
	writes_model(&w);
	ends_once(&w);
	takes_turns(&w);
	stops_and_resumes(&w);
	scratch_end();
	par_world_close(&w);
	return tap_end();
}
