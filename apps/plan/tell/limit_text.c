#include "plan/tell/limit_text.h"

#include "base/date.h"

#include <stdio.h>

const char *limit_kind_text(limit_kind kind)
{
	static const char *const text[LIMIT_KINDS] = {
	    [LIMIT_LANE] = "lane",
	    [LIMIT_SPACE] = "space",
	    [LIMIT_SUPPLIER] = "supplier",
	    [LIMIT_BUDGET] = "budget",
	    [LIMIT_COMMITMENT] = "commitment",
	};
	return text[kind];
}

const char *limit_unit_text(const model *m, int64_t i)
{
	static const char *const text[MEASURES] = {
	    [MEASURE_VOLUME] = "m3",
	    [MEASURE_WEIGHT] = "kg",
	    [MEASURE_UNITS] = "units",
	    [MEASURE_HOURS] = "hours",
	};
	limit_measure of = m->limit[i].measure;
	return of == MEASURE_MONEY ? m->currency : text[of];
}

const char *limit_whose(const model *m, int64_t i)
{
	const limit *l = &m->limit[i];
	switch (l->kind) {
	case LIMIT_LANE:
	case LIMIT_COMMITMENT:
		return m->lane.name[l->which];
	case LIMIT_SPACE:
		return m->node.name[l->which];
	case LIMIT_SUPPLIER:
		return m->supplier.name[l->which];
	default:
		return "";
	}
}

const char *limit_name(const model *m, int64_t i, char out[LIMIT_NAME])
{
	char date[11];
	const char *whose = limit_whose(m, i);
	snprintf(out, LIMIT_NAME, "%s/%s%s%s", limit_kind_text(m->limit[i].kind), whose,
	    *whose ? "/" : "", par_date_text(date, m->period_date[m->limit[i].period]));
	return out;
}

double limit_worth(const solution *s, int64_t i)
{
	return s->price[i] == 0 ? 0 : -s->price[i];
}
