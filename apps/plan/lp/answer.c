#include "plan/lp/answer.h"

#include "io/source.h"
#include "plan/lp/lp_format.h"
#include "plan/lp/mps.h"
#include "plan/lp/optimise.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BYTES_MOST ((int64_t)1 << 40)
#define BYTES_BEYOND 16 /* readable after the text, for base/dict.h */

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static par_err read_text(lp *m, const par_source *s, bool lp_format)
{
	size_t n = (size_t)s->bytes;
	char *text = malloc(n + BYTES_BEYOND);
	if (!text)
		return par_fail(PAR_E_MEMORY, "no memory for the %zu bytes of %s", n, s->name);
	memset(text + n, 0, BYTES_BEYOND);
	par_err e = par_source_read(s, 0, text, n);
	if (e == PAR_OK)
		e = lp_format ? lp_format_read(m, s->name, text, n) : mps_read(m, s->name, text, n);
	free(text);
	return e;
}

static par_err read_program(app *a, lp *m, const char *path, bool lp_format)
{
	par_source s = {0};
	const char *scratch = getenv("TMPDIR");
	PAR_TRY(par_source_open(&s, &a->world, path, scratch ? scratch : "/tmp", BYTES_MOST));
	par_err e = a->world.rank == 0 ? read_text(m, &s, lp_format) : PAR_OK;
	par_source_close(&s);
	return par_agree(&a->world, e);
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

static par_err solve_and_tell(app *a, const lp *m)
{
	lp_result r;
	double begun = now();
	par_err e = lp_optimise(&r, m, beat, a);
	par_world_max(&a->world, 0);
	if (e != PAR_OK)
		return e;
	report(a, &r, now() - begun);
	lp_result_drop(&r);
	return PAR_OK;
}

par_err lp_answer(app *a, const char *path, bool lp_format)
{
	lp m = {0};
	par_err e = PAR_OK;
	app_phase(a, "read");
	PAR_TRY(read_program(a, &m, path, lp_format));
	app_phase(a, "solve");
	if (a->world.rank == 0) {
		tell_program(a, &m);
		e = solve_and_tell(a, &m);
	} else {
		wait(a);
	}
	lp_drop(&m);
	return par_agree(&a->world, e);
}
