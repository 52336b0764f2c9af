#include "train/trainer.h"
#include "train/state.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOOK_EVERY 0.25 /* seconds */
#define LOOK_MOST ((int64_t)10000)
#define SKIPPED_MOST 100

/* what goes on from a checkpoint beside the model's own state */
typedef struct {
	par_exact loss;  /* of the samples since the last report */
	int64_t samples; /* how many, over all ranks */
	int64_t lines, best, skipped, in_a_row;
} tally;

_Static_assert(sizeof(tally) % sizeof(int64_t) == 0, "saved as integers");
#define TALLY ((int64_t)(sizeof(tally) / sizeof(int64_t)))
#define COLUMNS ((int64_t)(sizeof(par_report) / sizeof(double)))
_Static_assert(sizeof(par_report) % sizeof(double) == 0, "saved as eight bytes a number");

typedef struct {
	const par_training *t;
	const par_world *world;
	par_history *h;
	par_state state;
	tally now;
	int64_t every, room;  /* steps between reports; lines there may be */
	bool began;           /* a checkpoint of this run stands */
	double start, saved;  /* moments */
	int64_t look, looked; /* step of the next look at the clock, and of the last ... */
	double looked_at;     /* ... and when that was */
} trainer;

/* ---- checkpoints ---- */

static par_err save(trainer *r)
{
	const par_training *t = r->t;
	bool first = r->world->rank == 0;
	double begin = MPI_Wtime();
	tally whole = r->now;
	par_exact_sum(r->world, &whole.loss, 1);
	const par_checkpoint_array more[] = {
	    {"tally", PAR_I64, TALLY, 1, first ? 0 : TALLY, first ? TALLY : 0, &whole},
	    {"history", PAR_I64, r->now.lines, COLUMNS, first ? 0 : r->now.lines,
		first ? r->now.lines : 0, r->h->line},
	};
	/* one of an earlier run that has gone further would be taken for the newest */
	if (!r->began && !t->resume)
		par_checkpoint_clear(r->world, t->checkpoint);
	r->began = true;
	PAR_TRY(par_state_save(&r->state, t->checkpoint, r->h->step, t->note, more, 2));
	r->saved = MPI_Wtime();
	r->h->saving += r->saved - begin;
	return PAR_OK;
}

static par_err read_tally(trainer *r, par_store *s)
{
	PAR_TRY(par_checkpoint_get(s, "tally", PAR_I64, 0, TALLY, &r->now));
	/* the sum so far stands on one rank */
	if (r->world->rank != 0)
		r->now.loss = (par_exact){0};
	if (r->now.lines > r->room)
		return par_fail(PAR_E_CONFIG,
		    "the checkpoint has %lld reports; a run of %lld steps has room for %lld",
		    (long long)r->now.lines, (long long)r->t->steps, (long long)r->room);
	return par_checkpoint_get(s, "history", PAR_I64, 0, r->now.lines, r->h->line);
}

static par_err resume(trainer *r)
{
	par_store *s;
	PAR_TRY(par_state_resume(&r->state, r->t->checkpoint, r->t->note, &s, &r->h->step));
	if (!s) {
		r->h->step = 0;
		return PAR_OK;
	}
	par_err e = read_tally(r, s);
	par_store_close(s);
	return e;
}

/* ---- reports ---- */

static void swap_averages(const par_training *t)
{
	for (int i = 0; t->average && i < t->turns; i++)
		if (par_optimizer_averages(t->turn[i].optimizer))
			par_optimizer_swap_average(t->turn[i].optimizer);
}

static par_err remember(const par_training *t)
{
	for (int i = 0; i < t->turns; i++)
		PAR_TRY(par_optimizer_remember(t->turn[i].optimizer));
	return PAR_OK;
}

static bool validates(const par_training *t)
{
	return t->validation || t->measure;
}

static par_err validate(trainer *r, par_report *line)
{
	const par_training *t = r->t;
	swap_averages(t);
	par_err e = t->measure ? t->measure(t->ctx, line->validation)
			       : par_evaluate(t->validation, line->validation);
	const par_report *best = r->now.best >= 0 ? &r->h->line[r->now.best] : NULL;
	bool better = e == PAR_OK && (best ? line->validation[0] < best->validation[0]
					   : !isnan(line->validation[0]));
	if (better) {
		r->now.best = r->now.lines;
		if (t->patience > 0)
			e = remember(t);
	}
	swap_averages(t);
	return e;
}

static par_err report(trainer *r)
{
	const par_training *t = r->t;
	par_report *line = &r->h->line[r->now.lines];
	par_exact_sum(r->world, &r->now.loss, 1);
	line->step = r->h->step;
	line->rate = par_schedule_rate(&t->turn[0].schedule, r->h->step - 1);
	line->loss = par_exact_value(&r->now.loss) / (double)r->now.samples;
	r->now.loss = (par_exact){0};
	r->now.samples = 0;
	if (validates(t))
		PAR_TRY(validate(r, line));
	r->now.lines++;
	if (t->progress)
		t->progress(t->ctx, r->h->step, line);
	return PAR_OK;
}

static bool lost_patience(const trainer *r)
{
	int64_t best = r->now.best >= 0 ? r->now.best : 0;
	return r->t->patience > 0 && validates(r->t) && r->now.lines - 1 - best >= r->t->patience;
}

/* ---- steps ---- */

static void add_losses(trainer *r, int64_t count)
{
	const par_shards *s = par_graph_shards(r->t->graph);
	const float *loss = par_graph_at(r->t->graph, r->t->turn[0].loss);
	for (int64_t i = s->lo; i < s->hi && i < count; i++)
		par_exact_add(&r->now.loss, (double)loss[i - s->lo]);
	r->now.samples += count;
}

static int every(const par_turn *u)
{
	return u->every > 1 ? u->every : 1;
}

static par_err step(trainer *r)
{
	const par_training *t = r->t;
	int64_t number = r->h->step, count = par_sampler_count(par_feed_order(t->feed), number);
	PAR_TRY(par_feed_fill(t->feed, t->graph, t->input, number));
	par_graph_step(t->graph, number, count);
	bool done = true;
	for (int i = 0; i < t->turns; i++) {
		const par_turn *u = &t->turn[i];
		if ((number + 1) % every(u) != 0)
			continue;
		par_graph_learn(t->graph, u->pass);
		if (i == 0)
			add_losses(r, count);
		double rate = par_schedule_rate(&u->schedule, number);
		done = par_optimizer_step(u->optimizer, rate) && done;
	}
	r->now.skipped += !done;
	r->now.in_a_row = done ? 0 : r->now.in_a_row + 1;
	r->h->step++;
	if (r->now.in_a_row < SKIPPED_MOST)
		return PAR_OK;
	return par_agree(r->world,
	    par_fail(PAR_E_NUMERIC,
		"the gradient was not finite in %d steps up to %lld; use a lower rate, a warm-up "
		"or "
		"clipping",
		SKIPPED_MOST, (long long)r->h->step));
}

/* seconds; more often where checkpoints are close */
static double look_every(const par_training *t)
{
	return t->checkpoint && t->seconds < 4 * LOOK_EVERY ? t->seconds / 4 : LOOK_EVERY;
}

/* rank 0's clock decides for all: is a checkpoint due, and how many steps until the next look */
static void look_at_clock(trainer *r, bool *due)
{
	int64_t say[2] = {0, 1};
	if (r->world->rank == 0) {
		double now = MPI_Wtime(),
		       each = (now - r->looked_at) / (double)(r->h->step - r->looked + 1);
		double steps = each > 0 ? look_every(r->t) / each : 1;
		say[0] = r->t->checkpoint && now - r->saved >= r->t->seconds;
		say[1] = steps < 1 ? 1 : steps > (double)LOOK_MOST ? LOOK_MOST : (int64_t)steps;
		r->looked_at = now;
		r->looked = r->h->step;
	}
	MPI_Bcast(say, 2, MPI_INT64_T, 0, r->world->comm);
	*due = say[0] != 0;
	r->look = r->h->step + say[1];
}

static par_err look(trainer *r)
{
	bool due, stop = r->t->checkpoint && par_stop_agreed(r->world);
	look_at_clock(r, &due);
	if (r->t->progress)
		r->t->progress(r->t->ctx, r->h->step, NULL);
	if (!stop && !due)
		return PAR_OK;
	PAR_TRY(save(r));
	if (!stop)
		return PAR_OK;
	return par_agree(r->world,
	    par_fail(PAR_E_AGAIN, "asked to stop with %lld of %lld steps done; go on with --resume",
		(long long)r->h->step, (long long)r->t->steps));
}

static par_err run(trainer *r)
{
	while (r->h->step < r->t->steps && !lost_patience(r)) {
		PAR_TRY(step(r));
		if (r->h->step % r->every == 0 || r->h->step == r->t->steps)
			PAR_TRY(report(r));
		if (r->h->step >= r->look && r->h->step < r->t->steps)
			PAR_TRY(look(r));
	}
	if (r->t->at_end && r->t->checkpoint && r->h->step > r->h->began)
		PAR_TRY(save(r));
	for (int i = 0; r->t->patience > 0 && r->now.best >= 0 && i < r->t->turns; i++)
		par_optimizer_recall(r->t->turn[i].optimizer);
	return PAR_OK;
}

static par_err begin(trainer *r)
{
	const par_training *t = r->t;
	r->every = t->report > 0 ? t->report : par_sampler_steps(par_feed_order(t->feed));
	r->room = t->steps / r->every + 2;
	r->h->line = calloc((size_t)r->room, sizeof *r->h->line);
	PAR_TRY_ALL(
	    r->world, r->h->line ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for a history"));
	if (t->patience > 0)
		PAR_TRY(remember(t));
	return t->resume && t->checkpoint ? resume(r) : PAR_OK;
}

static void check_turns(const par_training *t)
{
	PAR_MUST(t->turns > 0 && t->turns <= PAR_TURNS, "%d passes a step", t->turns);
	PAR_MUST(every(&t->turn[0]) == 1, "the first of a step's passes each %d", t->turn[0].every);
	for (int i = 1; i < t->turns; i++)
		PAR_MUST(every(&t->turn[i]) % every(&t->turn[i - 1]) == 0,
		    "a pass each %d steps after one each %d", t->turn[i].every,
		    t->turn[i - 1].every);
}

par_err par_train(const par_training *t, par_history *h)
{
	par_optimizer *optimizer[PAR_TURNS];
	check_turns(t);
	for (int i = 0; i < t->turns; i++)
		optimizer[i] = t->turn[i].optimizer;
	trainer r = {.t = t,
	    .world = par_graph_shards(t->graph)->world,
	    .h = h,
	    .state = {t->graph, t->turns, optimizer},
	    .now = {.best = -1}};
	*h = (par_history){0};
	r.start = r.saved = r.looked_at = MPI_Wtime();
	par_err e = begin(&r);
	r.look = r.looked = h->began = h->step;
	if (e == PAR_OK)
		e = run(&r);
	h->lines = r.now.lines;
	h->best = r.now.best;
	h->skipped = r.now.skipped;
	h->running = MPI_Wtime() - r.start;
	return e;
}

void par_history_drop(par_history *h)
{
	free(h->line);
	h->line = NULL;
}
