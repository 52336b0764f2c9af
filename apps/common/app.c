#include "common/app.h"

#include "base/clock.h"
#include "base/cpu.h"
#include "base/pin.h"
#include "comm/kernels.h"
#include "comm/timing.h"
#include "common/options.h"
#include "io/build.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *app_text(const app *a, const char *key)
{
	return par_conf_text(a->conf, a->section, key);
}

int64_t app_int(const app *a, const char *key)
{
	return par_conf_int(a->conf, a->section, key);
}

double app_real(const app *a, const char *key)
{
	return par_conf_real(a->conf, a->section, key);
}

bool app_bool(const app *a, const char *key)
{
	return par_conf_bool(a->conf, a->section, key);
}

void app_phase(app *a, const char *name)
{
	par_phase(&a->world, name, (double)par_conf_int(a->conf, "run", "patience"));
}

void app_log(const app *a, const char *fmt, ...)
{
	if (a->world.rank != 0)
		return;
	va_list ap;
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}

void app_warn(const app *a, const char *fmt, ...)
{
	if (a->world.rank != 0)
		return;
	fprintf(stderr, "%s: warning: ", program_invocation_short_name);
	va_list ap;
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}

void app_beside(const app *a, const char *suffix, char *path, size_t size)
{
	const char *dot = strrchr(a->out, '.'), *slash = strrchr(a->out, '/');
	size_t stem = dot && (!slash || dot > slash) ? (size_t)(dot - a->out) : strlen(a->out);
	snprintf(path, size, "%.*s%s", (int)stem, a->out, suffix);
}

void app_progress(const app *a, const char *name, double done, double total)
{
	static double began, drawn;
	if (!a->progress || a->world.rank != 0 || total <= 0)
		return;
	double t = par_clock_s();
	if (done <= 0)
		began = t;
	if (done < total && t - drawn < 0.2)
		return;
	drawn = t;
	double rate = t > began ? done / (t - began) : 0;
	fprintf(stderr, "\r%-20s %3.0f %%  %.0f/s  eta %.0f s   %s", name, 100 * done / total, rate,
	    rate > 0 ? (total - done) / rate : 0, done >= total ? "\n" : "");
}

/* under a launcher every rank runs this before MPI starts, and one of them should speak */
static bool speaks_before_mpi(void)
{
	const char *names[] = {"OMPI_COMM_WORLD_RANK", "PMIX_RANK", "SLURM_PROCID"};
	for (int i = 0; i < 3; i++) {
		const char *rank = getenv(names[i]);
		if (rank)
			return strcmp(rank, "0") == 0;
	}
	return true;
}

void app_uses_bf16(app *a)
{
	snprintf(a->kernel_set, sizeof a->kernel_set, "%s, bf16 %s",
	    par_kernels_name(par_cpu_kernels()), par_bf16_name(par_cpu_bf16()));
	if (a->record)
		par_record_kernels(a->record, a->kernel_set);
}

par_err app_put_attributes(app *a, par_store *s)
{
	char *settings = par_conf_resolved(a->conf, a->sections, a->own, false);
	par_err e = par_store_attr_text(s, NULL, "config", settings);
	free(settings);
	PAR_TRY(e);
	PAR_TRY(par_store_attr_int(s, NULL, "seed", par_conf_int(a->conf, "run", "seed")));
	PAR_TRY(par_store_attr_text(s, NULL, "kernel_set", a->kernel_set));
	PAR_TRY(par_store_attr_text(s, NULL, "inputs", a->inputs ? a->inputs : ""));
	return par_store_attr_int(s, NULL, "same_bits", !a->few_ranks);
}

par_err app_note(const app *a, char **note)
{
	char *settings = par_conf_resolved(a->conf, a->sections, a->own + 1, false);
	int n = asprintf(
	    note, "%s\n%s\ncommit %s\n", settings, a->inputs ? a->inputs : "", par_build_commit());
	free(settings);
	if (n < 0)
		*note = NULL;
	return par_agree(&a->world,
	    n >= 0 ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory to name a checkpoint's settings"));
}

par_err app_output(app *a, const char *path)
{
	return a->record ? par_record_output(a->record, path) : PAR_OK;
}

/* one more line "what sum bytes"; the programs that write no file need none */
par_err app_input(app *a, const char *what, const char *path)
{
	par_fingerprint f;
	char *more;
	if (!a->record)
		return PAR_OK;
	PAR_TRY(par_record_input(a->record, path, &f));
	const char *before = a->inputs ? a->inputs : "";
	int n = f.bytes < 0
		    ? asprintf(&more, "%s%s folder\n", before, what)
		    : asprintf(&more, "%s%s %s %lld\n", before, what, f.sum, (long long)f.bytes);
	PAR_TRY_ALL(
	    &a->world, n >= 0 ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for the fingerprints"));
	free(a->inputs);
	a->inputs = more;
	return PAR_OK;
}

static par_err record_inputs(app *a)
{
	for (int i = 0; i < app_settings_count; i++) {
		const par_conf_key *k = &app_settings[i];
		const char *path = par_conf_text(a->conf, k->section, k->key);
		if (k->type == PAR_CONF_INPUT && path && strcmp(k->section, a->section) == 0)
			PAR_TRY(app_input(a, k->key, path));
	}
	return PAR_OK;
}

static par_err record_begin(app *a, int argc, char **argv)
{
	if (!a->out)
		return PAR_OK;
	char *settings = par_conf_resolved(a->conf, a->sections, a->own + 1, true);
	par_record_stage what = {a->section, a->out, argc, argv, settings, a->kernel_set,
	    par_conf_int(a->conf, "run", "seed")};
	app_phase(a, "inputs");
	par_err e = par_record_begin(&a->record, &a->world, &what);
	free(settings);
	return e == PAR_OK ? record_inputs(a) : e;
}

static par_err record_end(app *a)
{
	par_record *r = a->record;
	if (!r)
		return PAR_OK;
	PAR_TRY(par_record_output(r, a->out));
	par_record_report(r, a->report);
	a->record = NULL;
	return par_record_end(r, 0);
}

static void print_version(const app_program *p)
{
	printf("entrepot-%s %s (commit %s)\n%s\n%s, %s\n", p->name, par_build_version(),
	    par_build_commit(), par_build_compiler(), par_build_mpi(), par_build_hdf5());
}

static void print_header(const app *a, const app_program *p)
{
	char *settings = par_conf_resolved(a->conf, a->sections, a->own + 1, true);
	app_log(a, "entrepot-%s %s (commit %s), %d %s on %d %s, %s kernels, %s, %s", p->name,
	    par_build_version(), par_build_commit(), a->world.size,
	    a->world.size == 1 ? "rank" : "ranks", a->world.nodes,
	    a->world.nodes == 1 ? "node" : "nodes", a->kernel_set, par_build_mpi(),
	    par_build_hdf5());
	app_log(a, "%s", settings);
	free(settings);
}

static par_err check_required(const app *a, const app_program *p)
{
	for (const char *const *key = p->required; key && *key; key++)
		if (!par_conf_is_set(a->conf, p->name, *key))
			return par_fail(PAR_E_USAGE,
			    "%s.%s is not set; give --%s or set it in --config", p->name, *key,
			    *key);
	return PAR_OK;
}

static par_err check_settings(app *a, const app_program *p)
{
	PAR_TRY(check_required(a, p));
	return a->world.rank == 0 ? par_conf_check_paths(a->conf, a->sections, a->own + 1) : PAR_OK;
}

static void tell(const app *a, par_err e)
{
	if (a->world.rank != 0)
		return;
	fprintf(stderr, "%s: error: %s\n", program_invocation_short_name,
	    par_err_why()[0] ? par_err_why() : par_err_text(e));
	fprintf(stderr, "    found by rank %d (%s)\n", par_agree_rank(), par_err_where());
}

static par_err body(
    app *a, const app_program *p, const app_options *o, par_err parsed, int argc, char **argv)
{
	PAR_TRY_ALL(&a->world, parsed);
	PAR_TRY_ALL(&a->world, check_settings(a, p));
	PAR_TRY(par_world_kernels(&a->world, par_conf_text(a->conf, "run", "kernels")));
	snprintf(a->kernel_set, sizeof a->kernel_set, "%s", par_kernels_name(par_cpu_kernels()));
	a->out = par_conf_text(a->conf, p->name, "out");
	print_header(a, p);
	if (o->dry_run)
		return p->estimate(a);
	PAR_TRY(record_begin(a, argc, argv));
	PAR_TRY(p->run(a));
	PAR_TRY(record_end(a));
	par_timing_print(&a->world, stderr, a->work, a->unit);
	return PAR_OK;
}

/* whoever reads standard output must not take half of it for the whole */
static par_err finish_stdout(void)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return PAR_OK;
	return par_fail(PAR_E_IO, "standard output cannot be written: %s", strerror(errno));
}

static par_err print_report(const app *a, const app_options *o)
{
	if (!o->json || a->world.rank != 0)
		return PAR_OK;
	if (json_dumpf(a->report, stdout,
		JSON_INDENT(2) | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(12)) != 0)
		return par_fail(PAR_E_IO, "the report cannot be written to standard output: %s",
		    strerror(errno));
	putchar('\n');
	return finish_stdout();
}

/* before MPI starts: a program that links OpenBLAS may start again here. What this processor cannot
 * run is told later, when all ranks listen. */
static par_err pin_blas(const par_conf *conf, char **argv)
{
	par_kernels best = par_cpu_best(), set = best;
	const char *wanted = par_conf_text(conf, "run", "kernels");
	if (strcmp(wanted, "auto") != 0)
		PAR_TRY(par_kernels_parse(&set, wanted));
	return par_blas_pin(argv, set < best ? set : best);
}

int app_main(const app_program *p, int argc, char **argv)
{
	app a = {.section = p->name, .unit = "items"};
	a.sections[a.own++] = p->name;
	if (p->lines)
		a.sections[a.own++] = p->lines;
	a.sections[a.own] = "run";
	app_options o;
	a.conf = par_conf_new(app_settings, app_settings_count);
	par_err parsed = app_options_read(p, a.conf, argc, argv, &o);
	if (parsed == PAR_OK && (o.help || o.version)) {
		if (speaks_before_mpi())
			o.help ? app_options_help(p, stdout) : print_version(p);
		par_conf_free(a.conf);
		return par_err_status(finish_stdout());
	}
	if (parsed == PAR_OK)
		parsed = pin_blas(a.conf, argv);
	a.resume = o.resume;
	a.progress = o.progress;
	a.report = json_object();
	if (parsed == PAR_OK && p->resumes && p->resumes(&a))
		par_stop_catch();
	par_err e = par_world_start(&a.world);
	if (e == PAR_OK)
		e = body(&a, p, &o, parsed, argc, argv);
	if (e == PAR_OK)
		e = par_agree(&a.world, print_report(&a, &o));
	else if (a.answered)
		print_report(&a, &o);
	if (e != PAR_OK)
		tell(&a, e);
	par_world_finish(&a.world);
	par_record_drop(a.record);
	free(a.inputs);
	json_decref(a.report);
	par_conf_free(a.conf);
	return par_err_status(e);
}
