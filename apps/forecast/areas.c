#include "forecast/areas.h"

#include <stdlib.h>
#include <string.h>

/* numbered as they come; areas are few */
static void number(areas *a, int64_t skus)
{
	a->n = 0;
	for (int64_t i = 0; i < skus; i++) {
		const char *name = a->name + i * a->stride;
		int64_t k = 0;
		while (k < a->n && strcmp(a->name + k * a->stride, name) != 0)
			k++;
		if (k == a->n) /* its name moves to the front, where others were read already */
			memmove(a->name + a->n++ * a->stride, name, (size_t)a->stride);
		a->of[i] = (int32_t)k;
	}
}

par_err areas_read(areas *a, const catalog *c)
{
	static const char *const names[] = {"sku_department", "sku_category"};
	int64_t n = 0;
	*a = (areas){.n = 1, .of = calloc((size_t)c->skus + 1, sizeof *a->of)};
	PAR_TRY_ALL(c->world,
	    a->of ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for %lld skus", (long long)c->skus));
	for (int k = 0; k < 2 && !a->name; k++)
		if (par_store_has(c->store, names[k]))
			PAR_TRY(par_store_get_text(c->store, names[k], &a->name, &n, &a->stride));
	if (a->name && c->skus > 0)
		number(a, n < c->skus ? n : c->skus);
	return PAR_OK;
}

void areas_merge(areas *a, const catalog *c)
{
	memset(a->of, 0, (size_t)c->skus * sizeof *a->of);
	free(a->name);
	a->name = NULL;
	a->n = 1;
}

void areas_drop(areas *a)
{
	free(a->of);
	free(a->name);
	*a = (areas){0};
}
