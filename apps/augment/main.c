/* entrepot-augment: more pictures of every category, told honestly, and tags for those of none. */
#include "augment/cost.h"
#include "augment/kept.h"
#include "augment/page.h"
#include "augment/teach.h"
#include "common/judge/facing.h"

#include <stdlib.h>

#define TRIED 2000 /* of a category's published pictures, those by which it is judged */

typedef struct {
	gallery g;
	uint8_t *both; /* [categories] facing_both */
	tuned t;
	quality q;
	gan n;
	studio s;
	filler from;
	made_set made[FILLERS]; /* by which fillers are judged */
	int64_t *each;
	verdict v;
	trunk eyes;
	tagger tags;
	night told;
} job;

static void job_close(job *j)
{
	tagger_drop(&j->tags);
	verdict_drop(&j->v);
	for (int f = 0; f < FILLERS; f++) {
		made_close(&j->made[f]);
		free(j->told.quality[f]);
		free(j->told.passed[f]);
	}
	studio_close(&j->s);
	gan_close(&j->n);
	quality_close(&j->q);
	tuned_close(&j->t);
	free(j->each);
	free(j->both);
	gallery_close(&j->g);
}

/* the result is published: what fails after it is told and takes nothing back */
static void tell_more(const app *a, const char *what, par_err e)
{
	if (e != PAR_OK)
		app_warn(a, "%s is missing: %s; %s is complete", what, par_err_why(), a->out);
}

/* how many pictures each category gets; none where there is nothing to learn from */
static void count_pictures(job *j, const app *a)
{
	int64_t fill = app_int(a, "fill");
	for (int64_t c = 0; c < j->g.categories; c++) {
		int64_t real = gallery_count(&j->g, GALLERY_TRAIN, c);
		int64_t missing = fill > real ? fill - real : 0;
		j->each[c] = real == 0 ? 0 : fill > 0 ? missing : app_int(a, "per_category");
	}
}

static par_err open(job *j, app *a)
{
	PAR_TRY(gallery_open(&j->g, &a->world, app_text(a, "in")));
	size_t n = (size_t)j->g.categories + 1;
	j->both = malloc(n);
	j->each = calloc(n, sizeof *j->each);
	bool room = j->both && j->each;
	for (int f = 0; f < FILLERS; f++) {
		j->told.quality[f] = malloc(n * sizeof *j->told.quality[f]);
		j->told.passed[f] = calloc(n, 1);
		room = room && j->told.quality[f] && j->told.passed[f];
	}
	PAR_TRY_ALL(&a->world, room ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for categories"));
	count_pictures(j, a);
	return facing_both(&j->g, &a->world, j->both);
}

static par_err tune(job *j, app *a)
{
	PAR_TRY(tuned_open(&j->t, &a->world, &j->g, j->both, app_int(a, "trial_steps"),
	    (uint64_t)par_conf_int(a->conf, "run", "seed")));
	for (int k = 0; k < TUNED_KINDS; k++)
		app_log(a, "ordinary augmentation, %-6s   recall %.4f%s", tuned_name(k),
		    j->t.accuracy[k], j->t.name == tuned_name(k) ? "   is the measure" : "");
	return quality_open(&j->q, &a->world, &j->g, &j->t.net, GALLERY_VALIDATION);
}

static par_err learn(job *j, app *a)
{
	PAR_TRY(teach_open(&j->n, a, &j->g, j->both));
	PAR_TRY(teach(&j->n, a, &j->g, &j->q));
	return studio_open(&j->s, &j->n);
}

/* pictures of one filler, measured */
static par_err measure(job *j, app *a, int f)
{
	int64_t *each = malloc((size_t)j->g.categories * sizeof *each + 1);
	par_err e = par_agree(
	    &a->world, each ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for counts"));
	for (int64_t c = 0; c < j->g.categories && e == PAR_OK; c++)
		each[c] = j->each[c] < TRIED ? j->each[c] : TRIED;
	if (e == PAR_OK)
		e = made_open(&j->made[f], &a->world, &j->g, each);
	free(each);
	if (e == PAR_OK)
		e = made_fill(&j->made[f], &a->world, filler_make[f], &j->from);
	return e == PAR_OK ? quality_of(&j->q, &j->made[f], j->told.quality[f]) : e;
}

static void tell_category(const app *a, const job *j, int f, int64_t c, quality_metric why)
{
	const double *v = j->told.quality[f][c];
	bool passed = j->told.passed[f][c];
	app_log(a, "%-20s FID %7.2f   coverage %.2f   right label %5.1f %%   spread %.2f   %s%s",
	    gallery_name(&j->g, c), v[QUALITY_FID], v[QUALITY_COVERAGE], 100 * v[QUALITY_LABEL],
	    v[QUALITY_SPREAD],
	    passed ? "passed" : "not passed: ", passed ? "" : quality_words[why].name);
}

static void judge(job *j, const app *a, int f)
{
	for (int64_t c = 0; c < j->g.categories; c++) {
		quality_metric why = QUALITY_FID;
		j->told.passed[f][c] = quality_passes(
		    &j->q, &j->made[f], c, j->told.quality[f][c], &why);
		if (f == FILLER_GAN && j->each[c] > 0)
			tell_category(a, j, f, c, why);
	}
}

static par_err compare(job *j, app *a)
{
	/* pictures laid over each other need not look like things to serve a classifier */
	uint8_t *may[FILLERS] = {j->told.passed[FILLER_GAN], NULL};
	j->from = (filler){&j->g, &j->s, (uint64_t)par_conf_int(a->conf, "run", "seed")};
	for (int f = 0; f < FILLERS; f++) {
		PAR_TRY(measure(j, a, f));
		judge(j, a, f);
	}
	PAR_TRY(contest(&j->v, a, &j->t, j->made, may));
	return trunk_offer(&j->eyes, a, &j->n, &j->t);
}

static par_err publish(job *j, app *a)
{
	j->told.g = &j->g;
	j->told.from = &j->from;
	j->told.each = j->each;
	j->told.v = &j->v;
	j->told.tags = &j->tags;
	PAR_TRY(output_write(a, &j->told));
	teach_clear(a);
	tell_more(a, "the page", page_write(a, &j->told, &j->q, j->made));
	if (app_bool(a, "keep"))
		tell_more(a, "the model", kept_write(&j->n, a, &j->g));
	return PAR_OK;
}

static par_err augment(job *j, app *a)
{
	app_phase(a, "reading");
	PAR_TRY(open(j, a));
	app_phase(a, "tuning");
	PAR_TRY(tune(j, a));
	app_phase(a, "learning");
	PAR_TRY(learn(j, a));
	app_phase(a, "comparing");
	PAR_TRY(compare(j, a));
	app_phase(a, "tagging");
	PAR_TRY(tagger_make(&j->tags, a, &j->t, &j->eyes, j->made, &j->v));
	app_phase(a, "writing");
	return publish(j, a);
}

static par_err run(app *a)
{
	job j = {0};
	par_err e = augment(&j, a);
	for (int64_t c = 0; j.each && c < j.g.categories; c++)
		a->work += (double)j.each[c];
	a->unit = "pictures";
	job_close(&j);
	return e;
}

static par_err estimate(app *a)
{
	job j = {0};
	par_err e = open(&j, a);
	if (e == PAR_OK)
		e = teach_open(&j.n, a, &j.g, j.both);
	if (e == PAR_OK)
		e = cost_tell(a, &j.g, &j.n, teach_steps(a));
	job_close(&j);
	return e;
}

static bool resumes(const app *a)
{
	(void)a;
	return true;
}

int main(int argc, char **argv)
{
	static const char *const required[] = {"in", "out", NULL};
	static const app_program augment_program = {
	    .name = "augment",
	    .purpose =
		"Make pictures of thin categories, tell what they bring, and tag pictures of none.",
	    .required = required,
	    .run = run,
	    .resumes = resumes,
	    .estimate = estimate,
	};
	return app_main(&augment_program, argc, argv);
}
