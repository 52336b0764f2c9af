/* entrepot-judge: what made pictures are worth, told on pictures that nobody has decided by. */
#include "common/judge/facing.h"
#include "common/judge/quality.h"
#include "common/judge/weights.h"
#include "io/publish.h"
#include "judge/columns.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MARK "{\n  \"format\": \"entrepot-judgement\"" /* a judgement begins with it */

typedef struct {
	gallery g;
	synthetic x;
	uint8_t *both;
	tuned t;
	quality q;
	int split;    /* of the report */
	float *share; /* owned: [categories] of made pictures in a lesson */
	column tuned, other;
} job;

static void job_close(job *j)
{
	quality_close(&j->q);
	tuned_close(&j->t);
	synthetic_close(&j->x);
	free(j->both);
	free(j->share);
	gallery_close(&j->g);
}

static par_err open(job *j, app *a)
{
	PAR_TRY(gallery_open(&j->g, &a->world, app_text(a, "real")));
	size_t n = (size_t)j->g.categories + 1;
	j->both = malloc(n);
	j->share = malloc(n * sizeof *j->share);
	bool room = j->both && j->share;
	PAR_TRY_ALL(&a->world, room ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for categories"));
	j->split = j->g.first[GALLERY_TEST][j->g.categories] > 0 ? GALLERY_TEST
								 : GALLERY_VALIDATION;
	if (j->split != GALLERY_TEST)
		app_warn(a,
		    "%s: no test pictures; validation pictures, by which the night has "
		    "decided, are reported",
		    j->g.path);
	PAR_TRY(facing_both(&j->g, &a->world, j->both));
	return synthetic_open(
	    &j->x, &a->world, &j->g, app_text(a, "synthetic"), app_int(a, "per_category"));
}

/* ---- likeness ---- */

static json_t *measures(const double v[QUALITY_METRICS], const char *category)
{
	json_t *line = json_pack("{ss}", "category", category);
	for (int k = 0; k < QUALITY_METRICS; k++)
		json_object_set_new(
		    line, quality_words[k].name, isnan(v[k]) ? json_null() : json_real(v[k]));
	return line;
}

static void tell_quality(job *j, app *a, double (*v)[QUALITY_METRICS])
{
	json_t *all = json_array();
	int64_t categories = j->g.categories;
	for (int64_t c = 0; c <= categories; c++) {
		quality_metric why = QUALITY_FID;
		const char *name = c < categories ? gallery_name(&j->g, c) : "all";
		json_t *line = measures(v[c], name);
		if (c < categories) {
			bool passed = quality_passes(&j->q, &j->x.made, c, v[c], &why);
			json_object_set_new(line, "pictures", json_integer(j->x.known[c]));
			json_object_set_new(line, "share", json_real((double)j->x.share[c]));
			json_object_set_new(line, "passed", json_boolean(passed));
			if (!passed)
				json_object_set_new(
				    line, "failed", json_string(quality_words[why].name));
		}
		app_log(a, "%-20s FID %7.2f (%.2f)   coverage %.2f (%.2f)   right label %5.1f %%",
		    name, v[c][QUALITY_FID], v[c][QUALITY_FID_HOLDOUT], v[c][QUALITY_COVERAGE],
		    v[c][QUALITY_COVERAGE_HOLDOUT], 100 * v[c][QUALITY_LABEL]);
		json_array_append_new(all, line);
	}
	json_object_set_new(a->report, "quality", all);
}

static par_err compare(job *j, app *a)
{
	PAR_TRY(tuned_open(&j->t, &a->world, &j->g, j->both, app_int(a, "steps"),
	    (uint64_t)par_conf_int(a->conf, "run", "seed")));
	json_object_set_new(a->report, "ordinary_augmentation", json_string(j->t.name));
	PAR_TRY(quality_open(&j->q, &a->world, &j->g, &j->t.net, j->split));
	double(*v)[QUALITY_METRICS] = malloc((size_t)(j->g.categories + 1) * sizeof *v);
	par_err e = par_agree(
	    &a->world, v ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for measures"));
	if (e == PAR_OK)
		e = quality_of(&j->q, &j->x.made, v);
	if (e == PAR_OK)
		tell_quality(j, a, v);
	free(v);
	return e;
}

/* ---- what it brings ---- */

/* made pictures at one share of every category that has some, or at the published ones */
static void mix(job *j, trial_recipe *r, double share)
{
	for (int64_t c = 0; c < j->g.categories; c++)
		j->share[c] = share > 0 ? (float)share : j->x.share[c];
	r->of.made = &j->x.made;
	r->of.share = j->share;
}

static par_err try(job *j, app *a, const char *name, const trial_recipe *r, json_t *lines)
{
	snprintf(j->other.name, sizeof j->other.name, "%s", name);
	return column_run(&j->other, a, r, j->split, &j->tuned, lines);
}

static bool published_any(const job *j)
{
	for (int64_t c = 0; c < j->g.categories; c++)
		if (j->x.share[c] > 0)
			return true;
	return false;
}

/* the weights that the file asks for; without any it asks for what it is compared with */
static par_err try_published(job *j, app *a, json_t *lines)
{
	trial_recipe r = j->t.recipe;
	json_object_set_new(a->report, "published_weight", json_boolean(published_any(j)));
	if (published_any(j)) {
		mix(j, &r, 0);
		return try(j, a, "published weights", &r, lines);
	}
	app_log(a, "published weights: none, which is the tuned augmentation itself");
	return PAR_OK;
}

static par_err try_all(job *j, app *a, json_t *lines)
{
	double weight[WEIGHTS_MOST];
	int weights = 0;
	int64_t steps = app_int(a, "steps");
	trial_recipe plain = trial_usual(&j->g, steps, j->t.recipe.seed), natural = plain;
	trial_recipe longer = j->t.recipe;
	natural.of.alike = false;
	longer.steps = 2 * steps;
	PAR_TRY_ALL(&a->world, weights_parse(a, weight, &weights));
	snprintf(j->tuned.name, sizeof j->tuned.name, "tuned augmentation");
	PAR_TRY(column_run(&j->tuned, a, &j->t.recipe, j->split, NULL, lines));
	PAR_TRY(try(j, a, "as is", &natural, lines));
	PAR_TRY(try(j, a, "oversampled", &plain, lines));
	PAR_TRY(try(j, a, "tuned, twice the steps", &longer, lines));
	for (int i = 0; i < weights; i++) {
		char name[32];
		trial_recipe r = j->t.recipe;
		mix(j, &r, weight[i]);
		snprintf(name, sizeof name, "made at %g", weight[i]);
		PAR_TRY(try(j, a, name, &r, lines));
	}
	return try_published(j, a, lines);
}

/* train on made pictures, test on real ones (Ravuri and Vinyals 2019) */
static par_err try_alone(job *j, app *a)
{
	json_t *lines = json_array();
	trial_recipe real = trial_usual(&j->g, app_int(a, "cas_steps"), j->t.recipe.seed);
	trial_recipe made = real;
	json_object_set_new(a->report, "cas", lines);
	for (int64_t c = 0; c < j->g.categories; c++)
		if (made_count(&j->x.made, c) == 0) {
			app_log(a, "%s has no made pictures: none are learnt from alone",
			    gallery_name(&j->g, c));
			return PAR_OK;
		}
	mix(j, &made, 1);
	snprintf(j->tuned.name, sizeof j->tuned.name, "real alone");
	PAR_TRY(column_run(&j->tuned, a, &real, j->split, NULL, lines));
	return try(j, a, "made alone", &made, lines);
}

/* the report as it stands */
static par_err write(const app *a)
{
	char *text = NULL;
	if (a->world.rank == 0)
		text = json_dumps(
		    a->report, JSON_INDENT(2) | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(12));
	par_err e = par_agree(&a->world, a->world.rank != 0 || text
					     ? PAR_OK
					     : par_fail(PAR_E_MEMORY, "no memory for the report"));
	if (e == PAR_OK)
		e = par_publish_text(&a->world, a->out, text, strlen(MARK));
	free(text);
	return e;
}

static par_err judge(job *j, app *a)
{
	json_t *lines = json_array();
	json_object_set_new(a->report, "format", json_string("entrepot-judgement"));
	json_object_set_new(
	    a->report, "split", json_string(j->split == GALLERY_TEST ? "test" : "validation"));
	app_phase(a, "comparing");
	PAR_TRY(compare(j, a));
	app_phase(a, "training");
	json_object_set_new(a->report, "downstream", lines);
	PAR_TRY(try_all(j, a, lines));
	PAR_TRY(try_alone(j, a));
	app_phase(a, "writing");
	return a->out ? write(a) : PAR_OK;
}

static par_err run(app *a)
{
	job j = {0};
	app_phase(a, "reading");
	par_err e = open(&j, a);
	if (e == PAR_OK)
		e = judge(&j, a);
	a->work = e == PAR_OK ? (double)j.x.made.first[j.g.categories] : 0;
	a->unit = "pictures";
	job_close(&j);
	return e;
}

/* classifiers of all columns, and what comes before them */
static par_err estimate(app *a)
{
	double weight[WEIGHTS_MOST];
	int weights = 0;
	PAR_TRY(weights_parse(a, weight, &weights));
	int64_t trials = TUNED_KINDS + app_int(a, "seeds") * (6 + weights);
	app_log(a, "%lld classifiers of %lld steps, and %lld of %lld", (long long)trials,
	    (long long)app_int(a, "steps"), (long long)(2 * app_int(a, "seeds")),
	    (long long)app_int(a, "cas_steps"));
	return PAR_OK;
}

int main(int argc, char **argv)
{
	static const char *const required[] = {"real", "synthetic", NULL};
	static const app_program judge_program = {
	    .name = "judge",
	    .purpose = "Judge made pictures: how alike they are to real ones, and what a "
		       "classifier gains by them.",
	    .required = required,
	    .run = run,
	    .estimate = estimate,
	};
	return app_main(&judge_program, argc, argv);
}
