/* App: the frame of every program: command line, configuration, world, log, exit status.
 *
 * main() is one call. The frame parses the command line before MPI starts (so --help and --version
 * work anywhere), resolves the settings, checks paths before any work, opens the world, prints the
 * header, runs the body on every rank, tells a failure once, and ends with FILES' exit status.
 * Settings of all programs stand in one table (settings.c), because one night.ini serves them all;
 * a program offers as --options those of its own sections. */
#ifndef APPS_COMMON_APP_H
#define APPS_COMMON_APP_H

#include "base/conf.h"
#include "comm/world.h"
#include "io/record.h"
#include "io/store.h"

#include <jansson.h>
#include <stdbool.h>

typedef struct app {
	par_world world;
	par_conf *conf;          /* owned by the frame */
	const char *section;     /* the program's own section: "forecast" */
	const char *sections[4]; /* all of its own, that first, and then "run" ... */
	int own;                 /* ... which stands here */
	const char *out;         /* <section>.out, NULL when not set */
	char kernel_set[32];     /* "avx512"; see app_uses_bf16 */
	bool resume;             /* --resume */
	bool progress;      /* draw a progress line (rank 0 on a terminal, or --progress=always) */
	json_t *report;     /* what --json prints at the end on rank 0; bodies add to it */
	bool answered;      /* a body that fails sets it where its report is an answer all the same:
			       "infeasible" */
	bool few_ranks;     /* a body sets it where results have other bits than on more ranks */
	char *inputs;       /* "sales 8f... 1234\n": fingerprint and bytes of each input, by key */
	par_record *record; /* run.json in the making; NULL when the program writes no file */
	double work;        /* amount done, for the throughput line ... */
	const char *unit;   /* ... in this unit: "rows", "series" */
} app;

typedef struct {
	const char *name;            /* "forecast": entrepot-forecast, section [forecast] */
	const char *purpose;         /* one sentence for --help */
	const char *const *required; /* keys of its section that must be set, NULL-ended */
	/* collective | the work; leaves only where all ranks agree */
	par_err (*run)(app *a);
	/* local | do these settings make it look at par_stop_agreed, leave with PAR_E_AGAIN and honour --resume?
	 * Else signals end it as they end any process. NULL: never */
	bool (*resumes)(const app *a);
	/* collective | --dry-run: print memory, flops and time estimate; touch nothing */
	par_err (*estimate)(app *a);
	const char
	    *lines; /* a second section of its own, of PAR_CONF_LINES: "model"; may be NULL */
} app_program;

/* the whole life of a program; returns the exit status */
int app_main(const app_program *p, int argc, char **argv);

/* local | a setting of the program's own section */
const char *app_text(const app *a, const char *key);
int64_t app_int(const app *a, const char *key);
double app_real(const app *a, const char *key);
bool app_bool(const app *a, const char *key);

/* local | the path of a file beside the output: runs/1/forecast.h5 and ".svg" give
 * runs/1/forecast.svg */
void app_beside(const app *a, const char *suffix, char *path, size_t size);

/* collective | name a file that is read without a setting of its own (labels found beside pictures), for
 * run.json and for the results; what is one word. fails: as par_fingerprint_file */
par_err app_input(app *a, const char *what, const char *path);

/* collective | name a published file besides `out` in run.json */
par_err app_output(app *a, const char *path);

/* every rank | results come of products in bfloat16, whose bits depend on how the processor makes them,
 * so from now on kernel_set names that too, in results and run.json: "avx512, bf16 amx", or "bf16 pairs"
 * where there are no tiles. Programs that multiply floats name the set alone. */
void app_uses_bf16(app *a);

/* collective | what every result says of its making: the resolved settings without paths, the seed,
 * the kernel set, the fingerprints of the inputs, same_bits: 1 unless there were too few ranks */
par_err app_put_attributes(app *a, par_store *s);

/* collective | what must be equal for a checkpoint to be gone on from: settings, inputs, binary; owned by
 * the caller. fails: PAR_E_MEMORY */
par_err app_note(const app *a, char **note);

/* local, every rank in step | enter a phase of the work, watched with run.patience (comm/world.h) */
void app_phase(app *a, const char *name);

/* rank 0 prints a log line on standard error, the others do nothing */
void app_log(const app *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* rank 0 prints "warning: ..." the same way */
void app_warn(const app *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* rank 0 redraws "name 42 %  1,234 unit/s  eta 8 s" when progress is on; cheap otherwise */
void app_progress(const app *a, const char *name, double done, double total);

extern const par_conf_key app_settings[];
extern const int app_settings_count;

#endif
