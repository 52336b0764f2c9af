/* np: 1 2 3 4 */
#include "comm/exchange.h"
#include "../tap.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
	int32_t to, from;
	int64_t number;
} letter;

typedef struct {
	int size;
	int64_t got, sum, *last; /* of each sender: the number that came last */
	int rank;
	bool fine;
} box;

static int owner(const void *row, void *ctx)
{
	(void)ctx;
	return ((const letter *)row)->to;
}

static par_err take(const void *rows, int64_t n, void *ctx)
{
	box *b = ctx;
	const letter *l = rows;
	for (int64_t i = 0; i < n; i++) {
		b->fine &= l[i].to == b->rank && l[i].number > b->last[l[i].from];
		b->last[l[i].from] = l[i].number;
		b->got++;
		b->sum += l[i].number;
	}
	return PAR_OK;
}

static par_err refuse(const void *rows, int64_t n, void *ctx)
{
	(void)rows, (void)n, (void)ctx;
	return par_fail(PAR_E_DATA, "no letters here");
}

/* rank r sends n letters, the i-th to rank (i * i) % size */
static void send(const par_world *w, int64_t n, const char *what)
{
	letter *l = calloc((size_t)n + 1, sizeof *l);
	box b = {.rank = w->rank, .fine = true, .last = malloc((size_t)w->size * sizeof(int64_t))};
	int64_t want = 0, sum = 0;
	for (int r = 0; r < w->size; r++)
		b.last[r] = -1;
	for (int64_t i = 0; i < n; i++)
		l[i] = (letter){(int)(i * i % w->size), w->rank, i};
	int64_t most = par_world_max(w, n);
	for (int r = 0; r < w->size; r++) {
		int64_t theirs = -par_world_max(w, r == w->rank ? -n : -most);
		for (int64_t i = 0; i < theirs; i++)
			if (i * i % w->size == w->rank) {
				want++;
				sum += i;
			}
	}
	par_err e = par_exchange(w, l, n, sizeof *l, owner, take, &b);
	ok(e == PAR_OK && b.got == want && b.sum == sum && b.fine,
	    "%s: each letter reaches its rank, in its sender's order", what);
	if (w->size > 1)
		ok(par_exchange(w, l, n, sizeof *l, owner, w->rank == 1 ? refuse : take,
		       &(box){.rank = w->rank, .last = b.last}) ==
			(par_world_max(w, w->rank == 1 && want > 0) ? PAR_E_DATA : PAR_OK),
		    "%s: one rank that fails to take makes all fail, and none wait", what);
	free(b.last);
	free(l);
}

static void join(const par_world *w)
{
	unsigned char bits[2] = {(unsigned char)(1 << w->rank), 0x80};
	par_exchange_or(w, bits, 2);
	ok(bits[0] == (1 << w->size) - 1 && bits[1] == 0x80, "bits are joined");
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	par_world w;
	ok(par_world_open(&w, MPI_COMM_WORLD) == PAR_OK, "a world opens");
	send(&w, 0, "no letters");
	send(&w, w.rank == w.size - 1, "one letter");
	send(&w, 1000 * (w.rank + 1), "some letters");
	/* several rounds: more than PAR_EXCHANGE_BYTES / size a rank, and one rank with none */
	send(&w, w.rank == 0 ? 0 : 1500000, "letters for several rounds");
	join(&w);
	par_world_close(&w);
	return tap_end();
}
