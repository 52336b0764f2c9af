#include "forecast/net/network.h"

#include <math.h>
#include <stdlib.h>

enum { WHOLE, STEP, DAY, GROUP, SKU, TARGET, MASK, WEIGHT }; /* the order of a window's fields */
enum { OWN = 16, DAY_WIDTH = 16, GROUP_WIDTH = 18, SKU_WIDTH = 4, SKUS_MOST = 16384 };
enum { AROUND = 16 }; /* features of quantiles */

/* a group is a market and an area; a SKU is itself */
static par_err make_places(network *n, const history *h)
{
	const catalog *c = h->of;
	int64_t rows[2] = {h->groups, c->skus}, entries[2] = {2, 1};
	for (int k = 0; k < 2; k++) {
		size_t most = (size_t)(rows[k] * entries[k]) + 1;
		n->first[k] = malloc(((size_t)rows[k] + 1) * sizeof *n->first[k]);
		n->column[k] = malloc(most * sizeof *n->column[k]);
		n->value[k] = malloc(most * sizeof *n->value[k]);
		if (!n->first[k] || !n->column[k] || !n->value[k])
			return par_fail(PAR_E_MEMORY, "no memory for a network");
		for (int64_t r = 0; r <= rows[k]; r++)
			n->first[k][r] = r * entries[k];
		for (int64_t e = 0; e < rows[k] * entries[k]; e++)
			n->value[k][e] = 1;
	}
	for (int64_t g = 0; g < h->groups; g++) {
		n->column[0][2 * g] = (int32_t)(g / h->areas);
		n->column[0][2 * g + 1] = (int32_t)(c->markets + g % h->areas);
	}
	for (int64_t s = 0; s < c->skus; s++)
		n->column[1][s] = (int32_t)s;
	return PAR_OK;
}

static void add_input(network *n, int k, const char *name, par_dtype type, int64_t a, int64_t b)
{
	n->input[k] = par_feed_input(
	    &n->field[k], n->graph, name, type, b ? 2 : 1, (int64_t[]){a, b});
}

static void add_inputs(network *n, const window_kind *k)
{
	add_input(n, WHOLE, "window", PAR_F32, k->whole, 0);
	add_input(n, STEP, "steps", PAR_F32, k->horizon, k->step);
	add_input(n, DAY, "days", PAR_I32, k->horizon, 0);
	add_input(n, GROUP, "group", PAR_I32, 1, 0);
	add_input(n, SKU, "sku", PAR_I32, 1, 0);
	add_input(n, TARGET, "target", PAR_F32, k->horizon, 0);
	add_input(n, MASK, "mask", PAR_F32, k->horizon, 0);
	add_input(n, WEIGHT, "weight", PAR_F32, 1, 0);
}

static par_value linear(network *n, const char *name, par_value x, int64_t out)
{
	return par_linear(n->graph, x, &(par_linear_spec){.name = name, .out = out});
}

static par_value hidden(network *n, const char *name, par_value x, int64_t out)
{
	return par_linear(
	    n->graph, x, &(par_linear_spec){.name = name, .out = out, .act = PAR_ACT_RELU});
}

static par_value zero(network *n, const char *name, par_value x, int64_t out)
{
	return par_linear(
	    n->graph, x, &(par_linear_spec){.name = name, .out = out, .init = PAR_FIRST_ZERO});
}

static par_value rows(network *n, const char *name, par_value ids, par_sparse_rows of, int64_t out)
{
	return par_linear_rows(n->graph, ids,
	    &(par_linear_rows_spec){.name = name, .of = of, .out = out, .scale = 0.3});
}

static par_value residual(network *n, const char *name, par_value x, int64_t width)
{
	return par_add_values(n->graph, x, hidden(n, name, x, width));
}

/* what places of the series, one after the other, are to the network */
static par_value places(network *n, const window_kind *k)
{
	const history *h = k->h;
	const catalog *c = h->of;
	par_sparse_rows group = {
	    h->groups, c->markets + h->areas, n->first[0], n->column[0], n->value[0]};
	par_sparse_rows sku = {c->skus, c->skus, n->first[1], n->column[1], n->value[1]};
	par_value of[2] = {par_reshape(n->graph,
	    rows(n, "place", n->input[GROUP], group, GROUP_WIDTH), 1, (int64_t[]){GROUP_WIDTH})};
	if (c->skus < 2 || c->skus > SKUS_MOST)
		return of[0];
	of[1] = par_reshape(
	    n->graph, rows(n, "sku", n->input[SKU], sku, SKU_WIDTH), 1, (int64_t[]){SKU_WIDTH});
	return par_concat(n->graph, 2, of);
}

/* features of a window and of its steps */
typedef struct {
	par_value window, step;
} features;

static par_value log_mean(network *n, const window_kind *k, int wide, int step, features *out)
{
	par_graph *g = n->graph;
	int64_t h = k->horizon;
	par_value place = places(n, k);
	par_value x = hidden(
	    n, "whole1", par_concat(g, 2, (par_value[]){n->input[WHOLE], place}), wide);
	x = residual(n, "whole2", x, wide);
	x = residual(n, "whole3", x, wide);
	par_value own = par_reshape(g, linear(n, "own", x, h * OWN), 2, (int64_t[]){h, OWN});
	par_value day = rows(n, "day", n->input[DAY], k->c->rows, DAY_WIDTH);
	par_value v = par_concat(g, 3, (par_value[]){own, n->input[STEP], day});
	v = par_activate(g,
	    par_add_values(
		g, linear(n, "step1", v, step), par_repeat(g, linear(n, "shared", x, step), h)),
	    PAR_ACT_RELU);
	v = residual(n, "step2", v, step);
	*out = (features){x, v};
	par_value o = par_reshape(g, zero(n, "head", v, 1), 1, &h);
	par_value week = par_reduce_last(
	    g, par_multiply(g, day, par_repeat(g, zero(n, "week", place, DAY_WIDTH), h)), PAR_SUM);
	par_value level = par_reshape(
	    g, par_repeat(g, par_scale(g, linear(n, "level", x, 1), 0.1, 0), h), 1, &h);
	return par_add_values(g, o, par_add_values(g, week, level));
}

static int middle_of(const network *n)
{
	int middle = 0;
	for (int q = 1; q < n->levels; q++)
		if (fabs(n->level[q] - .5) < fabs(n->level[middle] - .5))
			middle = q;
	return middle;
}

/* how far quantiles lie from the mean, over it */
static par_value quantiles(network *n, const window_kind *k, const features *of)
{
	par_graph *g = n->graph;
	int64_t h = k->horizon;
	par_value mean = par_reshape(g, par_detach(g, n->log_mean), 2, (int64_t[]){h, 1});
	par_value u = par_add_values(g, linear(n, "around1", par_detach(g, of->step), AROUND),
	    linear(n, "around_mean", mean, AROUND));
	par_value whole = linear(n, "around_window", par_detach(g, of->window), AROUND);
	u = par_activate(g, par_add_values(g, u, par_repeat(g, whole, h)), PAR_ACT_RELU);
	return par_ladder(g, zero(n, "quantiles", u, n->levels), middle_of(n));
}

/* distances from the mean against those of targets; on days that are not learnt from both are 0 */
static par_value loss_of_quantiles(network *n)
{
	par_graph *g = n->graph;
	par_value mean = par_activate(g, par_detach(g, n->log_mean), PAR_ACT_EXP);
	mean = par_multiply(g, mean, n->input[MASK]);
	par_value seen = par_add_values(g, n->input[TARGET], par_scale(g, mean, -1, 0));
	return par_loss_pinball(g, par_multiply(g, n->quantile, mean), seen, n->levels, n->level);
}

static par_value loss_of_mean(network *n)
{
	par_value seen = par_multiply(n->graph, n->log_mean, n->input[MASK]);
	return par_loss_poisson(n->graph, seen, n->input[TARGET]);
}

par_err network_open(network *n, const window_kind *k, const network_spec *spec)
{
	const par_world *w = k->h->of->world;
	features of;
	*n = (network){.levels = spec->levels, .level = spec->level};
	par_graph_spec graph = {.world = w,
	    .batch = spec->batch ? spec->batch : 1024,
	    .seed = spec->seed,
	    .bf16 = spec->bf16};
	PAR_TRY_ALL(w, make_places(n, k->h));
	PAR_TRY_ALL(w, par_graph_open(&n->graph, &graph));
	add_inputs(n, k);
	n->log_mean = log_mean(
	    n, k, spec->wide ? spec->wide : 256, spec->step ? spec->step : 96, &of);
	par_value loss = loss_of_mean(n);
	if (n->levels > 0) {
		n->quantile = quantiles(n, k, &of);
		loss = par_add_values(n->graph, loss, loss_of_quantiles(n));
	}
	n->loss = par_weigh(n->graph, loss, n->input[WEIGHT]);
	n->train = par_graph_pass(n->graph, n->loss, "model");
	n->answer = par_graph_answer(
	    n->graph, n->levels > 0 ? 2 : 1, (par_value[]){n->log_mean, n->quantile});
	return par_graph_plan(n->graph);
}

void network_close(network *n)
{
	if (n->graph)
		par_graph_close(n->graph);
	for (int k = 0; k < 2; k++) {
		free(n->first[k]);
		free(n->column[k]);
		free(n->value[k]);
	}
	*n = (network){0};
}

window network_window(void *const field[])
{
	return (window){field[WHOLE], field[STEP], field[DAY], field[GROUP], field[SKU],
	    field[TARGET], field[MASK], field[WEIGHT]};
}
