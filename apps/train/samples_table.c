#include "train/table.h"
#include "train/words.h"

#include "comm/exact.h"
#include "comm/gather.h"
#include "common/idx_pairs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* rows before mine in the file */
static par_err find_first(samples *s, const par_world *w)
{
	void *all;
	int64_t ranks, here = s->here;
	PAR_TRY(par_gather_rows(w, &here, 1, sizeof here, &all, &ranks));
	for (int r = 0; r < w->rank; r++)
		s->first += ((int64_t *)all)[r];
	free(all);
	return PAR_OK;
}

static void part(samples *s, const reading *how)
{
	int64_t one_in = par_conf_int(how->conf, "train", "validation");
	for (int64_t i = 0; i < s->here && how->split; i++)
		if (held_out(s->first + i, one_in))
			s->split[i] = SPLIT_VALIDATION;
}

/* how often each word stands in the training texts */
typedef struct {
	par_dict words;
	int64_t *count, room;
} tally;

static par_err tally_add(tally *t, const char *word, size_t n)
{
	int32_t before = t->words.count, k = par_dict_put(&t->words, word, n);
	if (k >= t->room) {
		int64_t room = 2 * t->room + 1024;
		int64_t *more = realloc(t->count, (size_t)room * sizeof *more);
		if (!more)
			return par_fail(PAR_E_MEMORY, "no memory for words");
		t->count = more;
		t->room = room;
	}
	if (k < 0)
		return par_fail(PAR_E_MEMORY, "no memory for words");
	t->count[k] = k < before ? t->count[k] + 1 : 1;
	return PAR_OK;
}

static par_err tally_texts(tally *c, const samples *s, const table *t)
{
	char word[NAMES_BYTES + 16];
	for (int64_t i = 0; i < s->here; i++) {
		size_t n, at = 0, length;
		if (s->split[i] != SPLIT_TRAIN)
			continue;
		const char *text = par_dict_text(par_table_dict(&t->file, 0), t->id[i], &n);
		while ((length = words_next(text, n, &at, word)) > 0)
			PAR_TRY(tally_add(c, word, length));
	}
	return PAR_OK;
}

static par_err learn_words(
    const samples *s, const table *t, const par_world *w, const reading *how, coding *c)
{
	tally words = {0};
	int64_t most = par_conf_int(how->conf, "train", "vocabulary");
	par_err e = par_agree(w, tally_texts(&words, s, t));
	if (e == PAR_OK)
		e = names_unite(&c->vocabulary, w, &words.words, words.count, (int32_t)most - 1);
	par_dict_free(&words.words);
	free(words.count);
	return e;
}

static void number_texts(samples *s, const table *t, const coding *c)
{
	int length = (int)s->field.shape[0];
	for (int64_t i = 0; i < s->here; i++) {
		size_t n;
		const char *text = par_dict_text(par_table_dict(&t->file, 0), t->id[i], &n);
		words_number(&c->vocabulary, text, n, length, (int32_t *)s->x + i * length);
	}
}

/* sums over the training rows of (x - mean)^power, by column; exact, so equal at any number of ranks */
static void sum_columns(const samples *s, const table *t, const par_world *w, const double *mean,
    int power, double *sum)
{
	par_exact x[TABLE_INPUTS] = {0};
	for (int64_t i = 0; i < s->here; i++)
		for (int k = 0; k < t->inputs && s->split[i] == SPLIT_TRAIN; k++) {
			double d = (double)t->number[i * t->inputs + k] - mean[k];
			par_exact_add(&x[k], power == 2 ? d * d : d);
		}
	par_exact_sum(w, x, t->inputs);
	for (int k = 0; k < t->inputs; k++)
		sum[k] = par_exact_value(&x[k]);
}

static par_err learn_scales(
    const samples *s, const table *t, const par_world *w, const reading *how, coding *c)
{
	c->inputs = t->inputs;
	if (!par_conf_bool(how->conf, "train", "standardise"))
		return PAR_OK;
	int64_t mine = 0;
	for (int64_t i = 0; i < s->here; i++)
		mine += s->split[i] == SPLIT_TRAIN;
	double n = (double)par_world_sum(w, mine);
	c->mean = calloc((size_t)t->inputs, sizeof *c->mean);
	c->deviation = calloc((size_t)t->inputs, sizeof *c->deviation);
	PAR_TRY_ALL(w, c->mean && c->deviation
			   ? PAR_OK
			   : par_fail(PAR_E_MEMORY, "no memory for the scales of columns"));
	sum_columns(s, t, w, c->mean, 1, c->deviation);
	for (int k = 0; k < t->inputs; k++)
		c->mean[k] = n > 0 ? c->deviation[k] / n : 0;
	sum_columns(s, t, w, c->mean, 2, c->deviation);
	for (int k = 0; k < t->inputs; k++)
		c->deviation[k] = c->deviation[k] > 0 ? sqrt(c->deviation[k] / n) : 1;
	return PAR_OK;
}

static void scale_numbers(samples *s, const table *t, const coding *c)
{
	float *x = s->x;
	for (int64_t i = 0; i < s->here * t->inputs; i++) {
		int64_t k = i % t->inputs;
		double v = (double)t->number[i];
		x[i] = c->mean ? (float)((v - c->mean[k]) / c->deviation[k]) : t->number[i];
	}
}

/* dictionaries are a rank's own; classes are numbered alike on all */
static void number_classes(samples *s, const table *t, const coding *c)
{
	const par_dict *d = par_table_dict(&t->file, t->truth);
	for (int64_t i = 0; i < s->here; i++) {
		size_t n;
		const char *label = par_dict_text(d, ((const int32_t *)t->answer)[i], &n);
		((int32_t *)s->truth)[i] = names_find(&c->classes, label, n);
	}
}

static par_err take_truths(
    samples *s, const table *t, const par_world *w, const reading *how, coding *c)
{
	if (t->truth < 0)
		return PAR_OK;
	if (how->truth == TRUTH_NUMBER) {
		memcpy(s->truth, t->answer, (size_t)s->here * 4);
		return PAR_OK;
	}
	if (!c->known)
		PAR_TRY(names_unite(&c->classes, w, par_table_dict(&t->file, t->truth), NULL, 0));
	number_classes(s, t, c);
	return PAR_OK;
}

static par_err make_samples(
    samples *s, const table *t, const par_world *w, const reading *how, coding *c)
{
	int64_t length = par_conf_int(how->conf, "train", "length");
	s->n = t->file.rows;
	s->here = t->rows;
	s->field = (par_field){.name = "x", .type = t->text ? PAR_I32 : PAR_F32, .nd = 1};
	s->field.shape[0] = t->text ? length : t->inputs;
	PAR_TRY(find_first(s, w));
	PAR_TRY_ALL(w, samples_room(s, how, t->truth >= 0));
	part(s, how);
	if (t->text && !c->known)
		PAR_TRY(learn_words(s, t, w, how, c));
	if (!t->text && !c->known)
		PAR_TRY(learn_scales(s, t, w, how, c));
	t->text ? number_texts(s, t, c) : scale_numbers(s, t, c);
	return take_truths(s, t, w, how, c);
}

par_err samples_from_table(samples *s, app *a, const reading *how, coding *c)
{
	table *t = malloc(sizeof *t);
	par_err e = t ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for a table");
	e = par_agree(&a->world, e);
	if (e == PAR_OK) {
		e = table_read(t, a, s->path, how, c);
		if (e == PAR_OK)
			e = make_samples(s, t, &a->world, how, c);
		table_drop(t);
	}
	free(t);
	return e;
}
