#include "common/judge/classifier.h"

#include "comm/shared.h"
#include "train/schedule.h"

#include <stdio.h>
#include <string.h>

#define NARROW 32  /* channels of the first map, twice that of all others */
#define SMALLEST 8 /* side of the last map, at most */

static par_value build_features(classifier *c)
{
	const classifier_spec *s = &c->spec;
	par_value x = c->input[CLASSIFIER_PICTURE];
	int64_t side = s->height > s->width ? s->height : s->width;
	for (int k = 0; k < 2 || side > SMALLEST; k++, side /= 2) {
		char name[32];
		snprintf(name, sizeof name, "conv%d", k + 1);
		x = par_conv2d(c->graph, x,
		    &(par_conv_spec){.name = name,
			.out = k == 0 ? NARROW : 2 * NARROW,
			.kernel = 3,
			.pad = 1,
			.act = PAR_ACT_RELU,
			.pool = 2});
	}
	return par_linear(c->graph, par_flatten(c->graph, x),
	    &(par_linear_spec){.name = "features", .out = CLASSIFIER_FEATURES});
}

static void take_input(
    classifier *c, int k, const char *name, par_dtype type, int nd, const int64_t *shape)
{
	c->input[k] = par_feed_input(&c->field[k], c->graph, name, type, nd, shape);
}

static par_err build(classifier *c)
{
	const classifier_spec *s = &c->spec;
	PAR_TRY(par_graph_open(
	    &c->graph, &(par_graph_spec){.world = s->world, .batch = s->batch, .seed = s->seed}));
	take_input(c, CLASSIFIER_PICTURE, "picture", PAR_F32, 3,
	    (int64_t[]){s->height, s->width, s->channels});
	take_input(c, CLASSIFIER_LABEL, "label", PAR_I32, 1, (int64_t[]){1});
	c->feature = s->see ? s->see(s->ctx, c->graph, c->input[CLASSIFIER_PICTURE])
			    : build_features(c);
	par_value x = s->see ? c->feature : par_activate(c->graph, c->feature, PAR_ACT_RELU);
	c->score = par_linear(c->graph, par_dropout(c->graph, x, s->dropout),
	    &(par_linear_spec){.name = "scores", .out = s->categories});
	c->learn = par_graph_pass(c->graph,
	    par_loss_cross_entropy(c->graph, c->score, c->input[CLASSIFIER_LABEL], s->smoothing),
	    "model");
	c->answer = par_graph_answer(c->graph, 2, (par_value[]){c->feature, c->score});
	return par_graph_plan(c->graph);
}

par_err classifier_open(classifier *c, const classifier_spec *spec)
{
	*c = (classifier){.spec = *spec};
	PAR_TRY(build(c));
	return par_optimizer_open(
	    &c->optimizer, c->graph, "model", &(par_optimizer_spec){.rule = PAR_ADAM});
}

void classifier_close(classifier *c)
{
	if (c->optimizer)
		par_optimizer_close(c->optimizer);
	if (c->graph)
		par_graph_close(c->graph);
	*c = (classifier){0};
}

/* ---- learning ---- */

static par_err learn(classifier *c, const classifier_lesson *l, par_feed *feed)
{
	par_schedule rate = {.kind = PAR_RATE_COSINE, .rate = l->rate, .steps = l->steps};
	for (int64_t step = 0; step < l->steps; step++) {
		PAR_TRY(par_feed_fill(feed, c->graph, c->input, step));
		par_graph_step(c->graph, step, c->spec.batch);
		par_graph_learn(c->graph, c->learn);
		par_optimizer_step(c->optimizer, par_schedule_rate(&rate, step));
		par_world_alive();
	}
	return PAR_OK;
}

par_err classifier_train(classifier *c, const classifier_lesson *l)
{
	par_feed *feed = NULL;
	par_sampler order = {.n = l->steps * c->spec.batch, .batch = c->spec.batch};
	par_err e = par_feed_made(
	    &feed, c->spec.world, CLASSIFIER_FIELDS, c->field, &order, l->make, l->ctx);
	if (e == PAR_OK)
		e = learn(c, l, feed);
	par_feed_close(feed);
	return e;
}

/* ---- answers ---- */

/* a batch's answers, of `each` floats a picture, from my places of it to all of `out` on every rank */
static void hand_out(
    classifier *c, par_value v, int64_t first, int64_t count, par_shared *all, float *out)
{
	const par_shards *s = par_graph_shards(c->graph);
	int64_t each = par_graph_elements(c->graph, v), hi = count < s->hi ? count : s->hi;
	int64_t here = hi > s->lo ? hi - s->lo : 0;
	size_t row = (size_t)each * sizeof *out;
	if (!out)
		return;
	par_shared_put(all, (size_t)s->lo * row, (size_t)here * row, par_graph_at(c->graph, v));
	memcpy(out + first * each, all->window.base, (size_t)count * row);
	par_window_meet(&all->window);
}

static par_err ask(classifier *c, par_feed *feed, par_shared *all, float *features, float *scores)
{
	const par_sampler *order = par_feed_order(feed);
	const par_value wanted[] = {c->input[CLASSIFIER_PICTURE], -1};
	for (int64_t k = 0; k < par_sampler_steps(order); k++) {
		int64_t count = par_sampler_count(order, k);
		PAR_TRY(par_feed_fill(feed, c->graph, wanted, k));
		par_graph_step(c->graph, k, count);
		par_graph_forward(c->graph, c->answer);
		hand_out(c, c->feature, k * order->batch, count, all, features);
		hand_out(c, c->score, k * order->batch, count, all, scores);
		par_world_alive();
	}
	return PAR_OK;
}

par_err classifier_ask(
    classifier *c, int64_t n, par_feed_fn make, void *ctx, float *features, float *scores)
{
	par_feed *feed = NULL;
	par_shared all = {0};
	int64_t batch = c->spec.batch, categories = c->spec.categories;
	int64_t most = categories > CLASSIFIER_FEATURES ? categories : CLASSIFIER_FEATURES;
	par_sampler order = {.n = n, .batch = batch};
	par_err e = par_feed_made(
	    &feed, c->spec.world, CLASSIFIER_FIELDS, c->field, &order, make, ctx);
	if (e == PAR_OK)
		e = par_shared_open(&all, c->spec.world, (size_t)(batch * most) * sizeof(float));
	if (e == PAR_OK)
		e = ask(c, feed, &all, features, scores);
	par_shared_close(&all);
	par_feed_close(feed);
	return e;
}
