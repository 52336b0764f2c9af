/* Learn: the network trained on windows of the past.
 *
 * AdamW with a cosine schedule (Loshchilov and Hutter 2017, 2019) and an exponential average of the weights, which is
 * what forecasts (net/expect.h). */
#ifndef APPS_FORECAST_NET_LEARN_H
#define APPS_FORECAST_NET_LEARN_H

#include "forecast/net/draw.h"
#include "forecast/net/network.h"
#include "train/trainer.h"

typedef struct {
	const window_kind *kind; /* borrowed */
	network net;
	par_optimizer *optimizer;
	uint64_t seed;
	int phases;  /* trained so far */
	int members; /* networks that forecast together: the mean of their means */
	const float *
	    member; /* borrowed: [members][learn_weights()]; NULL: one, the averaged weights as trained */
	/* of this run, since it was opened: steps made, seconds of them, and of those on checkpoints */
	int64_t made;
	double running, saving;
} learner;

/* what is told of a phase now and then, on every rank */
typedef void (*learn_progress)(void *ctx, int64_t step, const par_report *line);

typedef struct {
	int64_t steps;
	double rate;   /* the highest */
	int64_t until; /* only periods before this are learnt from */
	learn_progress progress;
	void *ctx;
	/* as in train/trainer.h; the end is saved too */
	const char *checkpoint, *note;
	double seconds;
	bool resume;
} learn_phase;

/* collective | a network with first weights; learn_close releases it, also after a failure. fails: PAR_E_MEMORY */
par_err learn_open(learner *l, const window_kind *k, const network_spec *spec);
void learn_close(learner *l);

/* collective | train; a later phase goes on from the averaged weights. A phase that is resumed at its end trains no
 * more. fails: as par_train, draw_open */
par_err learn_train(learner *l, const learn_phase *p);

/* What is learnt, apart from the learner: the averaged weights of all parameters, one behind the other. */
/* local | how many */
int64_t learn_weights(const learner *l);
/* collective | out[learn_weights()], equal on every rank */
void learn_take(learner *l, float *out);
/* collective | the weights and their averages become these, equal on every rank; training begins anew from there */
void learn_give(learner *l, const float *from);

/* Asking: begin, then batches of every member in turn, then end. Of several members it leaves the last one's weights,
 * as learn_give does. */
/* collective */
void learn_ask(learner *l);
void learn_asked(learner *l);
/* collective | the windows of a batch of the feed, `count` of them, answered by a member; then the graph's log_mean
 * stands. fails: as par_feed_fill */
par_err learn_answer(learner *l, int member, par_feed *feed, int64_t batch, int64_t count);

#endif
