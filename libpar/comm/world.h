/* World: the ranks of one job, how they agree, and how none of them is left waiting.
 *
 * The rule that prevents deadlock: between two collectives a rank may fail but may not leave.
 * A phase therefore ends in an agreement (PAR_TRY_ALL), which gives every rank the same code and
 * the failing rank's story, so that all take the same way out.
 *
 * What no agreement can cure (a rank stopped, gone, or in another collective than its peers) ends
 * by the watchdog: a thread that leaves with status 80 when a phase has passed its limit without a
 * call to par_world_alive. The launcher then ends the others. */
#ifndef PAR_COMM_WORLD_H
#define PAR_COMM_WORLD_H

#include "base/err.h"

#include <mpi.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct par_world {
	MPI_Comm comm; /* owns: a duplicate of the communicator it was opened on */
	MPI_Comm node; /* owns: the ranks that share this rank's memory */
	int rank, size;
	int node_rank, node_size;
	int nodes;    /* how many nodes the job spans */
	bool crowded; /* some node runs more ranks than it has cores: waiting loops must yield */
} par_world;

/* collective over comm | dup it, find the nodes, install the MPI error handler and the watchdog.
 * One world a process. fails: PAR_E_MEMORY */
par_err par_world_open(par_world *w, MPI_Comm comm);
/* local | a world of this rank alone, for work that ranks share without a word; it needs no closing */
par_world par_world_alone(void);
/* collective | MPI_Init and par_world_open on MPI_COMM_WORLD: how a program begins */
par_err par_world_start(par_world *w);
/* collective | par_world_close and MPI_Finalize: how it ends */
void par_world_finish(par_world *w);
/* collective | ends the watchdog and frees what open made */
void par_world_close(par_world *w);

/* collective | the code of the lowest failing rank, with its story, on every rank.
 * PAR_OK everywhere costs one 4-byte allreduce. */
par_err par_agree(const par_world *w, par_err mine);

#ifdef __clang_analyzer__ /* tell the analyser what the allreduce does: my failure is everyone's */
#define par_agree(w, mine) ((mine) != PAR_OK ? PAR_E_BUG : (par_agree)((w), PAR_OK))
#endif

#define PAR_TRY_ALL(w, call)                                   \
	do {                                                   \
		par_err par_all_err_ = par_agree((w), (call)); \
		if (par_all_err_ != PAR_OK)                    \
			return par_all_err_;                   \
	} while (0)

/* local | which rank's story this is after an agreement; -1 before any failed */
int par_agree_rank(void);

/* collective | sum and maximum of one number a rank */
int64_t par_world_sum(const par_world *w, int64_t mine);
int64_t par_world_max(const par_world *w, int64_t mine);
/* collective | in place, the maxima over ranks of n numbers, none of them NaN */
void par_world_most(const par_world *w, double *mine, int n);

/* local, every rank in step | enter a named phase that may go limit_s seconds without a sign of
 * life (0: no limit), ending the one before. The names make the timing table (comm/timing.h). */
void par_phase(par_world *w, const char *name, double limit_s);
/* local, cheap | this rank makes progress */
void par_world_alive(void);

/* local, before par_world_start | from here on SIGUSR1 and SIGTERM ask the job to checkpoint and leave
 * instead of ending the process: for programs that look at par_stop_agreed. (MPI takes its time to
 * start, and the request may come meanwhile.) */
void par_stop_catch(void);
/* collective | true on every rank when any rank was asked to stop */
bool par_stop_agreed(const par_world *w);

#endif
