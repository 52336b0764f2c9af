#include "plan/tell/picture.h"

#include "base/date.h"
#include "io/publish.h"
#include "plan/tell/bars.h"
#include "plan/tell/heat.h"

#include <stdlib.h>
#include <string.h>

#define MARK "<!-- entrepot-plan -->\n"

static void draw_head(FILE *out, int width, int height)
{
	fprintf(out,
	    MARK "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" "
		 "height=\"%d\">\n",
	    width, height, width, height);
	fputs("<style>text{font:11px sans-serif;fill:#222}.title{font-weight:bold;font-size:12px}"
	      ".num{text-anchor:end}.grid{stroke:#ddd}",
	    out);
	bars_style(out);
	heat_style(out);
	fputs("</style>\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n", out);
}

/* of all markets together */
static void add_demand(double *demand, const model *m, const totals *t)
{
	for (int64_t i = 0; i < m->market.n * m->periods; i++)
		demand[i % m->periods] += t->demand[i];
}

static void draw(FILE *out, const model *m, const totals *t, const heat *h, const double *demand)
{
	char first[11], last[11];
	bars stock = {.title = "Stock at the end of each period, units",
	    .names = &m->node,
	    .amount = t->stock,
	    .periods = m->periods,
	    .first = par_date_text(first, m->period_date[0]),
	    .last = par_date_text(last, m->period_date[m->periods - 1])};
	bars sales = stock;
	sales.title = "Expected sales, and demand (dashed), units";
	sales.names = &m->market;
	sales.amount = t->sold;
	sales.line = demand;
	draw_head(out, 2 * BARS_WIDTH, BARS_HEIGHT + heat_height(h));
	bars_draw(&stock, out, 0, 0);
	bars_draw(&sales, out, BARS_WIDTH, 0);
	if (h->rows > 0) {
		heat_draw_names(h, out, 0, BARS_HEIGHT);
		heat_draw(h, false, out, HEAT_NAMES, BARS_HEIGHT);
		heat_draw(h, true, out, HEAT_NAMES + HEAT_WIDTH, BARS_HEIGHT);
	}
	fputs("</svg>\n", out);
}

static par_err draw_text(char **text, const model *m, const solution *s, const totals *t)
{
	size_t size = 0;
	heat h;
	double *demand = calloc((size_t)m->periods + 1, sizeof *demand);
	FILE *out = open_memstream(text, &size);
	par_err e = demand && out ? heat_rows(&h, m, s, t)
				  : par_fail(PAR_E_MEMORY, "no memory to draw");
	if (e == PAR_OK) {
		add_demand(demand, m, t);
		draw(out, m, t, &h, demand);
	}
	if (out && fclose(out) != 0 && e == PAR_OK)
		e = par_fail(PAR_E_MEMORY, "no memory to draw");
	free(demand);
	return e;
}

par_err picture_write(app *a, const model *m, const solution *s, const totals *t)
{
	char *text = NULL, path[4096];
	bool mine = a->world.rank == 0;
	par_err e = par_agree(&a->world, mine ? draw_text(&text, m, s, t) : PAR_OK);
	app_beside(a, ".svg", path, sizeof path);
	if (e == PAR_OK)
		e = par_publish_text(&a->world, path, text, strlen(MARK));
	if (e == PAR_OK)
		e = app_output(a, path);
	free(text);
	return e;
}
