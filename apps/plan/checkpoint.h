/* Checkpoint: the solve of a plan, saved beside the output from time to time and when the job is asked to
 * stop, so that --resume goes on from there with the same bits on any number of ranks. */
#ifndef APPS_PLAN_CHECKPOINT_H
#define APPS_PLAN_CHECKPOINT_H

#include "common/app.h"
#include "plan/solve/state.h"

typedef struct {
	app *a;      /* borrowed */
	double last; /* on rank 0's clock: when it was saved */
	int from;    /* the iteration that this run began with */
	bool began;  /* a checkpoint of this run stands */
	bool stop;   /* the job was asked to stop */
	solve_pauses pauses;
} checkpoint;

/* local, every rank in step | c must stay where it is while c->pauses is in use. The solve ends with PAR_E_AGAIN
 * (75: submit again with --resume) once the job was asked to stop and its checkpoint has advanced */
void checkpoint_open(checkpoint *c, app *a);

/* collective | the plan is published: its checkpoints go */
void checkpoint_clear(app *a);

#endif
