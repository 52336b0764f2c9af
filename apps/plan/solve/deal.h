/* Deal: eight blocks of one class make a group, and groups are dealt to ranks.
 *
 * The groups of a problem and their cut into shards (comm/shards.h) follow from the classes of its blocks
 * alone, so that sums over groups have the same bits at any number of ranks. */
#ifndef APPS_PLAN_SOLVE_DEAL_H
#define APPS_PLAN_SOLVE_DEAL_H

#include "comm/shards.h"
#include "plan/solve/problem.h"

#define GROUP_LANES 8

typedef struct {
	int class;
	int lanes;                  /* blocks of this group, 1 to 8 */
	int64_t block[GROUP_LANES]; /* lanes without a block repeat the last */
} group;

typedef struct {
	const par_world *world;
	par_shards shards;      /* of all groups; mine are [shards.lo, shards.hi) */
	group *mine;            /* owned */
	int64_t groups, blocks; /* of mine */
} deal;

/* local, alike on every rank | fails: PAR_E_MEMORY */
par_err deal_groups(deal *d, const par_world *w, const problem *p);
void deal_drop(deal *d);

#endif
