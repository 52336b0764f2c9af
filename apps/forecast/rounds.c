#include "forecast/rounds.h"

#include "forecast/past.h"
#include "forecast/progress.h"

#include <stdlib.h>

typedef struct {
	const plan *f;
	panel *p;
	results *r;
	float *units; /* owned: of a round */
	uint8_t to;   /* how far series come */
	par_err (*run)(const plan *f, results *r, const held_block *b);
} rounds;

static par_err forecast(const plan *f, results *r, const held_block *b)
{
	bank_result out = results_from(r, b->row);
	PAR_TRY(bank_forecast(&f->spec, b->n, b->units, b->length, &out));
	held_see(f, &r->held, b->row, b->n, b->units, b->length);
	for (int64_t i = 0; i < b->n; i++)
		results_rest(r, b->row + i);
	return PAR_OK;
}

static par_err look_back(const plan *f, results *r, const held_block *b)
{
	PAR_TRY(past_forecast(f, r, b->row, b->n, b->units, b->length));
	return held_forecast(f, &r->held, b, r->said);
}

/* unless a checkpoint brought it */
static par_err run_block(const rounds *w, const float *units, int64_t lo, int64_t hi)
{
	results *r = w->r;
	int64_t row = lo - r->first;
	if (r->done[row] >= w->to)
		return PAR_OK;
	PAR_TRY(w->run(w->f, r,
	    &(held_block){
		row, hi - lo, w->p->of.length, units, r->past + row * r->origins * r->horizon}));
	for (int64_t i = row; i < row + hi - lo; i++)
		r->done[i] = w->to;
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
	int64_t left = 0;
	for (int64_t i = 0; i < w->r->rows; i++)
		left += w->r->done[i] < w->to;
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

static par_err run(app *a, rounds *w)
{
	if (is_done(w))
		return PAR_OK;
	w->units = malloc(sizeof *w->units * (size_t)(ROUNDS_SERIES * w->p->stored + 1));
	par_err e = w->units ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for a round of series");
	e = par_agree(&a->world, e);
	if (e == PAR_OK)
		e = run_rounds(a, w);
	free(w->units);
	return e;
}

par_err rounds_forecast(app *a, const plan *f, panel *p, results *r)
{
	return run(a, &(rounds){f, p, r, NULL, RESULTS_FORECAST, forecast});
}

par_err rounds_look_back(app *a, const plan *f, panel *p, results *r)
{
	if (r->said >= r->origins)
		return PAR_OK;
	return run(a, &(rounds){f, p, r, NULL, RESULTS_LOOKED_BACK, look_back});
}
