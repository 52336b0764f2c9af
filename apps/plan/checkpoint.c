#include "plan/checkpoint.h"

#include "base/clock.h"
#include "io/checkpoint.h"

#include <stdlib.h>

/* plan.h5 has its checkpoints in plan.checkpoint.STEP.h5 */
static const char *name_of(const app *a, char *name, size_t size)
{
	app_beside(a, ".checkpoint", name, size);
	return name;
}

void checkpoint_clear(app *a)
{
	char name[4096];
	par_checkpoint_clear(&a->world, name_of(a, name, sizeof name));
}

/* rank 0's clock decides for all; where this run began there is nothing new to save */
static bool due(void *ctx, int iteration)
{
	checkpoint *c = ctx;
	const par_world *w = &c->a->world;
	bool late = w->rank == 0 && par_clock_s() - c->last >= app_real(c->a, "checkpoint");
	c->stop = par_stop_agreed(w);
	late = par_world_max(w, late) != 0;
	return (late || c->stop) && iteration > c->from;
}

static par_err save(void *ctx, const solve_state *s)
{
	checkpoint *c = ctx;
	app *a = c->a;
	char name[4096], *note;
	bool mine = a->world.rank == 0;
	const par_checkpoint_array arrays[] = {
	    {"groups", PAR_F64, s->groups, s->columns, s->first, s->here, s->group},
	    {"alike", PAR_F64, 1, s->shared, mine ? 0 : 1, mine, s->alike},
	};
	PAR_TRY(app_note(a, &note));
	/* one of an earlier run that has gone further would be taken for the newest */
	if (!c->began && !a->resume)
		checkpoint_clear(a);
	par_err e = par_checkpoint_save(
	    &a->world, name_of(a, name, sizeof name), s->iteration, note, arrays, 2);
	free(note);
	PAR_TRY(e);
	c->began = true;
	c->last = par_clock_s();
	if (!c->stop)
		return PAR_OK;
	return par_agree(
	    &a->world, par_fail(PAR_E_AGAIN,
			   "asked to stop after %d iterations; go on with --resume", s->iteration));
}

static par_err read_state(solve_state *s, par_store *from)
{
	PAR_TRY(par_checkpoint_get(from, "groups", PAR_F64, s->first, s->here, s->group));
	return par_checkpoint_get(from, "alike", PAR_F64, 0, 1, s->alike);
}

static par_err load(void *ctx, solve_state *s, bool *found)
{
	checkpoint *c = ctx;
	char name[4096], *note;
	int64_t step;
	par_store *from;
	PAR_TRY(app_note(c->a, &note));
	par_err e = par_checkpoint_open(
	    &from, &c->a->world, name_of(c->a, name, sizeof name), note, &step);
	free(note);
	PAR_TRY(e);
	*found = from != NULL;
	if (!*found) {
		app_log(c->a, "no checkpoint to resume from; starting anew");
		return PAR_OK;
	}
	e = read_state(s, from);
	par_store_close(from);
	s->iteration = c->from = (int)step;
	app_log(c->a, "resuming after %d iterations", s->iteration);
	return e;
}

void checkpoint_open(checkpoint *c, app *a)
{
	*c = (checkpoint){.a = a, .last = par_clock_s(), .from = -1};
	c->pauses = (solve_pauses){
	    .load = a->resume ? load : NULL, .due = due, .save = save, .ctx = c};
}
