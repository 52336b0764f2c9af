#include "common/words.h"

par_err words_columns_put(par_store *s, const words_columns *c)
{
	const struct {
		par_store_var var;
		const void *data;
	} put[] = {
	    {{"override_sku", PAR_I32, {"override"}, NULL, "index into sku, -1 for all", NULL},
		c->sku},
	    {{"override_market", PAR_I32, {"override"}, NULL, "index into market, -1 for all",
		 NULL},
		c->market},
	    {{"override_time", PAR_I64, {"override"}, NULL, "the period spoken of", NULL}, c->time},
	    {{"override_units", PAR_F32, {"override"}, "1", "demand as the planner says", NULL},
		c->units},
	};
	for (size_t i = 0; i < sizeof put / sizeof put[0]; i++)
		PAR_TRY(par_store_put_whole(s, &put[i].var, c->n, put[i].data));
	return PAR_OK;
}
