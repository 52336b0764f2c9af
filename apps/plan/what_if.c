#include "plan/what_if.h"

#include "base/text.h"
#include "plan/tell/limit_text.h"

#include <stdlib.h>
#include <string.h>

#define MOST 1000 /* a factor */

static void scale_kinds(model *m, const app *a)
{
	static const struct {
		limit_kind kind;
		const char *key;
	} factor[] = {
	    {LIMIT_LANE, "lane_capacity"},
	    {LIMIT_SPACE, "space"},
	    {LIMIT_SUPPLIER, "supplier_capacity"},
	    {LIMIT_BUDGET, "budget"},
	};
	for (size_t i = 0; i < sizeof factor / sizeof factor[0]; i++)
		model_scale(m, factor[i].kind, app_real(a, factor[i].key));
}

/* does the key name the limit, or all of its period, name or kind? */
static bool names(const char *key, const char *name)
{
	size_t n = strlen(key);
	return strncmp(name, key, n) == 0 && (name[n] == 0 || name[n] == '/');
}

/* with the name that was meant, whole or without its date */
static par_err unknown(const model *m, const par_conf_line *line)
{
	int n = m->problem.link.rows;
	char(*name)[LIMIT_NAME] = malloc(2 * (size_t)n * sizeof *name + 1);
	const char **word = malloc(2 * (size_t)n * sizeof *word + 1);
	if (!name || !word) {
		free(name);
		free(word);
		return par_fail(PAR_E_MEMORY, "no memory for the names of %d limits", n);
	}
	for (int i = 0; i < 2 * n; i++) {
		word[i] = limit_name(m, i / 2, name[i]);
		if (i % 2)
			*strrchr(name[i], '/') = 0;
	}
	const char *near = par_text_nearest(line->key, word, 2 * n);
	par_err e = par_fail(PAR_E_CONFIG, "%s: no limit of this plan is named %s; %s%s%s",
	    line->origin, par_shows(line->key), near ? "did you mean " : "wanted ",
	    near ? near
		 : "lane/NAME, space/NAME, supplier/NAME, commitment/NAME or budget, as in link of "
		   "plan.h5",
	    near ? "?" : "");
	free(name);
	free(word);
	return e;
}

static par_err scale_named(model *m, const par_conf_line *line)
{
	char name[LIMIT_NAME];
	double factor;
	int found = 0;
	if (par_text_real(line->value, strlen(line->value), 0, MOST, &factor) != PAR_NUM_OK)
		return par_fail(PAR_E_CONFIG, "%s: %s is no factor; wanted a number from 0 to %d",
		    line->origin, par_shows(line->value), MOST);
	for (int i = 0; i < m->problem.link.rows; i++)
		if (names(line->key, limit_name(m, i, name))) {
			model_scale_limit(m, i, factor);
			found++;
		}
	return found > 0 ? PAR_OK : unknown(m, line);
}

static par_err scale_all(model *m, const app *a)
{
	par_conf_line line;
	scale_kinds(m, a);
	for (int i = 0; par_conf_line_at(a->conf, "what_if", i, &line); i++)
		PAR_TRY(scale_named(m, &line));
	return PAR_OK;
}

par_err what_if(model *m, const app *a)
{
	m->demand = app_real(a, "demand");
	return par_agree(&a->world, scale_all(m, a));
}
