#include "train/fit.h"

#include "io/checkpoint.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *fit_metric(const network *n, int k)
{
	static const char *const of_classes[] = {"loss", "accuracy", "share"};
	static const char *const of_numbers[] = {"loss", "mse", "mae"};
	return (n->loss.classes ? of_classes : of_numbers)[k];
}

/* loss, then right or wrong and the share of the true class, or squared and absolute error */
static void measure(void *ctx, int64_t count, par_exact *sum)
{
	network *n = ctx;
	const float *each = par_graph_at(n->graph, n->values.each);
	const float *answer = par_graph_at(n->graph, n->values.answer);
	const float *truth = par_graph_at(n->graph, n->values.truth);
	for (int64_t i = 0; i < count; i++, answer += n->loss.outputs) {
		double first, second;
		loss_measure(&n->loss, answer, &truth[i], &first, &second);
		par_exact_add(&sum[0], (double)each[i]);
		par_exact_add(&sum[1], first);
		par_exact_add(&sum[2], second);
	}
}

static par_schedule schedule_of(const app *a, int64_t steps)
{
	static const char *const name[] = {"constant", "cosine", "steps"};
	par_schedule s = {.rate = app_real(a, "rate"),
	    .warmup = app_int(a, "warmup"),
	    .steps = steps,
	    .last = app_real(a, "rate_last"),
	    .every = app_int(a, "rate_every"),
	    .factor = app_real(a, "rate_factor")};
	s.kind = (par_rate_kind)network_choice(a->conf, "schedule", name, 3);
	return s;
}

int64_t fit_steps(const app *a, par_feed *train)
{
	return app_int(a, "epochs") * par_sampler_steps(par_feed_order(train));
}

/* for the progress line and the log of reports */
typedef struct {
	const app *a;
	const network *n;
	int64_t steps, epoch, batch;
	bool validates;
} telling;

static void tell(void *ctx, int64_t step, const par_report *line)
{
	const telling *t = ctx;
	char text[256] = "";
	if (!line) {
		app_progress(
		    t->a, "training", (double)(step * t->batch), (double)(t->steps * t->batch));
		return;
	}
	if (t->validates)
		snprintf(text, sizeof text, "   validation: loss %.5f, %s %.5f",
		    line->validation[0], fit_metric(t->n, 1), line->validation[1]);
	app_log(t->a, "epoch %3lld   rate %.3g   loss %.5f%s",
	    (long long)((step + t->epoch - 1) / t->epoch), line->rate, line->loss, text);
}

/* model.h5 has its checkpoints in model.checkpoint.STEP.h5 */
static const char *checkpoint_name(const app *a, char *name, size_t size)
{
	app_beside(a, ".checkpoint", name, size);
	return name;
}

void fit_clear(app *a)
{
	char name[4096];
	par_checkpoint_clear(&a->world, checkpoint_name(a, name, sizeof name));
}

par_err fit(app *a, network *n, par_feed *train, par_feed *validation, par_history *h)
{
	char name[4096], *note;
	const par_value input[] = {n->input, n->values.truth};
	PAR_TRY(app_note(a, &note));
	int64_t epoch = par_sampler_steps(par_feed_order(train)), steps = fit_steps(a, train);
	telling t = {a, n, steps, epoch, par_feed_order(train)->batch, validation != NULL};
	par_evaluation judge = {.graph = n->graph,
	    .answer = n->judge,
	    .feed = validation,
	    .input = input,
	    .metrics = FIT_METRICS,
	    .measure = measure,
	    .ctx = n};
	par_training run = {.graph = n->graph,
	    .turns = 1,
	    .turn = {{n->train, n->values.each, n->optimizer, schedule_of(a, steps)}},
	    .feed = train,
	    .input = input,
	    .steps = steps,
	    .validation = validation ? &judge : NULL,
	    .average = app_real(a, "average") > 0,
	    .patience = (int)app_int(a, "stop_after"),
	    .checkpoint = checkpoint_name(a, name, sizeof name),
	    .note = note,
	    .seconds = app_real(a, "checkpoint"),
	    .resume = a->resume,
	    .progress = tell,
	    .ctx = &t};
	app_progress(a, "training", 0, (double)steps);
	par_err e = par_train(&run, h);
	free(note);
	return e;
}
