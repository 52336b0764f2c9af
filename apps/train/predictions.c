#include "train/predictions.h"

#include <stdlib.h>
#include <string.h>

static par_err put_rows(const answers *x, par_store *s, const char *name, par_dtype type,
    const char *second, const char *text, const void *data)
{
	par_store_var var = {name, type, {"sample", second}, NULL, text, NULL};
	return par_store_put(s, &var, x->first, x->here, data);
}

/* of two classes the share of the second alone stands in the answer */
static par_err put_shares(const answers *x, const network *n, const coding *c, par_store *s)
{
	static const char text[] = "probability of each class";
	int classes = (int)c->classes.n;
	if (n->loss.answer == ANSWER_SHARES)
		return put_rows(x, s, "probability", PAR_F32, "class", text, x->answer);
	float *both = malloc(sizeof *both * (size_t)(2 * x->here + 1));
	PAR_MUST(both && classes == 2, "%d classes", classes);
	for (int64_t i = 0; i < x->here; i++) {
		both[2 * i] = 1 - x->answer[i];
		both[2 * i + 1] = x->answer[i];
	}
	par_err e = put_rows(x, s, "probability", PAR_F32, "class", text, both);
	free(both);
	return e;
}

static par_err put_scores(const answers *x, const network *n, par_store *s)
{
	static const char text[] = "score; the largest, or above zero the second class, answers";
	return put_rows(x, s, "score", PAR_F32, n->loss.answer == ANSWER_SCORES ? "class" : NULL,
	    text, x->answer);
}

static par_err put_classes(
    const answers *x, const network *n, const coding *c, par_store *s, int32_t *place)
{
	PAR_TRY(par_store_dim_text(s, "class", c->classes.n, c->classes.width, c->classes.text));
	for (int64_t i = 0; i < x->here; i++)
		place[i] = loss_class(&n->loss, x->answer + i * x->outputs);
	PAR_TRY(put_rows(x, s, "answer", PAR_I32, NULL, "place in class", place));
	for (int64_t i = 0; i < x->here && x->judged; i++)
		place[i] = loss_truth_class(&n->loss, x->truth + 4 * i);
	if (x->judged)
		PAR_TRY(put_rows(x, s, "truth", PAR_I32, NULL, "place in class", place));
	bool shares = n->loss.answer == ANSWER_SHARES || n->loss.answer == ANSWER_SHARE;
	return shares ? put_shares(x, n, c, s) : put_scores(x, n, s);
}

static par_err put_numbers(const answers *x, const network *n, par_store *s, float *number)
{
	for (int64_t i = 0; i < x->here; i++)
		number[i] = (float)loss_number(&n->loss, x->answer + i * x->outputs);
	PAR_TRY(put_rows(x, s, "answer", PAR_F32, NULL, "number foretold", number));
	if (n->loss.answer == ANSWER_QUANTILES) {
		PAR_TRY(par_store_dim(s, "quantile", n->loss.levels, PAR_F64, n->loss.level));
		PAR_TRY(put_rows(
		    x, s, "quantiles", PAR_F32, "quantile", "quantiles foretold", x->answer));
	}
	return x->judged ? put_rows(x, s, "truth", PAR_F32, NULL, "number that came", x->truth)
			 : PAR_OK;
}

static par_err put_measures(par_store *s, const judgement *test)
{
	par_store_var var = {"test", PAR_F64, {"measure"}, NULL, "what the samples said", NULL};
	if (!test)
		return PAR_OK;
	PAR_TRY(
	    par_store_dim_text(s, "measure", test->n, (int)sizeof test->name[0], test->name[0]));
	return par_store_put_whole(s, &var, test->n, test->value);
}

static par_err put_all(app *a, par_store *s, const network *n, const coding *c, const answers *x,
    const judgement *test)
{
	void *column = malloc(4 * (size_t)x->here + 1);
	par_err e = column ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for a column of answers");
	e = par_agree(&a->world, e);
	if (e == PAR_OK)
		e = app_put_attributes(a, s);
	if (e == PAR_OK)
		e = par_store_bare_dim(s, "sample", x->n);
	if (e == PAR_OK)
		e = n->loss.classes ? put_classes(x, n, c, s, column)
				    : put_numbers(x, n, s, column);
	if (e == PAR_OK && x->judged)
		e = put_rows(x, s, "loss", PAR_F32, NULL, "loss", x->each);
	if (e == PAR_OK)
		e = put_measures(s, test);
	free(column);
	return e;
}

par_err predictions_write(
    app *a, const network *n, const coding *c, const answers *x, const judgement *test)
{
	par_store *s;
	int64_t bytes = x->n * (16 + 4 * x->outputs) + (1 << 20);
	PAR_TRY(par_store_create(&s, &a->world, a->out, "entrepot-predictions", 1, bytes));
	par_err e = put_all(a, s, n, c, x, test);
	if (e != PAR_OK) {
		par_store_discard(s);
		return e;
	}
	return par_store_publish(s, PAR_OK);
}
