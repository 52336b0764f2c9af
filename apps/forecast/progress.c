#include "forecast/progress.h"

#include "io/checkpoint.h"

#include <stdio.h>
#include <stdlib.h>

enum { ARRAYS = 12 }; /* the last two where there are past origins */

/* forecast.h5 has its checkpoints in forecast.checkpoint.STEP.h5 */
static const char *name_of(const app *a, char *name, size_t size)
{
	app_beside(a, ".checkpoint", name, size);
	return name;
}

typedef struct {
	const char *name;
	int64_t columns;
	void *data;
	par_dtype type;
	bool held; /* rows are the held series */
} field;

/* returns how many there are */
static int fields_of(const results *r, field *f)
{
	int64_t steps = (int64_t)r->origins * r->horizon;
	const field all[ARRAYS] = {
	    {"mean", r->horizon, r->mean, PAR_F32, false},
	    {"quantiles", (int64_t)r->horizon * r->quantiles, r->quantile, PAR_F32, false},
	    {"model", 1, r->model, PAR_I16, false},
	    {"status", 1, r->status, PAR_I16, false},
	    {"mase", 1, r->mase, PAR_F32, false},
	    {"rmsse", 1, r->rmsse, PAR_F32, false},
	    {"smape", 1, r->smape, PAR_F32, false},
	    {"done", 1, r->done, PAR_U8, false},
	    {"spread", 1, r->held.spread, PAR_F32, false},
	    {"since", 1, r->held.since, PAR_I32, false},
	    {"past", steps, r->past, PAR_F32, false},
	    {"held", r->origins * held_width(&r->held), r->held.cells, PAR_F32, true},
	};
	for (int i = 0; i < ARRAYS; i++)
		f[i] = all[i];
	return r->origins > 0 ? ARRAYS : ARRAYS - 2;
}

void progress_part(const app *a, int part, char *name, size_t size)
{
	char suffix[64];
	PAR_MUST(part < PROGRESS_PARTS, "part %d of %d", part, PROGRESS_PARTS);
	snprintf(suffix, sizeof suffix, ".checkpoint.network-%d", part);
	app_beside(a, suffix, name, size);
}

static par_checkpoint_array array_of(const results *r, const field *f, int64_t series)
{
	par_checkpoint_array all = {
	    f->name, f->type, series, f->columns, r->first, r->rows, f->data};
	if (f->held) {
		all.rows = held_below(&r->held, series);
		all.first_here = held_below(&r->held, r->first);
		all.rows_here = r->held.rows;
	}
	return all;
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
		array[i] = array_of(r, &f[i], p->of.series);
	int64_t done = par_world_sum(&a->world, results_done(r));
	char *note;
	if (done == r->saved)
		return PAR_OK;
	PAR_TRY(app_note(a, &note));
	/* one of an earlier run that has gone further would be taken for the newest */
	if (!a->resume)
		progress_clear(a);
	/* how many series are done grows with every checkpoint, and so serves as its step */
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

static par_err load_held(par_store *s, const results *r)
{
	field f[ARRAYS];
	for (int i = 0, arrays = fields_of(r, f); i < arrays; i++) {
		par_checkpoint_array at = array_of(r, &f[i], 0);
		if (f[i].held)
			PAR_TRY(par_checkpoint_get(
			    s, f[i].name, f[i].type, at.first_here, at.rows_here, f[i].data));
	}
	return PAR_OK;
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
			if (f[i].held)
				continue;
			PAR_TRY(par_checkpoint_get(s, f[i].name, f[i].type, r->first + at, n,
			    (char *)f[i].data + (size_t)at * row));
		}
		if (n > 0)
			results_rest(r, at + n - 1);
	}
	return PAR_OK;
}

par_err progress_load(app *a, const panel *p, results *r)
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
	if (e == PAR_OK)
		e = load_held(s, r);
	par_store_close(s);
	r->saved = step;
	app_log(
	    a, "resuming with %lld of %lld series done", (long long)step, (long long)p->of.series);
	return e;
}
