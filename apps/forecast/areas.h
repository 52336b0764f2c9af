/* Areas: what groups SKUs where the catalog says so: their departments, else their categories, else nothing. */
#ifndef APPS_FORECAST_AREAS_H
#define APPS_FORECAST_AREAS_H

#include "common/catalog.h"

typedef struct {
	int64_t n;   /* at least 1 */
	int32_t *of; /* owned: [skus] */
	char *
	    name; /* owned: [n], each NUL-terminated in its stride; NULL: there is one without a name */
	int stride;
} areas;

/* collective | areas_drop releases it, also after a failure. fails: as io/store.h, PAR_E_MEMORY */
par_err areas_read(areas *a, const catalog *c);
/* local | all SKUs in one */
void areas_merge(areas *a, const catalog *c);
void areas_drop(areas *a);

#endif
