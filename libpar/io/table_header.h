/* The header of a table: which of the schema's columns stand where. Only io/table.c calls this. */
#ifndef PAR_IO_TABLE_HEADER_H
#define PAR_IO_TABLE_HEADER_H

#include "io/csv.h"
#include "io/table.h"

/* local | understand the first record of t->source: sets text, body, fields, in_order, present and the
 * columns' fields. fails: PAR_E_DATA name:1:column */
par_err par_table_header(par_table *t);

/* local, pure | words for a fault of the tokenizer: "what; wanted"; the record begins at s */
const char *par_table_fault_text(
    par_csv_fault fault, const char *s, size_t at, int columns, int fields);

#endif
