#include "comm/world.h"

#include "comm/timing.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t stop_asked, term_s; /* when SIGTERM came last, 0: never */
static int story_rank = -1;

/* what the watchdog thread sees; the name is written before the limit that makes it matter */
static struct {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t ended;
	bool running, end;
	atomic_long beats;
	_Atomic double limit_s;
	char phase[64];
	int rank;
} dog = {.lock = PTHREAD_MUTEX_INITIALIZER};

static sig_atomic_t clock_s(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (sig_atomic_t)t.tv_sec + 1;
}

static void ask_stop(int signal_number)
{
	stop_asked = 1;
	if (signal_number == SIGTERM)
		term_s = clock_s();
}

void par_stop_catch(void)
{
	struct sigaction act = {.sa_handler = ask_stop, .sa_flags = SA_RESTART};
	sigemptyset(&act.sa_mask);
	sigaction(SIGUSR1, &act, NULL);
	sigaction(SIGTERM, &act, NULL);
}

/* MPI_Abort takes its status modulo 256, and a multiple of 256 would read as success */
static void abort_job(int status)
{
	MPI_Abort(MPI_COMM_WORLD, status % 256 ? status : par_err_status(PAR_E_BUG));
}

static void on_mpi_error(MPI_Comm *comm, int *code, ...)
{
	char text[MPI_MAX_ERROR_STRING] = "";
	int length;
	(void)comm;
	MPI_Error_string(*code, text, &length);
	fprintf(stderr, "%s: error: MPI failed while %s: %s\n    found by rank %d\n",
	    program_invocation_short_name, dog.phase[0] ? dog.phase : "starting", text, dog.rank);
	abort_job(71);
}

/* Wait for those who speak first. A SIGTERM of these seconds is the launcher's and says that one of
 * them has (an older one was a request to stop); a rank that was stopped gets it as it wakes. */
static void let_speak(int seconds)
{
	for (int i = 0; i <= 20 * seconds; i++) {
		if (term_s && clock_s() - term_s < 10)
			_exit(par_err_status(PAR_E_HANG));
		if (i < 20 * seconds)
			usleep(50000);
	}
}

/* Rank 0 speaks first, rank 1 when rank 0 cannot, then the others, so that one message comes out of
 * a hang that all of them see. A beat in the meantime takes it back. */
static void bite(long beats, double idle_s)
{
	let_speak(dog.rank < 2 ? 2 * dog.rank : 4);
	if (atomic_load(&dog.beats) != beats)
		return;
	fprintf(stderr,
	    "%s: error: no progress for %.0f s while %s (the phase's limit); a rank is stuck, "
	    "gone or out of step; run the stage again\n    found by rank %d\n",
	    program_invocation_short_name, idle_s, dog.phase, dog.rank);
	_exit(par_err_status(PAR_E_HANG));
}

/* a tick of a quarter second: a machine that sleeps through the limit is not mistaken for a hang,
 * because idle time is counted in ticks seen awake */
static void *watch(void *unused)
{
	(void)unused;
	const double tick_s = 0.25;
	long seen = -1;
	double idle_s = 0;
	pthread_mutex_lock(&dog.lock);
	while (!dog.end) {
		struct timespec until;
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_nsec += (long)(tick_s * 1e9);
		until.tv_sec += until.tv_nsec / 1000000000;
		until.tv_nsec %= 1000000000;
		pthread_cond_timedwait(&dog.ended, &dog.lock, &until);
		/* the limit first: a new one is set after a beat, so old idle time never meets it */
		double limit_s = atomic_load(&dog.limit_s);
		long beats = atomic_load(&dog.beats);
		idle_s = beats == seen ? idle_s + tick_s : 0;
		seen = beats;
		if (!dog.end && limit_s > 0 && idle_s > limit_s)
			bite(beats, idle_s);
	}
	pthread_mutex_unlock(&dog.lock);
	return NULL;
}

/* the thread takes no signals: they are for the ranks' own flow */
static par_err start_watchdog(int rank)
{
	sigset_t all, before;
	dog.rank = rank;
	dog.end = false;
	pthread_cond_init(&dog.ended, NULL);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int failed = pthread_create(&dog.thread, NULL, watch, NULL);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	dog.running = !failed;
	return failed ? par_fail(
			    PAR_E_MEMORY, "cannot start the watchdog thread: %s", strerror(failed))
		      : PAR_OK;
}

static void stop_watchdog(void)
{
	if (!dog.running)
		return;
	pthread_mutex_lock(&dog.lock);
	dog.end = true;
	pthread_cond_signal(&dog.ended);
	pthread_mutex_unlock(&dog.lock);
	pthread_join(dog.thread, NULL);
	pthread_cond_destroy(&dog.ended);
	dog.running = false;
	atomic_store(&dog.limit_s, 0);
}

static void find_nodes(par_world *w)
{
	MPI_Comm_split_type(w->comm, MPI_COMM_TYPE_SHARED, w->rank, MPI_INFO_NULL, &w->node);
	MPI_Comm_rank(w->node, &w->node_rank);
	MPI_Comm_size(w->node, &w->node_size);
	w->nodes = (int)par_world_sum(w, w->node_rank == 0);
	/* a bound rank sees its own cores alone, so the node's are those of all its ranks together */
	cpu_set_t cores;
	CPU_ZERO(&cores);
	sched_getaffinity(0, sizeof cores, &cores);
	MPI_Allreduce(MPI_IN_PLACE, &cores, sizeof cores, MPI_BYTE, MPI_BOR, w->node);
	w->crowded = par_world_max(w, w->node_size > CPU_COUNT(&cores)) != 0;
}

par_err par_world_open(par_world *w, MPI_Comm comm)
{
	*w = (par_world){.comm = MPI_COMM_NULL, .node = MPI_COMM_NULL};
	MPI_Comm_dup(comm, &w->comm);
	MPI_Comm_rank(w->comm, &w->rank);
	MPI_Comm_size(w->comm, &w->size);
	MPI_Errhandler handler;
	MPI_Comm_create_errhandler(on_mpi_error, &handler);
	MPI_Comm_set_errhandler(w->comm, handler);
	MPI_Comm_set_errhandler(MPI_COMM_WORLD, handler);
	MPI_Errhandler_free(&handler);
	par_must_hook = abort_job;
	find_nodes(w);
	signal(SIGXFSZ, SIG_IGN); /* a file size limit is an error to tell, not a death */
	return par_agree(w, start_watchdog(w->rank));
}

void par_world_close(par_world *w)
{
	par_timing_end();
	stop_watchdog();
	if (w->node != MPI_COMM_NULL)
		MPI_Comm_free(&w->node);
	if (w->comm != MPI_COMM_NULL)
		MPI_Comm_free(&w->comm);
}

par_world par_world_alone(void)
{
	return (par_world){
	    .comm = MPI_COMM_SELF, .node = MPI_COMM_SELF, .size = 1, .node_size = 1, .nodes = 1};
}

par_err par_world_start(par_world *w)
{
	int provided;
	MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided);
	return par_world_open(w, MPI_COMM_WORLD);
}

void par_world_finish(par_world *w)
{
	par_world_close(w);
	MPI_Finalize();
}

par_err(par_agree)(const par_world *w, par_err mine)
{
	par_world_alive();
	int first = mine == PAR_OK ? INT_MAX : w->rank;
	MPI_Allreduce(MPI_IN_PLACE, &first, 1, MPI_INT, MPI_MIN, w->comm);
	par_world_alive();
	if (first == INT_MAX)
		return PAR_OK;

	struct {
		int code;
		char why[2048], where[128];
	} note = {.code = (int)mine};
	snprintf(note.why, sizeof note.why, "%s", par_err_why());
	snprintf(note.where, sizeof note.where, "%s", par_err_where());
	MPI_Bcast(&note, (int)sizeof note, MPI_BYTE, first, w->comm);
	par_err_adopt(note.why, note.where);
	story_rank = first;
	return (par_err)note.code;
}

int par_agree_rank(void)
{
	return story_rank;
}

int64_t par_world_sum(const par_world *w, int64_t mine)
{
	MPI_Allreduce(MPI_IN_PLACE, &mine, 1, MPI_INT64_T, MPI_SUM, w->comm);
	return mine;
}

int64_t par_world_max(const par_world *w, int64_t mine)
{
	MPI_Allreduce(MPI_IN_PLACE, &mine, 1, MPI_INT64_T, MPI_MAX, w->comm);
	return mine;
}

void par_world_most(const par_world *w, double *mine, int n)
{
	MPI_Allreduce(MPI_IN_PLACE, mine, n, MPI_DOUBLE, MPI_MAX, w->comm);
}

void par_phase(par_world *w, const char *name, double limit_s)
{
	(void)w;
	par_timing_begin(name);
	atomic_store(&dog.limit_s, 0);
	snprintf(dog.phase, sizeof dog.phase, "%s", name);
	par_world_alive();
	atomic_store(&dog.limit_s, limit_s);
}

void par_world_alive(void)
{
	atomic_fetch_add_explicit(&dog.beats, 1, memory_order_relaxed);
}

bool par_stop_agreed(const par_world *w)
{
	int any = stop_asked != 0;
	MPI_Allreduce(MPI_IN_PLACE, &any, 1, MPI_INT, MPI_MAX, w->comm);
	return any != 0;
}
