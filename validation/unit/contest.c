/* np: 1 3   apps: augment */
#include "augment/contest.h"
#include "augment/output.h"
#include "augment/tagger.h"
#include "common/judge/quality.h"

#include "../tap.h"
#include "shop.h"

static const int64_t many[] = {200, 200, 200}, thin[] = {200, 200, 1}, held[] = {100, 100, 100};

/* ---- quality ---- */

typedef enum { FRESH, COPIED, ALIKE, WRONG } kind;

typedef struct {
	const gallery *g;
	kind kind;
} source;

static void make(void *ctx, int64_t category, int64_t first, int64_t n, uint8_t *out)
{
	const source *s = ctx;
	for (int64_t i = first; i < first + n; i++, out += SHOP_CELLS) {
		int64_t item = gallery_item(s->g, GALLERY_TRAIN, category,
		    i % gallery_count(s->g, GALLERY_TRAIN, category));
		if (s->kind == COPIED)
			memcpy(out, gallery_cells(s->g, item), SHOP_CELLS);
		else
			shop_draw(s->kind == WRONG ? (int)(category + 1) % 3 : (int)category,
			    s->kind == ALIKE ? 100000 + i % 2 : 100000 + i, out);
	}
}

static void qualities(const par_world *w)
{
	static const char *const what[] = {"new pictures of a category pass", "copies are told",
	    "so are pictures that are all alike", "and those of another category"};
	static const int must[] = {-1, QUALITY_COPIES, -2, QUALITY_LABEL};
	shop s;
	classifier net = {0};
	quality q = {0};
	const int64_t each[] = {150, 150, 150};
	shop_open(&s, many, held);
	trial_recipe r = trial_usual(&s.g, 150, 9);
	bool made = trial_train(&net, w, &r) == PAR_OK &&
		    quality_open(&q, w, &s.g, &net, GALLERY_VALIDATION) == PAR_OK;
	for (int k = FRESH; k <= WRONG; k++) {
		made_set m = {0};
		double v[SHOP_CATEGORIES + 1][QUALITY_METRICS] = {{0}}, glance[QUALITY_METRICS];
		quality_metric why = QUALITY_METRICS;
		bool here = made && made_open(&m, w, &s.g, each) == PAR_OK &&
			    made_fill(&m, w, make, &(source){&s.g, (kind)k}) == PAR_OK &&
			    quality_of(&q, &m, v) == PAR_OK &&
			    quality_glance(&q, &m, glance) == PAR_OK;
		bool passed = here && quality_passes(&q, &m, 0, v[0], &why);
		ok(here && (must[k] == -1 ? passed : !passed) &&
			(must[k] < 0 || (int)why == must[k]),
		    "%s (FID %.3f, copies %.2f, spread %.2f, right label %.2f)", what[k],
		    v[0][QUALITY_FID], v[0][QUALITY_COPIES], v[0][QUALITY_SPREAD],
		    v[0][QUALITY_LABEL]);
		ok(here && glance[QUALITY_FID] == v[SHOP_CATEGORIES][QUALITY_FID] &&
			glance[QUALITY_LABEL] == v[SHOP_CATEGORIES][QUALITY_LABEL],
		    "a glance sees the same");
		int64_t near[SHOP_CATEGORIES * 4];
		here = here && quality_nearest(&q, &m, 4, near) == PAR_OK;
		ok(here && (k != COPIED ||
			       (near[0] == s.g.items[0][0] && near[5] == s.g.items[0][201])),
		    "the nearest of a copy is what was copied");
		made_close(&m);
	}
	quality_close(&q);
	classifier_close(&net);
	shop_close(&s);
}

/* ---- confidence ---- */

/* labels drawn as scores at temperature `true_t` say */
static void temperatures(void)
{
	enum { N = 20000, K = 4 };
	static float score[N * K];
	static int32_t label[N];
	const double true_t = 2.5;
	for (int64_t i = 0; i < N; i++) {
		double sum = 0, u = par_rng_f64((par_rng){3, 2, 0}, i), below = 0;
		for (int k = 0; k < K; k++) {
			score[i * K + k] =
			    (float)(4 * par_rng_normal((par_rng){3, 1, 0}, i * K + k));
			sum += exp((double)score[i * K + k] / true_t);
		}
		for (label[i] = 0; label[i] < K - 1; label[i]++) {
			below += exp((double)score[i * K + label[i]] / true_t) / sum;
			if (u < below)
				break;
		}
	}
	double t = tagger_temperature(score, label, N, K);
	double off = tagger_error(score, label, N, K, t),
	       before = tagger_error(score, label, N, K, 1);
	ok(fabs(t - true_t) < .08, "the temperature of scores is found: %.3f of %.1f", t, true_t);
	ok(off < .02 && before > 5 * off, "confidence errs %.4f with it, %.4f without", off,
	    before);
}

/* ---- the contest ---- */

static app app_of(const par_world *w)
{
	app a = {.world = *w, .section = "augment", .report = json_object()};
	a.conf = par_conf_new(app_settings, app_settings_count);
	bool set = par_conf_assign(a.conf, "augment", "weights", ".3 .6") == PAR_OK &&
		   par_conf_assign(a.conf, "augment", "seeds", "4") == PAR_OK;
	ok(set, "settings are set");
	return a;
}

static void one_contest(
    const par_world *w, const int64_t *train, bool passed, bool gains, const char *what)
{
	shop s;
	verdict v = {0};
	tuned t = {0};
	made_set m[FILLERS] = {{0}};
	app a = app_of(w);
	const int64_t each[] = {0, 0, 200}, none[] = {0, 0, 0};
	uint8_t both[SHOP_CATEGORIES] = {0}, all[] = {passed, passed, passed},
		*may[FILLERS] = {all, all};
	shop_open(&s, train, held);
	bool made = tuned_open(&t, w, &s.g, both, 150, 3) == PAR_OK &&
		    made_open(&m[0], w, &s.g, each) == PAR_OK &&
		    made_open(&m[1], w, &s.g, none) == PAR_OK &&
		    made_fill(&m[0], w, make, &(source){&s.g, FRESH}) == PAR_OK &&
		    contest(&v, &a, &t, m, may) == PAR_OK;
	gain g = made ? v.gain[SHOP_CATEGORIES] : (gain){0};
	ok(made && v.proven == gains && (v.weight[2] > 0) == gains && v.weight[0] == 0,
	    "%s: weight %.2f, %+.1f points, from %+.1f on", what, made ? (double)v.weight[2] : -1,
	    100 * g.mean, 100 * g.low);
	verdict_drop(&v);
	made_close(&m[0]);
	made_close(&m[1]);
	tuned_close(&t);
	shop_close(&s);
	json_decref(a.report);
	par_conf_free(a.conf);
}

static void weights(void)
{
	/* 30 real ones of weight 1 and 60 made ones of weight 1/6: a quarter is made */
	ok(fabs(output_weight(.25, 30, 60) - 1. / 6) < 1e-12 && output_weight(0, 30, 60) == 0 &&
		output_weight(.5, 30, 0) == 0,
	    "weights beside real pictures make the share");
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	par_world w;
	par_world_open(&w, MPI_COMM_WORLD);
	qualities(&w);
	temperatures();
	one_contest(&w, thin, true, true, "a category of one picture gains by new ones");
	one_contest(&w, thin, false, false, "pictures that did not pass are not tried");
	one_contest(&w, many, true, false, "where there are enough pictures more bring nothing");
	weights();
	par_world_close(&w);
	return tap_end();
}
