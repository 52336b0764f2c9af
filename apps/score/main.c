/* entrepot-score: how good a forecast was, once it is known what came. */
#include "score/cost.h"
#include "score/input.h"
#include "score/nodes.h"
#include "score/output.h"
#include "score/report.h"
#include "score/series.h"

#include <stdlib.h>
#include <string.h>

static item_rules make_rules(const app *a, const input *in)
{
	const char *clip = app_text(a, "clip");
	int64_t lag = app_int(a, "mase_lag"), season = app_int(a, "season");
	item_rules r = {
	    .horizon = in->horizon,
	    .lag = lag                           ? lag
		   : in->of.frequency == PAR_DAY ? 1
						 : par_frequency_season(in->of.frequency),
	    .season = season ? season : in->of.season,
	    .clip = *clip == 'a'   ? ITEM_CLIP_AUTO
		    : *clip == 'y' ? ITEM_CLIP_YES
				   : ITEM_CLIP_NO,
	    .median = strcmp(app_text(a, "point"), "median") == 0,
	    .quantiles = in->quantiles,
	    .level = in->level,
	    .seed = (uint64_t)par_conf_int(a->conf, "run", "seed"),
	};
	item_find_levels(&r);
	return r;
}

/* the summaries of the hierarchy's levels in its order; a level that only renames the series has
 * theirs */
static par_err sum_levels(const hierarchy *h, const node_scores *nodes, const summary *series,
    const item_rules *r, summary *level)
{
	summary *made = calloc((size_t)nodes->of.count + 1, sizeof *made);
	par_err e = made ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for the levels");
	e = par_agree(nodes->blocks.world, e);
	if (e == PAR_OK)
		e = summary_make(
		    made, nodes->of.count, nodes->of.first, &nodes->blocks, nodes->rows, r);
	for (int l = 0, k = 0; l < hierarchy_levels(h) && e == PAR_OK; l++) {
		const hierarchy_level *at = hierarchy_at(h, l);
		bool own = k < nodes->of.count && nodes->of.level[k] == at;
		level[l] = own ? made[k++] : *series;
		level[l].name = at->name;
	}
	free(made);
	return e;
}

static par_err tell_scores(app *a, const input *in, const item_rules *r,
    const series_scores *scores, const summary *series, const summary *level, int n)
{
	report_scores(a, r, series, level, n);
	if (!a->out)
		return PAR_OK;
	app_phase(a, "writing");
	return output_write(a, in, r, scores, level, n);
}

static par_err score_levels(app *a, const input *in, const item_rules *r,
    const series_scores *scores, const hierarchy *h, const summary *series)
{
	int n = hierarchy_levels(h);
	node_scores nodes = {0};
	summary *level = calloc((size_t)n, sizeof *level);
	par_err e = level ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for %d levels", n);
	e = par_agree(&a->world, e);
	if (e == PAR_OK)
		e = nodes_measure(&nodes, in, h, r, scores->value, app_int(a, "memory") << 20);
	if (e == PAR_OK)
		e = sum_levels(h, &nodes, series, r, level);
	if (e == PAR_OK)
		e = tell_scores(a, in, r, scores, series, level, n);
	for (int l = 0; level && l < n; l++)
		if (level[l].mean != series->mean)
			summary_free(&level[l]);
	free(level);
	nodes_free(&nodes);
	return e;
}

static par_err score(app *a, const input *in, const hierarchy *h)
{
	item_rules r = make_rules(a, in);
	series_scores scores;
	summary series = {.name = "series"};
	const int64_t first[2] = {0, in->of.series};
	app_phase(a, "series");
	par_err e = series_measure(&scores, in, &r, app_int(a, "weight_periods"));
	if (e == PAR_OK)
		e = summary_make(&series, 1, first, &scores.blocks, scores.rows, &r);
	app_phase(a, "levels");
	if (e == PAR_OK && h)
		e = score_levels(a, in, &r, &scores, h, &series);
	else if (e == PAR_OK)
		e = tell_scores(a, in, &r, &scores, &series, &series, 1);
	summary_free(&series);
	series_free(&scores);
	return e;
}

static void tell_left_out(const app *a, const input *in)
{
	json_object_set_new(a->report, "unknown", json_integer(in->unknown));
	json_object_set_new(a->report, "outside", json_integer(in->outside));
	if (in->unknown)
		app_warn(a, "%lld actual values are of no series of the history; left out",
		    (long long)in->unknown);
	if (in->outside)
		app_log(a, "%lld actual values are of no step of the forecast; left out",
		    (long long)in->outside);
}

static par_err run(app *a)
{
	input in;
	hierarchy *h = NULL;
	app_phase(a, "opening");
	par_err e = input_open(&in, a);
	if (e == PAR_OK)
		e = input_read_hierarchy(&in, a, &h);
	if (e == PAR_OK)
		e = input_read_actual(&in, a);
	if (e == PAR_OK) {
		tell_left_out(a, &in);
		e = score(a, &in, h);
	}
	a->work = (double)in.of.series;
	a->unit = "series";
	hierarchy_free(h);
	input_close(&in);
	return e;
}

static void tell_cost(app *a, const input *in, const cost *c)
{
	app_log(a, "%lld series of %lld periods, %lld steps scored", (long long)in->of.series,
	    (long long)in->history, (long long)in->horizon);
	app_log(a, "memory a rank: %.0f MiB", c->bytes / (1 << 20));
	app_log(a, "time: about %.2g s", c->seconds);
	json_object_set_new(a->report, "memory_mib", json_real(c->bytes / (1 << 20)));
	json_object_set_new(a->report, "seconds", json_real(c->seconds));
}

static par_err estimate(app *a)
{
	input in;
	cost c;
	hierarchy *h = NULL;
	par_err e = input_open(&in, a);
	if (e == PAR_OK)
		e = input_read_hierarchy(&in, a, &h);
	if (e == PAR_OK) {
		item_rules r = make_rules(a, &in);
		e = cost_of(&c, &in, h, &r, app_int(a, "memory") << 20);
	}
	if (e == PAR_OK)
		tell_cost(a, &in, &c);
	hierarchy_free(h);
	input_close(&in);
	return e;
}

int main(int argc, char **argv)
{
	static const char *const required[] = {"history", "forecast", NULL};
	static const app_program score_program = {
	    .name = "score",
	    .purpose = "Score a forecast against what came, overall and by level of a hierarchy.",
	    .required = required,
	    .run = run,
	    .estimate = estimate,
	};
	return app_main(&score_program, argc, argv);
}
