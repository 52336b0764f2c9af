#include "plan/tell/summary.h"

#include "plan/orders/boxes.h"
#include "plan/tell/limit_text.h"
#include "plan/tell/number_text.h"

#include <math.h>
#include <string.h>

#define SHOWN 8 /* limits */

typedef struct {
	const char *key, *text;
	double amount;
} line;

static void tell_money(app *a, const model *m, const totals *t)
{
	double over = 0;
	for (int k = 0; k < LIMIT_KINDS; k++)
		over += t->overflow[k];
	const line lines[] = {
	    {"sales", "sales", -t->money[FLOW_SALE]},
	    {"purchases", "purchases", -t->money[FLOW_PURCHASE]},
	    {"shipments", "shipments and duty", -t->money[FLOW_SHIPMENT]},
	    {"deliveries", "deliveries to markets", -t->money[FLOW_DELIVERY]},
	    {"stock", "stock, less what is left at the end",
		t->safety_worth - t->money[FLOW_STOCK]},
	    {"safety", "safety stock, at what its lack costs", -t->safety_worth},
	    {"backlog", "late deliveries", -t->money[FLOW_BACKLOG]},
	    {"orders", "placing orders", -t->usable.fixed},
	    {"containers", "empty space in containers", -t->unfilled},
	    {"overflow", "limits passed", -over},
	    {"contribution", "contribution", -t->value},
	};
	json_t *object = json_object();
	app_log(a, "\n%-40s %18s", "money", m->currency);
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		char text[NUMBER_TEXT];
		json_object_set_new(object, lines[i].key, json_real(lines[i].amount));
		if (lines[i].amount != 0)
			app_log(
			    a, "  %-38s %18s", lines[i].text, number_text(text, lines[i].amount));
	}
	json_object_set_new(a->report, "money", object);
}

static void tell_safety(app *a, const totals *t)
{
	if (!(t->safety_wanted > 0))
		return;
	app_log(a, "safety stock: %.1f %% of what service asks for, on average %.0f of %.0f units",
	    100 * t->safety_held / t->safety_wanted, t->safety_held / t->periods,
	    t->safety_wanted / t->periods);
	json_object_set_new(a->report, "safety",
	    json_pack("{s:f, s:f}", "wanted", t->safety_wanted / t->periods, "held",
		t->safety_held / t->periods));
}

static void tell_service(app *a, const model *m, const totals *t)
{
	double demand, sold = totals_sold(t, m, &demand);
	double service = demand > 0 ? sold / demand : 1;
	double days = m->periods > 1
			  ? (double)(m->period_date[m->periods - 1] - m->period_date[0]) *
				m->periods / (m->periods - 1)
			  : 7;
	double held = t->goods_held / m->periods;
	double turnover = held > 0 ? t->goods_sold / held * 365 / days : 0;
	app_log(a, "\nservice: %.1f %% of the expected demand, %.0f of %.0f units", 100 * service,
	    sold, demand);
	app_log(a, "turnover: stock is sold %.1f times a year", turnover);
	tell_safety(a, t);
	json_object_set_new(a->report, "service", json_real(service));
	json_object_set_new(a->report, "turnover", json_real(turnover));
}

/* containers booked by mode, and how full they are */
static void tell_containers(app *a, const model *m, const totals *t)
{
	double booked[LANE_MODES] = {0}, room[LANE_MODES] = {0}, filled[LANE_MODES] = {0};
	json_t *object = json_object();
	for (int64_t c = 0; c < m->lane.n * m->periods; c++) {
		const lane_load *l = &m->load[c / m->periods];
		double n = (double)boxes_needed(t->shipped[c], l->container);
		booked[l->mode] += n;
		room[l->mode] += n * l->container;
		filled[l->mode] += l->container > 0 ? t->shipped[c] : 0;
	}
	for (int k = 0; k < LANE_MODES; k++) {
		if (booked[k] == 0)
			continue;
		app_log(a, "containers by %s: %.0f, %.1f %% full", lane_mode_name[k], booked[k],
		    100 * filled[k] / room[k]);
		json_object_set_new(object, lane_mode_name[k],
		    json_pack("{s:f, s:f}", "booked", booked[k], "fill", filled[k] / room[k]));
	}
	json_object_set_new(a->report, "containers", object);
}

/* what a limit costs the plan: its price times its size */
static double weight_of(const model *m, const solution *s, int64_t i)
{
	return fabs(limit_worth(s, i) * m->limit[i].capacity);
}

/* the dearest first, ties in their order; returns how many of most bind */
static int dearest(int64_t *out, int most, const model *m, const solution *s, const totals *t)
{
	int n = 0;
	for (int64_t i = 0; i < m->problem.link.rows; i++) {
		if (!totals_binds(t, m, i))
			continue;
		int at = n < most ? n++ : most;
		for (; at > 0 && weight_of(m, s, out[at - 1]) < weight_of(m, s, i); at--)
			if (at < most)
				out[at] = out[at - 1];
		if (at < most)
			out[at] = i;
	}
	return n;
}

static void tell_binding(app *a, const model *m, const totals *t)
{
	int of[LIMIT_KINDS] = {0}, binding[LIMIT_KINDS] = {0};
	json_t *object = json_object();
	for (int64_t i = 0; i < m->problem.link.rows; i++) {
		of[m->limit[i].kind]++;
		binding[m->limit[i].kind] += totals_binds(t, m, i);
	}
	app_log(a, "\n%-28s %8s %8s %18s", "limits", "all", "reached", "paid for passing");
	for (int k = 0; k < LIMIT_KINDS; k++) {
		char text[NUMBER_TEXT];
		if (of[k] == 0)
			continue;
		app_log(a, "  %-26s %8d %8d %18s", limit_kind_text(k), of[k], binding[k],
		    number_text(text, t->overflow[k]));
		json_object_set_new(object, limit_kind_text(k), json_integer(binding[k]));
	}
	json_object_set_new(a->report, "binding", object);
}

static void tell_dearest(app *a, const model *m, const solution *s, const totals *t)
{
	int64_t shown[SHOWN];
	int n = dearest(shown, SHOWN, m, s, t);
	json_t *list = json_array();
	if (n > 0)
		app_log(a, "\n%-40s %12s %12s       %14s", "the dearest limits", "use", "limit",
		    "one more saves");
	for (int k = 0; k < n; k++) {
		char name[LIMIT_NAME];
		int64_t i = shown[k];
		limit_name(m, i, name);
		app_log(a, "  %-38s %12.6g %12.6g %-5s %14.5g", name, t->use[i],
		    m->limit[i].capacity, limit_unit_text(m, i), limit_worth(s, i));
		json_array_append_new(
		    list, json_pack("{s:s, s:f, s:f, s:f}", "name", name, "use", t->use[i],
			      "capacity", m->limit[i].capacity, "price", limit_worth(s, i)));
	}
	json_object_set_new(a->report, "limits", list);
}

void summary_tell(app *a, const model *m, const solution *s, const totals *t)
{
	tell_money(a, m, t);
	tell_service(a, m, t);
	tell_containers(a, m, t);
	tell_binding(a, m, t);
	tell_dearest(a, m, s, t);
}
