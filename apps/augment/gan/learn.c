#include "augment/gan/learn.h"

#define LAST 0.02 /* of the rates, at the end */

static par_schedule schedule_of(const gan_lesson *l, double rate)
{
	return (par_schedule){.kind = l->falling > 0 ? PAR_RATE_FALL : PAR_RATE_CONSTANT,
	    .rate = rate,
	    .steps = l->steps,
	    .last = LAST,
	    .falling = l->falling};
}

static par_err train(gan *g, const gan_lesson *l, par_feed *feed)
{
	par_training t = {.graph = g->graph,
	    .turns = 2,
	    .turn = {{g->judge, g->loss_judge, g->judges, schedule_of(l, l->rate_discriminator), 1},
		{g->make, g->loss_make, g->makes, schedule_of(l, l->rate_generator),
		    g->spec.critic}},
	    .feed = feed,
	    .input = g->input,
	    .steps = l->steps,
	    .report = l->report,
	    .measure = l->measure,
	    .average = true,
	    .patience = l->patience,
	    .checkpoint = l->checkpoint,
	    .note = l->note,
	    .seconds = l->seconds,
	    .resume = l->resume,
	    .at_end = true,
	    .progress = l->progress,
	    .ctx = l->ctx};
	par_history h = {0};
	par_err e = par_train(&t, &h);
	par_history_drop(&h);
	if (e == PAR_OK && l->patience == 0)
		par_optimizer_swap_average(g->makes);
	return e;
}

par_err gan_learn(gan *g, const draws *d, const gan_lesson *l)
{
	par_feed *feed = NULL;
	int64_t batch = g->spec.batch;
	par_sampler order = {.n = l->steps * batch, .batch = batch};
	par_err e = par_feed_made(
	    &feed, g->spec.world, GAN_FIELDS, g->field, &order, draws_make, (void *)d);
	if (e == PAR_OK)
		e = train(g, l, feed);
	par_feed_close(feed);
	return e;
}
