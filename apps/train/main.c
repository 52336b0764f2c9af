/* entrepot-train: a model from samples, by the layers an ini file names; and its answers to others. */
#include "train/cost.h"
#include "train/curve.h"
#include "train/deal.h"
#include "train/model_file.h"
#include "train/predictions.h"

#include <string.h>

/* everything a task holds; closed in one place */
typedef struct {
	model given;          /* train.model, when it is set */
	const par_conf *conf; /* borrowed: where layers and columns are named */
	coding own;           /* learned of the data ... */
	coding *coding;       /* ... or the given model's */
	samples data, test;
	network net;
	par_feed *training, *validation, *judged;
	par_history history;
} job;

static bool task_is(const app *a, const char *name)
{
	return strcmp(app_text(a, "task"), name) == 0;
}

static void job_close(job *j)
{
	par_history_drop(&j->history);
	par_feed_close(j->judged);
	par_feed_close(j->validation);
	par_feed_close(j->training);
	network_close(&j->net);
	samples_drop(&j->test);
	samples_drop(&j->data);
	coding_drop(&j->own);
	model_close(&j->given);
}

static par_err open_model(job *j, app *a)
{
	const char *path = app_text(a, "model");
	bool trains = task_is(a, "train");
	j->coding = &j->own;
	j->conf = a->conf;
	if (!path)
		return par_agree(&a->world,
		    trains ? PAR_OK
			   : par_fail(PAR_E_USAGE,
				 "train.model is not set; %s wants the model that answers",
				 app_text(a, "task")));
	PAR_TRY(model_open(&j->given, a, path));
	j->coding = &j->given.coding;
	j->conf = trains ? a->conf : j->given.conf;
	return PAR_OK;
}

static reading reading_of(const job *j, bool truths, bool split)
{
	return (reading){j->conf, j->net.loss.classes ? TRUTH_CLASS : TRUTH_NUMBER, truths, split};
}

static par_err read_samples(job *j, app *a, samples *s, const char *path, bool truths, bool split)
{
	reading how = reading_of(j, truths, split);
	PAR_TRY(samples_read(s, a, path, &how, j->coding));
	j->coding->known = true;
	return PAR_OK;
}

static void tell_samples(const app *a, const job *j)
{
	const int64_t *n = j->data.split_n;
	char count[4][32];
	int64_t test = j->test.n ? j->test.n : n[SPLIT_TEST];
	app_log(a, "%s samples for training, %s for validation, %s for the test",
	    count_text(count[0], 32, n[SPLIT_TRAIN]), count_text(count[1], 32, n[SPLIT_VALIDATION]),
	    count_text(count[2], 32, test));
	if (j->coding->classes.n)
		app_log(a, "%d classes", (int)j->coding->classes.n);
	if (j->coding->vocabulary.n)
		app_log(a, "%s words and one number for all others",
		    count_text(count[3], 32, j->coding->vocabulary.n));
	app_log(a, "%s", "");
}

static par_err check_some(const samples *s, int split, const char *what)
{
	return s->split_n[split] > 0 ? PAR_OK
				     : par_fail(PAR_E_DATA, "%s: no samples to %s", s->path, what);
}

static par_err read_training(job *j, app *a)
{
	app_phase(a, "reading");
	PAR_TRY_ALL(&a->world, loss_read(&j->net.loss, j->conf));
	PAR_TRY(read_samples(j, a, &j->data, app_text(a, "data"), true, true));
	PAR_TRY_ALL(&a->world, check_some(&j->data, SPLIT_TRAIN, "train on"));
	if (app_text(a, "test"))
		PAR_TRY(read_samples(j, a, &j->test, app_text(a, "test"), true, false));
	tell_samples(a, j);
	return PAR_OK;
}

static par_err check_alike(const samples *s, const samples *t)
{
	char one[128], other[128];
	bool same = s->field.type == t->field.type && s->field.nd == t->field.nd;
	for (int i = 0; i < s->field.nd; i++)
		same &= s->field.shape[i] == t->field.shape[i];
	if (same)
		return PAR_OK;
	return par_fail(PAR_E_DATA, "%s: samples of %s; those of %s are of %s", t->path,
	    shape_text(one, sizeof one, t->field.nd, t->field.shape), s->path,
	    shape_text(other, sizeof other, s->field.nd, s->field.shape));
}

static par_err deal_one(job *j, app *a, par_feed **out, const samples *s, int split, bool shuffle)
{
	par_sampler order = {.seed = (uint64_t)par_conf_int(a->conf, "run", "seed"),
	    .batch = par_conf_int(j->conf, "train", "batch"),
	    .shuffle = shuffle};
	if (s->split_n[split] == 0)
		return PAR_OK;
	return deal_feed(out, s, &a->world, split, network_truth_is_number(&j->net), order);
}

static par_err deal_training(job *j, app *a)
{
	const samples *test = j->test.n ? &j->test : &j->data;
	PAR_TRY_ALL(&a->world, check_alike(&j->data, test));
	PAR_TRY(deal_one(j, a, &j->training, &j->data, SPLIT_TRAIN, true));
	PAR_TRY(deal_one(j, a, &j->validation, &j->data, SPLIT_VALIDATION, false));
	PAR_TRY(deal_one(j, a, &j->judged, test, SPLIT_TEST, false));
	samples_drop(&j->test);
	samples_drop(&j->data);
	return PAR_OK;
}

static par_err prepare_training(job *j, app *a)
{
	PAR_TRY(open_model(j, a));
	PAR_TRY(read_training(j, a));
	app_phase(a, "building");
	PAR_TRY(network_open(&j->net, a, j->conf, &j->data.field, j->coding));
	layers_print(&j->net.layers, j->net.graph, a);
	if (j->given.store)
		PAR_TRY(par_state_get(&j->net.state, j->given.store));
	return deal_training(j, a);
}

static par_err judge_feed(job *j, app *a, answers *x, judgement *test)
{
	PAR_TRY(answers_make(x, a, &j->net, j->judged));
	if (!x->judged)
		return PAR_OK;
	PAR_TRY(judge(test, a, &j->net, j->coding, x));
	judge_tell(a, test, "test");
	return PAR_OK;
}

/* the result is published: what fails after it is told and takes nothing back */
static void tell_more(const app *a, const char *what, par_err e)
{
	if (e != PAR_OK)
		app_warn(a, "%s is missing: %s; %s is complete", what, par_err_why(), a->out);
}

static void tell_run(app *a, const job *j)
{
	const par_history *h = &j->history;
	json_object_set_new(a->report, "parameters", json_integer(layers_params(&j->net.layers)));
	json_object_set_new(a->report, "steps", json_integer(h->step));
	json_object_set_new(a->report, "seconds", json_real(h->running));
	json_object_set_new(a->report, "saving_seconds", json_real(h->saving));
	if (h->skipped > 0)
		app_warn(a, "%lld steps were left out: their gradients were not finite",
		    (long long)h->skipped);
}

static par_err publish_model(job *j, app *a)
{
	answers x = {0};
	judgement test;
	int64_t epoch = par_sampler_steps(par_feed_order(j->training));
	app_phase(a, "judging");
	par_err e = j->judged ? judge_feed(j, a, &x, &test) : PAR_OK;
	answers_drop(&x);
	app_phase(a, "writing");
	if (e == PAR_OK)
		e = model_write(a, &j->net, j->coding, &j->history, j->judged ? &test : NULL);
	PAR_TRY(e);
	fit_clear(a);
	tell_run(a, j);
	tell_more(a, "the picture", curve_write(a, &j->net, &j->history, epoch));
	return PAR_OK;
}

static par_err train(job *j, app *a)
{
	PAR_TRY(prepare_training(j, a));
	app_phase(a, "training");
	a->unit = "samples";
	PAR_TRY(fit(a, &j->net, j->training, j->validation, &j->history));
	a->work = (double)app_int(a, "epochs") * (double)par_feed_order(j->training)->n;
	if (app_real(a, "average") > 0)
		par_optimizer_swap_average(j->net.optimizer);
	return publish_model(j, a);
}

/* a file that holds no test split is a test as a whole */
static void take_all(samples *s)
{
	for (int64_t i = 0; i < s->here; i++)
		if (s->split[i] != SPLIT_NONE)
			s->split[i] = SPLIT_TEST;
	s->split_n[SPLIT_TEST] = s->n - s->split_n[SPLIT_NONE];
}

/* evaluate looks at the test file or the test split of the data, predict at all that data holds */
static par_err read_judged(job *j, app *a)
{
	bool evaluates = task_is(a, "evaluate");
	const char *test = evaluates ? app_text(a, "test") : NULL;
	samples *s = &j->data;
	PAR_TRY_ALL(&a->world, loss_read(&j->net.loss, j->conf));
	PAR_TRY(read_samples(
	    j, a, s, test ? test : app_text(a, "data"), evaluates, evaluates && !test));
	if (s->split_n[SPLIT_TEST] == 0)
		take_all(s);
	return par_agree(&a->world, check_some(s, SPLIT_TEST, "answer"));
}

static par_err answer(job *j, app *a)
{
	answers x = {0};
	judgement test;
	PAR_TRY(open_model(j, a));
	app_phase(a, "reading");
	PAR_TRY(read_judged(j, a));
	app_phase(a, "building");
	PAR_TRY(network_open(&j->net, a, j->conf, &j->data.field, j->coding));
	PAR_TRY(par_state_get(&j->net.state, j->given.store));
	PAR_TRY(deal_one(j, a, &j->judged, &j->data, SPLIT_TEST, false));
	app_phase(a, "answering");
	par_err e = judge_feed(j, a, &x, &test);
	a->work = (double)x.n;
	a->unit = "samples";
	app_phase(a, "writing");
	if (e == PAR_OK)
		e = predictions_write(a, &j->net, j->coding, &x, x.judged ? &test : NULL);
	answers_drop(&x);
	return e;
}

static par_err run(app *a)
{
	job j = {0};
	par_err e = task_is(a, "train") ? train(&j, a) : answer(&j, a);
	job_close(&j);
	return e;
}

static par_err estimate(app *a)
{
	job j = {0};
	par_err e = prepare_training(&j, a);
	if (e == PAR_OK)
		e = cost_tell(a, &j.net, j.training, j.validation);
	job_close(&j);
	return e;
}

/* answers are given in one go */
static bool resumes(const app *a)
{
	return task_is(a, "train");
}

int main(int argc, char **argv)
{
	static const char *const required[] = {"data", "out", NULL};
	static const app_program train_program = {
	    .name = "train",
	    .purpose = "Train a model by the layers an ini file names, and let it answer.",
	    .required = required,
	    .run = run,
	    .resumes = resumes,
	    .estimate = estimate,
	    .lines = "model",
	};
	return app_main(&train_program, argc, argv);
}
