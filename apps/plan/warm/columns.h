/* Columns: those of all patterns of a model, by name. Inside of warm/. */
#ifndef APPS_PLAN_WARM_COLUMNS_H
#define APPS_PLAN_WARM_COLUMNS_H

#include "base/dict.h"
#include "plan/model/model.h"

typedef struct {
	par_dict names;
	int64_t places;  /* of all patterns */
	int32_t *column; /* owned: of each place, its number among the names */
	int64_t *first;  /* owned: of each pattern its first place, and the end */
} columns;

/* local, alike on every rank | fails: PAR_E_MEMORY; columns_close also then */
par_err columns_open(columns *c, const model *m);
void columns_close(columns *c);

#endif
