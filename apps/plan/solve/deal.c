#include "plan/solve/deal.h"

#include <stdlib.h>
#include <string.h>

/* Shards in twelves are whole nodes of the canonical tree at 1, 2, 3, 4, 6 and 12 ranks. Few groups make
 * few shards, because each shard's sums cost something to add. */
static int shards_for(int64_t groups)
{
	return groups < 192 ? 12 : groups < 768 ? 24 : PAR_SHARDS;
}

/* a group is born when its eighth block is met, and what is left over at the end of the blocks, so that
 * the classes of neighbours in the order of blocks are neighbours in that of groups */
typedef struct {
	group open[PATTERN_CLASSES];
	int64_t born;
} nursery;

typedef void (*birth)(void *ctx, int64_t at, const group *g);

static void bear(nursery *n, int class, birth born, void *ctx)
{
	group *g = &n->open[class];
	for (int lane = g->lanes; lane < GROUP_LANES; lane++)
		g->block[lane] = g->block[g->lanes - 1];
	born(ctx, n->born++, g);
	g->lanes = 0;
}

static int64_t walk(nursery *n, const problem *p, birth born, void *ctx)
{
	memset(n, 0, sizeof *n);
	for (int64_t k = 0; k < p->blocks; k++) {
		int class = p->class ? p->class[k] : 0;
		PAR_MUST(class < p->patterns, "class %d of %d", class, p->patterns);
		group *g = &n->open[class];
		g->class = class;
		g->block[g->lanes++] = k;
		if (g->lanes == GROUP_LANES)
			bear(n, class, born, ctx);
	}
	for (int class = 0; class < p->patterns; class ++)
		if (n->open[class].lanes > 0)
			bear(n, class, born, ctx);
	return n->born;
}

static void count(void *ctx, int64_t at, const group *g)
{
	(void)ctx, (void)at, (void)g;
}

static void keep_mine(void *ctx, int64_t at, const group *g)
{
	deal *d = ctx;
	if (at < d->shards.lo || at >= d->shards.hi)
		return;
	d->mine[d->groups++] = *g;
	d->blocks += g->lanes;
}

par_err deal_groups(deal *d, const par_world *w, const problem *p)
{
	PAR_MUST(p->blocks > 0, "%lld blocks", (long long)p->blocks);
	*d = (deal){.world = w};
	nursery *n = malloc(sizeof *n);
	if (!n)
		return par_fail(PAR_E_MEMORY, "no memory to deal blocks");
	int64_t groups = walk(n, p, count, NULL);
	par_shards_cut(&d->shards, w, groups, shards_for(groups));
	d->mine = calloc((size_t)(d->shards.hi - d->shards.lo) + 1, sizeof *d->mine);
	if (d->mine)
		walk(n, p, keep_mine, d);
	free(n);
	return d->mine ? PAR_OK
		       : par_fail(PAR_E_MEMORY, "no memory for %lld groups", (long long)groups);
}

void deal_drop(deal *d)
{
	free(d->mine);
	*d = (deal){0};
}
