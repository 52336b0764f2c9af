#include "score/cost.h"

#include "score/nodes.h"
#include "score/series.h"

#define PROGRAM_BYTES 36e6     /* MPI, HDF5, their buffers and the code */
#define READ_AT_ONCE 512       /* series */
#define SERIES_SECONDS 20e-9   /* a value of the history, read and measured */
#define WAVE_SECONDS 13e-9     /* a value of it, read and added to nodes */
#define ACTUAL_BYTES (12 + 16) /* a value as the table has it, while it grows */

/* nodes of the rank that has most */
static par_err count_nodes(int64_t *most, const input *in, const hierarchy *h)
{
	levels_sums of;
	par_blocks b;
	par_err e = par_agree(in->world, levels_choose(&of, h, in->of.series));
	if (e == PAR_OK) {
		par_blocks_deal(&b, in->world, of.first[of.count], NODES_BLOCK);
		*most = par_world_max(in->world, b.hi - b.lo);
	}
	levels_drop(&of);
	return e;
}

par_err cost_of(cost *c, const input *in, const hierarchy *h, const item_rules *r, int64_t memory)
{
	par_blocks b;
	int64_t nodes = 0;
	if (h)
		PAR_TRY(count_nodes(&nodes, in, h));
	par_blocks_deal(&b, in->world, in->of.series, SERIES_BLOCK);
	double mine = (double)par_world_max(in->world, b.hi - b.lo);
	double series = (double)in->of.series, horizon = (double)in->horizon;
	double length = (double)in->of.length;
	double sums = 8.0 * (double)nodes * (double)(in->history + 2 * in->horizon);
	double held = sums < (double)memory ? sums : (double)memory;
	double waves = nodes > 0 ? 1 + (sums - held) / (double)memory : 0;
	double round = READ_AT_ONCE * (8 * length + 4 * horizon * (1 + in->quantiles));
	double rows = 8 * (mine + (double)nodes) * item_width(r);
	double table = ACTUAL_BYTES * series * horizon / in->world->size;
	c->bytes = PROGRAM_BYTES + 4 * series * horizon + 16 * series + rows +
		   (table > held + round ? table : held + round);
	c->seconds = length * (mine * SERIES_SECONDS + waves * series * WAVE_SECONDS);
	return PAR_OK;
}
