#include "ingest/tables.h"

#include "ingest/schemas.h"

#include <libgen.h>
#include <stdio.h>

par_err tables_open(app *a, const char *name, bool keys, par_schema *schema, par_table *t)
{
	char setting[32], folder[4096];
	snprintf(setting, sizeof setting, "%s_schema", name);
	PAR_TRY_ALL(&a->world, schemas_read(schema, name, app_text(a, setting)));
	snprintf(folder, sizeof folder, "%s", a->out);
	par_table_options o = {.block = (size_t)par_conf_int(a->conf, "run", "table_block"),
	    .scratch = dirname(folder),
	    .most = par_conf_int(a->conf, "run", "unpack_limit") << 20,
	    .keys = keys};
	return par_table_open(t, &a->world, app_text(a, name), schema, &o);
}

int tables_column(const par_table *t, const char *name)
{
	int c = par_schema_find(t->schema, name);
	bool there = par_table_has(t, c) && t->schema->column[c].type != PAR_COLUMN_IGNORE;
	return there ? c : -1;
}
