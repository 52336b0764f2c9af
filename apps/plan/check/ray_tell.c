#include "plan/check/ray.h"

#include "base/date.h"

#include <stdarg.h>
#include <stdio.h>

typedef struct {
	char *out;
	size_t size, used;
} text;

__attribute__((format(printf, 2, 3))) static void say(text *t, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	int n = vsnprintf(t->out + t->used, t->size - t->used, fmt, ap);
	va_end(ap);
	t->used = (size_t)n < t->size - t->used ? t->used + (size_t)n : t->size - 1;
}

static void say_limit(text *t, const model *m, const limit *l)
{
	char day[11];
	switch (l->kind) {
	case LIMIT_LANE:
		say(t, "lane %s", m->lane.name[l->which]);
		break;
	case LIMIT_SPACE:
		say(t, "space of %s", m->node.name[l->which]);
		break;
	case LIMIT_SUPPLIER:
		say(t, "supplier %s", m->supplier.name[l->which]);
		break;
	case LIMIT_COMMITMENT:
		say(t, "commitment on lane %s", m->lane.name[l->which]);
		break;
	default:
		say(t, "budget");
	}
	say(t, " %s %s", l->until > l->period + 1 ? "from" : "of",
	    par_date_text(day, m->period_date[l->period]));
}

static void say_share(text *t, double share)
{
	say(t, " (%.*f %%)", share < 0.095 ? 1 : 0, 100 * share);
}

static double sum_of(const ray_part *part, int n)
{
	double sum = 0;
	for (int i = 0; i < n; i++)
		sum += part[i].share;
	return sum;
}

static void say_others(text *t, double named)
{
	if (named > 0.995)
		return;
	say(t, ", others");
	say_share(t, 1 - named);
}

const char *ray_tell(char *out, size_t size, const ray_report *r, const model *m)
{
	text t = {out, size, 0};
	out[0] = 0;
	for (int i = 0; i < r->links; i++) {
		say(&t, "%s", i > 0 ? ", " : "");
		say_limit(&t, m, &m->limit[r->link[i].which]);
		say_share(&t, r->link[i].share);
	}
	if (r->links > 0)
		say_others(&t, sum_of(r->link, r->links));
	if (r->blocks > 0)
		say(&t, "%sSKUs ", r->links > 0 ? "; " : "");
	for (int i = 0; i < r->blocks; i++) {
		say(&t, "%s%s", i > 0 ? ", " : "", m->sku.name[r->block[i].which]);
		say_share(&t, r->block[i].share);
	}
	if (r->blocks > 0)
		say_others(&t, sum_of(r->block, r->blocks));
	return out;
}
