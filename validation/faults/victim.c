/* A job of a few phases in which one rank goes wrong on demand:
 *
 *	victim FAULT RANK
 *
 * none    nothing goes wrong                          kill   SIGKILL strikes the rank
 * fail    its local work fails                        stop   SIGSTOP does
 * must    it breaks a promise of our own code         leave  it ends early, and well
 * mpi     it gives MPI a wrong argument               skip   it misses a collective
 * signal  none, but the job goes on until asked to stop */
#include "comm/world.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LIMIT_S 1.0

static const char *fault;
static bool mine;

static bool strikes(const char *name)
{
	return mine && strcmp(fault, name) == 0;
}

static par_err local_work(const par_world *w)
{
	PAR_MUST(!strikes("must"), "rank %d counts %d", w->rank, -1);
	if (strikes("fail"))
		return par_fail(PAR_E_DATA, "shard %d is short", w->rank);
	return PAR_OK;
}

static void strike(const par_world *w)
{
	int unsent = 0;
	fprintf(stderr, "pid %ld\n", (long)getpid());
	if (strikes("kill"))
		raise(SIGKILL);
	if (strikes("stop"))
		raise(SIGSTOP);
	if (strikes("mpi"))
		MPI_Send(&unsent, 1, MPI_INT, w->size + 7, 0, w->comm);
}

static par_err count(par_world *w)
{
	par_phase(w, "counting", LIMIT_S);
	PAR_TRY_ALL(w, local_work(w));
	if (mine)
		strike(w);
	if (strikes("leave"))
		return PAR_OK;
	if (!strikes("skip"))
		par_world_sum(w, 1);
	PAR_TRY_ALL(w, PAR_OK);
	return par_agree(w, PAR_OK);
}

/* short steps, each as long as the limit allows many times over */
static par_err go_on(par_world *w)
{
	par_phase(w, "going on", LIMIT_S);
	for (int step = 0; step < 400; step++) {
		usleep(20000);
		if (step == 5 && w->rank == 0)
			fprintf(stderr, "ready\n");
		if (par_stop_agreed(w))
			return par_agree(w, par_fail(PAR_E_AGAIN, "asked to stop at a step"));
		par_world_alive();
	}
	return PAR_OK;
}

int main(int argc, char **argv)
{
	par_world w;
	par_stop_catch();
	par_err e = par_world_start(&w);
	fault = argc > 1 ? argv[1] : "none";
	mine = argc > 2 && atoi(argv[2]) == w.rank;
	if (e == PAR_OK)
		e = count(&w);
	if (e == PAR_OK && strcmp(fault, "signal") == 0)
		e = go_on(&w);
	if (e != PAR_OK && w.rank == 0)
		fprintf(stderr, "victim: error: %s\n    found by rank %d (%s)\n", par_err_why(),
		    par_agree_rank(), par_err_where());
	par_world_finish(&w);
	return par_err_status(e);
}
