/* Shared: bytes that every node holds once, read by all ranks.
 *
 * Each rank brings a part; afterwards all of it stands on every node. Where a node has no room for a window
 * (comm/window.h) each of its ranks holds all of it. */
#ifndef PAR_COMM_SHARED_H
#define PAR_COMM_SHARED_H

#include "comm/window.h"

typedef struct {
	const par_world *world; /* borrowed */
	par_window window;      /* owned; window.base: the bytes, zero at first */
	/* the rest is its own */
	MPI_Comm heads;    /* the first ranks of all windows; MPI_COMM_NULL on the others */
	int groups, group; /* windows; mine */
} par_shared;

/* collective | so many bytes on every node; par_shared_close releases them, also after a failure.
 * fails: PAR_E_MEMORY, agreed */
par_err par_shared_open(par_shared *s, const par_world *w, size_t bytes);
void par_shared_close(par_shared *s);

/* collective | bytes [at, at + n), from any rank; every rank calls once a round, with none when it has none.
 * Afterwards all nodes have them. */
void par_shared_put(par_shared *s, size_t at, size_t n, const void *data);

#endif
