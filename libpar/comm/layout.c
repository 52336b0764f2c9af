#include "comm/layout.h"

static int is_cut(const par_place *p, int axis)
{
	return (p->kind == PAR_PLACE_SHARDED || p->kind == PAR_PLACE_CYCLIC) && p->axis == axis;
}

static void check_places(const par_layout *l)
{
	for (int d = 0; d < l->mesh->nd; d++) {
		const par_place *p = &l->place[d];
		if (p->kind != PAR_PLACE_SHARDED && p->kind != PAR_PLACE_CYCLIC)
			continue;
		PAR_MUST(p->axis >= 0 && p->axis < l->nd && p->block > 0,
		    "axis %d of %d, blocks of %lld", p->axis, l->nd, (long long)p->block);
		const par_place *other = &l->place[1 - d];
		PAR_MUST(
		    p->kind == PAR_PLACE_SHARDED || l->mesh->nd == 1 || !is_cut(other, p->axis),
		    "axis %d is cyclic in one dimension and cut in the other", p->axis);
	}
}

void par_layout_make(
    par_layout *l, const par_mesh *m, int nd, const int64_t shape[], const par_place place[])
{
	PAR_MUST(nd > 0 && nd <= PAR_LAYOUT_AXES, "%d axes", nd);
	*l = (par_layout){.mesh = m, .nd = nd};
	for (int k = 0; k < nd; k++) {
		PAR_MUST(shape[k] >= 0, "axis %d has %lld entries", k, (long long)shape[k]);
		l->shape[k] = shape[k];
	}
	for (int d = 0; d < m->nd; d++)
		l->place[d] = place[d];
	check_places(l);
	par_layout_held(l, m->world->rank, l->held);
}

static par_held run_of(int64_t lo, int64_t hi)
{
	int64_t n = hi - lo;
	return (par_held){.first = lo, .run = n, .step = n > 0 ? n : 1, .end = hi, .n = n};
}

/* where the part'th of so many parts of n entries begins, in whole blocks; the first ones are the
 * larger ones */
static int64_t part_first(int64_t n, int64_t block, int parts, int part)
{
	int64_t blocks = (n + block - 1) / block, each = blocks / parts, rest = blocks % parts;
	int64_t at = (part * each + (part < rest ? part : rest)) * block;
	return at < n ? at : n;
}

/* runs begin at multiples of the block in the whole axis only where the dimension before cut them
 * there too */
static par_held shard(const par_held *h, int64_t block, int parts, int part)
{
	return run_of(h->first + part_first(h->n, block, parts, part),
	    h->first + part_first(h->n, block, parts, part + 1));
}

static par_held deal(int64_t n, int64_t block, int parts, int part)
{
	if (parts == 1)
		return run_of(0, n);
	int64_t blocks = (n + block - 1) / block;
	par_held h = {.first = part * block, .run = block, .step = block * parts, .end = n};
	int64_t mine = blocks / parts + (part < blocks % parts);
	bool short_last = mine > 0 && (mine - 1) * parts + part == blocks - 1;
	h.n = mine * block - (short_last ? blocks * block - n : 0);
	return h;
}

void par_layout_held(const par_layout *l, int rank, par_held held[PAR_LAYOUT_AXES])
{
	int at[PAR_MESH_DIMS];
	bool within = par_mesh_at(l->mesh, rank, at);
	for (int k = 0; k < l->nd; k++)
		held[k] = within ? run_of(0, l->shape[k]) : run_of(0, 0);
	for (int d = 0; d < l->mesh->nd && within; d++) {
		const par_place *p = &l->place[d];
		par_held *h = &held[p->axis];
		if (p->kind == PAR_PLACE_SHARDED)
			*h = shard(h, p->block, l->mesh->size[d], at[d]);
		else if (p->kind == PAR_PLACE_CYCLIC)
			*h = deal(l->shape[p->axis], p->block, l->mesh->size[d], at[d]);
	}
}

int64_t par_layout_entries(const par_layout *l)
{
	int64_t n = 1;
	for (int k = 0; k < l->nd; k++)
		n *= l->held[k].n;
	return n;
}

bool par_layout_equal(const par_layout *a, const par_layout *b)
{
	bool same = a->mesh == b->mesh && a->nd == b->nd;
	for (int k = 0; k < a->nd && same; k++)
		same = a->shape[k] == b->shape[k];
	for (int d = 0; d < a->mesh->nd && same; d++) {
		const par_place *p = &a->place[d], *q = &b->place[d];
		same = p->kind == q->kind &&
		       (!is_cut(p, p->axis) || (p->axis == q->axis && p->block == q->block));
	}
	return same;
}

int64_t par_held_global(const par_held *h, int64_t i)
{
	return h->first + i / h->run * h->step + i % h->run;
}

int64_t par_held_local(const par_held *h, int64_t global)
{
	int64_t past = global - h->first;
	if (past < 0 || global >= h->end || past % h->step >= h->run)
		return -1;
	return past / h->step * h->run + past % h->step;
}
