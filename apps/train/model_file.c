#include "train/model_file.h"

#include "train/fit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static par_err put_coding(par_store *s, const coding *c)
{
	if (c->classes.n > 0)
		PAR_TRY(par_store_dim_text(
		    s, "class", c->classes.n, c->classes.width, c->classes.text));
	if (c->vocabulary.n > 0)
		PAR_TRY(par_store_dim_text(
		    s, "word", c->vocabulary.n, c->vocabulary.width, c->vocabulary.text));
	if (!c->mean)
		return PAR_OK;
	par_store_var mean = {"input_mean", PAR_F64, {"input"}, NULL, "mean of each input", NULL};
	par_store_var deviation = {
	    "input_deviation", PAR_F64, {"input"}, NULL, "standard deviation of each input", NULL};
	PAR_TRY(par_store_bare_dim(s, "input", c->inputs));
	PAR_TRY(par_store_put_whole(s, &mean, c->inputs, c->mean));
	return par_store_put_whole(s, &deviation, c->inputs, c->deviation);
}

typedef struct {
	int64_t *step;
	double *column[2 + FIT_METRICS];
} columns;

static par_err put_columns(par_store *s, const network *n, const par_history *h, const columns *k)
{
	char name[2 + FIT_METRICS][32] = {"rate", "training_loss"};
	int count = h->best >= 0 ? 2 + FIT_METRICS : 2;
	PAR_TRY(par_store_dim(s, "report", h->lines, PAR_I64, k->step));
	for (int i = 0; i < count; i++) {
		if (i >= 2)
			snprintf(name[i], sizeof name[i], "validation_%s", fit_metric(n, i - 2));
		par_store_var var = {name[i], PAR_F64, {"report"}, NULL,
		    i == 0   ? "learning rate of the last step"
		    : i == 1 ? "mean over the samples since the last report"
			     : "mean over the validation samples",
		    NULL};
		PAR_TRY(par_store_put_whole(s, &var, h->lines, k->column[i]));
	}
	return PAR_OK;
}

/* lines become columns */
static par_err put_history(app *a, par_store *s, const network *n, const par_history *h)
{
	size_t room = (size_t)h->lines + 1;
	double *values = calloc((2 + FIT_METRICS) * room, sizeof *values);
	columns k = {.step = calloc(room, sizeof *k.step)};
	par_err e = values && k.step ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for the history");
	e = par_agree(&a->world, e);
	for (int i = 0; i < 2 + FIT_METRICS; i++)
		k.column[i] = values ? values + (size_t)i * room : NULL;
	for (int64_t i = 0; i < h->lines && e == PAR_OK; i++) {
		const par_report *line = &h->line[i];
		k.step[i] = line->step;
		k.column[0][i] = line->rate;
		k.column[1][i] = line->loss;
		for (int m = 0; m < FIT_METRICS; m++)
			k.column[2 + m][i] = line->validation[m];
	}
	if (e == PAR_OK)
		e = put_columns(s, n, h, &k);
	free(values);
	free(k.step);
	return e;
}

static par_err put_test(par_store *s, const judgement *test)
{
	par_store_var var = {
	    "test", PAR_F64, {"measure"}, NULL, "what the test samples said", NULL};
	if (!test)
		return PAR_OK;
	PAR_TRY(
	    par_store_dim_text(s, "measure", test->n, (int)sizeof test->name[0], test->name[0]));
	return par_store_put_whole(s, &var, test->n, test->value);
}

static par_err put_all(app *a, par_store *s, const network *n, const coding *c,
    const par_history *h, const judgement *test)
{
	PAR_TRY(app_put_attributes(a, s));
	PAR_TRY(par_state_put(&n->state, s, h->step));
	PAR_TRY(put_coding(s, c));
	PAR_TRY(put_history(a, s, n, h));
	return put_test(s, test);
}

par_err model_write(
    app *a, const network *n, const coding *c, const par_history *h, const judgement *test)
{
	par_store *s;
	int64_t bytes = 16 * layers_params(&n->layers) + (1 << 20);
	PAR_TRY(
	    par_store_create(&s, &a->world, a->out, PAR_MODEL_FORMAT, PAR_MODEL_VERSION, bytes));
	par_err e = put_all(a, s, n, c, h, test);
	if (e != PAR_OK) {
		par_store_discard(s);
		return e;
	}
	return par_store_publish(s, PAR_OK);
}

static par_err take_names(par_store *s, const par_world *w, const char *dim, names *out)
{
	char *text;
	int64_t n;
	int stride;
	if (par_store_extent(s, dim) <= 0)
		return PAR_OK;
	PAR_TRY(par_store_get_text(s, dim, &text, &n, &stride));
	par_err e = names_take(out, text, n, stride);
	free(text);
	return par_agree(w, e);
}

static par_err take_scales(par_store *s, const par_world *w, coding *c)
{
	int64_t n = par_store_extent(s, "input");
	if (n <= 0)
		return PAR_OK;
	c->inputs = (int)n;
	c->mean = calloc((size_t)n, sizeof *c->mean);
	c->deviation = calloc((size_t)n, sizeof *c->deviation);
	PAR_TRY_ALL(w, c->mean && c->deviation
			   ? PAR_OK
			   : par_fail(PAR_E_MEMORY, "no memory for the scales of columns"));
	PAR_TRY(par_store_get(s, "input_mean", PAR_F64, NULL, 0, n, c->mean));
	return par_store_get(s, "input_deviation", PAR_F64, NULL, 0, n, c->deviation);
}

static par_err take_conf(model *m, const par_world *w, const char *path)
{
	char *text, name[4200];
	PAR_TRY(par_store_get_attr_text(m->store, NULL, "config", &text));
	snprintf(name, sizeof name, "%s:/config", path);
	m->conf = par_conf_new(app_settings, app_settings_count);
	par_err e = par_conf_parse(m->conf, name, text, strlen(text));
	free(text);
	return par_agree(w, e);
}

par_err model_open(model *m, app *a, const char *path)
{
	const par_world *w = &a->world;
	*m = (model){0};
	PAR_TRY(par_store_open(&m->store, w, path, PAR_MODEL_FORMAT, PAR_MODEL_VERSION));
	m->coding.known = true;
	PAR_TRY(take_conf(m, w, path));
	PAR_TRY(take_names(m->store, w, "class", &m->coding.classes));
	PAR_TRY(take_names(m->store, w, "word", &m->coding.vocabulary));
	return take_scales(m->store, w, &m->coding);
}

void model_close(model *m)
{
	if (m->store)
		par_store_close(m->store);
	par_conf_free(m->conf);
	coding_drop(&m->coding);
	*m = (model){0};
}
