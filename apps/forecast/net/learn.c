#include "forecast/net/learn.h"

#include <string.h>

#define DRAWS 0x6e657464 /* the stream of windows */
#define WARMUP 0.03      /* of the steps */
#define LAST 0.01        /* of the highest rate */
#define REPORTS 10

par_err learn_open(learner *l, const window_kind *k, const network_spec *spec)
{
	static const par_optimizer_spec rule = {.rule = PAR_ADAMW,
	    .beta1 = 0.9,
	    .beta2 = 0.98,
	    .decay = 0.01,
	    .clip = 1,
	    .average = 0.99875,
	    .average_ramps = true};
	*l = (learner){.kind = k, .seed = spec->seed, .members = 1};
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
	par_schedule schedule = {.kind = PAR_RATE_COSINE,
	    .rate = p->rate,
	    .warmup = (int64_t)(WARMUP * (double)p->steps),
	    .steps = p->steps,
	    .last = LAST};
	par_training t = {.graph = l->net.graph,
	    .turns = 1,
	    .turn = {{l->net.train, l->net.loss, l->optimizer, schedule}},
	    .feed = feed,
	    .input = l->net.input,
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
	source s = {l->kind, &d, {l->seed, DRAWS, (uint32_t)l->phases++}};
	par_sampler order = {.n = p->steps * batch, .batch = batch};
	if (e == PAR_OK)
		e = par_feed_made(&feed, w, NETWORK_FIELDS, l->net.field, &order, make_drawn, &s);
	if (e == PAR_OK)
		e = train(l, p, feed);
	par_feed_close(feed);
	draw_close(&d);
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

/* ---- asking ---- */

void learn_ask(learner *l)
{
	if (!l->member)
		par_optimizer_swap_average(l->optimizer);
}

void learn_asked(learner *l)
{
	learn_ask(l);
}

par_err learn_answer(learner *l, int member, par_feed *feed, int64_t batch, int64_t count)
{
	par_graph *g = l->net.graph;
	if (l->member)
		learn_give(l, l->member + member * learn_weights(l));
	par_graph_step(g, 0, count);
	PAR_TRY(par_feed_fill(feed, g, l->net.input, batch));
	par_graph_forward(g, l->net.answer);
	return PAR_OK;
}
