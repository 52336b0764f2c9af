/* np: 1 2 3 6   apps: plan */
#include "plan/model/redistribute.h"

#include "../tap.h"

#include <stdlib.h>
#include <string.h>

#define MANY 9000 /* several batches at each of 3 ranks */
#define WIDE 13   /* bytes of a row: no multiple of 8 */
#define GONE 7    /* every so many rows of the older table are of a SKU that is gone */

/* SKUs of two classes, of which the second is every third; nothing is solved */
typedef struct {
	model m;
	pattern p[2];
	par_blocks table;
	int64_t *solved; /* of each of mine, in the order of solve/solution.h, its SKU */
	/* an older table: the SKUs from the last to the first, and some that are gone */
	int64_t rows, *sku;
	int64_t fail_at; /* row whose taking fails */
	int64_t taken, wrong;
} nothing_solved;

static par_err begin(nothing_solved *t, const par_world *w, int64_t skus)
{
	*t = (nothing_solved){.fail_at = -1, .rows = skus + skus / (GONE - 1)};
	problem *p = &t->m.problem;
	uint8_t *class = calloc((size_t)skus, 1);
	for (int64_t k = 0; k < skus; k++)
		class[k] = k % 3 == 2;
	*p = (problem){.blocks = skus, .patterns = 2, .pattern = t->p, .class = class};
	par_blocks_deal(&t->table, w, skus, 1);
	PAR_TRY(deal_groups(&t->m.deal, w, p));
	t->solved = calloc((size_t)t->m.deal.blocks + 1, sizeof *t->solved);
	t->sku = calloc((size_t)t->rows, sizeof *t->sku);
	int64_t mine = 0, left = skus;
	for (int64_t g = 0; g < t->m.deal.groups; g++)
		for (int lane = 0; lane < t->m.deal.mine[g].lanes; lane++)
			t->solved[mine++] = t->m.deal.mine[g].block[lane];
	for (int64_t i = 0; i < t->rows; i++)
		t->sku[i] = i % GONE == GONE - 1 ? -1 : --left;
	return PAR_OK;
}

static void end(nothing_solved *t)
{
	free((void *)(uintptr_t)t->m.problem.class);
	free(t->solved);
	free(t->sku);
	deal_drop(&t->m.deal);
}

/* the bytes of a row */
static void write_row(int64_t row, unsigned char *to)
{
	for (int64_t j = 0; j < WIDE; j++)
		to[j] = (unsigned char)((row + 1) * (2 * j + 1) >> j % 3);
}

static bool is_row(int64_t row, const unsigned char *it)
{
	unsigned char want[WIDE];
	write_row(row, want);
	return memcmp(it, want, WIDE) == 0;
}

static void give(void *ctx, int64_t i, int64_t sku, void *row)
{
	nothing_solved *t = ctx;
	t->wrong += t->solved[i] != sku;
	t->taken++;
	write_row(sku, row);
}

static void to_table(nothing_solved *t)
{
	int64_t here = t->table.hi - t->table.lo, right = 0;
	unsigned char *out = calloc((size_t)here * WIDE + 1, 1);
	par_err e = redistribute_to_table(&t->m, &t->table, WIDE, give, t, out);
	for (int64_t i = 0; i < here; i++)
		right += is_row(t->table.lo + i, out + i * WIDE);
	ok(e == PAR_OK && right == here && out[here * WIDE] == 0,
	    "each of %lld rows comes to its place of the table", (long long)t->table.n);
	ok(t->taken == t->m.deal.blocks && t->wrong == 0, "... given once, in the order of solves");
	free(out);
}

static par_err read_rows(void *ctx, int64_t first, int64_t n, void *rows)
{
	(void)ctx;
	for (int64_t i = 0; i < n; i++)
		write_row(first + i, (unsigned char *)rows + i * WIDE);
	return PAR_OK;
}

static par_err take(void *ctx, int64_t i, int64_t at, const void *row)
{
	nothing_solved *t = ctx;
	if (at == t->fail_at)
		return par_fail(PAR_E_DATA, "row %lld is refused", (long long)at);
	t->taken++;
	t->wrong += t->solved[i] != t->sku[at] || !is_row(at, row) || (uintptr_t)row % 8 != 0;
	return PAR_OK;
}

static par_err to_solvers(nothing_solved *t)
{
	const redistribute_source from = {.rows = t->rows,
	    .sku = t->sku,
	    .bytes = WIDE,
	    .read = read_rows,
	    .take = take,
	    .ctx = t};
	t->taken = t->wrong = 0;
	return redistribute_to_solvers(&t->m, &from);
}

static void both_ways(const par_world *w, int64_t skus)
{
	nothing_solved t;
	par_err e = begin(&t, w, skus);
	ok(e == PAR_OK, "%lld SKUs are dealt", (long long)skus);
	to_table(&t);
	e = to_solvers(&t);
	ok(e == PAR_OK && t.taken == t.m.deal.blocks && t.wrong == 0,
	    "each of %lld rows comes to who solves its SKU, none of the SKUs that are gone",
	    (long long)t.rows);
	t.fail_at = 0;
	e = to_solvers(&t);
	ok(e == PAR_E_DATA && strcmp(par_err_why(), "row 0 is refused") == 0,
	    "where one is refused all ranks leave together");
	end(&t);
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	par_world w;
	ok(par_world_open(&w, MPI_COMM_WORLD) == PAR_OK, "a world opens");
	both_ways(&w, 1);
	both_ways(&w, 20);
	both_ways(&w, MANY);
	par_world_close(&w);
	return tap_end();
}
