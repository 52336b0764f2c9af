/* Limit text: the linking rows of a plan in words, and what each is worth. */
#ifndef APPS_PLAN_TELL_LIMIT_TEXT_H
#define APPS_PLAN_TELL_LIMIT_TEXT_H

#include "plan/model/model.h"
#include "plan/solve/solution.h"

#define LIMIT_NAME (MODEL_NAME + 32)

/* local | "lane", "space", "supplier", "budget", "commitment" */
const char *limit_kind_text(limit_kind kind);
/* local | "m3", "kg", "units", "hours", and the currency for money */
const char *limit_unit_text(const model *m, int64_t i);

/* local | "lane/ANTWERP-LYON-rail/2031-07-07": kind, whose, first day of the period. Identifiers hold no
 * slash. Returns out. */
const char *limit_name(const model *m, int64_t i, char out[LIMIT_NAME]);

/* local | the name of whose limit it is, "" for a budget */
const char *limit_whose(const model *m, int64_t i);

/* local | what one more unit of the limit would save: less than nothing for a commitment */
double limit_worth(const solution *s, int64_t i);

#endif
