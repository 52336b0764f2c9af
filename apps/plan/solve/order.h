/* Order: in which the rows of a block are eliminated, and what the factor looks like then. */
#ifndef APPS_PLAN_SOLVE_ORDER_H
#define APPS_PLAN_SOLVE_ORDER_H

#include "plan/solve/problem.h"

#include <stdbool.h>

/* local | order[i] = the row eliminated i-th: first rows that touch no linking row and of which no two
 * share a column (demand rows: their part of A A' is diagonal, and they stay out of V), then by minimum
 * degree (Tinney and Walker 1967), among equals the row that reaches the fewest linking rows. fails: PAR_E_MEMORY */
par_err order_rows(const pattern *p, int *order);

/* local | filled[i * rows + j], j <= i: does the factor of A A' with rows in this order have an entry
 * there? filled: rows * rows. fails: PAR_E_MEMORY */
par_err order_fill(const pattern *p, const int *order, bool *filled);

#endif
