/* Orders: the purchases of a plan as a table that people and other programs take (CSV).
 *
 * sku, supplier, node, ordered, arrives, units, cost, currency; by SKU and date of the order. Units and cost
 * have two digits, and what is no hundredth of a unit is no order. */
#ifndef APPS_PLAN_TELL_ORDERS_CSV_H
#define APPS_PLAN_TELL_ORDERS_CSV_H

#include "common/app.h"
#include "plan/model/model.h"
#include "plan/solve/solution.h"

/* collective | write and publish the orders beside a->out (plan.h5 -> plan.orders.csv); *count gets
 * their number. fails: PAR_E_MEMORY, and as io/publish.h */
par_err orders_csv_write(app *a, const model *m, const solution *s, int64_t *count);

#endif
