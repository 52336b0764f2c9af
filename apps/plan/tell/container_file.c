#include "plan/tell/container_file.h"

#include "comm/blocks.h"
#include "comm/exchange.h"
#include "plan/orders/boxes.h"

#include <stdio.h>
#include <stdlib.h>

/* volumes on their way from the ranks that have their SKUs to those that write them */
typedef struct {
	int64_t sku;
	double volume;
} one;

typedef struct {
	par_blocks deal; /* of SKUs, in the order of the file */
	one *send;
	double *mine;
} passage;

static int owner(const void *row, void *ctx)
{
	return par_blocks_owner(&((const passage *)ctx)->deal, ((const one *)row)->sku);
}

static par_err arrive(const void *rows, int64_t n, void *ctx)
{
	const one *row = rows;
	passage *g = ctx;
	for (int64_t i = 0; i < n; i++)
		g->mine[row[i].sku - g->deal.lo] = row[i].volume;
	return PAR_OK;
}

static par_err travel(passage *g, const model *m)
{
	const deal *d = &m->deal;
	int64_t n = 0;
	for (int64_t i = 0; i < d->groups; i++)
		for (int j = 0; j < d->mine[i].lanes; j++) {
			int64_t k = d->mine[i].block[j];
			g->send[n++] = (one){k, m->volume(m->own, k)};
		}
	return par_exchange(d->world, g->send, n, sizeof *g->send, owner, arrive, g);
}

static par_err put_volumes(par_store *out, const model *m)
{
	passage g = {0};
	par_store_var var = {"volume", PAR_F64, {"sku"}, "m3", "volume of a unit", NULL};
	par_blocks_deal(&g.deal, m->deal.world, m->problem.blocks, 1);
	int64_t n = g.deal.hi - g.deal.lo;
	g.send = malloc((size_t)(m->deal.blocks + 1) * sizeof *g.send);
	g.mine = malloc((size_t)(n + 1) * sizeof *g.mine);
	bool room = g.send && g.mine;
	par_err e = par_agree(m->deal.world,
	    room ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for volumes; use more ranks"));
	if (e == PAR_OK)
		e = travel(&g, m);
	if (e == PAR_OK)
		e = par_store_put(out, &var, g.deal.lo, n, g.mine);
	free(g.send);
	free(g.mine);
	return e;
}

/* rank 0 has the rows of all lanes */
static par_err put(par_store *out, const model *m, const par_store_var *var, const void *data)
{
	int64_t n = m->lane.n;
	bool mine = m->deal.world->rank == 0;
	return par_store_put(out, var, mine ? 0 : n, mine ? n : 0, data);
}

static par_err put_lanes(
    par_store *out, const model *m, const totals *t, double *number, int32_t *containers)
{
	char per_m3[32];
	snprintf(per_m3, sizeof per_m3, "%s m-3", m->currency);
	par_store_var size = {"lane_container", PAR_F64, {"lane"}, "m3",
			  "a full container; 0: goods go loose", NULL},
		      rate = {"lane_rate", PAR_F64, {"lane"}, per_m3,
			  "what an m3 of a container costs", NULL},
		      booked = {"containers", PAR_I32, {"lane", "period"}, "1",
			  "containers booked for what leaves in a period", NULL};
	for (int64_t l = 0; l < m->lane.n; l++) {
		number[l] = m->load[l].container;
		for (int i = 0; i < m->periods; i++)
			containers[l * m->periods + i] = (int32_t)boxes_needed(
			    t->shipped[l * m->periods + i], number[l]);
	}
	PAR_TRY(put(out, m, &size, number));
	PAR_TRY(put(out, m, &booked, containers));
	for (int64_t l = 0; l < m->lane.n; l++)
		number[l] = m->load[l].rate;
	return put(out, m, &rate, number);
}

static bool any_containers(const model *m)
{
	bool any = false;
	for (int64_t l = 0; l < m->lane.n; l++)
		any |= m->load[l].container > 0;
	return any;
}

par_err container_file_put(par_store *out, const model *m, const totals *t)
{
	if (!any_containers(m))
		return PAR_OK;
	PAR_TRY(put_volumes(out, m));
	size_t lanes = (size_t)m->lane.n;
	double *number = malloc(lanes * sizeof *number);
	int32_t *containers = malloc(lanes * (size_t)m->periods * sizeof *containers);
	bool room = number && containers;
	par_err e = par_agree(m->deal.world,
	    room ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for %zu lanes", lanes));
	if (e == PAR_OK)
		e = put_lanes(out, m, t, number, containers);
	free(number);
	free(containers);
	return e;
}
