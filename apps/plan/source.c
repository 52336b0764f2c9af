#include "plan/source.h"

#include "plan/model/generate.h"

#include <stdlib.h>

par_err source_check(const app *a)
{
	if (app_int(a, "generate") < 1)
		return par_fail(PAR_E_USAGE, "no problem is given; wanted --generate");
	if (!app_text(a, "out") && !app_text(a, "write_mps"))
		return par_fail(
		    PAR_E_USAGE, "plan.out is not set; give --out or set it in --config");
	return PAR_OK;
}

static par_err make(model *m, const app *a)
{
	generate_options o = {.skus = app_int(a, "generate"),
	    .seed = (uint64_t)par_conf_int(a->conf, "run", "seed"),
	    .periods = (int)strtol(app_text(a, "weeks"), NULL, 10),
	    .hard = app_bool(a, "hard")};
	return generate(m, &a->world, &o);
}

static void what_if(model *m, const app *a)
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
	m->demand = app_real(a, "demand");
}

par_err source_open(model *m, app *a)
{
	*m = (model){0};
	PAR_TRY(make(m, a));
	what_if(m, a);
	return PAR_OK;
}
