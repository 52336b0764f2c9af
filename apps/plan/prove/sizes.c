#include "plan/prove/sizes.h"

#include "plan/check/numbers.h"
#include "plan/check/sums.h"

#include <math.h>
#include <stdlib.h>

/* |entries| of every linking row, and then how many there are */
static void add_block(sums *s, int links, const pattern *p, const block *b)
{
	double size = block_size(p, b);
	for (int q = 0; q < p->links; q++) {
		par_exact_add(&s->of[p->link[q]], fabs(b->link[q]) * size);
		par_exact_add(&s->of[links + p->link[q]], b->link[q] != 0);
	}
}

static par_err room(sizes *s, sums *t, block *b, const problem *p)
{
	size_t links = (size_t)p->link.rows;
	PAR_TRY(sums_open(t, 2 * (int64_t)links));
	PAR_TRY(numbers_open(b, p));
	s->link_sum = calloc(3 * links + 1, sizeof *s->link_sum);
	s->link_mean = s->link_sum + 2 * links;
	return s->link_sum ? PAR_OK : par_fail(PAR_E_MEMORY, "no room for %zu linking rows", links);
}

static void take(sizes *s, sums *t, block *b, const problem *p, const deal *d)
{
	int links = p->link.rows;
	double *sum = s->link_sum;
	for (int64_t g = 0; g < d->groups; g++)
		for (int lane = 0; lane < d->mine[g].lanes; lane++) {
			int64_t k = d->mine[g].block[lane];
			p->fill(p->ctx, k, b);
			add_block(t, links, pattern_of(p, k), b);
		}
	sums_finish(t, d->world, sum);
	for (int l = 0; l < links; l++) {
		bool any = sum[l] > 0;
		s->link_mean[l] = any ? sum[l] / sum[links + l] : 1;
		s->link_sum[l] = any ? sum[l] : 1;
	}
}

par_err sizes_take(sizes *s, const problem *p, const deal *d)
{
	sums t = {0};
	block b = {0};
	*s = (sizes){0};
	par_err e = par_agree(d->world, room(s, &t, &b, p));
	if (e == PAR_OK)
		take(s, &t, &b, p, d);
	numbers_close(&b);
	sums_close(&t);
	return e;
}

void sizes_drop(sizes *s)
{
	free(s->link_sum);
	*s = (sizes){0};
}
