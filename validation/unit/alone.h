/* A rank as a world of its own: what it computes there is what all ranks together must give, bit by bit. */
#ifndef VALIDATION_UNIT_ALONE_H
#define VALIDATION_UNIT_ALONE_H

#include "comm/world.h"

static par_world alone_of(const par_world *w)
{
	par_world alone = *w;
	alone.comm = alone.node = MPI_COMM_SELF;
	alone.rank = alone.node_rank = 0;
	alone.size = alone.node_size = alone.nodes = 1;
	return alone;
}

#endif
