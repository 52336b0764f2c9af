#include "forecast/planners/planners.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static par_err put_columns(const planners *o, par_store *s, const double *value)
{
	static const double missing = NAN;
	const word_list *w = &o->words;
	const struct {
		par_store_var var;
		const void *data;
	} put[] = {
	    {{"override_sku", PAR_I32, {"override"}, NULL, "index into sku, -1 for all", NULL},
		w->sku},
	    {{"override_market", PAR_I32, {"override"}, NULL, "index into market, -1 for all",
		 NULL},
		w->market},
	    {{"override_time", PAR_I64, {"override"}, NULL, "the period spoken of", NULL}, w->time},
	    {{"override_units", PAR_F32, {"override"}, "1", "demand as the planner says", NULL},
		w->units},
	    {{"override_model", PAR_F64, {"override"}, "1",
		 "expected demand without the word, of a past period as said from a past origin",
		 &missing},
		o->model},
	    {{"override_actual", PAR_F64, {"override"}, "1", "what was sold", &missing}, o->actual},
	    {{"override_value_added", PAR_F64, {"override"}, "1",
		 "units that the word erred less than the forecast", &missing},
		value},
	};
	for (size_t i = 0; i < sizeof put / sizeof put[0]; i++)
		PAR_TRY(par_store_put_whole(s, &put[i].var, w->n, put[i].data));
	return PAR_OK;
}

/* texts as characters without the NUL that ends each */
static par_err put_text(const planners *o, par_store *s, const par_world *world, const char *var,
    const char *text, int stride, const char *long_name)
{
	int64_t n = o->words.n;
	size_t width = stride > 1 ? (size_t)stride - 1 : 1;
	char *chars = calloc((size_t)n, width);
	par_err e = par_agree(
	    world, chars ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for overrides"));
	for (int64_t i = 0; i < n && e == PAR_OK; i++)
		memcpy(chars + (size_t)i * width, text + i * stride, strlen(text + i * stride));
	if (e == PAR_OK)
		e = par_store_put_text(s, var, "override", n, (int)width, chars, long_name);
	free(chars);
	return e;
}

static par_err put_words(const planners *o, par_store *s, const par_world *world)
{
	const word_list *w = &o->words;
	double *value = malloc(sizeof *value * (size_t)(w->n + 1));
	par_err e = par_agree(
	    world, value ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for overrides"));
	for (int64_t k = 0; k < w->n && e == PAR_OK; k++)
		value[k] = planners_value(o, k);
	if (e == PAR_OK)
		e = put_columns(o, s, value);
	free(value);
	return e;
}

par_err planners_put(const planners *o, par_store *s, const panel *p, const results *r)
{
	static const float missing = NAN;
	const par_store_var adjusted = {"adjusted", PAR_F32, {"series", "step"}, "1",
	    "expected demand after the planners' words", &missing};
	const word_list *w = &o->words;
	if (w->n == 0)
		return PAR_OK;
	PAR_TRY(par_store_dim(s, "override", w->n, PAR_I64, NULL));
	PAR_TRY(put_words(o, s, p->of.world));
	PAR_TRY(put_text(o, s, p->of.world, "override_reason", w->reason, w->reason_stride, "why"));
	PAR_TRY(put_text(
	    o, s, p->of.world, "override_author", w->author, w->author_stride, "whose word"));
	return o->adjusted ? par_store_put(s, &adjusted, r->first, r->rows, o->adjusted) : PAR_OK;
}

/* counts of judged words; author NULL: of all */
static json_t *worth(
    const planners *o, const char *author, int64_t *judged, int64_t *helped, double *saved)
{
	const word_list *w = &o->words;
	*judged = *helped = 0;
	*saved = 0;
	for (int64_t k = 0; k < w->n; k++) {
		double value = planners_value(o, k);
		if (isnan(value) ||
		    (author && strcmp(author, w->author + k * w->author_stride) != 0))
			continue;
		++*judged;
		*helped += value > 0;
		*saved += value;
	}
	return json_pack("{s:I, s:I, s:f}", "judged", (json_int_t)*judged, "helped",
	    (json_int_t)*helped, "saved", *saved);
}

static json_t *by_author(const planners *o)
{
	json_t *authors = json_object();
	int64_t judged, helped;
	double saved;
	for (int64_t k = 0; k < o->words.n; k++) {
		const char *author = o->words.author + k * o->words.author_stride;
		if (!isnan(planners_value(o, k)) && !json_object_get(authors, author))
			json_object_set_new(
			    authors, author, worth(o, author, &judged, &helped, &saved));
	}
	return authors;
}

void planners_tell(const planners *o, app *a, const panel *p, const results *r)
{
	int64_t ahead = 0, judged, helped;
	double saved;
	if (o->words.n == 0)
		return;
	for (int64_t k = 0; k < o->words.n; k++)
		ahead += o->words.period[k] >= p->of.length &&
			 o->words.period[k] < p->of.length + r->horizon;
	json_t *all = worth(o, NULL, &judged, &helped, &saved);
	app_log(a,
	    "\noverrides: %lld words, %lld on steps ahead; of %lld whose past is known %lld "
	    "helped, %.6g units of absolute error saved",
	    (long long)o->words.n, (long long)ahead, (long long)judged, (long long)helped, saved);
	json_object_set_new(all, "words", json_integer(o->words.n));
	json_object_set_new(all, "ahead", json_integer(ahead));
	json_object_set_new(all, "authors", by_author(o));
	json_object_set_new(a->report, "overrides", all);
}
