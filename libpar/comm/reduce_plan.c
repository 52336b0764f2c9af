#include "comm/reduce_plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE ((size_t)64)
#define PAGE ((size_t)4096)
#define TAG_SCATTER 1
#define TAG_GATHER 2
/* a sum larger than this does not stay in the last cache until it is read */
#define CACHE_BYTES ((size_t)8 << 20)

static void *must_calloc(size_t n, size_t size)
{
	void *p = calloc(n + 1, size);
	PAR_MUST(p, "no memory for the %zu entries of a plan", n);
	return p;
}

static par_err take_pages(par_reduce *r, char **p, size_t bytes, const char *what)
{
	*p = aligned_alloc(PAGE, (bytes + PAGE) / PAGE * PAGE);
	if (!*p)
		return par_fail(PAR_E_MEMORY, "no memory for the %zu MiB of %s", bytes >> 20, what);
	memset(*p, 0, bytes);
	r->private_bytes += bytes;
	return PAR_OK;
}

static par_blocks dealt(const par_reduce *r, int rank, int64_t n, int64_t block)
{
	par_world peer = {.rank = rank, .size = r->world->size};
	par_blocks b;
	par_blocks_deal(&b, &peer, n, block);
	b.world = r->world;
	return b;
}

static size_t slice_begin(const par_reduce *r, int rank)
{
	return (size_t)dealt(r, rank, r->n, r->lines.block).block_lo * LINE;
}

static size_t slice_bytes(const par_reduce *r, int rank)
{
	par_blocks b = dealt(r, rank, r->n, r->lines.block);
	return (size_t)(b.block_hi - b.block_lo) * LINE;
}

/* groups in the order of their first ranks */
static void find_groups(par_reduce *r)
{
	int size = r->world->size, mine[2] = {r->world->rank, r->window->rank};
	MPI_Bcast(mine, 1, MPI_INT, 0, r->window->comm);
	int *all = must_calloc(2 * (size_t)size, sizeof *all);
	MPI_Allgather(mine, 2, MPI_INT, all, 2, MPI_INT, r->world->comm);
	r->group_of = must_calloc((size_t)size, sizeof(int));
	r->member_of = must_calloc((size_t)size, sizeof(int));
	r->group_size = must_calloc((size_t)size, sizeof(int));
	r->groups = 0;
	for (int k = 0; k < size; k++) {
		int first = all[2 * k];
		r->group_of[k] = first == k ? r->groups++ : r->group_of[first];
		r->member_of[k] = all[2 * k + 1];
		r->group_size[r->group_of[k]]++;
	}
	r->group = r->group_of[r->world->rank];
	free(all);
}

static void forget_groups(par_reduce *r)
{
	free(r->group_of);
	free(r->member_of);
	free(r->group_size);
}

/* the nodes a rank, or all ranks of a group, hold; out has room for every shard */
static int nodes_of_rank(const par_reduce *r, int rank, par_node *out)
{
	bool *held = must_calloc((size_t)r->shards, sizeof *held);
	par_blocks b = dealt(r, rank, r->shards, 1);
	for (int64_t s = b.lo; s < b.hi; s++)
		held[s] = true;
	int n = par_nodes_held(r->shards, held, out);
	free(held);
	return n;
}

static int nodes_of_group(const par_reduce *r, int group, par_node *out)
{
	bool *held = must_calloc((size_t)r->shards, sizeof *held);
	for (int k = 0; k < r->world->size; k++) {
		par_blocks b = dealt(r, k, r->shards, 1);
		for (int64_t s = b.lo; s < b.hi && r->group_of[k] == group; s++)
			held[s] = true;
	}
	int n = par_nodes_held(r->shards, held, out);
	free(held);
	return n;
}

/* the nodes that stand in my group's window, with the rank order that places them there */
static int nodes_in_window(const par_reduce *r, par_node *out)
{
	int n = 0;
	for (int k = 0; k < r->world->size; k++)
		if (r->group_of[k] == r->group)
			n += nodes_of_rank(r, k, out + n);
	return n;
}

/* shared memory wanted by the largest group; the result follows the nodes */
static size_t window_bytes(const par_reduce *r)
{
	par_node *nodes = must_calloc((size_t)r->shards, sizeof *nodes);
	size_t bytes = (size_t)(nodes_in_window(r, nodes) + 1) * r->stride;
	free(nodes);
	return bytes;
}

static par_err make_window(par_reduce *r, int together)
{
	char why[200] = "";
	par_window_group(&r->own, r->world, together);
	find_groups(r);
	if (!par_window_fits(&r->own, r->world, window_bytes(r), why)) {
		par_window_close(&r->own);
		forget_groups(r);
		par_window_group(&r->own, r->world, 1);
		find_groups(r);
	}
	if (r->groups < r->world->size)
		snprintf(r->how, sizeof r->how, "%d ranks in %d shared windows, here of %zu MiB",
		    r->world->size, r->groups, window_bytes(r) >> 20);
	else
		snprintf(r->how, sizeof r->how, "%d ranks, point to point%s%s", r->world->size,
		    why[0] ? ": " : "", why);
	return par_window_open(&r->own, r->world, window_bytes(r));
}

static void borrow_window(par_reduce *r, par_reduce *within)
{
	PAR_MUST(within->window == &within->own && within->nodes_only && r->n <= within->n &&
		     r->type == within->type && r->shards == within->shards,
	    "%lld elements within a window for %lld", (long long)r->n, (long long)within->n);
	r->window = &within->own;
	snprintf(r->how, sizeof r->how, "%s", within->how);
	find_groups(r);
}

/* follow the binary counter through my shards: after which birth what can be added */
static void plan_births(par_reduce *r)
{
	int here = r->shard_hi - r->shard_lo, used = 0;
	par_node *stack = must_calloc((size_t)r->shards, sizeof *stack);
	bool *held = must_calloc((size_t)r->shards, sizeof *held);
	r->merges = must_calloc((size_t)here, sizeof *r->merges);
	for (int s = 0; s < here; s++) {
		held[r->shard_lo + s] = true;
		int waiting = used + 1;
		used = par_nodes_held(r->shards, held, stack);
		r->merges[s] = waiting - used;
		r->slots_most = waiting > r->slots_most ? waiting : r->slots_most;
		r->waiting = r->slots_most;
	}
	r->pieces = used;
	if (r->nodes_only)
		r->slots_most = used;
	free(held);
	free(stack);
}

static par_err place_slots(par_reduce *r)
{
	size_t before = 0;
	par_node *nodes = must_calloc((size_t)r->shards, sizeof *nodes);
	for (int k = 0; k < r->world->rank; k++)
		if (r->group_of[k] == r->group)
			before += (size_t)nodes_of_rank(r, k, nodes);
	free(nodes);
	r->first_mine = (int)before;
	r->slots = must_calloc((size_t)r->slots_most, sizeof *r->slots);
	size_t beyond = (size_t)(r->slots_most - r->pieces) * r->stride;
	PAR_TRY(take_pages(r, &r->spare, beyond, "vectors that wait to be added"));
	for (int i = 0; i < r->slots_most; i++)
		r->slots[i] = i < r->pieces ? r->window->base + (before + (size_t)i) * r->stride
					    : r->spare + (size_t)(i - r->pieces) * r->stride;
	return PAR_OK;
}

static void plan_job(par_reduce *r, par_job *j, par_node target, const par_node *sources, int n)
{
	int most;
	j->steps = must_calloc(2 * (size_t)r->shards, sizeof *j->steps);
	j->count = par_node_steps(r->shards, target, sources, n, j->steps, &most);
	PAR_MUST(most <= PAR_STEP_WAITING, "%d values wait in one sum", most);
	r->waiting = most > r->waiting ? most : r->waiting;
}

static void plan_takes(par_reduce *r)
{
	int here = r->shard_hi - r->shard_lo;
	par_node *mine = must_calloc((size_t)r->shards, sizeof *mine);
	par_node *single = must_calloc((size_t)here, sizeof *single);
	for (int s = 0; s < here; s++)
		single[s] = (par_node){r->shard_lo + s, r->shard_lo + s + 1};
	nodes_of_rank(r, r->world->rank, mine);
	r->takes = must_calloc((size_t)r->pieces, sizeof *r->takes);
	r->taken = must_calloc((size_t)here, sizeof *r->taken);
	for (int i = 0; i < r->pieces; i++) {
		plan_job(r, &r->takes[i], mine[i], single, here);
		r->takes[i].sources = r->taken;
		r->takes[i].out = r->slots[i];
	}
	free(single);
	free(mine);
}

/* where the slice of a rank begins in every node of my group's window */
static const void **window_sources(const par_reduce *r, int owner, int nodes, int more)
{
	const void **sources = must_calloc((size_t)nodes + (size_t)more, sizeof *sources);
	for (int i = 0; i < nodes; i++)
		sources[i] = r->window->base + (size_t)i * r->stride + slice_begin(r, owner);
	return sources;
}

/* which rank of a group deals with the slice of an owner elsewhere */
static int agent(const par_reduce *r, int group, int owner)
{
	int member = owner % r->group_size[group];
	for (int k = 0; k < r->world->size; k++)
		if (r->group_of[k] == group && r->member_of[k] == member)
			return k;
	PAR_MUST(false, "group %d has no member %d", group, member);
}

static bool falls_to_me(const par_reduce *r, int owner)
{
	return r->group_of[owner] != r->group && slice_bytes(r, owner) > 0 &&
	       agent(r, r->group, owner) == r->world->rank;
}

/* my slice of the whole sum: nodes of my window, then what the other groups will have sent */
static par_err plan_final(par_reduce *r)
{
	size_t bytes = slice_bytes(r, r->world->rank);
	par_node *nodes = must_calloc(2 * (size_t)r->shards, sizeof *nodes);
	int here = nodes_in_window(r, nodes), all = here;
	for (int g = 0; g < r->groups; g++)
		if (g != r->group)
			all += nodes_of_group(r, g, nodes + all);
	r->final.sources = window_sources(r, r->world->rank, here, all - here);
	plan_job(r, &r->final, (par_node){0, r->shards}, nodes, all);
	r->final.out = r->result + slice_begin(r, r->world->rank);
	r->final.bytes = bytes;
	r->past_cache = r->stride > CACHE_BYTES;
	free(nodes);
	PAR_TRY(take_pages(r, &r->inbox, (size_t)(all - here) * bytes, "what other groups send"));
	for (int i = here; i < all; i++)
		r->final.sources[i] = r->inbox + (size_t)(i - here) * bytes;
	return PAR_OK;
}

static size_t outbox_bytes(const par_reduce *r)
{
	par_node *sent = must_calloc((size_t)r->shards, sizeof *sent);
	size_t nodes = (size_t)nodes_of_group(r, r->group, sent), bytes = 0;
	free(sent);
	for (int k = 0; k < r->world->size; k++)
		if (falls_to_me(r, k))
			bytes += nodes * slice_bytes(r, k);
	return bytes;
}

/* my group's nodes over the slices that fall to me */
static void plan_parcels(par_reduce *r)
{
	int size = r->world->size;
	par_node *here = must_calloc(2 * (size_t)r->shards, sizeof *here), *sent = here + r->shards;
	int window_nodes = nodes_in_window(r, here), nodes = nodes_of_group(r, r->group, sent);
	r->parcels = must_calloc((size_t)size, sizeof *r->parcels);
	r->jobs = must_calloc((size_t)size * (size_t)nodes, sizeof *r->jobs);
	char *at = r->outbox;
	for (int k = 0; k < size && nodes > 0; k++) {
		if (!falls_to_me(r, k))
			continue;
		r->parcels[r->parcels_used++] = (par_parcel){
		    .first_job = r->jobs_used, .jobs = nodes, .owner = k, .from = at};
		for (int i = 0; i < nodes; i++, at += slice_bytes(r, k)) {
			par_job *j = &r->jobs[r->jobs_used++];
			plan_job(r, j, sent[i], here, window_nodes);
			j->sources = window_sources(r, k, window_nodes, 0);
			j->out = at;
			j->bytes = slice_bytes(r, k);
		}
	}
	free(here);
}

static int lines_of(const par_reduce *r, int rank)
{
	return (int)(slice_bytes(r, rank) / LINE);
}

static void plan_scatter_messages(par_reduce *r)
{
	par_node *nodes = must_calloc((size_t)r->shards, sizeof *nodes);
	int me = r->world->rank;
	char *at = r->inbox;
	r->scatter_recv = must_calloc((size_t)r->groups, sizeof(MPI_Request));
	r->scatter_send = must_calloc((size_t)r->parcels_used, sizeof(MPI_Request));
	for (int g = 0; g < r->groups; g++) {
		int n = g == r->group ? 0 : nodes_of_group(r, g, nodes);
		if (n == 0 || lines_of(r, me) == 0)
			continue;
		MPI_Recv_init(at, n * lines_of(r, me), r->line, agent(r, g, me), TAG_SCATTER,
		    r->comm, &r->scatter_recv[r->scatter_recvs++]);
		at += (size_t)n * slice_bytes(r, me);
	}
	for (int i = 0; i < r->parcels_used; i++) {
		const par_parcel *p = &r->parcels[i];
		MPI_Send_init(p->from, p->jobs * lines_of(r, p->owner), r->line, p->owner,
		    TAG_SCATTER, r->comm, &r->scatter_send[i]);
	}
	free(nodes);
}

/* an owner hands its slice to one rank of every other group, straight into that group's window */
static void plan_gather_messages(par_reduce *r)
{
	int me = r->world->rank;
	r->gather = must_calloc((size_t)r->groups + (size_t)r->world->size, sizeof(MPI_Request));
	for (int g = 0; g < r->groups && lines_of(r, me) > 0; g++)
		if (g != r->group)
			MPI_Send_init(r->final.out, lines_of(r, me), r->line, agent(r, g, me),
			    TAG_GATHER, r->comm, &r->gather[r->gathers++]);
	for (int k = 0; k < r->world->size; k++)
		if (falls_to_me(r, k))
			MPI_Recv_init(r->result + slice_begin(r, k), lines_of(r, k), r->line, k,
			    TAG_GATHER, r->comm, &r->gather[r->gathers++]);
}

static par_err plan_sums(par_reduce *r)
{
	PAR_TRY(place_slots(r));
	plan_takes(r);
	PAR_TRY(plan_final(r));
	PAR_TRY(take_pages(r, &r->outbox, outbox_bytes(r), "what other groups receive"));
	plan_parcels(r);
	return take_pages(
	    r, &r->scratch, (size_t)r->waiting * PAR_STEP_BLOCK, "a reduction's scratch");
}

static par_err plan_all(par_reduce *r, int together, par_reduce *within)
{
	if (within)
		borrow_window(r, within);
	else
		PAR_TRY(make_window(r, together));
	r->result = r->window->base + (r->window->bytes - r->stride);
	plan_births(r);
	PAR_TRY_ALL(r->world, plan_sums(r));
	plan_scatter_messages(r);
	plan_gather_messages(r);
	return PAR_OK;
}

static par_err plan(par_reduce **out, const par_world *w, par_dtype type, int64_t n, int shards,
    int together, bool nodes_only, par_reduce *within)
{
	PAR_MUST((type == PAR_F32 || type == PAR_F64) && n >= 0 && shards > 0 && together >= 0,
	    "type %d, %lld elements, %d shards, %d together", type, (long long)n, shards, together);
	par_reduce *r = must_calloc(1, sizeof *r);
	*r = (par_reduce){
	    .world = w, .type = type, .n = n, .shards = shards, .nodes_only = nodes_only};
	r->window = &r->own;
	int64_t line = (int64_t)(LINE / par_dtype_bytes(type));
	par_blocks_deal(&r->lines, w, n, line);
	r->stride = (size_t)r->lines.blocks * LINE;
	par_blocks mine = dealt(r, w->rank, shards, 1);
	r->shard_lo = (int)mine.lo;
	r->shard_hi = (int)mine.hi;
	MPI_Comm_dup(w->comm, &r->comm);
	MPI_Type_contiguous((int)LINE, MPI_BYTE, &r->line);
	MPI_Type_commit(&r->line);
	par_err e = plan_all(r, together, within);
	if (e == PAR_OK)
		*out = r;
	else
		par_reduce_free(r);
	return e;
}

par_err par_reduce_plan(
    par_reduce **out, const par_world *w, par_dtype type, int64_t n, int shards, int together)
{
	return plan(out, w, type, n, shards, together, false, NULL);
}

par_err par_reduce_plan_nodes(par_reduce **out, const par_world *w, par_dtype type, int64_t n,
    int shards, int together, par_reduce *within)
{
	return plan(out, w, type, n, shards, together, true, within);
}

static void free_requests(MPI_Request *requests, int n)
{
	for (int i = 0; i < n; i++)
		MPI_Request_free(&requests[i]);
	free(requests);
}

static void free_jobs(par_job *jobs, int n, bool with_sources)
{
	for (int i = 0; jobs && i < n; i++) {
		free(jobs[i].steps);
		if (with_sources)
			free(jobs[i].sources);
	}
	free(jobs);
}

void par_reduce_free(par_reduce *r)
{
	if (!r)
		return;
	free_requests(r->scatter_recv, r->scatter_recvs);
	free_requests(r->scatter_send, r->scatter_send ? r->parcels_used : 0);
	free_requests(r->gather, r->gathers);
	free_jobs(r->takes, r->pieces, false);
	free_jobs(r->jobs, r->jobs_used, true);
	free(r->final.steps);
	free(r->final.sources);
	free(r->taken);
	free(r->parcels);
	free(r->outbox);
	free(r->inbox);
	free(r->scratch);
	free(r->merges);
	free(r->slots);
	free(r->spare);
	forget_groups(r);
	if (r->window == &r->own)
		par_window_close(&r->own);
	MPI_Type_free(&r->line);
	MPI_Comm_free(&r->comm);
	free(r);
}
