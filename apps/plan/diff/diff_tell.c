#include "plan/diff/diff_tell.h"

#include "base/date.h"
#include "plan/tell/csv.h"
#include "plan/tell/limit_text.h"

#define HEADER                                                                        \
	"sku,what,who,date,before,after,money,currency,reason,limit,capacity_before," \
	"capacity_after,price_before,price_after\n"
#define LOGGED 8

static const char *const reasons[REASONS] = {
    [REASON_LIMIT] = "limit",
    [REASON_ELSEWHERE] = "limit elsewhere",
    [REASON_DEMAND] = "demand",
    [REASON_STOCK] = "stock",
    [REASON_OTHER] = "other",
};

static const char *who_of(const model *m, const diff_change *c)
{
	const model_names *names = c->table == OLD_PURCHASE   ? &m->supplier
				   : c->table == OLD_SHIPMENT ? &m->lane
							      : &m->market;
	return names->name[c->cell / m->periods];
}

static const char *date_of(const model *m, const diff_change *c, char text[11])
{
	return par_date_text(text, m->period_date[c->cell % m->periods]);
}

static void print_limit(FILE *out, const diff *d, const model *m, const solution *s, int l)
{
	char name[LIMIT_NAME];
	csv_name(out, limit_name(m, l, name), ',');
	fprintf(out, "%.6g,%.6g,%.6g,%.6g\n", d->old.capacity[l], m->limit[l].capacity,
	    d->old.worth[l], limit_worth(s, l));
}

static void print_row(
    FILE *out, const diff *d, const model *m, const solution *s, const diff_change *c)
{
	char date[11];
	csv_name(out, m->sku.name[c->sku], ',');
	fprintf(out, "%s,", d->old.table[c->table].name);
	csv_name(out, who_of(m, c), ',');
	fprintf(out, "%s,%.2f,%.2f,%.2f,%s,%s,", date_of(m, c, date), c->before, c->after, c->money,
	    m->currency, reasons[c->reason]);
	if (c->limit >= 0)
		print_limit(out, d, m, s, c->limit);
	else
		fputs(",,,,\n", out);
}

typedef struct {
	const diff *diff;
	const model *model;
	const solution *solution;
} listing;

static void print_all(FILE *out, const void *ctx)
{
	const listing *l = ctx;
	for (int i = 0; i < l->diff->rows; i++)
		print_row(out, l->diff, l->model, l->solution, &l->diff->row[i]);
}

static void log_change(const app *a, const diff *d, const model *m, const diff_change *c)
{
	char date[11], name[LIMIT_NAME] = "";
	if (c->limit >= 0)
		limit_name(m, c->limit, name);
	app_log(a, "  %-12s %-8s %-24s %s %12.1f -> %10.1f  %s %s", m->sku.name[c->sku],
	    d->old.table[c->table].name, who_of(m, c), date_of(m, c, date), c->before, c->after,
	    reasons[c->reason], name);
}

/* the limits that explain most, the first of them first; returns how many */
static int most_moved(const diff *d, int limits, int *out)
{
	int n = 0;
	for (int l = 0; l < limits; l++) {
		if (!(d->moved[l] > 0))
			continue;
		int at = n < LOGGED ? n++ : LOGGED;
		for (; at > 0 && d->moved[out[at - 1]] < d->moved[l]; at--)
			if (at < LOGGED)
				out[at] = out[at - 1];
		if (at < LOGGED)
			out[at] = l;
	}
	return n;
}

static json_t *tell_limits(app *a, const diff *d, const model *m, const solution *s)
{
	int moved[LOGGED], n = most_moved(d, m->problem.link.rows, moved);
	json_t *list = json_array();
	if (n > 0)
		app_log(a, "%-40s %14s %26s %22s", "limits that explain most", m->currency,
		    "capacity", "price");
	for (int i = 0; i < n; i++) {
		int l = moved[i];
		char name[LIMIT_NAME];
		limit_name(m, l, name);
		app_log(a, "  %-38s %14.0f %11.6g -> %11.6g %9.4g -> %9.4g", name, d->moved[l],
		    d->old.capacity[l], m->limit[l].capacity, d->old.worth[l], limit_worth(s, l));
		json_array_append_new(
		    list, json_pack("{s:s, s:f, s:f, s:f}", "name", name, "money", d->moved[l],
			      "price_before", d->old.worth[l], "price_after", limit_worth(s, l)));
	}
	return list;
}

par_err diff_tell(app *a, const diff *d, const model *m, const solution *s)
{
	PAR_TRY(csv_publish(a, ".diff.csv", HEADER, print_all, &(listing){d, m, s}));
	app_log(a, "\nagainst the old plan: %.0f %s of purchases, shipments and sales changed",
	    d->money, m->currency);
	if (d->added + d->gone > 0)
		app_log(a, "SKUs that only one of them has: %lld new, %lld gone",
		    (long long)d->added, (long long)d->gone);
	for (int i = 0; i < d->rows && i < LOGGED; i++)
		log_change(a, d, m, &d->row[i]);
	json_t *limits = tell_limits(a, d, m, s);
	json_object_set_new(a->report, "diff",
	    json_pack("{s:f, s:I, s:I, s:o}", "money", d->money, "added", (json_int_t)d->added,
		"gone", (json_int_t)d->gone, "limits", limits));
	return PAR_OK;
}
