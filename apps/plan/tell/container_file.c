#include "plan/tell/container_file.h"

#include "plan/model/redistribute.h"
#include "plan/orders/boxes.h"

#include <stdio.h>
#include <stdlib.h>

static void give_volume(void *ctx, int64_t i, int64_t sku, void *row)
{
	const model *m = ctx;
	(void)i;
	*(double *)row = m->volume(m->own, sku);
}

static par_err put_volumes(par_store *out, const model *m)
{
	par_blocks skus;
	par_store_var var = {"volume", PAR_F64, {"sku"}, "m3", "volume of a unit", NULL};
	par_blocks_deal(&skus, m->deal.world, m->problem.blocks, 1);
	int64_t n = skus.hi - skus.lo;
	double *volume = malloc((size_t)(n + 1) * sizeof *volume);
	par_err e = par_agree(m->deal.world,
	    volume ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for volumes; use more ranks"));
	if (e == PAR_OK)
		e = redistribute_to_table(
		    m, &skus, sizeof *volume, give_volume, (void *)(uintptr_t)m, volume);
	if (e == PAR_OK)
		e = par_store_put(out, &var, skus.lo, n, volume);
	free(volume);
	return e;
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
	PAR_TRY(par_store_put_whole(out, &size, m->lane.n, number));
	PAR_TRY(par_store_put_whole(out, &booked, m->lane.n, containers));
	for (int64_t l = 0; l < m->lane.n; l++)
		number[l] = m->load[l].rate;
	return par_store_put_whole(out, &rate, m->lane.n, number);
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
