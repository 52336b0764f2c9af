#include "judge/columns.h"

#include <math.h>
#include <stdlib.h>

bool column_rare(const gallery *g, int64_t category)
{
	double mean = (double)g->first[GALLERY_TRAIN][g->categories] / (double)g->categories;
	return (double)gallery_count(g, GALLERY_TRAIN, category) < mean / 4;
}

/* the mean of rare categories, or of the others */
static double mean_of(const gallery *g, const double *recall, bool rare)
{
	double sum = 0;
	int64_t n = 0;
	for (int64_t c = 0; c < g->categories; c++)
		if (column_rare(g, c) == rare && !isnan(recall[c])) {
			sum += recall[c];
			n++;
		}
	return n > 0 ? sum / (double)n : NAN;
}

static par_err run(
    column *c, app *a, const trial_recipe *r, int split, int64_t seed, double *recall)
{
	classifier net = {0};
	trial_recipe own = *r;
	const gallery *g = r->of.of;
	own.seed = r->seed + (uint64_t)seed;
	par_err e = trial_train(&net, &a->world, &own);
	if (e == PAR_OK)
		e = trial_recall(&net, g, split, recall);
	classifier_close(&net);
	c->all[seed] = trial_mean(recall, g->categories);
	c->rare[seed] = mean_of(g, recall, true);
	c->head[seed] = mean_of(g, recall, false);
	return e;
}

/* nothing where it is no number */
static json_t *number(double x)
{
	return isnan(x) ? json_null() : json_real(x);
}

static json_t *bounds(const double *a, const double *b, int64_t n)
{
	gain g = gain_of(a, b, n);
	return json_pack(
	    "{so so so}", "mean", number(g.mean), "low", number(g.low), "high", number(g.high));
}

static void tell(const app *a, const column *c, const column *base, json_t *lines)
{
	int64_t n = c->seeds;
	json_t *line = json_pack("{ss so so so}", "training", c->name, "accuracy",
	    number(trial_mean(c->all, n)), "rare_recall", number(trial_mean(c->rare, n)),
	    "head_recall", number(trial_mean(c->head, n)));
	gain g = base ? gain_of(c->all, base->all, n) : (gain){0};
	app_log(a, "%-22s recall %.4f   rare %.4f   head %.4f", c->name, trial_mean(c->all, n),
	    trial_mean(c->rare, n), trial_mean(c->head, n));
	if (base) {
		json_object_set_new(line, "gain_accuracy", bounds(c->all, base->all, n));
		json_object_set_new(line, "gain_rare_recall", bounds(c->rare, base->rare, n));
		app_log(a, "%-22s %+.2f points, %+.2f to %+.2f at 95 %%", "", 100 * g.mean,
		    100 * g.low, 100 * g.high);
	}
	json_array_append_new(lines, line);
}

par_err column_run(
    column *c, app *a, const trial_recipe *r, int split, const column *base, json_t *lines)
{
	double *recall = calloc((size_t)r->of.of->categories + 1, sizeof *recall);
	par_err e = par_agree(
	    &a->world, recall ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for recalls"));
	c->seeds = app_int(a, "seeds");
	for (int64_t s = 0; s < c->seeds && e == PAR_OK; s++)
		e = run(c, a, r, split, s, recall);
	free(recall);
	if (e == PAR_OK)
		tell(a, c, base, lines);
	return e;
}
