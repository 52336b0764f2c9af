#include "plan/lp/answer.h"

#include "base/clock.h"
#include "io/source.h"
#include "plan/lp/by_blocks.h"
#include "plan/lp/lp_format.h"
#include "plan/lp/mps.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BYTES_MOST ((int64_t)1 << 40)
#define BYTES_BEYOND 16 /* readable after the text, for base/dict.h */

/* a file's text, with BYTES_BEYOND zeros after it */
static par_err read_text(char **text, const par_source *s)
{
	size_t n = (size_t)s->bytes;
	*text = malloc(n + BYTES_BEYOND);
	if (!*text)
		return par_fail(PAR_E_MEMORY, "no memory for the %zu bytes of %s", n, s->name);
	memset(*text + n, 0, BYTES_BEYOND);
	return par_source_read(s, 0, *text, n);
}

/* what rank 0 makes of a text */
typedef par_err (*reader)(void *to, const char *file, const char *text, size_t n);

static par_err read_file(app *a, const char *path, reader read, void *to)
{
	par_source s = {0};
	char *text = NULL;
	const char *scratch = getenv("TMPDIR");
	PAR_TRY(par_source_open(&s, &a->world, path, scratch ? scratch : "/tmp", BYTES_MOST));
	par_err e = a->world.rank == 0 ? read_text(&text, &s) : PAR_OK;
	if (e == PAR_OK && text)
		e = read(to, s.name, text, (size_t)s.bytes);
	free(text);
	par_source_close(&s);
	return par_agree(&a->world, e);
}

static par_err read_mps(void *to, const char *file, const char *text, size_t n)
{
	return mps_read(to, file, text, n);
}

static par_err read_lp(void *to, const char *file, const char *text, size_t n)
{
	return lp_format_read(to, file, text, n);
}

/* a program and how it is cut into blocks, both of rank 0 */
typedef struct {
	lp m;
	cut cut;
} task;

static par_err read_cut(void *to, const char *file, const char *text, size_t n)
{
	task *t = to;
	return cut_read(&t->cut, &t->m, file, text, n);
}

static void tell_program(const app *a, const lp *m)
{
	int64_t whole = 0;
	for (int j = 0; j < m->columns; j++)
		whole += m->integer[j];
	app_log(a, "%d rows, %d columns, %lld entries", m->rows, m->columns,
	    m->columns ? (long long)m->first[m->columns] : 0);
	for (char *line = m->warnings; line && *line; line = strchr(line, '\n') + 1)
		app_warn(a, "%.*s", (int)strcspn(line, "\n"), line);
	if (whole > 0)
		app_warn(a, "%lld columns are meant to be whole; this is the answer without that",
		    (long long)whole);
}

static par_err open_task(task *t, app *a, const char *path, bool lp_format)
{
	const char *blocks = app_text(a, "blocks");
	app_phase(a, "read");
	PAR_TRY(read_file(a, path, lp_format ? read_lp : read_mps, &t->m));
	if (blocks)
		PAR_TRY(read_file(a, blocks, read_cut, t));
	else
		PAR_TRY_ALL(&a->world, a->world.rank == 0 ? cut_find(&t->cut, &t->m) : PAR_OK);
	if (a->world.rank == 0)
		tell_program(a, &t->m);
	return PAR_OK;
}

/* collective with `wait` on the other ranks: they see rank 0 live once an iteration */
static void beat(void *ctx, const sparse_answer *so_far)
{
	app *a = ctx;
	app_progress(a, "iterations", so_far->iterations, SPARSE_ITERATIONS);
	par_world_alive();
	par_world_max(&a->world, 1);
}

static void wait(app *a)
{
	while (par_world_max(&a->world, 0) > 0)
		par_world_alive();
}

/* by one block on rank 0 */
static par_err solve_alone(lp_result *r, app *a, const lp *m)
{
	par_err e = PAR_OK;
	if (a->world.rank == 0) {
		e = lp_optimise(r, m, beat, a);
		par_world_max(&a->world, 0);
	} else {
		wait(a);
	}
	return par_agree(&a->world, e);
}

static void beat_together(void *ctx, const interior_progress *now)
{
	app_progress(ctx, "iterations", now->iteration, SPARSE_ITERATIONS);
	par_world_alive();
}

/* done = false: not by blocks */
static par_err solve_together(lp_result *r, app *a, task *t, bool *done)
{
	by_blocks b;
	interior_spec spec = {.progress = beat_together, .ctx = a};
	PAR_TRY(by_blocks_solve(&b, &t->m, &t->cut, &a->world, spec));
	*done = b.proved;
	if (b.fits)
		app_log(a, "%lld blocks in %d classes, %d linking rows", (long long)b.blocks,
		    b.classes, b.links);
	else if (app_text(a, "blocks"))
		app_warn(a,
		    "the blocks declared are too unlike or too much linked to work by them; "
		    "solved as one");
	if (b.fits && !b.proved)
		app_log(a, "not proved by blocks; solved as one");
	if (b.proved) {
		*r = b.result;
		b.result = (lp_result){0};
		json_object_set_new(a->report, "blocks", json_integer(b.blocks));
		json_object_set_new(a->report, "classes", json_integer(b.classes));
		json_object_set_new(a->report, "links", json_integer(b.links));
	}
	by_blocks_drop(&b);
	return PAR_OK;
}

static par_err solve(lp_result *r, app *a, task *t)
{
	bool done = false;
	if (par_world_max(&a->world, t->cut.blocks) > 1)
		PAR_TRY(solve_together(r, a, t, &done));
	return done ? PAR_OK : solve_alone(r, a, &t->m);
}

static json_t *number(double v)
{
	return isfinite(v) ? json_real(v) : json_null();
}

static void report(app *a, const lp_result *r, double seconds)
{
	const certificate *c = &r->proof;
	json_object_set_new(a->report, "status", json_string(lp_status_name(r->status)));
	json_object_set_new(a->report, "value", number(c->value));
	json_object_set_new(a->report, "bound", number(c->bound));
	json_object_set_new(a->report, "gap", number(c->gap));
	json_object_set_new(a->report, "primal_violation", number(c->primal));
	json_object_set_new(a->report, "dual_violation", number(c->dual));
	json_object_set_new(a->report, "iterations", json_integer(r->iterations));
	json_object_set_new(a->report, "seconds", json_real(seconds));
	app_log(a, "%s: value %.12g, bound %.12g, gap %.1e after %d iterations in %.2f s",
	    lp_status_name(r->status), c->value, c->bound, c->gap, r->iterations, seconds);
	if (r->status == LP_STALLED)
		app_log(a, "not proved: rows and bounds violated by up to %.1e, prices by %.1e",
		    c->primal, c->dual);
}

static par_err answer(task *t, app *a, const char *path, bool lp_format)
{
	lp_result r = {0};
	PAR_TRY(open_task(t, a, path, lp_format));
	app_phase(a, "solve");
	double begun = par_clock_s();
	PAR_TRY(solve(&r, a, t));
	if (a->world.rank == 0)
		report(a, &r, par_clock_s() - begun);
	lp_result_drop(&r);
	return PAR_OK;
}

static void tell_size(const app *a, const task *t)
{
	const lp *m = &t->m;
	int64_t entries = m->columns ? m->first[m->columns] : 0;
	double bytes = (double)entries * (sizeof *m->row + sizeof *m->value) +
		       (double)m->columns * (sizeof *m->first + 3 * sizeof *m->cost + 1) +
		       (double)m->rows * 2 * sizeof *m->row_lower;
	app_log(a, "memory of rank 0: %.0f MiB for the program, and what its factor takes",
	    bytes / (1 << 20));
	json_object_set_new(a->report, "rows", json_integer(m->rows));
	json_object_set_new(a->report, "columns", json_integer(m->columns));
	json_object_set_new(a->report, "entries", json_integer(entries));
	json_object_set_new(a->report, "blocks", json_integer(t->cut.blocks));
	json_object_set_new(a->report, "memory_mib", json_real(bytes / (1 << 20)));
}

par_err lp_estimate(app *a, const char *path, bool lp_format)
{
	task t = {0};
	par_err e = open_task(&t, a, path, lp_format);
	if (e == PAR_OK && a->world.rank == 0)
		tell_size(a, &t);
	cut_drop(&t.cut);
	lp_drop(&t.m);
	return e;
}

par_err lp_answer(app *a, const char *path, bool lp_format)
{
	task t = {0};
	par_err e = answer(&t, a, path, lp_format);
	cut_drop(&t.cut);
	lp_drop(&t.m);
	return e;
}
