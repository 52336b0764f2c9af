#include "forecast/cold.h"

#include "comm/gather.h"
#include "forecast/totals/sums.h"

#include <stdlib.h>
#include <string.h>

int16_t cold_status(cold_rung rung)
{
	return (int16_t)(RESULTS_COLD + (int)rung);
}

typedef struct {
	const catalog *c;
	areas areas;
	uint8_t *empty;             /* owned: [series] */
	int32_t *count[COLD_RUNGS]; /* owned: [places] series that are not */
	hierarchy_level level[COLD_RUNGS];
	const hierarchy_level *of[COLD_RUNGS];
	levels_sums
	    levels;  /* of those that some empty series wants; node 0 of each is what none wants */
	double *sum; /* owned: [nodes][horizon] */
	float *column; /* owned: [rows][horizon] */
	uint8_t *sold; /* owned: [rows][horizon] 0: prices are known ahead, and there is none */
} filling;

int64_t cold_place(const catalog *c, const areas *a, cold_rung rung, int64_t series)
{
	int64_t market = c->series_market[series], area = a->of[c->series_sku[series]];
	const int64_t place[COLD_RUNGS] = {market * a->n + area, area, market, 0};
	return place[rung];
}

int64_t cold_places(const catalog *c, const areas *a, cold_rung rung)
{
	const int64_t n[COLD_RUNGS] = {c->markets * a->n, a->n, c->markets, 1};
	return n[rung];
}

static int64_t place_of(const filling *f, cold_rung rung, int64_t i)
{
	return cold_place(f->c, &f->areas, rung, i);
}

/* the first rung where there is some like it; where areas have no names, markets tell as much */
static cold_rung rung_of(const filling *f, int64_t i)
{
	cold_rung rung = f->areas.name ? COLD_GROUP : COLD_MARKET;
	while (rung < COLD_RUNGS && f->count[rung][place_of(f, rung, i)] == 0)
		rung++;
	return rung;
}

static par_err room(filling *f)
{
	bool all = true;
	for (int r = 0; r < COLD_RUNGS; r++) {
		size_t n = (size_t)cold_places(f->c, &f->areas, (cold_rung)r) + 1;
		f->count[r] = calloc(n, sizeof *f->count[r]);
		f->level[r].node_of = calloc((size_t)f->c->series + 1, sizeof(int32_t));
		all = all && f->count[r] && f->level[r].node_of;
		f->of[r] = &f->level[r];
	}
	f->levels = (levels_sums){
	    .count = COLD_RUNGS, .level = f->of, .first = calloc(COLD_RUNGS + 1, sizeof(int64_t))};
	return all && f->levels.first
		   ? PAR_OK
		   : par_fail(PAR_E_MEMORY, "no memory for series without a history");
}

static void close(filling *f)
{
	for (int r = 0; r < COLD_RUNGS; r++) {
		free(f->count[r]);
		free(f->level[r].node_of);
	}
	free(f->levels.first);
	free(f->sum);
	free(f->column);
	free(f->sold);
	free(f->empty);
	areas_drop(&f->areas);
}

/* nodes of the places that are wanted, and of every series its own; count becomes the place's node */
static void number_nodes(filling *f)
{
	for (int64_t i = 0; i < f->c->series; i++)
		for (int r = 0; r < COLD_RUNGS && !f->empty[i]; r++)
			f->count[r][place_of(f, (cold_rung)r, i)]++;
	for (int r = 0; r < COLD_RUNGS; r++)
		f->level[r].nodes = 1;
	/* two marks in one array: how many there are, then minus the node of those that are wanted */
	for (int64_t i = 0; i < f->c->series; i++) {
		cold_rung r = f->empty[i] ? rung_of(f, i) : COLD_RUNGS;
		if (r == COLD_RUNGS)
			continue;
		int32_t *at = &f->count[r][place_of(f, r, i)];
		if (*at > 0)
			*at = -(int32_t)f->level[r].nodes++;
	}
	for (int r = 0; r < COLD_RUNGS; r++) {
		for (int64_t i = 0; i < f->c->series; i++) {
			int32_t at = f->count[r][place_of(f, (cold_rung)r, i)];
			f->level[r].node_of[i] = !f->empty[i] && at < 0 ? -at : 0;
		}
		f->levels.first[r + 1] = f->levels.first[r] + f->level[r].nodes;
	}
}

/* how many series a node has */
static void count_members(const filling *f, double *members)
{
	for (int r = 0; r < COLD_RUNGS; r++)
		for (int64_t i = 0; i < f->c->series; i++)
			members[f->levels.first[r] + f->level[r].node_of[i]] += 1;
}

typedef struct {
	int32_t *past, *ahead;
	int64_t stored, future; /* periods in the file */
} prices;

/* steps without a price before the first; a price stays until there is another */
static void mark_sold(const prices *x, int64_t length, int64_t i, int horizon, uint8_t *sold)
{
	bool priced = false;
	for (int64_t t = 0; t < length + horizon; t++) {
		int64_t more = t - x->stored;
		int32_t price = more < 0           ? x->past[i * x->stored + t]
				: more < x->future ? x->ahead[i * x->future + more]
						   : -1;
		priced = priced || price > 0;
		if (t >= length)
			sold[t - length] = priced;
	}
}

static par_err read_blocks(filling *f, const panel *p, const results *r, prices *x)
{
	static const char *const past[] = {"series", "time", NULL};
	static const char *const later[] = {"series", "future_time", NULL};
	for (int64_t k = 0, rounds = par_blocks_rounds(&p->blocks, 1); k < rounds; k++) {
		int64_t lo = p->blocks.lo + k * PANEL_BLOCK, rows = p->blocks.hi - lo;
		bool some = false;
		rows = rows < 0 ? 0 : rows > PANEL_BLOCK ? PANEL_BLOCK : rows;
		for (int64_t i = 0; i < rows; i++)
			some = some || f->empty[lo + i];
		lo = some ? lo : 0;
		rows = some ? rows : 0;
		PAR_TRY(par_store_get(f->c->store, "price", PAR_I32, past, lo, rows, x->past));
		PAR_TRY(
		    par_store_get(f->c->store, "known_price", PAR_I32, later, lo, rows, x->ahead));
		for (int64_t i = 0; i < rows; i++)
			if (f->empty[lo + i])
				mark_sold(x, f->c->length, i, r->horizon,
				    f->sold + (lo + i - r->first) * r->horizon);
	}
	return PAR_OK;
}

/* everything is sold where prices ahead are not known of anything */
static par_err read_sold(filling *f, const panel *p, const results *r)
{
	prices x = {.stored = p->stored, .future = par_store_extent(f->c->store, "future_time")};
	bool known = par_store_has(f->c->store, "price") &&
		     par_store_has(f->c->store, "known_price");
	size_t cells = (size_t)(r->rows * r->horizon);
	f->sold = malloc(cells + 1);
	x.past = malloc(known ? PANEL_BLOCK * (size_t)x.stored * sizeof *x.past + 1 : 1);
	x.ahead = malloc(known ? PANEL_BLOCK * (size_t)x.future * sizeof *x.ahead + 1 : 1);
	par_err e = par_agree(f->c->world,
	    f->sold && x.past && x.ahead ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for prices"));
	if (e == PAR_OK) {
		memset(f->sold, 1, cells);
		if (known)
			e = read_blocks(f, p, r, &x);
	}
	free(x.past);
	free(x.ahead);
	return e;
}

/* numbers of every step, `stride` apart: those of empty series become the means of their like */
static par_err fill(
    filling *f, const panel *p, results *r, const double *members, float *numbers, int stride)
{
	int steps = r->horizon;
	for (int64_t row = 0; row < r->rows; row++) {
		for (int64_t c = row * steps; c < (row + 1) * steps; c++)
			f->column[c] = numbers[c * stride];
		results_rest(r, row);
	}
	PAR_TRY(sums_rows(p, &f->levels, f->column, r->rows, steps, f->sum));
	for (int64_t row = 0; row < r->rows; row++) {
		int64_t i = r->first + row;
		cold_rung rung = f->empty[i] ? rung_of(f, i) : COLD_RUNGS;
		results_rest(r, row);
		if (rung == COLD_RUNGS)
			continue;
		int64_t node = f->levels.first[rung] - f->count[rung][place_of(f, rung, i)];
		for (int h = 0; h < steps; h++)
			if (f->sold[row * steps + h])
				numbers[(row * steps + h) * stride] =
				    (float)(f->sum[node * steps + h] / members[node]);
		r->status[row] = cold_status(rung);
	}
	return PAR_OK;
}

/* what is never sold is answered with zeros, as before */
static void settle(const filling *f, results *r, int64_t row)
{
	bool some = false;
	for (int h = 0; h < r->horizon; h++)
		some = some || f->sold[row * r->horizon + h];
	if (!some)
		r->status[row] = BANK_EMPTY;
}

static par_err fill_all(filling *f, const panel *p, results *r)
{
	int64_t nodes = f->levels.first[COLD_RUNGS];
	PAR_TRY(read_sold(f, p, r));
	double *members = calloc((size_t)nodes + 1, sizeof *members);
	f->sum = malloc((size_t)(nodes * r->horizon) * sizeof *f->sum + 1);
	f->column = malloc((size_t)(r->rows * r->horizon) * sizeof *f->column + 1);
	par_err e = par_agree(
	    f->c->world, members && f->sum && f->column
			     ? PAR_OK
			     : par_fail(PAR_E_MEMORY, "no memory for series without a history"));
	if (e == PAR_OK) {
		count_members(f, members);
		e = fill(f, p, r, members, r->mean, 1);
	}
	for (int q = 0; e == PAR_OK && q < r->quantiles; q++)
		e = fill(f, p, r, members, r->quantile + q, r->quantiles);
	for (int64_t row = 0; e == PAR_OK && row < r->rows; row++)
		if (f->empty[r->first + row])
			settle(f, r, row);
	free(members);
	return e;
}

par_err cold_fill(const app *a, const panel *p, results *r)
{
	filling f = {.c = &p->of};
	int64_t series, empty = 0;
	uint8_t *mine = calloc((size_t)r->rows + 1, 1);
	for (int64_t i = 0; mine && i < r->rows; i++)
		empty += mine[i] = r->status[i] == BANK_EMPTY;
	empty = par_world_sum(&a->world, empty);
	par_err e = par_agree(&a->world,
	    mine ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for series without a history"));
	if (e == PAR_OK && empty > 0)
		e = par_gather_rows(&a->world, mine, r->rows, 1, (void **)&f.empty, &series);
	free(mine);
	if (e == PAR_OK && empty > 0)
		e = areas_read(&f.areas, f.c);
	if (e == PAR_OK && empty > 0)
		e = par_agree(&a->world, room(&f));
	if (e == PAR_OK && empty > 0) {
		number_nodes(&f);
		e = fill_all(&f, p, r);
		app_log(
		    a, "%lld series without a history answered as their like", (long long)empty);
	}
	close(&f);
	return e;
}
