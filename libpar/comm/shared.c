#include "comm/shared.h"

#include <stdlib.h>
#include <string.h>

#define MESSAGE_BYTES ((size_t)1 << 30)

static void find_heads(par_shared *s)
{
	s->heads = MPI_COMM_NULL;
	MPI_Comm_split(
	    s->world->comm, s->window.rank == 0 ? 0 : MPI_UNDEFINED, s->world->rank, &s->heads);
	int mine[2] = {0, 1};
	if (s->heads != MPI_COMM_NULL) {
		MPI_Comm_rank(s->heads, &mine[0]);
		MPI_Comm_size(s->heads, &mine[1]);
	}
	MPI_Bcast(mine, 2, MPI_INT, 0, s->window.comm);
	s->group = mine[0];
	s->groups = mine[1];
}

par_err par_shared_open(par_shared *s, const par_world *w, size_t bytes)
{
	char why[200];
	*s = (par_shared){.world = w, .heads = MPI_COMM_NULL};
	par_window_group(&s->window, w, 0);
	if (!par_window_fits(&s->window, w, bytes, why)) {
		par_window_close(&s->window);
		par_window_group(&s->window, w, 1);
	}
	find_heads(s);
	return par_window_open(&s->window, w, bytes);
}

void par_shared_close(par_shared *s)
{
	if (!s->world)
		return;
	if (s->heads != MPI_COMM_NULL)
		MPI_Comm_free(&s->heads);
	par_window_close(&s->window);
	*s = (par_shared){.heads = MPI_COMM_NULL};
}

/* every group's head hands its ranks' bytes to the other heads */
static void spread(par_shared *s, const int64_t (*all)[3])
{
	for (int r = 0; r < s->world->size; r++) {
		char *at = s->window.base + all[r][0];
		size_t bytes = (size_t)all[r][1];
		for (size_t sent = 0; sent < bytes; sent += MESSAGE_BYTES) {
			size_t rest = bytes - sent;
			MPI_Bcast(at + sent, (int)(rest < MESSAGE_BYTES ? rest : MESSAGE_BYTES),
			    MPI_BYTE, (int)all[r][2], s->heads);
		}
	}
}

void par_shared_put(par_shared *s, size_t at, size_t n, const void *data)
{
	PAR_MUST(at <= s->window.bytes && n <= s->window.bytes - at, "bytes %zu to %zu of %zu", at,
	    at + n, s->window.bytes);
	if (n > 0)
		memcpy(s->window.base + at, data, n);
	par_window_meet(&s->window);
	if (s->groups > 1) {
		int64_t mine[3] = {(int64_t)at, (int64_t)n, s->group};
		int64_t(*all)[3] = malloc((size_t)s->world->size * sizeof *all);
		PAR_MUST(all, "no memory to list %d ranks", s->world->size);
		MPI_Allgather(mine, 3, MPI_INT64_T, all, 3, MPI_INT64_T, s->world->comm);
		if (s->heads != MPI_COMM_NULL)
			spread(s, all);
		free(all);
	}
	par_window_meet(&s->window);
}
