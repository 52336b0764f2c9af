/* Timing: where the job's wall time went, phase by phase over the ranks.
 *
 * Phases are entered with par_phase (comm/world.h), one at a time and in the same order on every
 * rank; a name used again adds to its line. */
#ifndef PAR_COMM_TIMING_H
#define PAR_COMM_TIMING_H

#include "comm/world.h"

#include <stdio.h>

#define PAR_TIMING_PHASES 32

typedef struct {
	char name[64];
	double seconds;           /* of this rank */
	double least, mean, most; /* over ranks, after par_timing_gather */
	double share;             /* of the mean total, 0 to 1 */
} par_timing_row;

/* local | par_phase and par_world_close call these two */
void par_timing_begin(const char *name);
void par_timing_end(void);

/* collective | the rows with their spread over the ranks; every rank gets the same.
 * Returns how many; *rows stays owned by the library. Also ends the running phase. */
int par_timing_gather(const par_world *w, const par_timing_row **rows);

/* collective | rank 0 prints the table, a line of advice when there is one to give, throughput =
 * count / total as "unit/s", and peak memory */
void par_timing_print(const par_world *w, FILE *out, double count, const char *unit);

/* collective | the largest resident set any rank has had, in bytes */
int64_t par_timing_peak_memory(const par_world *w);

#endif
