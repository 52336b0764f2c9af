#include "forecast/planners/planners.h"

#include "comm/gather.h"
#include "forecast/planners/obey.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define TOLD 10                    /* contradictions named one by one */
#define NOT_SOLD ((float)INFINITY) /* before a series began, and after its end */

/* what a series has in a period */
typedef struct {
	float mean, actual;
} cell;

/* where the forecast of a period stands: a step ahead, or in the past from an origin */
typedef struct {
	bool ahead, past;
	int origin, step;
} spot;

static spot spot_of(const panel *p, const results *r, int64_t period)
{
	int64_t ahead = period - p->of.length, back = -ahead - 1;
	spot at = {.ahead = ahead >= 0 && ahead < r->horizon, .step = (int)ahead};
	if (ahead >= 0 || back / r->horizon >= r->origins)
		return at;
	at.past = true;
	at.origin = (int)(back / r->horizon);
	at.step = (int)(period - results_origin(p->of.length, r->horizon, at.origin));
	return at;
}

static float mean_at(const results *r, int64_t row, const spot *at)
{
	return at->ahead ? r->mean[row * r->horizon + at->step]
			 : r->past[(row * r->origins + at->origin) * r->horizon + at->step];
}

/* one of the history's periods, NOT_SOLD outside the life of its series */
static float life(const float *y, int64_t n, int64_t period)
{
	if (isfinite(y[period]))
		return y[period];
	bool before = false, since = false;
	for (int64_t t = 0; t < period && !before; t++)
		before = isfinite(y[t]);
	for (int64_t t = n - 1; t > period && !since; t--)
		since = isfinite(y[t]);
	return before && since ? NAN : NOT_SOLD;
}

typedef struct {
	planners *o;
	const app *a;
	const panel *p;
	const results *r;
	float *known; /* owned: [rows][pasts] what was sold in periods that words are judged on */
	int64_t *period; /* owned: [pasts] those periods */
	int64_t pasts, ahead, told;
} judge;

static void list_periods(judge *j)
{
	const word_list *w = &j->o->words;
	for (int64_t lo = 0, hi; lo < w->n; lo = hi) {
		spot at = spot_of(j->p, j->r, w->period[lo]);
		hi = words_end(w, lo);
		j->ahead += at.ahead;
		if (at.past)
			j->period[j->pasts++] = w->period[lo];
	}
}

/* collective | the history of my series in those periods, read a block at a time */
static par_err read_known(judge *j, float *units)
{
	const panel *p = j->p;
	int64_t rounds = par_blocks_rounds(&p->blocks, 1), n = p->of.length;
	for (int64_t k = 0; k < rounds; k++) {
		int64_t lo = p->blocks.lo + k * PANEL_BLOCK, hi = lo + PANEL_BLOCK;
		lo = lo < p->blocks.hi ? lo : p->blocks.hi;
		hi = hi < p->blocks.hi ? hi : p->blocks.hi;
		PAR_TRY(panel_units(p, lo, hi - lo, units));
		for (int64_t i = lo; i < hi; i++)
			for (int64_t c = 0; c < j->pasts; c++)
				j->known[(i - p->blocks.lo) * j->pasts + c] = life(
				    units + (i - lo) * n, n, j->period[c]);
	}
	return PAR_OK;
}

static par_err make_known(judge *j)
{
	size_t cells = (size_t)(j->r->rows * j->pasts);
	float *units = malloc(sizeof *units * (size_t)(PANEL_BLOCK * j->p->stored + 1));
	j->known = malloc(sizeof *j->known * (cells + 1));
	par_err e = units && j->known ? PAR_OK
				      : par_fail(PAR_E_MEMORY, "no memory to judge overrides");
	e = par_agree(j->p->of.world, e);
	if (e == PAR_OK && j->pasts > 0)
		e = read_known(j, units);
	free(units);
	return e;
}

/* collective | what all series have in a period; owned by the caller */
static par_err gather(const judge *j, const spot *at, int64_t past, cell **all)
{
	const results *r = j->r;
	void *rows = NULL;
	int64_t n;
	cell *mine = malloc(sizeof *mine * (size_t)(r->rows + 1));
	par_err e = par_agree(j->p->of.world,
	    mine ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory to gather forecasts"));
	for (int64_t i = 0; i < r->rows && e == PAR_OK; i++)
		mine[i] = (cell){
		    mean_at(r, i, at), at->past ? j->known[i * j->pasts + past] : NOT_SOLD};
	if (e == PAR_OK)
		e = par_gather_rows(j->p->of.world, mine, r->rows, sizeof *mine, &rows, &n);
	free(mine);
	*all = rows;
	return e;
}

/* sums over the series of each word, in their order */
static void add_up(const judge *j, int64_t lo, int64_t hi, const cell *all)
{
	planners *o = j->o;
	const catalog *of = &j->p->of;
	for (int64_t k = lo; k < hi; k++)
		o->model[k] = 0;
	for (int64_t i = 0; i < of->series; i++)
		for (int kind = 0; kind < WORDS_KINDS; kind++) {
			int64_t k = words_find(
			    &o->words, lo, hi, kind, of->series_sku[i], of->series_market[i]);
			if (k < 0)
				continue;
			o->model[k] += (double)all[i].mean;
			if (all[i].actual !=
			    NOT_SOLD) /* NaN makes NaN of the sum, NOT_SOLD adds nothing */
				o->actual[k] = o->held[k] > 0 ? o->actual[k] + (double)all[i].actual
							      : (double)all[i].actual;
			o->held[k] += all[i].actual != NOT_SOLD;
		}
}

static void warn(judge *j, int64_t k)
{
	const planners *o = j->o;
	const word_list *w = &o->words;
	const catalog *of = &j->p->of;
	char date[20];
	if (obey_holds((double)w->units[k], o->held[k]) || j->told++ >= TOLD)
		return;
	const char *author = w->author + k * w->author_stride;
	app_warn(j->a,
	    "the word of %s on %s in %s, %s, cannot hold beside narrower ones: %g units, and these "
	    "make %g",
	    *author ? author : "nobody",
	    w->sku[k] < 0 ? "all SKUs" : of->sku + (int64_t)w->sku[k] * of->sku_stride,
	    w->market[k] < 0 ? "all markets"
			     : of->market + (int64_t)w->market[k] * of->market_stride,
	    par_period_text(date, of->frequency, w->time[k]), (double)w->units[k], o->held[k]);
}

static par_err adjust(judge *j, int64_t lo, int64_t hi, int step, const cell *all)
{
	planners *o = j->o;
	const results *r = j->r;
	size_t n = (size_t)j->p->of.series + 1;
	float *mean = malloc(sizeof *mean * n), *adjusted = malloc(sizeof *adjusted * n);
	par_err e = mean && adjusted ? PAR_OK
				     : par_fail(PAR_E_MEMORY, "no memory for adjusted forecasts");
	for (int64_t i = 0; i < j->p->of.series && e == PAR_OK; i++)
		mean[i] = all[i].mean;
	if (e == PAR_OK)
		e = obey(&o->words, lo, hi, &j->p->of, mean, adjusted, o->held + lo);
	for (int64_t i = 0; i < r->rows && e == PAR_OK; i++)
		o->adjusted[i * r->horizon + step] = adjusted[r->first + i];
	for (int64_t k = lo; k < hi && e == PAR_OK; k++)
		warn(j, k);
	free(mean);
	free(adjusted);
	return e;
}

static par_err judge_period(judge *j, int64_t lo, int64_t hi, const spot *at, int64_t past)
{
	cell *all;
	PAR_TRY(gather(j, at, past, &all));
	add_up(j, lo, hi, all);
	par_err e = at->ahead ? adjust(j, lo, hi, at->step, all) : PAR_OK;
	free(all);
	return par_agree(j->p->of.world, e);
}

static par_err judge_all(judge *j)
{
	const word_list *w = &j->o->words;
	int64_t past = 0;
	for (int64_t lo = 0, hi; lo < w->n; lo = hi) {
		spot at = spot_of(j->p, j->r, w->period[lo]);
		hi = words_end(w, lo);
		if (at.ahead || at.past)
			PAR_TRY(judge_period(j, lo, hi, &at, past));
		past += at.past;
	}
	if (j->told > TOLD)
		app_warn(j->a, "%lld more words cannot hold beside narrower ones",
		    (long long)(j->told - TOLD));
	return PAR_OK;
}

static par_err room(judge *j)
{
	planners *o = j->o;
	const results *r = j->r;
	size_t n = (size_t)o->words.n + 1, cells = (size_t)(r->rows * r->horizon);
	j->period = malloc(sizeof *j->period * n);
	o->model = malloc(sizeof *o->model * n);
	o->actual = malloc(sizeof *o->actual * n);
	o->held = calloc(n, sizeof *o->held);
	o->adjusted = malloc(sizeof *o->adjusted * (cells + 1));
	if (!j->period || !o->model || !o->actual || !o->held || !o->adjusted)
		return par_fail(PAR_E_MEMORY, "no memory for overrides");
	for (size_t k = 0; k < n; k++)
		o->model[k] = o->actual[k] = NAN;
	memcpy(o->adjusted, r->mean, sizeof *r->mean * cells);
	return PAR_OK;
}

par_err planners_make(planners *o, const app *a, const panel *p, const results *r)
{
	judge j = {.o = o, .a = a, .p = p, .r = r};
	*o = (planners){0};
	PAR_TRY(words_read(&o->words, &p->of));
	if (o->words.n == 0)
		return PAR_OK;
	par_err e = par_agree(p->of.world, room(&j));
	if (e == PAR_OK) {
		list_periods(&j);
		e = make_known(&j);
	}
	if (e == PAR_OK)
		e = judge_all(&j);
	if (j.ahead == 0) {
		free(o->adjusted);
		o->adjusted = NULL;
	}
	free(j.period);
	free(j.known);
	return e;
}

void planners_drop(planners *o)
{
	words_drop(&o->words);
	free(o->adjusted);
	free(o->model);
	free(o->actual);
	free(o->held);
	*o = (planners){0};
}

double planners_value(const planners *o, int64_t word)
{
	double units = (double)o->words.units[word], actual = o->actual[word];
	return fabs(o->model[word] - actual) - fabs(units - actual);
}

double planners_bytes(const panel *p, int horizon, double rows)
{
	double n = (double)par_store_extent(p->of.store, "override");
	if (!(n > 0))
		return 0;
	double pasts = n < (double)p->of.length ? n : (double)p->of.length;
	return 512 * n + 4 * rows * (horizon + pasts) + 32 * (double)p->of.series +
	       4. * PANEL_BLOCK * (double)p->stored;
}
