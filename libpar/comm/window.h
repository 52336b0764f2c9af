/* Window: memory that the ranks of a group on one node share, and the meeting that orders its use.
 *
 * What a rank wrote before a meeting, all ranks of the group read after it. Meetings are counters
 * in the window itself: a fraction of a microsecond where MPI_Barrier takes several. */
#ifndef PAR_COMM_WINDOW_H
#define PAR_COMM_WINDOW_H

#include "comm/world.h"

#include <stddef.h>

typedef struct {
	MPI_Comm comm; /* owns: the group */
	int rank, size;
	char *base; /* the same bytes on every rank, at a multiple of 64; owned by the window */
	size_t bytes;
	/* the rest is the window's own */
	MPI_Win win;
	void *meetings;
	uint64_t met;
	bool yields;
} par_window;

/* collective over w | group the ranks of each node by at most together (0: all of them) in rank
 * order; no memory yet. The caller reads comm, rank and size to know how much it wants. */
void par_window_group(par_window *win, const par_world *w, int together);

/* collective over w | is there room for a window of so many bytes in each group? A group of one
 * needs none. The same answer on all ranks; when false, why[200] names the first rank that lacks
 * room. */
bool par_window_fits(const par_window *win, const par_world *w, size_t bytes, char *why);

/* collective over w | make the memory, zeroed; a group of one gets ordinary memory.
 * fails: PAR_E_MEMORY, agreed */
par_err par_window_open(par_window *win, const par_world *w, size_t bytes);

/* collective over the group */
void par_window_close(par_window *win);

/* collective over the group | meet: nobody returns before all have come */
void par_window_meet(par_window *win);

#endif
