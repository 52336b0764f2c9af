#include "forecast/progress.h"

#include "io/checkpoint.h"

#include <stdio.h>
#include <stdlib.h>

enum { ARRAYS = 9 }; /* the last where there are past origins */

/* forecast.h5 has its checkpoints in forecast.checkpoint.STEP.h5 */
static const char *name_of(const app *a, char *name, size_t size)
{
	app_beside(a, ".checkpoint", name, size);
	return name;
}

typedef struct {
	const char *name;
	par_dtype type;
	int64_t columns;
	void *data;
} field;

/* returns how many there are */
static int fields_of(const results *r, field *f)
{
	const field all[ARRAYS] = {
	    {"mean", PAR_F32, r->horizon, r->mean},
	    {"quantiles", PAR_F32, (int64_t)r->horizon * r->quantiles, r->quantile},
	    {"model", PAR_I16, 1, r->model},
	    {"status", PAR_I16, 1, r->status},
	    {"mase", PAR_F32, 1, r->mase},
	    {"rmsse", PAR_F32, 1, r->rmsse},
	    {"smape", PAR_F32, 1, r->smape},
	    {"done", PAR_U8, 1, r->done},
	    {"past", PAR_F32, (int64_t)r->origins * r->horizon, r->past},
	};
	for (int i = 0; i < ARRAYS; i++)
		f[i] = all[i];
	return r->origins > 0 ? ARRAYS : ARRAYS - 1;
}

void progress_part(const app *a, int part, char *name, size_t size)
{
	char suffix[64];
	PAR_MUST(part < PROGRESS_PARTS, "part %d of %d", part, PROGRESS_PARTS);
	snprintf(suffix, sizeof suffix, ".checkpoint.network-%d", part);
	app_beside(a, suffix, name, size);
}

void progress_clear(app *a)
{
	char name[4096];
	for (int part = 0; part < PROGRESS_PARTS; part++) {
		progress_part(a, part, name, sizeof name);
		par_checkpoint_clear(&a->world, name);
	}
	par_checkpoint_clear(&a->world, name_of(a, name, sizeof name));
}

par_err progress_save(app *a, const panel *p, results *r)
{
	char name[4096];
	field f[ARRAYS];
	par_checkpoint_array array[ARRAYS];
	int arrays = fields_of(r, f);
	for (int i = 0; i < arrays; i++)
		array[i] = (par_checkpoint_array){
		    f[i].name, f[i].type, p->of.series, f[i].columns, r->first, r->rows, f[i].data};
	int64_t done = par_world_sum(&a->world, results_done(r));
	char *note;
	if (done == r->saved)
		return PAR_OK;
	PAR_TRY(app_note(a, &note));
	/* one of an earlier run that has gone further would be taken for the newest */
	if (!a->resume)
		progress_clear(a);
	/* the number of series done grows with every checkpoint, and so serves as its step */
	par_err e = par_checkpoint_save(
	    &a->world, name_of(a, name, sizeof name), done, note, array, arrays);
	free(note);
	r->saved = e == PAR_OK ? done : 0;
	return e;
}

par_err progress_leave(app *a, const panel *p, results *r)
{
	PAR_TRY(progress_save(a, p, r));
	return par_agree(
	    &a->world, par_fail(PAR_E_AGAIN,
			   "asked to stop with %lld of %lld series done; go on with --resume",
			   (long long)r->saved, (long long)p->of.series));
}

/* some rows of all fields at a time, so that quantiles need not stand in memory together */
static par_err load_rows(const app *a, par_store *s, const results *r)
{
	field f[ARRAYS];
	int arrays = fields_of(r, f);
	int64_t most = par_world_max(&a->world, r->rows);
	for (int64_t lo = 0; lo < most; lo += RESULTS_RESTING) {
		int64_t left = r->rows > lo ? r->rows - lo : 0, at = left > 0 ? lo : 0;
		int64_t n = left < RESULTS_RESTING ? left : RESULTS_RESTING;
		for (int i = 0; i < arrays; i++) {
			size_t row = (size_t)f[i].columns * par_dtype_bytes(f[i].type);
			PAR_TRY(par_checkpoint_get(s, f[i].name, f[i].type, r->first + at, n,
			    (char *)f[i].data + (size_t)at * row));
		}
		if (n > 0)
			results_rest(r, at + n - 1);
	}
	return PAR_OK;
}

par_err progress_load(app *a, results *r)
{
	char name[4096];
	par_store *s;
	int64_t step;
	char *note;
	PAR_TRY(app_note(a, &note));
	par_err e = par_checkpoint_open(&s, &a->world, name_of(a, name, sizeof name), note, &step);
	free(note);
	PAR_TRY(e);
	if (!s) {
		app_log(a, "no checkpoint to resume from; starting anew");
		return PAR_OK;
	}
	e = load_rows(a, s, r);
	par_store_close(s);
	r->saved = step;
	app_log(a, "resuming with %lld series done", (long long)step);
	return e;
}
