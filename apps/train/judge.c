#include "train/judge.h"

#include "comm/exact.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void note(judgement *j, const char *name, double value)
{
	snprintf(j->name[j->n], sizeof j->name[j->n], "%s", name);
	j->value[j->n++] = value;
}

/* right answers of each class, answers that named it, samples that have it */
typedef struct {
	int64_t right, named, had;
} tally;

static void tally_classes(tally *t, const app *a, const network *n, const answers *x, int classes)
{
	for (int64_t i = 0; i < x->here; i++) {
		const void *truth = x->truth + 4 * i;
		int32_t said = loss_class(&n->loss, x->answer + i * x->outputs);
		int32_t is = loss_truth_class(&n->loss, truth);
		t[said].named++;
		t[is].had++;
		t[is].right += said == is;
	}
	for (int k = 0; k < classes; k++) {
		t[k].right = par_world_sum(&a->world, t[k].right);
		t[k].named = par_world_sum(&a->world, t[k].named);
		t[k].had = par_world_sum(&a->world, t[k].had);
	}
}

static double macro_f1(const tally *t, int classes)
{
	double sum = 0;
	int seen = 0;
	for (int k = 0; k < classes; k++)
		if (t[k].named + t[k].had > 0) {
			sum += 2 * (double)t[k].right / (double)(t[k].named + t[k].had);
			seen++;
		}
	return seen ? sum / seen : NAN;
}

static par_err judge_classes(
    judgement *j, const app *a, const network *n, const coding *c, const answers *x)
{
	int classes = (int)c->classes.n;
	tally *t = calloc((size_t)classes + 1, sizeof *t);
	par_err e = t ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory to judge %d classes", classes);
	e = par_agree(&a->world, e);
	if (e == PAR_OK) {
		int64_t right = 0;
		tally_classes(t, a, n, x, classes);
		for (int k = 0; k < classes; k++)
			right += t[k].right;
		note(j, "accuracy", (double)right / (double)x->n);
		note(j, "macro_f1", macro_f1(t, classes));
	}
	free(t);
	return e;
}

static void judge_numbers(judgement *j, const app *a, const network *n, const answers *x)
{
	par_exact sum[2] = {0};
	for (int64_t i = 0; i < x->here; i++) {
		double squared, absolute;
		loss_measure(
		    &n->loss, x->answer + i * x->outputs, x->truth + 4 * i, &squared, &absolute);
		par_exact_add(&sum[0], squared);
		par_exact_add(&sum[1], absolute);
	}
	par_exact_sum(&a->world, sum, 2);
	note(j, "rmse", sqrt(par_exact_value(&sum[0]) / (double)x->n));
	note(j, "mae", par_exact_value(&sum[1]) / (double)x->n);
}

par_err judge(judgement *j, const app *a, const network *n, const coding *c, const answers *x)
{
	par_exact sum = {0};
	*j = (judgement){.samples = x->n};
	for (int64_t i = 0; i < x->here; i++)
		par_exact_add(&sum, (double)x->each[i]);
	par_exact_sum(&a->world, &sum, 1);
	note(j, "loss", par_exact_value(&sum) / (double)x->n);
	if (n->loss.classes)
		return judge_classes(j, a, n, c, x);
	judge_numbers(j, a, n, x);
	return PAR_OK;
}

void judge_tell(app *a, const judgement *j, const char *what)
{
	char line[256] = "";
	size_t used = 0;
	json_t *object = json_object();
	json_object_set_new(object, "samples", json_integer(j->samples));
	for (int i = 0; i < j->n; i++) {
		used += (size_t)snprintf(line + used, sizeof line - used, "%s%s %.5f",
		    i ? ", " : "", j->name[i], j->value[i]);
		if (isfinite(j->value[i]))
			json_object_set_new(object, j->name[i], json_real(j->value[i]));
	}
	json_object_set_new(a->report, what, object);
	app_log(a, "%s, %lld samples: %s", what, (long long)j->samples, line);
}
