#include "augment/gan/parts.h"

#include <stdlib.h>

par_err category_rows_open(category_rows *r, int64_t categories)
{
	size_t n = (size_t)categories;
	*r = (category_rows){categories, malloc((n + 1) * sizeof *r->first),
	    malloc(n * sizeof *r->column + 1), malloc(n * sizeof *r->value + 1)};
	if (!r->first || !r->column || !r->value)
		return par_fail(PAR_E_MEMORY, "no memory for %zu categories", n);
	for (size_t i = 0; i < n; i++) {
		r->first[i] = (int64_t)i;
		r->column[i] = (int32_t)i;
		r->value[i] = 1;
	}
	r->first[n] = categories;
	return PAR_OK;
}

void category_rows_close(category_rows *r)
{
	free(r->first);
	free(r->column);
	free(r->value);
	*r = (category_rows){0};
}

par_value category_rows_pick(par_graph *g, const category_rows *r, par_value labels,
    const char *name, int64_t width, bool spectral)
{
	return par_linear_rows(g, labels,
	    &(par_linear_rows_spec){.name = name,
		.of = {r->categories, r->categories, r->first, r->column, r->value},
		.out = width,
		.spectral = spectral});
}
