/* What the network's stage and the estimate of its cost share. Inside of net/. */
#ifndef APPS_FORECAST_NET_STAGE_INSIDE_H
#define APPS_FORECAST_NET_STAGE_INSIDE_H

#include "common/app.h"

enum { HELD_MOST = 4 };     /* horizons held back */
#define WINDOWS_LEAST 50000 /* of a horizon each, side by side, that are worth a network */
#define BATCH 1024
#define REFRESH 0.25                  /* steps with everything, of those before */
#define CASES_MOST ((int64_t)1 << 22) /* outcomes behind the quantiles */

/* local | steps for so many windows; bytes of history that a node holds */
int64_t stage_steps(const app *a, double windows);
int64_t stage_memory(const app *a);

#endif
