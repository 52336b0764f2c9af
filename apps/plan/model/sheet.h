/* Sheet: a small table of the network, with every row on every rank.
 *
 * Rows become structs of the reader's, which gets its fields by name. A field that the file lacks or leaves
 * empty is what the reader says instead. */
#ifndef APPS_PLAN_MODEL_SHEET_H
#define APPS_PLAN_MODEL_SHEET_H

#include "io/table.h"

#define SHEET_ID 65 /* bytes of an identifier with its end */

typedef struct {
	par_table table;
	par_schema schema;
	const par_batch *batch; /* where the row stands that is being read */
	int64_t row;
} sheet;

/* local | make *out of the row; problems with a field by sheet_fail */
typedef par_err (*sheet_row)(sheet *s, void *ctx, void *out);

/* collective | read FOLDER/NAME.csv by the schema that is built in under that name: *rows structs of
 * row_bytes each, malloc'd, in file order, on every rank. Without the file there are none, unless it is
 * needed. fails: PAR_E_INPUT, PAR_E_DATA, PAR_E_MEMORY; what fn returned */
par_err sheet_read(const par_world *w, const char *folder, const char *name, bool needed,
    size_t row_bytes, sheet_row fn, void *ctx, void **all, int64_t *rows);

/* local, of the row being read | a number: of a money column in whole units of its currency */
double sheet_number(const sheet *s, const char *column, double otherwise);
/* text of an id or code into out, "" when there is none */
const char *sheet_text(const sheet *s, const char *column, char out[SHEET_ID]);
/* days since 1970-01-01 */
int32_t sheet_day(const sheet *s, const char *column, int32_t otherwise);
bool sheet_flag(const sheet *s, const char *column, bool otherwise);

/* local | FILE:LINE:1: what, about the row being read */
par_err sheet_fail(const sheet *s, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
