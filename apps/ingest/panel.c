#include "ingest/panel.h"

#include "base/text.h"
#include "comm/exchange.h"
#include "comm/gather.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static par_err no_memory(const char *what)
{
	return par_fail(PAR_E_MEMORY, "no memory for %s; use more ranks", what);
}

/* ---- series ---- */

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return (x > y) - (x < y);
}

static int64_t sort_distinct(uint64_t *x, int64_t n)
{
	int64_t kept = 0;
	qsort(x, (size_t)n, sizeof *x, compare);
	for (int64_t i = 0; i < n; i++)
		if (i == 0 || x[i] != x[kept - 1])
			x[kept++] = x[i];
	return kept;
}

/* the pairs of an intake as sku << 32 | market in the sorted lists' numbers */
static par_err translate_pairs(
    const intake *in, const ids *skus, const ids *markets, uint64_t **out)
{
	int32_t *sku = NULL, *market = NULL;
	*out = calloc((size_t)in->pairs.count + 1, sizeof **out);
	if (!*out)
		return no_memory("series");
	if (!in->open)
		return PAR_OK;
	par_err e = ids_map(skus, par_table_dict(&in->table, in->sku), &sku);
	if (e == PAR_OK)
		e = ids_map(markets, par_table_dict(&in->table, in->market), &market);
	for (int32_t i = 0; i < in->pairs.count && e == PAR_OK; i++) {
		uint64_t key = in->pairs.entries[i].lo;
		(*out)[i] = (uint64_t)(uint32_t)sku[key >> 32] << 32 |
			    (uint32_t)market[key & UINT32_MAX];
	}
	free(sku);
	free(market);
	return e;
}

/* collective | every pair that some rank met, sorted, on every rank */
static par_err unite_pairs(const par_world *w, const uint64_t *a, int64_t na, const uint64_t *b,
    int64_t nb, uint64_t **all, int64_t *n)
{
	void *got = NULL;
	int64_t total = 0;
	uint64_t *mine = malloc((size_t)(na + nb + 1) * sizeof *mine);
	*all = NULL;
	*n = 0;
	par_err e = par_agree(w, mine ? PAR_OK : no_memory("series"));
	if (e == PAR_OK) {
		memcpy(mine, a, (size_t)na * sizeof *mine);
		memcpy(mine + na, b, (size_t)nb * sizeof *mine);
		int64_t kept = sort_distinct(mine, na + nb);
		e = par_gather_rows(w, mine, kept, sizeof *mine, &got, &total);
	}
	free(mine);
	PAR_TRY(e);
	*all = got;
	*n = sort_distinct(*all, total);
	return PAR_OK;
}

/* the place of a pair that is in the list */
static uint64_t series_of(const uint64_t *all, int64_t n, uint64_t pair)
{
	int64_t lo = 0, hi = n - 1;
	while (lo < hi) {
		int64_t mid = lo + (hi - lo) / 2;
		if (all[mid] < pair)
			lo = mid + 1;
		else
			hi = mid;
	}
	return (uint64_t)lo;
}

/* rows of an intake from this rank's pair numbers to series */
static void renumber(intake *in, uint64_t *pair, const uint64_t *all, int64_t n)
{
	for (int32_t i = 0; i < in->pairs.count; i++)
		pair[i] = series_of(all, n, pair[i]);
	for (int64_t i = 0; i < in->facts; i++)
		in->fact[i].series = (uint32_t)pair[in->fact[i].series];
	for (int64_t i = 0; i < in->sums.rows; i++)
		in->sums.row[i].series = pair[in->sums.row[i].series];
}

static par_err keep_series(panel *p, const par_world *w, const uint64_t *all, int64_t n)
{
	par_blocks_deal(&p->blocks, w, n, 1);
	p->sku = malloc((size_t)(n + 1) * sizeof *p->sku);
	p->market = malloc((size_t)(n + 1) * sizeof *p->market);
	if (!p->sku || !p->market)
		return no_memory("series");
	for (int64_t i = 0; i < n; i++) {
		p->sku[i] = (int32_t)(all[i] >> 32);
		p->market[i] = (int32_t)(all[i] & UINT32_MAX);
	}
	return PAR_OK;
}

static par_err find_series(panel *p, const par_world *w, intake *demand, intake *future,
    const ids *skus, const ids *markets)
{
	uint64_t *d = NULL, *f = NULL, *all = NULL;
	int64_t n = 0;
	par_err e = translate_pairs(demand, skus, markets, &d);
	if (e == PAR_OK)
		e = translate_pairs(future, skus, markets, &f);
	e = par_agree(w, e);
	if (e == PAR_OK)
		e = unite_pairs(w, d, demand->pairs.count, f, future->pairs.count, &all, &n);
	if (e == PAR_OK) {
		renumber(demand, d, all, n);
		renumber(future, f, all, n);
		e = par_agree(w, keep_series(p, w, all, n));
	}
	free(d);
	free(f);
	free(all);
	return e;
}

/* ---- cells ---- */

size_t panel_bytes(int64_t series_here, int64_t periods, int64_t future_periods)
{
	size_t cell = sizeof(float) + sizeof(int32_t) + sizeof(uint8_t);
	size_t ahead = sizeof(int32_t) + sizeof(uint8_t);
	return (size_t)series_here * ((size_t)periods * cell + (size_t)future_periods * ahead);
}

static int64_t series_here(const panel *p)
{
	return p->blocks.hi - p->blocks.lo;
}

static par_err make_cells(panel *p)
{
	size_t cells = (size_t)(series_here(p) * p->time.periods);
	size_t ahead = (size_t)(series_here(p) * p->future.periods);
	p->units = malloc((cells + 1) * sizeof *p->units);
	p->prices = malloc((cells + 1) * sizeof *p->prices);
	p->promos = calloc(cells + 1, 1);
	p->known_prices = malloc((ahead + 1) * sizeof *p->known_prices);
	p->known_promos = calloc(ahead + 1, 1);
	if (!p->units || !p->prices || !p->promos || !p->known_prices || !p->known_promos)
		return par_fail(PAR_E_MEMORY,
		    "no memory for %lld series of %lld periods (%zu bytes); use more ranks",
		    (long long)series_here(p), (long long)p->time.periods,
		    panel_bytes(series_here(p), p->time.periods, p->future.periods));
	for (size_t i = 0; i < cells; i++)
		p->units[i] = NAN;
	memset(p->prices, 0xff, cells * sizeof *p->prices); /* INTAKE_NO_PRICE */
	memset(p->known_prices, 0xff, ahead * sizeof *p->known_prices);
	return PAR_OK;
}

typedef struct {
	panel *p;
	int64_t periods;    /* of the cells that rows go to */
	unsigned char *met; /* owned: whether a cell of the future has its row */
	bool twice;         /* some key came twice */
	sums sums;          /* orders of my series */
	int64_t *first;     /* file offset of each cell's first row, while double keys are sought */
	int64_t second_at, first_at; /* the first double key so far */
} arrival;

static int owner_of_fact(const void *row, void *ctx)
{
	const arrival *a = ctx;
	return par_blocks_owner(&a->p->blocks, ((const intake_fact *)row)->series);
}

static int owner_of_sum(const void *row, void *ctx)
{
	const arrival *a = ctx;
	return par_blocks_owner(&a->p->blocks, (int64_t)((const sums_row *)row)->series);
}

static size_t cell_of(const arrival *a, const intake_fact *f)
{
	return (size_t)(((int64_t)f->series - a->p->blocks.lo) * a->periods + f->hour);
}

static par_err take_history(const void *rows, int64_t n, void *ctx)
{
	arrival *a = ctx;
	panel *p = a->p;
	const intake_fact *f = rows;
	for (int64_t i = 0; i < n; i++) {
		size_t c = cell_of(a, &f[i]);
		a->twice |= !isnan(p->units[c]);
		p->units[c] = f[i].units;
		p->prices[c] = f[i].price;
		p->promos[c] = (uint8_t)f[i].at_promo;
	}
	return PAR_OK;
}

static par_err take_future(const void *rows, int64_t n, void *ctx)
{
	arrival *a = ctx;
	panel *p = a->p;
	const intake_fact *f = rows;
	for (int64_t i = 0; i < n; i++) {
		size_t c = cell_of(a, &f[i]);
		a->twice |= a->met[c];
		a->met[c] = 1;
		p->known_prices[c] = f[i].price;
		p->known_promos[c] = (uint8_t)f[i].at_promo;
	}
	return PAR_OK;
}

static par_err take_sums(const void *rows, int64_t n, void *ctx)
{
	return sums_add(&((arrival *)ctx)->sums, rows, n);
}

/* ---- double keys: a rare way out, so it may cost a second and a third exchange ---- */

static par_err note_first(const void *rows, int64_t n, void *ctx)
{
	arrival *a = ctx;
	const intake_fact *f = rows;
	for (int64_t i = 0; i < n; i++) {
		int64_t *first = &a->first[cell_of(a, &f[i])];
		int64_t at = (int64_t)(f[i].at_promo >> 8);
		*first = at < *first ? at : *first;
	}
	return PAR_OK;
}

static par_err note_second(const void *rows, int64_t n, void *ctx)
{
	arrival *a = ctx;
	const intake_fact *f = rows;
	for (int64_t i = 0; i < n; i++) {
		int64_t first = a->first[cell_of(a, &f[i])];
		int64_t at = (int64_t)(f[i].at_promo >> 8);
		if (at != first && at < a->second_at) {
			a->second_at = at;
			a->first_at = first;
		}
	}
	return PAR_OK;
}

/* collective | the second row in file order whose key an earlier one has, and that one */
static par_err find_double(const par_world *w, arrival *a, const intake *in)
{
	size_t cells = (size_t)(series_here(a->p) * a->periods);
	a->first = malloc((cells + 1) * sizeof *a->first);
	PAR_TRY_ALL(w, a->first ? PAR_OK : no_memory("the search for a double key"));
	for (size_t i = 0; i < cells; i++)
		a->first[i] = INT64_MAX;
	a->second_at = INT64_MAX;
	PAR_TRY(
	    par_exchange(w, in->fact, in->facts, sizeof *in->fact, owner_of_fact, note_first, a));
	return par_exchange(
	    w, in->fact, in->facts, sizeof *in->fact, owner_of_fact, note_second, a);
}

static par_err refuse_double(const par_world *w, arrival *a, const intake *in)
{
	int64_t line, before;
	par_err e = find_double(w, a, in);
	free(a->first);
	PAR_TRY(e);
	int64_t second = -par_world_max(w, -a->second_at);
	int64_t first = par_world_max(w, a->second_at == second ? a->first_at : -1);
	PAR_TRY(par_table_line(&in->table, second, &line));
	PAR_TRY(par_table_line(&in->table, first, &before));
	return par_agree(
	    w, par_fail(PAR_E_DATA,
		   "%s:%lld:1: this SKU, market and period stand on line %lld already; wanted each "
		   "once; %s",
		   in->table.source.name, (long long)line, (long long)before,
		   in->dates.timed && a->p->time.frequency != PAR_HOUR
		       ? "times of day are not kept, see ingest.frequency"
		       : "keep one, or give order lines as --orders to have them summed"));
}

/* ---- placing ---- */

/* hours become periods; rows of the future that do not lie ahead are dropped */
static par_err to_periods(intake *in, const axis *x, bool ahead, int64_t *dropped)
{
	int64_t kept = 0;
	for (int64_t i = 0; i < in->facts; i++) {
		intake_fact *f = &in->fact[i];
		int64_t t = axis_time(x->frequency, f->hour, false);
		int64_t k = axis_find(x, t);
		if (k == INT64_MIN && !(ahead && t < axis_at(x, 0))) {
			char what[160], date[20], first[20];
			snprintf(what, sizeof what,
			    "%s is no step of the %s axis that begins %s; see ingest.frequency",
			    par_period_text(date, x->frequency, t),
			    par_frequency_name(x->frequency),
			    par_period_text(first, x->frequency, x->first));
			return par_table_fail(&in->table, (int64_t)(f->at_promo >> 8), what);
		}
		if (k < 0)
			continue;
		f->hour = (int32_t)k;
		in->fact[kept++] = *f;
	}
	*dropped = in->facts - kept;
	in->facts = kept;
	return PAR_OK;
}

static int32_t mean_price(int64_t value, int64_t sold)
{
	if (sold == 0)
		return INTAKE_NO_PRICE;
	/* a mean of prices that fit does so too */
	int64_t q = value / sold, rest = value % sold;
	q += rest > sold - rest || (rest == sold - rest && q % 2);
	return (int32_t)q;
}

static void place_sums(panel *p, const sums *s)
{
	for (int64_t i = 0; i < s->rows; i++) {
		const sums_row *r = &s->row[i];
		int64_t k = axis_within(&p->time, r->time);
		size_t c = (size_t)(((int64_t)r->series - p->blocks.lo) * p->time.periods + k);
		p->units[c] = (float)r->units;
		p->inexact += llabs(r->units) > (int64_t)INTAKE_EXACT &&
			      (double)p->units[c] != (double)r->units;
		p->prices[c] = mean_price(r->value, r->sold);
	}
}

static par_err place_orders(panel *p, const par_world *w, intake *in)
{
	arrival a = {.p = p};
	par_err e = par_exchange(
	    w, in->sums.row, in->sums.rows, sizeof *in->sums.row, owner_of_sum, take_sums, &a);
	if (e == PAR_OK)
		place_sums(p, &a.sums);
	sums_drop(&a.sums);
	return e;
}

static par_err place_sales(panel *p, const par_world *w, intake *in)
{
	arrival a = {.p = p, .periods = p->time.periods};
	int64_t dropped;
	PAR_TRY_ALL(w, to_periods(in, &p->time, false, &dropped));
	PAR_TRY(par_exchange(
	    w, in->fact, in->facts, sizeof *in->fact, owner_of_fact, take_history, &a));
	return par_world_max(w, a.twice) ? refuse_double(w, &a, in) : PAR_OK;
}

static par_err place_future(panel *p, const par_world *w, intake *in)
{
	arrival a = {.p = p, .periods = p->future.periods};
	int64_t dropped;
	PAR_TRY_ALL(w, to_periods(in, &p->future, true, &dropped));
	p->late = par_world_sum(w, dropped);
	a.met = calloc((size_t)(series_here(p) * a.periods) + 1, 1);
	par_err e = par_agree(w, a.met ? PAR_OK : no_memory("the future"));
	if (e == PAR_OK)
		e = par_exchange(
		    w, in->fact, in->facts, sizeof *in->fact, owner_of_fact, take_future, &a);
	free(a.met);
	PAR_TRY(e);
	return par_world_max(w, a.twice) ? refuse_double(w, &a, in) : PAR_OK;
}

static void fill_absent(panel *p, bool zero)
{
	int64_t missing = 0;
	for (int64_t s = 0; s < series_here(p); s++) {
		float *y = p->units + s * p->time.periods;
		bool begun = false;
		for (int64_t t = 0; t < p->time.periods; t++) {
			begun |= !isnan(y[t]);
			if (zero && begun && isnan(y[t]))
				y[t] = 0;
			missing += isnan(y[t]) != 0;
		}
	}
	p->missing = missing;
}

bool panel_whole(const panel *p, const intake *demand)
{
	return demand->whole && p->inexact == 0;
}

par_err panel_build(panel *p, const par_world *w, intake *demand, intake *future, const ids *skus,
    const ids *markets, bool absent_zero)
{
	p->price = demand->price >= 0;
	p->promo = demand->promo >= 0;
	p->known = future->open && p->future.periods > 0;
	PAR_TRY(find_series(p, w, demand, future, skus, markets));
	PAR_TRY_ALL(w, make_cells(p));
	PAR_TRY(demand->orders ? place_orders(p, w, demand) : place_sales(p, w, demand));
	if (p->known)
		PAR_TRY(place_future(p, w, future));
	fill_absent(p, absent_zero);
	p->missing = par_world_sum(w, p->missing);
	p->inexact = par_world_sum(w, p->inexact);
	return PAR_OK;
}

void panel_drop(panel *p)
{
	free(p->sku);
	free(p->market);
	free(p->units);
	free(p->prices);
	free(p->promos);
	free(p->known_prices);
	free(p->known_promos);
	memset(p, 0, sizeof *p);
}
