#include "common/words.h"
#include "forecast/planners/planners.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NIGHTS 7 /* told one by one */

static par_err put_columns(const planners *o, par_store *s, const double *value)
{
	static const double missing = NAN;
	const word_list *w = &o->words;
	const struct {
		par_store_var var;
		const void *data;
	} put[] = {
	    {{"override_model", PAR_F64, {"override"}, "1",
		 "expected demand without the word, of a past period as said from a past origin",
		 &missing},
		o->model},
	    {{"override_actual", PAR_F64, {"override"}, "1", "what was sold", &missing}, o->actual},
	    {{"override_value_added", PAR_F64, {"override"}, "1",
		 "units that the word erred less than the forecast", &missing},
		value},
	};
	PAR_TRY(words_columns_put(s, &(words_columns){w->n, w->sku, w->market, w->time, w->units}));
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

/* what judged words were worth */
typedef struct {
	int64_t judged, helped;
	double saved;
} worth;

static void add_word(const planners *o, int64_t word, worth *to)
{
	double value = planners_value(o, word);
	if (isnan(value))
		return;
	to->judged++;
	to->helped += value > 0;
	to->saved += value;
}

/* words [lo, hi), author NULL: of all */
static worth worth_of(const planners *o, int64_t lo, int64_t hi, const char *author)
{
	const word_list *w = &o->words;
	worth sum = {0};
	for (int64_t k = lo; k < hi; k++)
		if (!author || strcmp(author, w->author + k * w->author_stride) == 0)
			add_word(o, k, &sum);
	return sum;
}

static json_t *report_of(const worth *w)
{
	return json_pack("{s:I, s:I, s:f}", "judged", (json_int_t)w->judged, "helped",
	    (json_int_t)w->helped, "saved", w->saved);
}

static json_t *by_author(const planners *o)
{
	json_t *authors = json_object();
	for (int64_t k = 0; k < o->words.n; k++) {
		const char *author = o->words.author + k * o->words.author_stride;
		if (isnan(planners_value(o, k)) || json_object_get(authors, author))
			continue;
		worth sum = worth_of(o, 0, o->words.n, author);
		json_object_set_new(authors, author, report_of(&sum));
	}
	return authors;
}

/* the periods whose words were judged, the latest last */
static json_t *by_night(const planners *o, const panel *p)
{
	const word_list *w = &o->words;
	json_t *nights = json_array();
	for (int64_t lo = 0, hi; lo < w->n; lo = hi) {
		char date[20];
		hi = words_end(w, lo);
		worth sum = worth_of(o, lo, hi, NULL);
		if (sum.judged == 0)
			continue;
		json_t *night = report_of(&sum);
		par_period_text(date, p->of.frequency, w->time[lo]);
		json_object_set_new(night, "period", json_string(date));
		json_array_append_new(nights, night);
	}
	return nights;
}

static void log_nights(const app *a, const json_t *nights)
{
	size_t n = json_array_size(nights);
	for (size_t k = n > NIGHTS ? n - NIGHTS : 0; k < n; k++) {
		const json_t *night = json_array_get(nights, k);
		app_log(a, "  %s: %lld of %lld words helped, %.6g units saved",
		    json_string_value(json_object_get(night, "period")),
		    (long long)json_integer_value(json_object_get(night, "helped")),
		    (long long)json_integer_value(json_object_get(night, "judged")),
		    json_real_value(json_object_get(night, "saved")));
	}
}

void planners_tell(const planners *o, app *a, const panel *p, const results *r)
{
	int64_t ahead = 0;
	if (o->words.n == 0)
		return;
	for (int64_t k = 0; k < o->words.n; k++)
		ahead += o->words.period[k] >= p->of.length &&
			 o->words.period[k] < p->of.length + r->horizon;
	worth sum = worth_of(o, 0, o->words.n, NULL);
	json_t *all = report_of(&sum);
	app_log(a,
	    "\noverrides: %lld words, %lld on steps ahead; of %lld whose past is known %lld "
	    "helped, %.6g units of absolute error saved",
	    (long long)o->words.n, (long long)ahead, (long long)sum.judged, (long long)sum.helped,
	    sum.saved);
	json_object_set_new(all, "words", json_integer(o->words.n));
	json_object_set_new(all, "ahead", json_integer(ahead));
	json_object_set_new(all, "authors", by_author(o));
	json_object_set_new(all, "nights", by_night(o, p));
	log_nights(a, json_object_get(all, "nights"));
	json_object_set_new(a->report, "overrides", all);
}
