/* Tables: how every table of ingest is opened: the setting NAME is its path, NAME_schema its schema. */
#ifndef APPS_INGEST_TABLES_H
#define APPS_INGEST_TABLES_H

#include "common/app.h"
#include "io/table.h"

/* collective | open the table that the setting name gives; keys as in par_table_options
 * fails: as schemas_read and par_table_open */
par_err tables_open(app *a, const char *name, bool keys, par_schema *schema, par_table *t);

/* local | the schema's column of that name when the file has it and it is not ignored, else -1 */
int tables_column(const par_table *t, const char *name);

#endif
