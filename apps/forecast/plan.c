#include "forecast/plan.h"

#include "base/text.h"

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
	const char *at = app_text(a, "models"), *word;
	size_t n;
	if (strcmp(at, "all") == 0)
		return PAR_OK;
	while ((word = next_word(&at, ",", &n))) {
		int m = model_called(word, n);
		if (m < 0)
			return par_fail(PAR_E_CONFIG,
			    "%s: %s is no model; wanted all, or some of: naive, seasonal naive, "
			    "naive2, ses, "
			    "holt, damped, theta, ...",
			    par_conf_origin(a->conf, a->section, "models"), par_show(word, n));
		f->spec.models |= 1u << m;
	}
	return PAR_OK;
}

par_err plan_make(plan *f, const app *a, const panel *p)
{
	*f = (plan){.spec = {.horizon = (int)app_int(a, "horizon"),
			.origins = (int)app_int(a, "origins"),
			.season = (int)app_int(a, "season"),
			.season2 = (int)app_int(a, "season2")}};
	if (f->spec.season == 0)
		f->spec.season = p->of.season;
	if (f->spec.season2 == 0)
		f->spec.season2 = p->of.frequency == PAR_HOUR   ? 7 * 24
				  : p->of.frequency == PAR_WEEK ? 52
								: 0;
	const char *demand = app_text(a, "demand");
	f->spec.counts = strcmp(demand, "auto") == 0 ? p->whole : strcmp(demand, "counts") == 0;
	PAR_TRY(take_quantiles(f, a));
	return take_models(f, a);
}
