#include "forecast/plan.h"

#include "base/text.h"
#include "forecast/results.h"

#include <string.h>

/* the word at *at up to a separator, blanks around it cut; NULL at the end of the text */
static const char *next_word(const char **at, const char *separators, size_t *n)
{
	*at += strspn(*at, separators);
	*at += strspn(*at, " ");
	if (!**at)
		return NULL;
	const char *word = *at;
	*n = strcspn(word, separators);
	*at += *n;
	while (*n > 0 && word[*n - 1] == ' ')
		--*n;
	return word;
}

static par_err take_quantiles(plan *f, const app *a)
{
	const char *at = app_text(a, "quantiles"), *word;
	const char *origin = par_conf_origin(a->conf, a->section, "quantiles");
	size_t n;
	int k = 0;
	while ((word = next_word(&at, " ", &n))) {
		double q;
		if (k == PLAN_QUANTILES)
			return par_fail(PAR_E_CONFIG, "%s: more than %d quantile levels", origin,
			    PLAN_QUANTILES);
		if (par_text_real(word, n, 0, 1, &q) != PAR_NUM_OK || q <= 0 || q >= 1 ||
		    (k > 0 && q <= f->level[k - 1]))
			return par_fail(PAR_E_CONFIG,
			    "%s: %s is no next quantile level; wanted numbers between 0 and 1, "
			    "ascending",
			    origin, par_show(word, n));
		f->level[k++] = q;
	}
	f->spec.quantile = f->level;
	f->spec.quantiles = k;
	return PAR_OK;
}

static int model_called(const char *word, size_t n)
{
	for (int m = 0; m < BANK_MODELS; m++)
		if (strlen(bank_model_text(m)) == n && memcmp(bank_model_text(m), word, n) == 0)
			return m;
	return -1;
}

static par_err take_models(plan *f, const app *a)
{
	static const char names[] = ""
#define X(name, text) ", " text
	    BANK_MODEL_LIST(X)
#undef X
	    ;
	const char *at = app_text(a, "models"), *word;
	size_t n;
	if (strcmp(at, "auto") == 0)
		return PAR_OK;
	while ((word = next_word(&at, ",", &n))) {
		int m = model_called(word, n);
		if (m < 0)
			return par_fail(PAR_E_CONFIG,
			    "%s: %s is no model; wanted auto or some of: %s",
			    par_conf_origin(a->conf, a->section, "models"), par_show(word, n),
			    names + 2);
		f->spec.models |= 1u << m;
	}
	return PAR_OK;
}

/* the settings' seasons, else what the catalog and its frequency say */
static par_err take_seasons(plan *f, const app *a, int own, par_frequency frequency)
{
	int season = (int)app_int(a, "season"), longer = (int)app_int(a, "season2");
	int usual = frequency == PAR_HOUR ? 7 * 24 : frequency == PAR_WEEK ? 52 : 0;
	season = season ? season : own;
	if (season < 1 || season > BANK_SEASON)
		return par_fail(PAR_E_DATA,
		    "%s: a season of %d periods; wanted 1 to %d: set forecast.season, 1 for none",
		    app_text(a, "in"), season, BANK_SEASON);
	if (longer && longer <= season)
		return par_fail(PAR_E_CONFIG, "%s: %d is no longer than the season of %d",
		    par_conf_origin(a->conf, a->section, "season2"), longer, season);
	f->spec.season = season;
	f->spec.season2 = longer ? longer : usual > season ? usual : 0;
	return PAR_OK;
}

/* each takes a good half of the time of the forecast itself */
static int origins_of(const app *a, const panel *p, int horizon)
{
	int64_t room = p->of.length / 2 / horizon;
	int most = p->of.series > PLAN_MANY ? 2 : PLAN_ORIGINS;
	int errors = (PLAN_ERRORS + horizon - 1) / horizon;
	if (strcmp(app_text(a, "reconcile"), "none") != 0)
		most = p->of.series <= PLAN_MANY && errors > most ? errors : most;
	else if (strcmp(app_text(a, "totals"), "no") == 0 &&
		 strcmp(app_text(a, "pooled"), "no") == 0 &&
		 strcmp(app_text(a, "network"), "no") == 0)
		return 0;
	return room < most ? (int)room : most;
}

bool plan_spills(const plan *f, const app *a, int64_t rows)
{
	size_t each = results_quantile_bytes(f->spec.horizon, f->spec.quantiles);
	return rows * (int64_t)each > app_int(a, "memory") << 20;
}

par_err plan_make(plan *f, const app *a, const panel *p)
{
	*f = (plan){
	    .spec = {.horizon = (int)app_int(a, "horizon"), .origins = (int)app_int(a, "origins")}};
	f->origins = origins_of(a, p, f->spec.horizon);
	PAR_TRY(take_seasons(f, a, p->of.season, p->of.frequency));
	const char *demand = app_text(a, "demand");
	f->spec.counts = strcmp(demand, "auto") == 0 ? p->whole : strcmp(demand, "counts") == 0;
	PAR_TRY(take_quantiles(f, a));
	return take_models(f, a);
}
