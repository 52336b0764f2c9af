#include "augment/teach.h"

#include "augment/filler.h"
#include "augment/gan/learn.h"
#include "augment/kept.h"
#include "io/checkpoint.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define STEPS 3000
#define WARM_STEPS 1000
#define HIGHEST .008 /* rate of the discriminator that so many steps bear */
#define HIGHEST_STEPS 2000.0
#define FEW 1000      /* pictures of a category, below which changes help */
#define LOOKED 5000   /* pictures of a look, about */
#define CORNERED 1000 /* pictures whose corners tell what surrounds a picture */
#define COLLAPSED .5 /* spread of pictures, over that of real ones, below which an alarm is given */

/* ---- the GAN of the settings ---- */

static bool wants_changes(const app *a, const gallery *g)
{
	const char *set = app_text(a, "changes");
	if (strcmp(set, "auto") != 0)
		return strcmp(set, "yes") == 0;
	for (int64_t c = 0; c < g->categories; c++)
		if (gallery_count(g, GALLERY_TRAIN, c) < FEW)
			return true;
	return false;
}

/* the mean of corners is what a shifted picture gets at its edge */
static float surroundings(const gallery *g)
{
	int64_t n = g->first[GALLERY_TRAIN][g->categories], every = n / CORNERED + 1, corners = 0;
	int64_t row = g->width * g->channels, last = (g->height - 1) * row;
	double sum = 0;
	for (int64_t i = 0; i < n; i += every) {
		const uint8_t *cell = gallery_cells(g, g->items[GALLERY_TRAIN][i]);
		for (int64_t k = 0; k < g->channels; k++, corners += 4)
			sum += cell[k] + cell[row - g->channels + k] + cell[last + k] +
			       cell[last + row - g->channels + k];
	}
	return corners > 0 ? (float)(sum / (double)corners / 127.5 - 1) : -1;
}

static par_augment_spec changes(const app *a, const gallery *g, const uint8_t *both)
{
	if (!wants_changes(a, g))
		return (par_augment_spec){0};
	return (par_augment_spec){.shift = (g->width + 14) / 28,
	    .cut = g->width * 10 / 28,
	    .outside = surroundings(g),
	    .flips = both,
	    .classes = g->categories};
}

static par_gan_kind loss_of(const app *a)
{
	static const char *const name[] = {"hinge", "nonsaturating", "minimax", "wasserstein"};
	static const par_gan_kind kind[] = {
	    PAR_GAN_HINGE, PAR_GAN_LOGISTIC, PAR_GAN_MINIMAX, PAR_GAN_WASSERSTEIN};
	int k = 0;
	while (strcmp(name[k], app_text(a, "loss")) != 0)
		k++;
	return kind[k];
}

par_err teach_open(gan *n, app *a, const gallery *g, const uint8_t *both)
{
	if (app_int(a, "batch") % GAN_GROUP != 0)
		return par_fail(PAR_E_CONFIG, "augment.batch is %lld; wanted a multiple of %d",
		    (long long)app_int(a, "batch"), GAN_GROUP);
	PAR_TRY(gan_open(n, &(gan_spec){.world = &a->world,
				.batch = app_int(a, "batch"),
				.seed = (uint64_t)par_conf_int(a->conf, "run", "seed"),
				.height = g->height,
				.width = g->width,
				.channels = g->channels,
				.categories = draws_categories(g),
				.loss = loss_of(a),
				.no_spectral = !app_bool(a, "spectral"),
				.penalty = app_real(a, "penalty"),
				.critic = (int)app_int(a, "critic"),
				.transposed = strcmp(app_text(a, "doubling"), "transposed") == 0,
				.noise = app_int(a, "noise"),
				.average = app_real(a, "average"),
				.change = changes(a, g, both)}));
	return app_text(a, "warm") ? kept_read(n, a, g) : PAR_OK;
}

int64_t teach_steps(const app *a)
{
	int64_t set = app_int(a, "steps");
	return set > 0 ? set : app_text(a, "warm") ? WARM_STEPS : STEPS;
}

/* ---- training ---- */

/* of the discriminator: the longer it learns, the lower */
static double rate_of(const app *a, int64_t steps)
{
	double set = app_real(a, "rate");
	return set > 0 ? set : HIGHEST * fmin(1, cbrt(HIGHEST_STEPS / (double)steps));
}

/* what a look tells; learning goes by the first */
enum { LOOK_FID, LOOK_LABEL, LOOK_SPREAD, LOOK_METRICS };

typedef struct {
	app *a;
	gan *n;
	const gallery *g;
	quality *q;
	made_set shown; /* pictures of a look */
	json_t *looks;  /* borrowed from the report */
	int64_t steps;
	double best; /* FID so far */
	bool spread; /* pictures have differed once */
} teacher;

static par_err draw_shown(teacher *t)
{
	studio s;
	filler f = {.g = t->g, .s = &s};
	par_err e = studio_open(&s, t->n);
	if (e == PAR_OK)
		e = made_fill(&t->shown, &t->a->world, filler_make[FILLER_GAN], &f);
	studio_close(&s);
	return e;
}

/* an alarm, where pictures have become alike or much worse than they were */
static void tell_look(teacher *t, int64_t step, const double v[LOOK_METRICS])
{
	double fid = v[LOOK_FID], spread = v[LOOK_SPREAD];
	bool worse = t->best > 0 && fid > 2 * t->best, alike = t->spread && spread < COLLAPSED;
	app_log(t->a, "step %6lld of %lld   FID %8.2f   right label %5.1f %%   spread %.2f",
	    (long long)step, (long long)t->steps, fid, 100 * v[LOOK_LABEL], spread);
	if (worse || alike)
		app_warn(t->a, "the pictures %s; the weights of the best look stand",
		    alike ? "are becoming alike" : "are much worse than they were");
	t->best = t->best > 0 && t->best < fid ? t->best : fid;
	t->spread = t->spread || spread >= COLLAPSED;
	json_array_append_new(
	    t->looks, json_pack("{sI sf sf sf}", "step", (json_int_t)step, "fid", fid,
			  "label_accuracy", v[LOOK_LABEL], "spread", spread));
}

static par_err look(void *ctx, double metric[PAR_METRICS])
{
	teacher *t = ctx;
	double v[QUALITY_METRICS];
	PAR_TRY(draw_shown(t));
	PAR_TRY(quality_glance(t->q, &t->shown, v));
	metric[LOOK_FID] = v[QUALITY_FID];
	metric[LOOK_LABEL] = v[QUALITY_LABEL];
	metric[LOOK_SPREAD] = v[QUALITY_SPREAD];
	return PAR_OK;
}

static void follow(void *ctx, int64_t step, const par_report *line)
{
	teacher *t = ctx;
	if (line)
		tell_look(t, step, line->validation);
	else
		app_progress(t->a, "learning", (double)step, (double)t->steps);
}

static const char *checkpoint_name(const app *a, char *name, size_t size)
{
	app_beside(a, ".checkpoint", name, size);
	return name;
}

void teach_clear(const app *a)
{
	char name[4096];
	par_checkpoint_clear(&a->world, checkpoint_name(a, name, sizeof name));
}

static par_err learn(teacher *t, const draws *d)
{
	char name[4096], *note;
	app *a = t->a;
	int64_t looks = app_int(a, "looks");
	PAR_TRY(app_note(a, &note));
	app_progress(a, "learning", 0, (double)t->steps);
	par_err e = gan_learn(t->n, d,
	    &(gan_lesson){.steps = t->steps,
		.rate_discriminator = rate_of(a, t->steps),
		.rate_generator = rate_of(a, t->steps) * app_real(a, "rate_generator"),
		.falling = app_real(a, "falling"),
		.report = (t->steps + looks - 1) / looks,
		.measure = look,
		.patience = (int)app_int(a, "patience"),
		.checkpoint = checkpoint_name(a, name, sizeof name),
		.note = note,
		.seconds = app_real(a, "checkpoint"),
		.resume = a->resume,
		.progress = follow,
		.ctx = t});
	free(note);
	return e;
}

static par_err open_shown(teacher *t)
{
	int64_t categories = t->g->categories, n = LOOKED / categories + 1;
	int64_t *each = malloc((size_t)categories * sizeof *each + 1);
	par_err e = par_agree(&t->a->world,
	    each ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for the pictures of a look"));
	for (int64_t c = 0; c < categories && e == PAR_OK; c++)
		each[c] = gallery_count(t->g, GALLERY_TRAIN, c) > 0 ? n : 0;
	if (e == PAR_OK)
		e = made_open(&t->shown, &t->a->world, t->g, each);
	free(each);
	return e;
}

par_err teach(gan *n, app *a, const gallery *g, quality *q)
{
	draws d = {0};
	teacher t = {
	    .a = a, .n = n, .g = g, .q = q, .looks = json_array(), .steps = teach_steps(a)};
	json_object_set_new(a->report, "looks", t.looks);
	par_err e = par_agree(
	    &a->world, draws_open(&d, g, n->spec.noise, n->spec.seed, app_real(a, "draws")));
	if (e == PAR_OK)
		e = open_shown(&t);
	if (e == PAR_OK)
		e = learn(&t, &d);
	made_close(&t.shown);
	draws_close(&d);
	return e;
}
