/* Source: the model that is planned, made or read as the settings say. */
#ifndef APPS_PLAN_SOURCE_H
#define APPS_PLAN_SOURCE_H

#include "common/app.h"
#include "plan/model/model.h"

/* local | what the settings ask for goes together. fails: PAR_E_USAGE */
par_err source_check(const app *a);
/* collective | the model; model_drop, also after a failure. fails: as model/generate.h, model/tables.h */
par_err source_open(model *m, app *a);

#endif
