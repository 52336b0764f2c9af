#include "plan/tell/picture.h"

#include "base/date.h"
#include "io/publish.h"
#include "plan/tell/bars.h"
#include "plan/tell/heat.h"
#include "plan/tell/number_text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MARK "<!-- entrepot-plan -->\n"

enum { HEAD = 64, APART = 22, MARGIN = 16 }; /* px */

static void draw_head(FILE *out, double width, double height)
{
	fprintf(out,
	    MARK "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\" "
		 "width=\"%.0f\" height=\"%.0f\">\n",
	    width, height, width, height);
	fputs("<style>text{font:11px sans-serif;fill:#222}.head{font-weight:bold;font-size:15px}"
	      ".title{font-weight:bold;font-size:12px}.num{text-anchor:end}"
	      ".mid{text-anchor:middle}.grid{stroke:#ddd}.tick{stroke:#888}",
	    out);
	bars_style(out);
	heat_style(out);
	fputs("</style>\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n", out);
}

#define SURE 0.001 /* percent: what is closer is not told apart */

/* what the plan is worth, how sure that is, and whom it serves */
static void draw_verdict(FILE *out, const model *m, const totals *t)
{
	char skus[NUMBER_TEXT], money[NUMBER_TEXT], first[11], last[11];
	double demand, sold = totals_sold(t, m, &demand);
	fprintf(out, "<text class=\"head\" x=\"%d\" y=\"26\">Plan of %s SKUs, %s to %s</text>\n",
	    MARGIN, number_text(skus, (double)m->problem.blocks),
	    par_date_text(first, m->period_date[0]),
	    par_date_text(last, m->period_date[m->periods - 1]));
	fprintf(out,
	    "<text x=\"%d\" y=\"44\">Contribution %s %s, within %.2g %% of the best there can "
	    "be; %.1f %% of the expected demand is served</text>\n",
	    MARGIN, number_text(money, -t->value), m->currency, fmax(100 * t->usable.gap, SURE),
	    demand > 0 ? 100 * sold / demand : 100);
}

/* of all markets together */
static void add_demand(double *demand, const model *m, const totals *t)
{
	for (int64_t i = 0; i < m->market.n * m->periods; i++)
		demand[i % m->periods] += t->demand[i];
}

/* what leaves on lanes of each mode that the model has */
typedef struct {
	model_names names;
	char name[LANE_MODES][MODEL_NAME];
	double *shipped; /* [name][period] m3 */
} modes;

static par_err modes_add(modes *by, const model *m, const totals *t)
{
	int place[LANE_MODES];
	*by = (modes){.shipped = calloc((size_t)(LANE_MODES * m->periods), sizeof *by->shipped)};
	if (!by->shipped)
		return par_fail(PAR_E_MEMORY, "no memory to draw");
	for (int k = 0; k < LANE_MODES; k++)
		place[k] = -1;
	for (int64_t l = 0; l < m->lane.n; l++)
		place[m->load[l].mode] = 0;
	for (int k = 0; k < LANE_MODES; k++) {
		if (place[k] < 0)
			continue;
		place[k] = (int)by->names.n++;
		memcpy(by->name[place[k]], lane_mode_name[k], MODEL_NAME);
	}
	by->names.name = by->name;
	for (int64_t c = 0; c < m->lane.n * m->periods; c++)
		by->shipped[place[m->load[c / m->periods].mode] * m->periods + c % m->periods] +=
		    t->shipped[c];
	return PAR_OK;
}

/* one above the other: what comes in and moves, what is there and goes out */
enum { COLUMNS = 2, CHARTS = 4 };

static void draw(FILE *out, const model *m, const totals *t, const heat *h, const modes *by,
    const double *demand)
{
	double left = fmax(heat_names(h) + 20, BARS_GUTTER), legend[CHARTS / COLUMNS], y = HEAD;
	const axis at[COLUMNS] = {{m, left}, {m, left + AXIS_WIDTH + BARS_GUTTER}};
	const bars chart[CHARTS] = {{.title = "Purchases",
					.what = "suppliers",
					.unit = "units",
					.names = &m->supplier,
					.amount = t->purchased,
					.axis = at[0]},
	    {.title = "Shipments that leave, by mode",
		.what = "modes",
		.unit = "m\302\263",
		.names = &by->names,
		.amount = by->shipped,
		.axis = at[1]},
	    {.title = "Stock at the end of each period",
		.what = "places",
		.unit = "units",
		.names = &m->node,
		.amount = t->stock,
		.axis = at[0]},
	    {.title = "Expected sales",
		.what = "markets",
		.unit = "units",
		.names = &m->market,
		.amount = t->sold,
		.line = demand,
		.line_text = "expected demand",
		.axis = at[1]}};
	double limits = HEAD;
	for (int k = 0; k < CHARTS; k += COLUMNS) {
		legend[k / COLUMNS] = fmax(bars_legend(&chart[k]), bars_legend(&chart[k + 1]));
		limits += legend[k / COLUMNS] + BARS_BELOW + APART;
	}
	draw_head(out, axis_at(&at[1], m->periods) + MARGIN, limits + heat_height(h) + MARGIN);
	draw_verdict(out, m, t);
	for (int k = 0; k < CHARTS; k++) {
		bars_draw(&chart[k], out, y, legend[k / COLUMNS]);
		if (k % COLUMNS == COLUMNS - 1)
			y += legend[k / COLUMNS] + BARS_BELOW + APART;
	}
	heat_draw(h, out, at, limits);
	fputs("</svg>\n", out);
}

static par_err draw_text(char **text, const model *m, const solution *s, const totals *t)
{
	size_t size = 0;
	heat h;
	modes by = {0};
	double *demand = calloc((size_t)m->periods + 1, sizeof *demand);
	FILE *out = open_memstream(text, &size);
	par_err e = demand && out ? heat_rows(&h, m, s, t)
				  : par_fail(PAR_E_MEMORY, "no memory to draw");
	if (e == PAR_OK)
		e = modes_add(&by, m, t);
	if (e == PAR_OK) {
		add_demand(demand, m, t);
		draw(out, m, t, &h, &by, demand);
	}
	if (out && fclose(out) != 0 && e == PAR_OK)
		e = par_fail(PAR_E_MEMORY, "no memory to draw");
	free(by.shipped);
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
