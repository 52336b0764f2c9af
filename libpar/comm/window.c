#include "comm/window.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#define LINE ((size_t)64)
#define PAGE ((size_t)4096)
/* Open MPI backs shared windows with files here */
#define SHARED_FOLDER "/dev/shm"
#define SPINS_BEFORE_YIELD 4096

typedef struct {
	_Alignas(64) _Atomic uint64_t count;
} meeting;

static size_t head_bytes(const par_window *win)
{
	return ((size_t)win->size * sizeof(meeting) + PAGE - 1) / PAGE * PAGE;
}

void par_window_group(par_window *win, const par_world *w, int together)
{
	*win = (par_window){.win = MPI_WIN_NULL, .yields = w->crowded};
	int part = together > 0 ? w->node_rank / together : 0;
	MPI_Comm_split(w->node, part, w->node_rank, &win->comm);
	MPI_Comm_rank(win->comm, &win->rank);
	MPI_Comm_size(win->comm, &win->size);
}

/* every group of the node asks of the same folder: what they want together must fit */
bool par_window_fits(const par_window *win, const par_world *w, size_t bytes, char *why)
{
	int64_t wanted = win->rank == 0 && win->size > 1 ? (int64_t)(bytes + head_bytes(win)) : 0;
	MPI_Allreduce(MPI_IN_PLACE, &wanted, 1, MPI_INT64_T, MPI_SUM, w->node);
	struct statvfs room;
	int64_t available = 0;
	if (statvfs(SHARED_FOLDER, &room) == 0)
		available = (int64_t)(room.f_bavail * room.f_frsize);
	/* a margin for the little windows of MPI itself */
	bool fits = wanted == 0 || wanted + ((int64_t)4 << 20) <= available;
	int first = fits ? w->size : w->rank;
	MPI_Allreduce(MPI_IN_PLACE, &first, 1, MPI_INT, MPI_MIN, w->comm);
	if (first == w->size)
		return true;
	int64_t mib[2] = {available >> 20, (wanted >> 20) + 5};
	MPI_Bcast(mib, 2, MPI_INT64_T, first, w->comm);
	snprintf(why, 200, "%s of rank %d has %lld MiB free; shared windows want %lld MiB",
	    SHARED_FOLDER, first, (long long)mib[0], (long long)mib[1]);
	return false;
}

static par_err take_private(par_window *win, size_t all)
{
	win->meetings = aligned_alloc(PAGE, (all + PAGE - 1) / PAGE * PAGE);
	if (!win->meetings)
		return par_fail(PAR_E_MEMORY, "no memory for a reduction of %zu MiB", all >> 20);
	memset(win->meetings, 0, all);
	return PAR_OK;
}

/* the first rank owns all of it, so that vectors follow each other without gaps */
static void take_shared(par_window *win, size_t all)
{
	void *mine;
	MPI_Aint bytes;
	int unit;
	MPI_Win_allocate_shared(win->rank == 0 ? (MPI_Aint)(all + LINE) : 0, 1, MPI_INFO_NULL,
	    win->comm, (void *)&mine, &win->win);
	MPI_Win_shared_query(win->win, 0, &bytes, &unit, (void *)&mine);
	size_t over = (uintptr_t)mine % LINE;
	win->meetings = (char *)mine + (over ? LINE - over : 0);
	if (win->rank == 0)
		memset(win->meetings, 0, head_bytes(win));
	MPI_Win_lock_all(MPI_MODE_NOCHECK, win->win);
	MPI_Barrier(win->comm);
}

par_err par_window_open(par_window *win, const par_world *w, size_t bytes)
{
	size_t all = head_bytes(win) + bytes;
	par_err e = PAR_OK;
	if (win->size == 1)
		e = take_private(win, all);
	PAR_TRY_ALL(w, e);
	if (win->size > 1)
		take_shared(win, all);
	win->bytes = bytes;
	win->base = (char *)win->meetings + head_bytes(win);
	return PAR_OK;
}

void par_window_close(par_window *win)
{
	if (win->win != MPI_WIN_NULL) {
		MPI_Win_unlock_all(win->win);
		MPI_Win_free(&win->win);
	} else {
		free(win->meetings);
	}
	MPI_Comm_free(&win->comm);
	*win = (par_window){.comm = MPI_COMM_NULL, .win = MPI_WIN_NULL};
}

static void wait_a_moment(bool yields)
{
	if (yields)
		sched_yield();
#if defined(__x86_64__)
	else
		__builtin_ia32_pause();
#endif
}

void par_window_meet(par_window *win)
{
	meeting *all = win->meetings;
	win->met++;
	atomic_store_explicit(&all[win->rank].count, win->met, memory_order_release);
	for (int r = 0; r < win->size; r++)
		for (int turns = 0;
		     atomic_load_explicit(&all[r].count, memory_order_acquire) < win->met;
		     turns += turns < SPINS_BEFORE_YIELD)
			wait_a_moment(win->yields || turns == SPINS_BEFORE_YIELD);
}
