#include "forecast/rounds.h"

#include "forecast/past.h"
#include "forecast/progress.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
	const plan *f;
	panel *p;
	results *r;
	float *units; /* owned: of a round */
} rounds;

static par_err forecast(const plan *f, results *r, const held_block *b)
{
	bank_result out = results_from(r, b->row);
	PAR_TRY(bank_forecast(&f->spec, b->n, b->units, b->length, &out));
	held_see(f, &r->held, b->row, b->n, b->units, b->length);
	PAR_TRY(past_forecast(f, r, b->row, b->n, b->units, b->length));
	PAR_TRY(held_forecast(f, &r->held, b));
	for (int64_t i = 0; i < b->n; i++)
		results_rest(r, b->row + i);
	return PAR_OK;
}

/* unless a checkpoint brought it */
static par_err run_block(const rounds *w, const float *units, int64_t lo, int64_t hi)
{
	results *r = w->r;
	int64_t row = lo - r->first;
	if (r->done[row])
		return PAR_OK;
	PAR_TRY(forecast(w->f, r,
	    &(held_block){
		row, hi - lo, w->p->of.length, units, r->past + row * r->origins * r->horizon}));
	memset(r->done + row, 1, (size_t)(hi - lo));
	par_world_alive();
	return PAR_OK;
}

static par_err run_round(const rounds *w, int64_t lo, int64_t hi)
{
	const float *units = w->units;
	for (int64_t at = lo; at < hi; at += PANEL_BLOCK, units += PANEL_BLOCK * w->p->of.length) {
		int64_t end = at + PANEL_BLOCK < hi ? at + PANEL_BLOCK : hi;
		PAR_TRY(run_block(w, units, at, end));
	}
	return PAR_OK;
}

static bool is_done(const rounds *w)
{
	int64_t left = w->r->rows - results_done(w->r);
	return par_world_max(w->p->of.world, left) == 0;
}

static par_err run_rounds(app *a, const rounds *w)
{
	panel *p = w->p;
	int64_t before = results_done(w->r);
	const int64_t step = ROUNDS_SERIES;
	int64_t count = par_blocks_rounds(&p->blocks, ROUNDS_SERIES / PANEL_BLOCK);
	for (int64_t k = 0; k < count; k++) {
		int64_t lo = p->blocks.lo + k * step, hi = lo + step;
		lo = lo < p->blocks.hi ? lo : p->blocks.hi;
		hi = hi < p->blocks.hi ? hi : p->blocks.hi;
		PAR_TRY(panel_units(p, lo, hi - lo, w->units));
		PAR_TRY_ALL(&a->world, run_round(w, lo, hi));
		app_progress(a, "forecasting", (double)(k + 1), (double)count);
		if (k + 1 < count && par_stop_agreed(&a->world) &&
		    par_world_max(&a->world, results_done(w->r) > before))
			return progress_leave(a, p, w->r);
	}
	return PAR_OK;
}

par_err rounds_forecast(app *a, const plan *f, panel *p, results *r)
{
	rounds w = {f, p, r, NULL};
	if (is_done(&w))
		return PAR_OK;
	w.units = malloc(sizeof *w.units * (size_t)(ROUNDS_SERIES * p->stored + 1));
	par_err e = w.units ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for a round of series");
	e = par_agree(&a->world, e);
	if (e == PAR_OK)
		e = run_rounds(a, &w);
	free(w.units);
	return e;
}
