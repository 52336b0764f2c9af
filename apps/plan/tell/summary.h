/* Summary: what a plan comes to, for people on the log and for programs in the report. */
#ifndef APPS_PLAN_TELL_SUMMARY_H
#define APPS_PLAN_TELL_SUMMARY_H

#include "common/app.h"
#include "plan/tell/totals.h"

/* rank 0 | money by kind, service, turnover, and the limits that hold the plan back, dearest first.
 * Keys added to the report: money, an object by kind; service, the share of the expected
 * demand that is sold; turnover a year; binding, an object of counts by
 * kind; limits, the dearest with name, use, capacity, price. */
void summary_tell(app *a, const model *m, const solution *s, const totals *t);

#endif
