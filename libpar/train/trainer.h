/* Trainer: the loop around a model.
 *
 * A step: fill the inputs; forward, backward and update of each of its passes in turn (a GAN has two, of which one may
 * wait for several steps of the other). Every so many steps (an epoch by default) comes
 * a report: the mean training loss since the last, and the means of the validation's metrics. All
 * means are exact sums over samples (comm/exact.h), so a history has the same bits at any number of
 * ranks, and so has a run that was stopped and resumed. Nothing is allocated in a step, and beyond what the
 * graph, the feed and the optimizer do, a step communicates only when the clock is looked at,
 * about four times a second. */
#ifndef PAR_TRAIN_TRAINER_H
#define PAR_TRAIN_TRAINER_H

#include "comm/exact.h"
#include "train/feed.h"
#include "train/optimizer.h"
#include "train/schedule.h"

#define PAR_METRICS 8

/* Means over all samples of a feed, of what a function makes of an answer. */
typedef struct {
	par_graph *graph;
	int answer;             /* pass */
	par_feed *feed;         /* its batch is the graph's */
	const par_value *input; /* by field, as in par_feed_fill */
	int metrics;
	/* local | add this rank's real samples [0, samples) of an answer to sum[0..metrics) */
	void (*measure)(void *ctx, int64_t samples, par_exact *sum);
	void *ctx;
} par_evaluation;

/* collective | run the answer over one epoch of the feed; mean[k] is metric k's sum over the number of
 * samples. fails: as par_feed_fill */
par_err par_evaluate(const par_evaluation *e, double *mean);

/* one line of a run's history */
typedef struct {
	int64_t step;                   /* steps done */
	double rate, loss;              /* of the last step; mean since the report before */
	double validation[PAR_METRICS]; /* means; not set without validation */
} par_report;

/* a pass of a step, and who takes its gradients at which rate */
typedef struct {
	int pass;
	par_value loss;
	par_optimizer *optimizer;
	par_schedule schedule; /* by step, whether the turn is taken or not */
	int every; /* taken in the last of each so many steps, as a GAN's generator after several steps of
		      its critic; 0 or 1: in each */
} par_turn;
#define PAR_TURNS 4

typedef struct {
	par_graph *graph;
	/* 1 or more; what is reported of losses and rates is the first's, which is taken in each step. A turn
	 * finds values of the turns before it: its `every` is a multiple of theirs */
	int turns;
	par_turn turn[PAR_TURNS];
	par_feed *feed;
	const par_value *input;
	int64_t steps;  /* of the whole run */
	int64_t report; /* steps between reports; 0: an epoch */

	const par_evaluation *validation; /* NULL: none */
	/* collective | or whatever else sets metrics, the same on every rank, from `ctx`; NULL: nothing else */
	par_err (*measure)(void *ctx, double metric[PAR_METRICS]);
	bool average; /* validate with the averaged weights of optimizers that keep them */
	int patience; /* end after so many reports whose metric 0 is not below the best, and go
			     back to the weights of the best; 0: run all steps */

	const char *checkpoint; /* NAME as in io/checkpoint.h; NULL: none */
	const char *note;       /* what resuming must find equal */
	double seconds;         /* between checkpoints */
	bool resume;
	bool at_end; /* save the last step too: a run resumed there trains no more */

	/* local, may be NULL | now and then (line NULL), and after each report */
	void (*progress)(void *ctx, int64_t step, const par_report *line);
	void *ctx;
} par_training;

/* what a run did; owned by the caller, par_history_drop frees the lines */
typedef struct {
	par_report *line;
	int64_t lines;
	int64_t step;    /* steps done ... */
	int64_t began;   /* ... and those that a checkpoint brought */
	int64_t skipped; /* of those, because the gradient was not finite */
	int64_t best;    /* line with the lowest metric 0; -1: none */
	double saving;   /* seconds spent on checkpoints ... */
	double running;  /* ... of these, since this start */
} par_history;

/* collective | train to the end, from the newest checkpoint when resuming.
 * fails: PAR_E_AGAIN when a stop was asked for (comm/world.h) and the checkpoint stands;
 * PAR_E_NUMERIC when a hundred steps in a row had to be skipped; as par_feed_fill, par_state_save and
 * par_state_resume. The history is filled in also then. */
par_err par_train(const par_training *t, par_history *h);
void par_history_drop(par_history *h);

#endif
