/* Progress: the forecasts made so far as a checkpoint beside the output, in global shape, so that a
 * job that was asked to stop can be resumed on any number of ranks. */
#ifndef APPS_FORECAST_PROGRESS_H
#define APPS_FORECAST_PROGRESS_H

#include "forecast/panel.h"
#include "forecast/results.h"

/* collective | save what is done unless it stands already, first removing what an earlier run left unless this
 * one resumes it. fails: as par_checkpoint_save */
par_err progress_save(app *a, const panel *p, results *r);
/* collective | the same to leave with: returns PAR_E_AGAIN (75: submit again with --resume) when that stands,
 * or why it does not */
par_err progress_leave(app *a, const panel *p, results *r);
/* collective | take over what a checkpoint of the same binary, settings and inputs holds, if there is one
 * fails: PAR_E_CONFIG when they differ, PAR_E_DATA when no checkpoint is sound */
par_err progress_load(app *a, const panel *p, results *r);

/* local | what the checkpoints of a part of the network's training are called: forecast.checkpoint.network-PART */
#define PROGRESS_PARTS 32
void progress_part(const app *a, int part, char *name, size_t size);

/* collective | the result is published: its checkpoints go, those of all parts too */
void progress_clear(app *a);

#endif
