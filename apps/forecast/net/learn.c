#include "forecast/net/learn.h"

#include "tensor/map.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DRAWS 0x6e657464 /* the stream of windows */
#define WARMUP 0.03      /* of the steps */
#define LAST 0.01        /* of the highest rate */
#define REPORTS 10

/* logarithm of a mean in units of the scale: what lies beyond is a network gone astray */
#define LOWEST (-8.0f)
#define HIGHEST 4.0f

par_err learn_open(learner *l, const window_kind *k, const network_spec *spec)
{
	static const par_optimizer_spec rule = {.rule = PAR_ADAMW,
	    .beta1 = 0.9,
	    .beta2 = 0.98,
	    .decay = 0.01,
	    .clip = 1,
	    .average = 0.99875,
	    .average_ramps = true};
	*l = (learner){.kind = k, .seed = spec->seed};
	PAR_TRY(network_open(&l->net, k, spec));
	return par_optimizer_open(&l->optimizer, l->net.graph, "model", &rule);
}

void learn_close(learner *l)
{
	if (l->optimizer)
		par_optimizer_close(l->optimizer);
	network_close(&l->net);
	*l = (learner){0};
}

typedef struct {
	const window_kind *kind;
	const draw *draw;
	par_rng rng;
	int64_t origin; /* of a forecast */
} source;

static void make_drawn(void *ctx, int64_t sample, void *const field[])
{
	const source *s = ctx;
	int64_t series, origin;
	draw_at(s->draw, s->rng, sample, &series, &origin);
	history_series of = history_at(s->kind->h, series);
	window w = network_window(field);
	window_make(s->kind, &of, origin, &w);
}

static par_err train(learner *l, const learn_phase *p, par_feed *feed)
{
	par_training t = {.graph = l->net.graph,
	    .pass = l->net.train,
	    .loss = l->net.loss,
	    .optimizer = l->optimizer,
	    .feed = feed,
	    .input = l->net.input,
	    .schedule = {.kind = PAR_RATE_COSINE,
		.rate = p->rate,
		.warmup = (int64_t)(WARMUP * (double)p->steps),
		.steps = p->steps,
		.last = LAST},
	    .steps = p->steps,
	    .report = p->steps / REPORTS > 0 ? p->steps / REPORTS : 1,
	    .checkpoint = p->checkpoint,
	    .note = p->note,
	    .seconds = p->seconds,
	    .resume = p->resume,
	    .at_end = true,
	    .progress = p->progress,
	    .ctx = p->ctx};
	par_history h = {0};
	par_err e = par_train(&t, &h);
	l->made += h.step - h.began;
	l->running += h.running;
	l->saving += h.saving;
	par_history_drop(&h);
	return e;
}

par_err learn_train(learner *l, const learn_phase *p)
{
	const par_world *w = l->kind->h->of->world;
	int64_t batch = par_graph_shards(l->net.graph)->batch;
	draw d = {0};
	par_feed *feed = NULL;
	par_err e = par_agree(w, draw_open(&d, l->kind, p->until));
	if (l->phases > 0)
		par_optimizer_renew(l->optimizer);
	source s = {l->kind, &d, {l->seed, DRAWS, (uint32_t)l->phases++}, 0};
	par_sampler order = {.n = p->steps * batch, .batch = batch};
	if (e == PAR_OK)
		e = par_feed_made(&feed, w, NETWORK_FIELDS, l->net.field, &order, make_drawn, &s);
	if (e == PAR_OK)
		e = train(l, p, feed);
	par_feed_close(feed);
	draw_close(&d);
	return e;
}

static void make_at_origin(void *ctx, int64_t sample, void *const field[])
{
	const source *s = ctx;
	history_series of = history_at(s->kind->h, sample);
	window w = network_window(field);
	window_make(s->kind, &of, s->origin, &w);
}

/* my windows of a batch become means of their series */
static void take(const learner *l, int64_t origin, int64_t first, int64_t n, float *mean)
{
	const window_kind *k = l->kind;
	const float *log_mean = par_graph_at(l->net.graph, l->net.log_mean);
	for (int64_t i = 0; i < n; i++, mean += k->horizon, log_mean += k->horizon) {
		history_series s = history_at(k->h, first + i);
		float scale = (float)window_scale(k, &s, origin);
		const uint8_t *closed = k->c->closed + k->c->class_of[s.market] * k->c->periods +
					origin + 1;
		for (int h = 0; h < k->horizon; h++)
			mean[h] = fminf(fmaxf(log_mean[h], LOWEST), HIGHEST);
		par_map_exp(k->horizon, mean, mean);
		for (int h = 0; h < k->horizon; h++)
			mean[h] *= closed[h] ? 0 : scale;
	}
}

static par_err forecast_batch(
    learner *l, par_feed *feed, int64_t origin, int64_t step, float *mine, par_shared *mean)
{
	const par_shards *s = par_graph_shards(l->net.graph);
	const par_sampler *order = par_feed_order(feed);
	int64_t count = par_sampler_count(order, step), first = step * order->batch + s->lo;
	int64_t n = (count < s->hi ? count : s->hi) - s->lo;
	n = n > 0 ? n : 0;
	par_graph_step(l->net.graph, 0, count);
	PAR_TRY(par_feed_fill(feed, l->net.graph, l->net.input, step));
	par_graph_forward(l->net.graph, l->net.answer);
	take(l, origin, first, n, mine);
	size_t row = (size_t)l->kind->horizon * sizeof *mine;
	par_shared_put(mean, n > 0 ? (size_t)first * row : 0, (size_t)n * row, mine);
	par_world_alive();
	return PAR_OK;
}

par_err learn_forecast(learner *l, int64_t origin, par_shared *mean)
{
	const par_world *w = l->kind->h->of->world;
	const par_shards *shards = par_graph_shards(l->net.graph);
	par_sampler order = {.n = l->kind->h->kept, .batch = shards->batch};
	source s = {.kind = l->kind, .origin = origin};
	par_feed *feed = NULL;
	float *mine = malloc(
	    (size_t)((shards->hi - shards->lo) * l->kind->horizon) * sizeof *mine + 1);
	par_err e = par_agree(w, mine ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory to forecast"));
	if (e == PAR_OK)
		e = par_feed_made(
		    &feed, w, NETWORK_FIELDS, l->net.field, &order, make_at_origin, &s);
	par_optimizer_swap_average(l->optimizer);
	for (int64_t k = 0; e == PAR_OK && k < par_sampler_steps(&order); k++)
		e = forecast_batch(l, feed, origin, k, mine, mean);
	par_optimizer_swap_average(l->optimizer);
	par_feed_close(feed);
	free(mine);
	return e;
}

/* ---- what is learnt, apart from the learner ---- */

int64_t learn_weights(const learner *l)
{
	int64_t n = 0;
	for (int i = 0; i < par_graph_params(l->net.graph); i++)
		n += par_graph_param(l->net.graph, i)->n;
	return n;
}

void learn_take(learner *l, float *out)
{
	par_optimizer_swap_average(l->optimizer);
	for (int i = 0; i < par_graph_params(l->net.graph); i++) {
		const par_param *p = par_graph_param(l->net.graph, i);
		memcpy(out, p->weights, (size_t)p->n * sizeof *out);
		out += p->n;
	}
	par_optimizer_swap_average(l->optimizer);
}

void learn_give(learner *l, const float *from)
{
	par_optimizer_part part[PAR_OPTIMIZER_PARTS];
	for (int i = 0; i < par_graph_params(l->net.graph); i++) {
		const par_param *p = par_graph_param(l->net.graph, i);
		int parts = par_optimizer_parts(l->optimizer, p, part);
		for (int k = 0; k < parts; k++)
			if (strcmp(part[k].part, "average") == 0)
				memcpy(part[k].here, from + part[k].lo,
				    (size_t)(part[k].hi - part[k].lo) * sizeof *from);
		from += p->n;
	}
	par_optimizer_renew(l->optimizer);
}
