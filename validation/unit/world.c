/* np: 1 2 3 4 */
#include "comm/world.h"
#include "../tap.h"
#include "comm/blocks.h"

#include <signal.h>
#include <string.h>

/* block sums that lose bits when added in another order */
static par_err reciprocal(void *ctx, int64_t lo, int64_t hi, double *sums)
{
	(void)ctx;
	for (int64_t i = lo; i < hi; i++) {
		sums[0] += 1.0 / (double)(i + 1);
		sums[1] += (i % 2 ? -1e10 : 1e10) / (double)(i + 3);
	}
	return PAR_OK;
}

static par_err fail_block_two(void *ctx, int64_t lo, int64_t hi, double *sums)
{
	(void)ctx, (void)hi, (void)sums;
	return lo >= 20 ? par_fail(PAR_E_DATA, "block at %lld is bad", (long long)lo) : PAR_OK;
}

static void agreement(par_world *w)
{
	ok(par_agree(w, PAR_OK) == PAR_OK, "all well stays well");
	par_err mine = PAR_OK;
	if (w->rank >= w->size / 2)
		mine = par_fail(PAR_E_DATA, "shard %d is short", w->rank);
	ok(par_agree(w, mine) == PAR_E_DATA, "one bad rank makes every rank return its code");
	char want[64];
	snprintf(want, sizeof want, "shard %d is short", w->size / 2);
	ok(strcmp(par_err_why(), want) == 0, "every rank tells the lowest failing rank's story");
	ok(par_agree_rank() == w->size / 2, "every rank knows which rank that was");
	ok(strncmp(par_err_where(), "unit/world.c:", 13) == 0, "and which source line began it");
}

static void blocks(par_world *w)
{
	static const int64_t n[] = {0, 1, 2, 99, 100, 101, 1000};
	for (int i = 0; i < 7; i++) {
		par_blocks b;
		par_blocks_deal(&b, w, n[i], 10);
		ok(par_world_sum(w, b.hi - b.lo) == n[i], "%d items are all dealt", (int)n[i]);
		int owned = 1;
		for (int64_t k = b.lo; k < b.hi; k++)
			owned &= par_blocks_owner(&b, k) == w->rank;
		ok(owned, "and owners are found by division");
		double got[2], alone[2];
		par_err e = par_blocks_run(&b, reciprocal, NULL, got, 2);
		par_world one = {.comm = MPI_COMM_SELF, .node = MPI_COMM_SELF, .size = 1};
		par_blocks_deal(&b, &one, n[i], 10);
		par_err f = par_blocks_run(&b, reciprocal, NULL, alone, 2);
		ok(e == PAR_OK && f == PAR_OK && memcmp(got, alone, sizeof got) == 0,
		    "%d items sum to the bits of one rank", (int)n[i]);
	}
	par_blocks b;
	par_blocks_deal(&b, w, 100, 10);
	ok(par_blocks_run(&b, fail_block_two, NULL, NULL, 0) == PAR_E_DATA &&
		strcmp(par_err_why(), "block at 20 is bad") == 0,
	    "the lowest failing block tells its story at any rank count");
}

int main(int argc, char **argv)
{
	par_stop_catch();
	tap_begin(&argc, &argv);
	par_world w;
	ok(par_world_open(&w, MPI_COMM_WORLD) == PAR_OK, "a world opens");
	ok(par_world_sum(&w, 1) == w.size && par_world_max(&w, w.rank) == w.size - 1,
	    "sums and maxima");
	agreement(&w);
	blocks(&w);
	ok(!par_stop_agreed(&w), "nobody asked to stop");
	if (w.rank == w.size - 1)
		raise(SIGUSR1);
	ok(par_stop_agreed(&w), "one rank's signal becomes every rank's knowledge");
	par_world_close(&w);
	return tap_end();
}
