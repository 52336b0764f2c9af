/* Record: run.json, which says how the results beside it came about.
 *
 * One file a folder with one entry a stage and result; a stage that makes the same result again
 * replaces its entry, and counts attempts since it last succeeded. What describes the run rather than the
 * data stands here and never in a result: times, hosts, ranks, paths, the command line, timings, memory,
 * and what the program reports. Inputs and outputs are named with size and fingerprint
 * (io/fingerprint.h). */
#ifndef PAR_IO_RECORD_H
#define PAR_IO_RECORD_H

#include "comm/world.h"
#include "io/fingerprint.h"

#include <jansson.h>

typedef struct par_record par_record;

typedef struct {
	const char *stage;      /* "forecast" */
	const char *result;     /* path of its main output; run.json stands beside it */
	int argc;               /* the command line, on rank 0 */
	char *const *argv;      /* borrowed during the call */
	const char *config;     /* resolved, with paths, as ini text */
	const char *kernel_set; /* "avx512" */
	int64_t seed;
} par_record_stage;

/* collective | start the clock; owned, handed to par_record_end. fails: PAR_E_MEMORY */
par_err par_record_begin(par_record **out, const par_world *w, const par_record_stage *what);
/* every rank | the kernel set anew, once it is known what of it is used */
void par_record_kernels(par_record *r, const char *kernel_set);
/* collective | name a file that was read or published; of a folder only the path is recorded, and
 * f->bytes is -1. f (may be NULL) gets the fingerprint. fails: as par_fingerprint_file */
par_err par_record_input(par_record *r, const char *path, par_fingerprint *f);
par_err par_record_output(par_record *r, const char *path);
/* every rank | what the program found to report, a copy of rank 0's; an empty object leaves nothing */
void par_record_report(par_record *r, const json_t *report);
/* collective | publish run.json beside the result, with the exit status the job will have and the
 * timing rows; frees r. Jobs that end in one folder at once take turns, and none loses the other's
 * entry. fails: as par_publish_text, PAR_E_CREATE when another's turn does not end */
par_err par_record_end(par_record *r, int status);
/* every rank | give up without a record; NULL is fine */
void par_record_drop(par_record *r);

#endif
