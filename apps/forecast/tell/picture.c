#include "forecast/tell/picture.h"

#include "forecast/results.h"
#include "forecast/tell/chart.h"
#include "io/publish.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MARK "<!-- entrepot-forecast -->\n"

/* what the picture takes from the published result; only rank 0 holds rows */
typedef struct {
	app *a;
	panel *p;
	par_store *forecast;
	int64_t steps, quantiles;
	int64_t rows; /* on this rank: 1 on rank 0, 0 elsewhere */
	double *level;
	float *mean, *quantile, *band, *units;
} gallery;

static const char *const series_step[] = {"series", "step", NULL};
static const char *const series_step_quantile[] = {"series", "step", "quantile", NULL};

/* series by expected demand, largest first, ties in catalog order: picked[n] on every rank */
static par_err pick(gallery *g, int64_t *picked, int n)
{
	int64_t series = g->rows * g->p->of.series;
	float *mean = malloc(sizeof *mean * (size_t)(series * g->steps + 1));
	double *sum = calloc((size_t)g->p->of.series + 1, sizeof *sum);
	par_err e = par_agree(&g->a->world,
	    mean && sum ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory to rank the forecasts"));
	if (e == PAR_OK)
		e = par_store_get(g->forecast, "mean", PAR_F32, series_step, 0, series, mean);
	for (int64_t i = 0; e == PAR_OK && i < series * g->steps; i++)
		sum[i / g->steps] += (double)mean[i];
	for (int k = 0; e == PAR_OK && k < n; k++) {
		int64_t best = 0;
		for (int64_t i = 1; i < series; i++)
			if (sum[i] > sum[best])
				best = i;
		sum[best] = -INFINITY;
		picked[k] = par_world_max(&g->a->world, g->rows ? best : 0);
	}
	free(sum);
	free(mean);
	return e;
}

/* quantile q of step h, straight from the stored levels; NaN when that level is not there */
static float stored(const gallery *g, int h, double q)
{
	for (int64_t k = 0; k < g->quantiles; k++)
		if (fabs(g->level[k] - q) < 1e-9)
			return g->quantile[h * g->quantiles + k];
	return NAN;
}

static void draw(gallery *g, FILE *out, int64_t i, int16_t model, int64_t past, int x, int y)
{
	static const double shown[4] = {.025, .25, .75, .975};
	const panel *p = g->p;
	char title[256], first[20], split[20], last[20];
	for (int h = 0; h < g->steps; h++)
		for (int k = 0; k < 4; k++)
			g->band[4 * h + k] = stored(g, h, shown[k]);
	snprintf(title, sizeof title, "%.64s in %.64s (%s)",
	    p->of.sku + (int64_t)p->of.series_sku[i] * p->of.sku_stride,
	    p->of.market + (int64_t)p->of.series_market[i] * p->of.market_stride,
	    results_model_text(model));
	chart c = {
	    .title = title,
	    .history = g->units + (p->of.length - past),
	    .past = (int)past,
	    .mean = g->mean,
	    .band = g->band,
	    .steps = (int)g->steps,
	    .first = par_period_text(first, p->of.frequency,
		par_period_time(p->of.frequency, p->of.first_time, p->of.length - past)),
	    .split = par_period_text(split, p->of.frequency,
		par_period_time(p->of.frequency, p->of.first_time, p->of.length)),
	    .last = par_period_text(last, p->of.frequency,
		par_period_time(p->of.frequency, p->of.first_time, p->of.length + g->steps - 1)),
	};
	chart_draw(&c, out, x, y);
}

static par_err draw_series(gallery *g, FILE *out, int64_t i, int at)
{
	int16_t model = 0;
	int64_t past = 4 * g->steps > 2 * g->p->of.season ? 4 * g->steps : 2 * g->p->of.season;
	past = past < g->p->of.length ? past : g->p->of.length;
	PAR_TRY(panel_units(g->p, i, g->rows, g->units));
	PAR_TRY(par_store_get(g->forecast, "mean", PAR_F32, series_step, i, g->rows, g->mean));
	PAR_TRY(par_store_get(
	    g->forecast, "quantiles", PAR_F32, series_step_quantile, i, g->rows, g->quantile));
	PAR_TRY(par_store_get(g->forecast, "model", PAR_I16, (const char *const[]){"series", NULL},
	    i, g->rows, &model));
	if (g->rows)
		draw(g, out, i, model, past, at % 2 * CHART_WIDTH, 30 + at / 2 * CHART_HEIGHT);
	return PAR_OK;
}

static void draw_head(FILE *out, int n)
{
	int height = 40 + (n + 1) / 2 * CHART_HEIGHT;
	fprintf(out,
	    MARK "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" "
		 "height=\"%d\">\n",
	    2 * CHART_WIDTH, height, 2 * CHART_WIDTH, height);
	fputs(
	    "<style>text{font:11px sans-serif;fill:#222}.title{font-weight:bold;font-size:12px}"
	    ".num,.end{text-anchor:end}.grid{stroke:#ddd}"
	    ".split{stroke:#888;stroke-dasharray:2 3}.history,.mean{fill:none;stroke-width:1.4}"
	    ".history{stroke:#333}.mean{stroke:#0b5394;stroke-dasharray:5 2}"
	    ".outer{fill:#cfe2f3}.inner{fill:#9fc5e8}</style>\n"
	    "<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n"
	    "<text x=\"52\" y=\"20\">History (solid), expected demand (dashed), intervals of 50 % "
	    "(dark) and 95 % (light): the largest series</text>\n",
	    out);
}

static par_err draw_all(gallery *g, int n)
{
	char *text = NULL, path[4096];
	size_t size = 0;
	int64_t picked[24];
	FILE *out = open_memstream(&text, &size);
	PAR_TRY_ALL(&g->a->world, out ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory to draw"));
	draw_head(out, n);
	par_err e = pick(g, picked, n);
	for (int k = 0; k < n && e == PAR_OK; k++)
		e = draw_series(g, out, picked[k], k);
	fputs("</svg>\n", out);
	fclose(out);
	app_beside(g->a, ".svg", path, sizeof path);
	if (e == PAR_OK)
		e = par_publish_text(&g->a->world, path, g->rows ? text : NULL, strlen(MARK));
	if (e == PAR_OK)
		e = app_output(g->a, path);
	free(text);
	return e;
}

static par_err room(gallery *g)
{
	size_t steps = (size_t)g->steps, levels = (size_t)g->quantiles;
	g->level = calloc(levels + 1, sizeof *g->level);
	g->mean = calloc(steps + 1, sizeof *g->mean);
	g->quantile = calloc(steps * levels + 1, sizeof *g->quantile);
	g->band = calloc(4 * steps + 1, sizeof *g->band);
	g->units = calloc((size_t)g->p->stored + 1, sizeof *g->units);
	return g->level && g->mean && g->quantile && g->band && g->units
		   ? PAR_OK
		   : par_fail(PAR_E_MEMORY, "no memory to draw");
}

static par_err open_gallery(gallery *g)
{
	PAR_TRY(par_store_open(&g->forecast, &g->a->world, g->a->out, "entrepot-forecast", 1));
	g->steps = par_store_extent(g->forecast, "step");
	g->quantiles = par_store_extent(g->forecast, "quantile");
	PAR_TRY_ALL(&g->a->world, room(g));
	return par_store_get(g->forecast, "quantile", PAR_F64,
	    (const char *const[]){"quantile", NULL}, 0, g->quantiles, g->level);
}

par_err picture_write(app *a, panel *p)
{
	int64_t n = app_int(a, "pictures");
	n = n < p->of.series ? n : p->of.series;
	if (n == 0)
		return PAR_OK;
	gallery g = {.a = a, .p = p, .rows = a->world.rank == 0};
	par_err e = open_gallery(&g);
	if (e == PAR_OK)
		e = draw_all(&g, (int)n);
	par_store_close(g.forecast);
	free(g.units);
	free(g.band);
	free(g.quantile);
	free(g.mean);
	free(g.level);
	return e;
}
