/* np: 1 2 3 6   apps: forecast */
#include "forecast/net/keep.h"

#include "../tap.h"
#include "net_case.h"
#include "scratch.h"

#include <string.h>

enum { H = 7, BATCH = 50, STRIDE = 8, DATES = 5, LEVELS = 2 };

static const double some_levels[LEVELS] = {.25, .75}, other_levels[LEVELS] = {.2, .75};

/* names of a night's catalog; those of areas and events too */
typedef struct {
	char sku[SKUS * STRIDE], market[MARKETS * STRIDE], area[AREAS * STRIDE], event[2 * STRIDE];
} words;

static void say(char *to, int n, const char *const *word)
{
	memset(to, 0, (size_t)n * STRIDE);
	for (int i = 0; i < n; i++)
		snprintf(to + i * STRIDE, STRIDE, "%s", word[i]);
}

/* a night: SKUs 0 and 1 are of area 0, SKU 2 of area 1; one event a day before and on the day */
static net_case *night_of(const par_world *w, words *of, const char *const *sku,
    const char *const *market, const char *const *area, const char *event)
{
	net_case *n = net_open(w);
	say(of->sku, SKUS, sku);
	say(of->market, MARKETS, market);
	say(of->area, AREAS, area);
	say(of->event, 1, &event);
	n->of.sku = of->sku;
	n->of.market = of->market;
	n->of.sku_stride = n->of.market_stride = STRIDE;
	n->h.area = of->area;
	n->h.area_stride = STRIDE;
	n->c.dates = DATES;
	n->c.events = 1;
	n->c.offsets = 2;
	n->c.event = of->event;
	n->c.event_stride = STRIDE;
	return n;
}

static par_err open_on(
    learner *l, window_kind *k, const net_case *n, int horizon, uint64_t seed, const double *level)
{
	window_kind_make(k, &n->h, &n->c, horizon, true);
	return learn_open(l, k, &(network_spec){16, 12, BATCH, seed, false, LEVELS, level});
}

static const float *param(const learner *l, const float *all, const char *name)
{
	for (int i = 0; i < par_graph_params(l->net.graph); i++) {
		const par_param *p = par_graph_param(l->net.graph, i);
		if (strcmp(p->name, name) == 0)
			return all;
		all += p->n;
	}
	return NULL;
}

/* is row i of one the mean of rows a and b of the other? */
static bool is_mean(const float *one, int i, const float *other, int a, int b, int width)
{
	for (int j = 0; j < width; j++) {
		double want = ((double)other[a * width + j] + (double)other[b * width + j]) / 2;
		if (fabs((double)one[i * width + j] - want) > 1e-7)
			return false;
	}
	return true;
}

static bool is_row(const float *one, int i, const float *other, int a, int width)
{
	return is_mean(one, i, other, a, a, width);
}

static bool is_zero(const float *one, int i, int width)
{
	bool zero = true;
	for (int j = 0; j < width; j++)
		zero = zero && one[i * width + j] == 0;
	return zero;
}

/* the case's SKUs are in two markets, so both nights have as many series */
static void holds_names(const learner *old, const keep *was, const learner *now, const keep *is)
{
	const float *a = param(old, was->set[KEEP_ALL], "sku/weight"),
		    *b = param(now, is->set[KEEP_ALL], "sku/weight");
	ok(is_row(b, 0, a, 1, 4) && is_row(b, 1, a, 1, 4) && is_row(b, 2, a, 2, 4),
	    "SKUs are found by id; one that came is the mean of its department");
	a = param(old, was->set[KEEP_ALL], "place/weight");
	b = param(now, is->set[KEEP_ALL], "place/weight");
	ok(is_row(b, 0, a, 1, 18) && is_row(b, 1, a, 1, 18),
	    "a market that came is the mean of those that were there");
	ok(is_row(b, 2, a, 3, 18) && is_row(b, 3, a, 2, 18), "departments change places");
	a = param(old, was->set[KEEP_HELD], "day/weight");
	b = param(now, is->set[KEEP_HELD], "day/weight");
	bool dates = true;
	for (int i = 0; i < DATES; i++)
		dates = dates && is_row(b, i, a, i, 16);
	ok(dates && is_zero(b, DATES, 16) && is_zero(b, DATES + 1, 16),
	    "dates stay what they are; another kind of event is nothing yet");
	a = param(old, was->set[KEEP_HELD], "whole2/weight");
	b = param(now, is->set[KEEP_HELD], "whole2/weight");
	ok(memcmp(a, b, 16 * 16 * sizeof *a) == 0, "what has no names stays as it is");
}

static void holds_weights(learner *l, const float *given)
{
	size_t bytes = (size_t)learn_weights(l) * sizeof(float);
	float *back = malloc(bytes);
	learn_give(l, given);
	if (back)
		learn_take(l, back);
	ok(back && memcmp(back, given, bytes) == 0, "what a learner is given it holds");
	free(back);
}

/* both sets of the learner's weights, made unlike each other */
static par_err fill(keep *k, learner *l)
{
	int64_t n = learn_weights(l);
	*k = (keep){.nights = 3, .better = true, .error = 0.5, .error_models = 0.75};
	for (int i = 0; i < KEEP_SETS; i++) {
		k->set[i] = malloc((size_t)n * sizeof *k->set[i]);
		if (!k->set[i])
			return par_fail(PAR_E_MEMORY, "no memory");
		learn_take(l, k->set[i]);
		for (int64_t j = 0; j < n; j++)
			k->set[i][j] += (float)i;
	}
	return PAR_OK;
}

int main(int argc, char **argv)
{
	static const char *const skus[] = {"A", "B", "C"}, *const others[] = {"AB", "B", "C"};
	static const char *const markets[] = {"M", "N"}, *const moved[] = {"K", "N"};
	static const char *const shops[] = {"food", "toys"}, *const swapped[] = {"toys", "food"};
	tap_begin(&argc, &argv);
	par_world w;
	words one, two;
	window_kind k[4];
	learner l[4];
	keep was = {0}, is = {0}, far = {0};
	const char *why = NULL;
	par_world_open(&w, MPI_COMM_WORLD);
	scratch_begin();
	const char *path = scratch_path("f.model.h5");
	app a = {.world = w,
	    .conf = par_conf_new(app_settings, app_settings_count),
	    .section = "forecast",
	    .sections = {"forecast", "run"},
	    .own = 1,
	    .out = scratch_path("f.h5"),
	    .kernel_set = "test"};
	net_case *n = night_of(&w, &one, skus, markets, shops, "feast");
	net_case *m = night_of(&w, &two, others, moved, swapped, "race");
	m->area_of[0] = m->area_of[1] = 1; /* food is the second there */
	m->area_of[2] = 0;
	par_err e = open_on(&l[0], &k[0], n, H, 5, some_levels);
	if (e == PAR_OK)
		e = fill(&was, &l[0]);
	if (e == PAR_OK)
		e = keep_write(&a, &l[0], &was);
	ok(e == PAR_OK, "a network is left for the next night");
	e = open_on(&l[1], &k[1], m, H, 6, some_levels);
	if (e == PAR_OK)
		e = keep_read(&is, &l[1], path, &why);
	ok(e == PAR_OK && !why && is.nights == 3 && is.better && is.error < is.error_models,
	    "the next night reads it, and how it did");
	if (e == PAR_OK) {
		holds_names(&l[0], &was, &l[1], &is);
		holds_weights(&l[1], is.set[KEEP_ALL]);
	}
	e = open_on(&l[2], &k[2], n, H + 1, 5, some_levels);
	if (e == PAR_OK)
		e = keep_read(&far, &l[2], path, &why);
	ok(e == PAR_OK && why && strstr(why, "horizon"), "another horizon is none to go on to");
	keep_drop(&far);
	e = open_on(&l[3], &k[3], n, H, 5, other_levels);
	if (e == PAR_OK)
		e = keep_read(&far, &l[3], path, &why);
	ok(e == PAR_OK && why && strstr(why, "quantiles"), "nor is one of other quantiles");
	keep_drop(&was);
	keep_drop(&is);
	keep_drop(&far);
	for (int i = 0; i < 4; i++)
		learn_close(&l[i]);
	free(n);
	free(m);
	par_conf_free(a.conf);
	scratch_end();
	par_world_close(&w);
	return tap_end();
}
