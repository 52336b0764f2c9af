#include "plan/model/redistribute.h"

#include "comm/exchange.h"

#include <stdlib.h>
#include <string.h>

#define BATCH 2048 /* rows that travel at a time */

/* What travels is the number of a row in its table, then its bytes, rounded up to a multiple of 8. */
static size_t parcel_bytes(size_t bytes)
{
	return sizeof(int64_t) + (bytes + 7) / 8 * 8;
}

static int64_t row_of(const char *parcel)
{
	int64_t row;
	memcpy(&row, parcel, sizeof row);
	return row;
}

/* to a table */
typedef struct {
	const par_blocks *table;
	size_t bytes, parcel;
	char *out;
} delivery;

static int holder(const void *parcel, void *ctx)
{
	return par_blocks_owner(((const delivery *)ctx)->table, row_of(parcel));
}

static par_err put_away(const void *parcels, int64_t n, void *ctx)
{
	const delivery *d = ctx;
	for (int64_t k = 0; k < n; k++) {
		const char *at = (const char *)parcels + (size_t)k * d->parcel;
		memcpy(d->out + (size_t)(row_of(at) - d->table->lo) * d->bytes,
		    at + sizeof(int64_t), d->bytes);
	}
	return PAR_OK;
}

static par_err deliver(
    const model *m, delivery *to, redistribute_give give, void *ctx, char *parcels)
{
	enum { GROUPS = BATCH / GROUP_LANES };
	const deal *d = &m->deal;
	int64_t rounds = par_world_max(d->world, (d->groups + GROUPS - 1) / GROUPS), i = 0;
	for (int64_t k = 0; k < rounds; k++) {
		int64_t n = 0;
		for (int64_t g = k * GROUPS; g < (k + 1) * GROUPS && g < d->groups; g++)
			for (int lane = 0; lane < d->mine[g].lanes; lane++) {
				char *at = parcels + (size_t)n++ * to->parcel;
				memcpy(at, &d->mine[g].block[lane], sizeof(int64_t));
				give(ctx, i++, d->mine[g].block[lane], at + sizeof(int64_t));
			}
		PAR_TRY(par_exchange(d->world, parcels, n, to->parcel, holder, put_away, to));
	}
	return PAR_OK;
}

par_err redistribute_to_table(const model *m, const par_blocks *table, size_t bytes,
    redistribute_give give, void *ctx, void *out)
{
	delivery to = {table, bytes, parcel_bytes(bytes), out};
	char *parcels = calloc(BATCH, to.parcel);
	par_err e = par_agree(m->deal.world,
	    parcels ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for rows of SKUs on their way"));
	if (e == PAR_OK)
		e = deliver(m, &to, give, ctx, parcels);
	free(parcels);
	return e;
}

/* to those that solve */
typedef struct {
	const redistribute_source *from;
	size_t parcel;
	char *rows, *parcels; /* owned: a batch of each */
	uint16_t *solver;     /* owned, of each SKU: the rank that solves it, plus one */
	int64_t *mine;        /* owned, of each SKU that I solve: its number among mine */
} recall;

static par_err recall_open(recall *r, const model *m)
{
	const deal *d = &m->deal;
	size_t skus = (size_t)m->problem.blocks;
	r->parcel = parcel_bytes(r->from->bytes);
	r->rows = malloc(BATCH * r->from->bytes + 1);
	r->parcels = calloc(BATCH, r->parcel);
	r->solver = calloc(skus, sizeof *r->solver);
	r->mine = calloc(skus, sizeof *r->mine);
	if (!r->rows || !r->parcels || !r->solver || !r->mine)
		return par_fail(PAR_E_MEMORY, "no memory for rows of %zu SKUs on their way", skus);
	int64_t i = 0;
	for (int64_t g = 0; g < d->groups; g++)
		for (int lane = 0; lane < d->mine[g].lanes; lane++) {
			int64_t sku = d->mine[g].block[lane];
			r->solver[sku] = (uint16_t)(d->world->rank + 1);
			r->mine[sku] = i++;
		}
	return PAR_OK;
}

static void recall_close(recall *r)
{
	free(r->rows);
	free(r->parcels);
	free(r->solver);
	free(r->mine);
}

static int solver(const void *parcel, void *ctx)
{
	const recall *r = ctx;
	return r->solver[r->from->sku[row_of(parcel)]] - 1;
}

static par_err take(const void *parcels, int64_t n, void *ctx)
{
	const recall *r = ctx;
	const redistribute_source *from = r->from;
	for (int64_t k = 0; k < n; k++) {
		const char *at = (const char *)parcels + (size_t)k * r->parcel;
		int64_t row = row_of(at);
		PAR_TRY(from->take(from->ctx, r->mine[from->sku[row]], row, at + sizeof(int64_t)));
	}
	return PAR_OK;
}

static par_err recall_batch(recall *r, const par_world *w, int64_t lo, int64_t hi)
{
	const redistribute_source *from = r->from;
	int64_t n = 0;
	PAR_TRY(from->read(from->ctx, lo, hi - lo, r->rows));
	for (int64_t row = lo; row < hi; row++) {
		if (from->sku[row] < 0)
			continue;
		char *at = r->parcels + (size_t)n++ * r->parcel;
		memcpy(at, &row, sizeof row);
		memcpy(at + sizeof row, r->rows + (size_t)(row - lo) * from->bytes, from->bytes);
	}
	return par_exchange(w, r->parcels, n, r->parcel, solver, take, r);
}

static int64_t at_most(int64_t a, int64_t most)
{
	return a < most ? a : most;
}

static par_err recall_all(recall *r, const model *m)
{
	const par_world *w = m->deal.world;
	par_blocks table;
	par_blocks_deal(&table, w, r->from->rows, 1);
	par_exchange_or(
	    w, (unsigned char *)r->solver, (size_t)m->problem.blocks * sizeof *r->solver);
	int64_t rounds = par_blocks_rounds(&table, BATCH);
	for (int64_t k = 0; k < rounds; k++) {
		int64_t lo = at_most(table.lo + k * BATCH, table.hi);
		PAR_TRY(recall_batch(r, w, lo, at_most(lo + BATCH, table.hi)));
	}
	return PAR_OK;
}

par_err redistribute_to_solvers(const model *m, const redistribute_source *from)
{
	recall r = {.from = from};
	par_err e = par_agree(m->deal.world, recall_open(&r, m));
	if (e == PAR_OK)
		e = recall_all(&r, m);
	recall_close(&r);
	return e;
}
