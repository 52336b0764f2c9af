#include "forecast/net/expect.h"

#include "tensor/map.h"

#include <math.h>
#include <stdlib.h>

#define PAUSE 16 /* batches */

/* logarithm of a mean in units of the scale: what lies beyond is a network gone astray */
#define LOWEST (-8.0f)
#define HIGHEST 4.0f

typedef struct {
	const window_kind *kind;
	const history_part *part; /* NULL: the history's kept series */
	int64_t origin;
	float *like, *price; /* owned: [length], [length + ahead] of a series without a history */
} source;

static history_series series_at(const source *s, int64_t i)
{
	return s->part ? history_part_at(s->part, i) : history_at(s->kind->h, i);
}

/* of which nothing was observed: at the end of the history it looks as its like */
static bool is_cold(const source *s, const history_series *of)
{
	const history *h = s->kind->h;
	return of->first == h->length && s->origin == h->length - 1;
}

static bool was_sold(const history *h, int64_t sku)
{
	bool sold = false;
	for (int64_t t = 0; h->sku_sum && !sold && t < h->length; t++)
		sold = h->sku_sum[sku * h->length + t] > 0;
	return sold;
}

/* a SKU that was sold nowhere has sums of nothing; those of its nearest neighbour by id in its area stand in */
static int32_t neighbour(const history *h, int32_t sku)
{
	int64_t skus = h->of->skus;
	for (int64_t d = 1; h->sku_sum && d < skus; d++)
		for (int side = -1; side <= 1; side += 2) {
			int64_t k = sku + side * d;
			if (k >= 0 && k < skus && h->area_of[k] == h->area_of[sku] &&
			    was_sold(h, k))
				return (int32_t)k;
		}
	return sku;
}

/* as if the first price there is had always been */
static const float *always_priced(const source *s, const float *price)
{
	int64_t n = s->kind->h->length + s->kind->h->ahead, first = 0;
	while (first < n - 1 && !isfinite(price[first]))
		first++;
	for (int64_t t = 0; t < n; t++)
		s->price[t] = price[t < first ? first : t];
	return s->price;
}

/* what the network is shown of a series */
static history_series shown(const source *s, history_series of)
{
	const history *h = s->kind->h;
	if (!is_cold(s, &of) || history_like(h, &of, s->like) == COLD_RUNGS)
		return of;
	of.units = s->like;
	if (of.price)
		of.price = always_priced(s, of.price);
	of.first = 0;
	while (of.first < h->length - 1 && s->like[of.first] == 0)
		of.first++;
	if (!was_sold(h, of.sku))
		of.sku = neighbour(h, of.sku);
	return of;
}

/* a step before the first price, where prices are known ahead */
static bool is_unsold(const source *s, const history_series *of, int step)
{
	const history *h = s->kind->h;
	return is_cold(s, of) && h->prices_ahead && !isfinite(of->price[s->origin + 1 + step]);
}

static void make(void *ctx, int64_t sample, void *const field[])
{
	const source *s = ctx;
	history_series of = series_at(s, sample), seen = shown(s, of);
	window w = network_window(field);
	window_make(s->kind, &seen, s->origin, &w);
	if (w.sku && is_cold(s, &of) && !was_sold(s->kind->h, of.sku))
		*w.sku = -1; /* it has learnt nothing of itself */
}

typedef struct {
	learner *l;
	source from;
	par_feed *feed;
	float *mine; /* owned: [my places of a batch][row] */
	float *room; /* owned: [horizon] */
	int levels;  /* quantiles that are wanted */
	int64_t row;
	int64_t first, n; /* my series of a batch */
} expecting;

static int64_t width(const learner *l, int levels)
{
	return l->kind->horizon * (1 + (int64_t)levels);
}

int64_t expect_width(const learner *l)
{
	return width(l, l->net.levels);
}

static par_err expecting_open(expecting *e, learner *l, int64_t series, int levels, int origins)
{
	const par_world *w = l->kind->h->of->world;
	const par_shards *shards = par_graph_shards(l->net.graph);
	par_sampler order = {.n = series, .batch = shards->batch};
	*e = (expecting){.l = l, .from = {.kind = l->kind}, .levels = levels};
	e->row = origins * width(l, levels);
	e->mine = malloc((size_t)((shards->hi - shards->lo) * e->row) * sizeof *e->mine + 1);
	e->room = malloc((size_t)l->kind->horizon * sizeof *e->room + 1);
	const history *h = l->kind->h;
	e->from.like = malloc((size_t)h->length * sizeof *e->from.like + 1);
	e->from.price = malloc((size_t)(h->length + h->ahead) * sizeof *e->from.price + 1);
	bool room = e->mine && e->room && e->from.like && e->from.price;
	PAR_TRY_ALL(w, room ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory to forecast"));
	return par_feed_made(&e->feed, w, NETWORK_FIELDS, l->net.field, &order, make, &e->from);
}

static void expecting_close(expecting *e)
{
	par_feed_close(e->feed);
	free(e->mine);
	free(e->room);
	free(e->from.like);
	free(e->from.price);
}

/* my series of a batch; returns how many it has */
static int64_t at_batch(expecting *e, int64_t batch)
{
	const par_shards *s = par_graph_shards(e->l->net.graph);
	const par_sampler *order = par_feed_order(e->feed);
	int64_t count = par_sampler_count(order, batch);
	e->first = batch * order->batch + s->lo;
	e->n = (count < s->hi ? count : s->hi) - s->lo;
	e->n = e->n > 0 ? e->n : 0;
	return count;
}

/* what members say one after the other becomes their mean */
static void join(const expecting *e, int member, float one, float *all)
{
	float sum = (member ? *all : 0) + one;
	*all = member == e->l->members - 1 ? sum / (float)e->l->members : sum;
}

/* a member's answer to a window: said[expect_width] */
static void settle(const expecting *e, int64_t i, int member, const float *log_mean,
    const float *quantile, float *said)
{
	const window_kind *k = e->from.kind;
	history_series s = series_at(&e->from, e->first + i);
	history_series seen = shown(&e->from, s);
	float scale = (float)window_scale(k, &seen, e->from.origin);
	const uint8_t *closed = k->c->closed + k->c->class_of[s.market] * k->c->periods +
				e->from.origin + 1;
	for (int h = 0; h < k->horizon; h++)
		e->room[h] = fminf(fmaxf(log_mean[h], LOWEST), HIGHEST);
	par_map_exp(k->horizon, e->room, e->room);
	for (int h = 0; h < k->horizon; h++) {
		float mean = e->room[h] * (closed[h] || is_unsold(&e->from, &s, h) ? 0 : scale);
		float *to = said + k->horizon + h * e->levels;
		join(e, member, mean, &said[h]);
		for (int q = 0; q < e->levels; q++)
			join(e, member, fmaxf(1 + quantile[h * e->levels + q], 0) * mean, &to[q]);
	}
}

/* collective | a batch from an origin, to mine[i * row + at] */
static par_err forecast(expecting *e, int64_t batch, int64_t origin, int64_t at)
{
	learner *l = e->l;
	int64_t count = at_batch(e, batch), horizon = e->from.kind->horizon;
	e->from.origin = origin;
	for (int m = 0; m < l->members; m++) {
		PAR_TRY(learn_answer(l, m, e->feed, batch, count));
		const float *log_mean = par_graph_at(l->net.graph, l->net.log_mean);
		/* nothing is read of quantiles that are not wanted */
		par_value around = e->levels > 0 ? l->net.quantile : l->net.log_mean;
		const float *quantile = par_graph_at(l->net.graph, around);
		for (int64_t i = 0; i < e->n; i++)
			settle(e, i, m, log_mean + i * horizon, quantile + i * horizon * e->levels,
			    e->mine + i * e->row + at);
	}
	par_world_alive();
	return PAR_OK;
}

/* collective | mine to the rows from series `from` on */
static void hand_out(const expecting *e, int64_t from, par_shared *to)
{
	size_t row = (size_t)e->row * sizeof *e->mine;
	par_shared_put(
	    to, e->n > 0 ? (size_t)(e->first - from) * row : 0, (size_t)e->n * row, e->mine);
}

par_err expect_kept(learner *l, int64_t origin, par_shared *mean)
{
	expecting x;
	par_err e = expecting_open(&x, l, l->kind->h->kept, 0, 1);
	learn_ask(l);
	int64_t batches = e == PAR_OK ? par_sampler_steps(par_feed_order(x.feed)) : 0;
	for (int64_t k = 0; e == PAR_OK && k < batches; k++) {
		e = forecast(&x, k, origin, 0);
		if (e == PAR_OK)
			hand_out(&x, 0, mean);
	}
	learn_asked(l);
	expecting_close(&x);
	return e;
}

static par_err forecast_batch(
    expecting *x, int64_t batch, const expect_all_spec *spec, history_part *part, par_shared *all)
{
	int64_t count = at_batch(x, batch), first = batch * par_feed_order(x->feed)->batch;
	if (x->from.part)
		PAR_TRY(history_part_read(part, x->n > 0 ? x->first : 0, x->n));
	for (int o = 0; o < spec->origins; o++)
		PAR_TRY(forecast(x, batch, spec->origin[o], o * expect_width(x->l)));
	hand_out(x, first, all);
	const float *row = (const float *)(const void *)all->window.base;
	for (int64_t i = 0; i < count; i++, row += x->row)
		if (first + i >= spec->lo && first + i < spec->hi)
			spec->take(spec->ctx, first + i, row);
	par_window_meet(&all->window);
	return batch % PAUSE == PAUSE - 1 ? spec->pause(spec->ctx) : PAR_OK;
}

par_err expect_all(learner *l, const expect_all_spec *spec)
{
	const history *h = l->kind->h;
	const par_shards *s = par_graph_shards(l->net.graph);
	expecting x;
	history_part part = {0};
	par_shared all = {0};
	par_err e = expecting_open(&x, l, h->of->series, l->net.levels, spec->origins);
	x.from.part = h->level > 0 ? &part : NULL;
	if (e == PAR_OK && x.from.part)
		e = history_part_open(&part, h, s->hi - s->lo);
	if (e == PAR_OK)
		e = par_shared_open(
		    &all, h->of->world, (size_t)(s->batch * x.row) * sizeof *x.mine);
	learn_ask(l);
	int64_t batches = e == PAR_OK ? par_sampler_steps(par_feed_order(x.feed)) : 0;
	for (int64_t k = 0; e == PAR_OK && k < batches; k++)
		e = forecast_batch(&x, k, spec, &part, &all);
	learn_asked(l);
	par_shared_close(&all);
	history_part_close(&part);
	expecting_close(&x);
	return e;
}
