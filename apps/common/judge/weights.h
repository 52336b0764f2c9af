/* Weights: the shares of made pictures that are tried. */
#ifndef APPS_COMMON_JUDGE_WEIGHTS_H
#define APPS_COMMON_JUDGE_WEIGHTS_H

#include "common/app.h"

#define WEIGHTS_MOST 8

/* local | the program's setting `weights`, ascending, 0 of them where it is none. fails: PAR_E_CONFIG naming it */
par_err weights_parse(const app *a, double weight[WEIGHTS_MOST], int *n);

#endif
