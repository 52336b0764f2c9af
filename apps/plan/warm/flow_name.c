#include "base/date.h"
#include "plan/warm/warm_file.h"

#include <stdio.h>

static const char *word(const model_names *names, int i)
{
	return i < 0 ? "-" : names->name[i];
}

const char *flow_name(const model *m, const flow *f, char out[FLOW_NAME])
{
	static const char *const kind[FLOW_KINDS] = {
	    "purchase", "shipment", "stock", "delivery", "sale", "backlog"};
	char day[11] = "-", step[16] = "-";
	if (f->period >= 0)
		par_date_text(day, m->period_date[f->period]);
	if (f->step >= 0)
		snprintf(step, sizeof step, "%d", f->step);
	snprintf(out, FLOW_NAME, "%s/%s/%s/%s/%s/%s/%s", kind[f->kind],
	    word(&m->supplier, f->supplier), word(&m->lane, f->lane), word(&m->node, f->node),
	    word(&m->market, f->market), day, step);
	return out;
}
