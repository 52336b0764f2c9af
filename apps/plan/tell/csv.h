/* CSV: the tables that stand beside a plan, for people and other programs. */
#ifndef APPS_PLAN_TELL_CSV_H
#define APPS_PLAN_TELL_CSV_H

#include "common/app.h"

#include <stdio.h>

/* local | print an identifier, in quotes where RFC 4180 wants them, and the character after it */
void csv_name(FILE *out, const char *name, char after);

/* local | print this rank's rows */
typedef void csv_rows(FILE *out, const void *ctx);

/* collective | publish a table beside a->out (".orders.csv": plan.h5 -> plan.orders.csv): head, then the rows of
 * rank after rank. fails: PAR_E_MEMORY, and as io/pieces.h */
par_err csv_publish(app *a, const char *suffix, const char *head, csv_rows *rows, const void *ctx);

#endif
