#include "plan/source.h"

#include "io/share.h"
#include "plan/model/assemble.h"
#include "plan/model/generate.h"
#include "plan/what_if.h"

#include <stdlib.h>
#include <string.h>

/* one of --network, --generate, --mps and --lp */
static par_err check_one(const app *a)
{
	static const char *const path[] = {"network", "mps", "lp"};
	int given = app_int(a, "generate") > 0;
	for (int i = 0; i < 3; i++)
		given += app_text(a, path[i]) != NULL;
	if (given == 1)
		return PAR_OK;
	return par_fail(PAR_E_USAGE, "%s; wanted one of --network, --generate, --mps and --lp",
	    given ? "two problems are given" : "no problem is given");
}

par_err source_check(const app *a)
{
	PAR_TRY(check_one(a));
	if (app_text(a, "mps") || app_text(a, "lp"))
		return app_text(a, "out")
			   ? par_fail(PAR_E_USAGE,
				 "a linear program's answer is told by --json; plan.out "
				 "is for plans")
			   : PAR_OK;
	if (app_text(a, "blocks"))
		return par_fail(PAR_E_USAGE, "plan.blocks wants --mps or --lp, too");
	if (app_text(a, "network") && (!app_text(a, "forecast") || !app_text(a, "catalog")))
		return par_fail(PAR_E_USAGE, "plan.network wants --forecast and --catalog, too");
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

static void warn(const app *a, int64_t n, const char *what)
{
	if (n > 0)
		app_warn(a, "%lld %s", (long long)n, what);
}

/* each table of the folder with its fingerprint: the folder itself has none */
static par_err name_tables(app *a, const char *folder)
{
	par_listing l;
	PAR_TRY(par_share_listing(&a->world, folder, &l));
	par_err e = PAR_OK;
	for (int64_t i = 0; i < l.count && e == PAR_OK; i++) {
		char path[4096];
		const char *end = strrchr(l.name[i], '.');
		snprintf(path, sizeof path, "%s/%s", folder, l.name[i]);
		if (end && strcmp(end, ".csv") == 0 && !strchr(l.name[i], '/'))
			e = app_input(a, l.name[i], path);
	}
	par_listing_drop(&l);
	return e;
}

static par_err read_network(model *m, app *a)
{
	assemble_options o = {.folder = app_text(a, "network"),
	    .catalog = app_text(a, "catalog"),
	    .forecast = app_text(a, "forecast"),
	    .together = (int)app_int(a, "together"),
	    .steps = (int)app_int(a, "steps"),
	    .hard = app_bool(a, "hard"),
	    .capital = app_real(a, "capital"),
	    .salvage = app_real(a, "salvage"),
	    .leftover = app_real(a, "leftover"),
	    .backlog = app_real(a, "backlog"),
	    .overrides = app_bool(a, "overrides"),
	    .service = app_real(a, "service"),
	    .shortfall = app_real(a, "shortfall"),
	    .correlation = app_real(a, "correlation")};
	assemble_notes n = {0};
	PAR_TRY(name_tables(a, o.folder));
	PAR_TRY(assemble(m, &a->world, &o, &n));
	if (n.overridden)
		app_log(a,
		    "demand: planners' words hold, and quantiles move with them (plan.overrides)");
	warn(a, n.skus_unplanned, "SKUs of the catalog have no forecast and are not planned");
	warn(a, n.skus_unsupplied, "SKUs stand in no row of supply: only their stock is sold");
	warn(a, n.series_unpriced, "series have no price and are not served");
	warn(a, n.stock_late, "rows of stock arrive after the plan's end");
	warn(a, n.limits_idle, "limits hold nothing that the plan can do");
	return PAR_OK;
}

par_err source_open(model *m, app *a)
{
	*m = (model){0};
	PAR_TRY(app_text(a, "network") ? read_network(m, a) : make(m, a));
	return what_if(m, a);
}
