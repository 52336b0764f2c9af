/* Schemas: what the tables look like when no schema file is given. The texts of inputs/schemas/ are
 * compiled in, so a copy of such a file is the place to start from for one's own. Bounds of columns are
 * narrowed to what the catalog has room for, so that a value without room is refused where it stands. */
#ifndef APPS_INGEST_SCHEMAS_H
#define APPS_INGEST_SCHEMAS_H

#include "io/schema.h"

/* local | the schema in the file path, or the one compiled in for "sales", "orders", "catalog",
 * "calendar", "future" or "overrides" when path is NULL. fails: as par_schema_read; PAR_E_CONFIG when a column
 * that the program needs is missing or has another type */
par_err schemas_read(par_schema *s, const char *table, const char *path);

#endif
