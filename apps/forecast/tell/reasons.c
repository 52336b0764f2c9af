#include "forecast/tell/reasons.h"

#include <math.h>

static const double missing = NAN;
static const float missing_part = NAN;

static const char *name_of(const void *ctx, int64_t part)
{
	(void)ctx;
	return why_text((int)part);
}

static bool judged(const why_parts *w)
{
	return !isnan(w->importance[0]);
}

/* collective | all of a variable is rank 0's */
static par_err put_whole(
    const app *a, par_store *s, const par_store_var *v, int64_t rows, const void *data)
{
	bool mine = a->world.rank == 0;
	return par_store_put(s, v, mine ? 0 : rows, mine ? rows : 0, data);
}

static par_err put_parts(const app *a, par_store *s, const why_parts *w)
{
	const par_store_var usual = {"why_usual", PAR_F32, {"explained", "step"}, "1",
	    "logarithm of what is usual", &missing_part};
	const par_store_var part = {"why", PAR_F32, {"explained", "driver", "step"}, "1",
	    "what a driver adds to the logarithm of the mean", &missing_part};
	PAR_TRY(par_store_dim(s, "explained", w->count, PAR_I64, w->series));
	PAR_TRY(put_whole(a, s, &usual, w->count, w->usual));
	return put_whole(a, s, &part, w->count, w->part);
}

par_err reasons_put(const app *a, par_store *s, const why_parts *w)
{
	const par_store_var worth = {"driver_importance", PAR_F64, {"driver"}, "1",
	    "by how much the error grows where a driver is another window's", &missing};
	double importance[WHY_PARTS];
	if (w->count == 0 && !judged(w))
		return PAR_OK;
	for (int d = 0; d < WHY_PARTS; d++)
		importance[d] = d < WHY_DRIVERS ? w->importance[d] : NAN;
	PAR_TRY(catalog_put_names(s, &a->world, "driver", WHY_PARTS, name_of, NULL));
	if (judged(w))
		PAR_TRY(put_whole(a, s, &worth, WHY_PARTS, importance));
	return w->count > 0 ? put_parts(a, s, w) : PAR_OK;
}

void reasons_tell(app *a, const why_parts *w)
{
	json_t *object = json_object();
	if (!judged(w)) {
		json_decref(object);
		return;
	}
	app_log(a, "\n%-36s %12s", "without this driver", "error grows");
	for (int d = 0; d < WHY_DRIVERS; d++) {
		app_log(a, "  %-34s %10.1f %%", why_text(d), 100 * w->importance[d]);
		json_object_set_new(object, why_text(d), json_real(w->importance[d]));
	}
	json_object_set_new(a->report, "importance", object);
}
