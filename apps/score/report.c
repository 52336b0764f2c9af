#include "score/report.h"

#include <math.h>
#include <stdio.h>

/* a number in width characters, or a dash */
static const char *cell(char *out, double value, int digits)
{
	if (isfinite(value))
		snprintf(out, 32, "%9.*f", digits, value);
	else
		snprintf(out, 32, "%9s", "-");
	return out;
}

static void log_level(const app *a, const char *name, const summary *s, double wrmsse, double wspl)
{
	const double value[] = {wrmsse, wspl, s->mean[ITEM_RMSSE], s->mean[ITEM_SMAPE],
	    s->mean[ITEM_MASE], s->owa, s->wape, s->mean[ITEM_SQL], s->mean[ITEM_MSIS], s->acd};
	char line[512], text[32];
	int used = snprintf(line, sizeof line, "%-22.22s %8lld", name, (long long)s->items);
	for (size_t i = 0; i < sizeof value / sizeof value[0]; i++)
		used += snprintf(
		    line + used, sizeof line - (size_t)used, " %s", cell(text, value[i], 4));
	app_log(a, "%s", line);
}

static void log_quantiles(const app *a, const item_rules *r, const summary *s)
{
	const double *pinball = s->mean + ITEM_MEASURES;
	if (r->quantiles == 0)
		return;
	app_log(a, "\n%-10s %10s %10s %10s", "quantile", "coverage", "randomised", "pinball");
	for (int q = 0; q < r->quantiles; q++) {
		char coverage[32], randomised[32], loss[32];
		app_log(a, "%-10g %10s %10s %10s", r->level[q],
		    cell(coverage, pinball[r->quantiles + q], 4),
		    cell(randomised, pinball[2 * r->quantiles + q], 4), cell(loss, pinball[q], 4));
	}
}

static double mean_over(const summary *level, int n, double (*of)(const summary *s))
{
	double sum = 0;
	for (int l = 0; l < n; l++)
		sum += of(&level[l]);
	return sum / n;
}

static double wrmsse_of(const summary *s)
{
	return s->wrmsse;
}

static double wspl_of(const summary *s)
{
	return s->wspl;
}

void report_scores(app *a, const item_rules *r, const summary *series, const summary *level, int n)
{
	summary all = *series;
	all.name = "series";
	all.wrmsse = mean_over(level, n, wrmsse_of);
	all.wspl = mean_over(level, n, wspl_of);
	app_log(a, "\n%-22s %8s %9s %9s %9s %9s %9s %9s %9s %9s %9s %9s", "level", "nodes",
	    "WRMSSE", "WSPL", "RMSSE", "sMAPE", "MASE", "OWA", "WAPE", "SQL", "MSIS", "ACD");
	json_t *levels = json_array();
	for (int l = 0; l < n; l++) {
		if (level != series)
			log_level(a, level[l].name, &level[l], level[l].wrmsse, level[l].wspl);
		json_array_append_new(levels, summary_json(&level[l], r));
	}
	log_level(
	    a, level != series ? "series; mean of levels" : "series", series, all.wrmsse, all.wspl);
	log_quantiles(a, r, series);
	json_object_set_new(a->report, "mase_lag", json_integer(r->lag));
	json_object_set_new(a->report, "season", json_integer(r->season));
	json_object_set_new(a->report, "horizon", json_integer(r->horizon));
	json_object_set_new(a->report, "measures", summary_json(&all, r));
	json_object_set_new(a->report, "levels", levels);
}
