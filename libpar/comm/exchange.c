#include "comm/exchange.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
	const par_world *world;
	size_t bytes;
	int64_t round; /* rows a rank sends at most in one round */
	MPI_Datatype row;
	int *send, *send_at, *get, *get_at; /* a rank each */
	int *to;                            /* of each row in the round */
	char *out, *in;
	size_t in_room;
} trade;

static par_err trade_open(trade *t, const par_world *w, size_t bytes)
{
	size_t fit = PAR_EXCHANGE_BYTES / bytes / (size_t)w->size;
	*t = (trade){.world = w, .bytes = bytes, .round = fit > 0 ? (int64_t)fit : 1};
	MPI_Type_contiguous((int)bytes, MPI_BYTE, &t->row);
	MPI_Type_commit(&t->row);
	t->send = calloc(4 * (size_t)w->size, sizeof *t->send);
	t->to = malloc((size_t)t->round * sizeof *t->to);
	t->out = malloc((size_t)t->round * bytes);
	/* what comes in is at most a round from every rank */
	t->in = malloc((size_t)t->round * (size_t)w->size * bytes);
	if (!t->send || !t->to || !t->out || !t->in)
		return par_fail(PAR_E_MEMORY, "no memory to exchange rows");
	t->send_at = t->send + w->size;
	t->get = t->send_at + w->size;
	t->get_at = t->get + w->size;
	return PAR_OK;
}

static void trade_close(trade *t)
{
	MPI_Type_free(&t->row);
	free(t->send);
	free(t->to);
	free(t->out);
	free(t->in);
}

/* rows by owner, in order within each */
static void pack(trade *t, const char *rows, int64_t n, par_exchange_owner owner, void *ctx)
{
	int size = t->world->size;
	memset(t->send, 0, (size_t)size * sizeof *t->send);
	for (int64_t i = 0; i < n; i++) {
		t->to[i] = owner(rows + (size_t)i * t->bytes, ctx);
		t->send[t->to[i]]++;
	}
	int at = 0;
	for (int r = 0; r < size; r++) {
		t->send_at[r] = at;
		at += t->send[r];
	}
	for (int64_t i = 0; i < n; i++)
		memcpy(t->out + (size_t)t->send_at[t->to[i]]++ * t->bytes,
		    rows + (size_t)i * t->bytes, t->bytes);
	for (int r = 0; r < size; r++)
		t->send_at[r] -= t->send[r];
}

static int64_t swap(trade *t)
{
	MPI_Comm comm = t->world->comm;
	int at = 0;
	MPI_Alltoall(t->send, 1, MPI_INT, t->get, 1, MPI_INT, comm);
	for (int r = 0; r < t->world->size; r++) {
		t->get_at[r] = at;
		at += t->get[r];
	}
	MPI_Alltoallv(t->out, t->send, t->send_at, t->row, t->in, t->get, t->get_at, t->row, comm);
	return at;
}

par_err par_exchange(const par_world *w, const void *rows, int64_t n, size_t bytes,
    par_exchange_owner owner, par_exchange_take take, void *ctx)
{
	if (w->size == 1)
		return n > 0 ? take(rows, n, ctx) : PAR_OK;
	trade t;
	par_err e = par_agree(w, trade_open(&t, w, bytes));
	int64_t rounds = par_world_max(w, (n + t.round - 1) / t.round);
	par_err taken = PAR_OK;
	for (int64_t k = 0; e == PAR_OK && k < rounds; k++) {
		int64_t lo = k * t.round < n ? k * t.round : n;
		int64_t hi = lo + t.round < n ? lo + t.round : n;
		pack(&t, (const char *)rows + (size_t)lo * bytes, hi - lo, owner, ctx);
		int64_t got = swap(&t);
		if (taken == PAR_OK && got > 0)
			taken = take(t.in, got, ctx);
		par_world_alive();
	}
	trade_close(&t);
	return e == PAR_OK ? par_agree(w, taken) : e;
}

void par_exchange_or(const par_world *w, unsigned char *bytes, size_t n)
{
	PAR_MUST(n < (size_t)1 << 30, "%zu bytes", n);
	MPI_Allreduce(MPI_IN_PLACE, bytes, (int)n, MPI_UNSIGNED_CHAR, MPI_BOR, w->comm);
}

void par_exchange_from(const par_world *w, int rank, void *bytes, size_t n)
{
	const size_t piece = (size_t)1 << 30; /* a count of MPI is an int */
	for (size_t at = 0; at < n; at += piece)
		MPI_Bcast((char *)bytes + at, (int)(n - at < piece ? n - at : piece), MPI_BYTE,
		    rank, w->comm);
}

void par_exchange_first(const par_world *w, void *bytes, size_t n)
{
	par_exchange_from(w, 0, bytes, n);
}
