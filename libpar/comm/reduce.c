#include "comm/reduce.h"

#include "comm/reduce_plan.h"

#include <string.h>

void par_reduce_slice(const par_reduce *r, int64_t *lo, int64_t *hi)
{
	*lo = r->lines.lo;
	*hi = r->lines.hi;
}

const char *par_reduce_how(const par_reduce *r)
{
	return r->how;
}

size_t par_reduce_bytes(const par_reduce *r)
{
	size_t window = r->window == &r->own ? r->own.bytes / (size_t)r->own.size : 0;
	return window + r->private_bytes;
}

void *par_reduce_next(par_reduce *r)
{
	PAR_MUST(!r->nodes_only && !r->scattered && r->shards_born < r->shard_hi - r->shard_lo,
	    "%d of %d shards are born", r->shards_born, r->shard_hi - r->shard_lo);
	return r->slots[r->slots_used];
}

/* a binary counter: the new vector and the nodes it completes are added in one pass */
void par_reduce_born(par_reduce *r)
{
	int merges = r->merges[r->shards_born++], lowest = r->slots_used - merges;
	int steps[2 * PAR_STEP_WAITING];
	for (int i = 0; i <= merges; i++) {
		steps[i] = i;
		steps[merges + 1 + i] = PAR_STEP_ADD;
	}
	par_steps_run(r->type, steps, 2 * merges + 1, (const void *const *)(r->slots + lowest),
	    r->slots[lowest], r->stride, r->scratch, false);
	r->slots_used = lowest + 1;
}

int par_reduce_nodes(const par_reduce *r)
{
	return r->pieces;
}

void *par_reduce_node(const par_reduce *r, int i)
{
	PAR_MUST(i >= 0 && i < r->pieces, "node %d of %d", i, r->pieces);
	return r->slots[i];
}

void par_reduce_nodes_born(par_reduce *r)
{
	PAR_MUST(
	    !r->scattered && r->shards_born == 0, "%d shards are born already", r->shards_born);
	r->shards_born = r->shard_hi - r->shard_lo;
}

static void run_job(const par_reduce *r, const par_job *j, bool past_cache)
{
	par_steps_run(
	    r->type, j->steps, j->count, j->sources, j->out, j->bytes, r->scratch, past_cache);
}

static void send_parcels(par_reduce *r)
{
	for (int i = 0; i < r->parcels_used; i++) {
		const par_parcel *p = &r->parcels[i];
		for (int j = 0; j < p->jobs; j++)
			run_job(r, &r->jobs[p->first_job + j], false);
		MPI_Start(&r->scatter_send[i]);
	}
}

void *par_reduce_scatter(par_reduce *r)
{
	PAR_MUST(!r->scattered && r->shards_born == r->shard_hi - r->shard_lo,
	    "%d of %d shards are born", r->shards_born, r->shard_hi - r->shard_lo);
	r->scattered = true;
	r->shards_born = r->slots_used = 0;
	MPI_Startall(r->scatter_recvs, r->scatter_recv);
	par_window_meet(r->window);
	send_parcels(r);
	MPI_Waitall(r->scatter_recvs, r->scatter_recv, MPI_STATUSES_IGNORE);
	run_job(r, &r->final, r->past_cache);
	MPI_Waitall(r->parcels_used, r->scatter_send, MPI_STATUSES_IGNORE);
	par_world_alive();
	return r->final.out;
}

void *par_reduce_bring(par_reduce *r)
{
	PAR_MUST(r->shards_born == 0, "%d shards are born", r->shards_born);
	r->scattered = true;
	par_window_meet(r->window);
	return r->final.out;
}

const void *par_reduce_gather(par_reduce *r)
{
	PAR_MUST(r->scattered, "gather comes after scatter");
	r->scattered = false;
	MPI_Startall(r->gathers, r->gather);
	MPI_Waitall(r->gathers, r->gather, MPI_STATUSES_IGNORE);
	par_window_meet(r->window);
	par_world_alive();
	return r->result;
}

const void *par_reduce_sum(par_reduce *r)
{
	par_reduce_scatter(r);
	return par_reduce_gather(r);
}

/* My nodes over a piece of my shards' vectors, into the window for the owners of other slices. A node
 * of one shard is read by myself where it stands. */
static void take_piece(
    par_reduce *r, const void *const *vectors, size_t at, size_t bytes, bool whole)
{
	size_t mine = (size_t)(r->final.out - r->result), after = mine + r->final.bytes;
	for (int s = 0; s < r->shard_hi - r->shard_lo; s++)
		r->taken[s] = (const char *)vectors[s] + at;
	for (int i = 0; i < r->pieces; i++) {
		par_job *j = &r->takes[i];
		const char *from = r->taken[j->steps[0]];
		bool stands = whole && j->count == 1;
		r->final.sources[r->first_mine + i] = stands ? from + mine : j->out + mine;
		if (stands) {
			memcpy(j->out, from, mine);
			memcpy(j->out + after, from + after, bytes > after ? bytes - after : 0);
		} else {
			j->bytes = bytes;
			run_job(r, j, false);
		}
	}
	r->shards_born = r->shard_hi - r->shard_lo;
}

static void hand_out(const par_reduce *r, char *sum, size_t from, size_t to)
{
	if (from < to)
		memcpy(sum + from, r->result + from, to - from);
}

void par_reduce_vectors(par_reduce *r, const void *const *vectors, void *sum, int64_t length)
{
	PAR_MUST(r->shards_born == 0 && (r->n > 0 || length == 0),
	    "%d shards are born already, pieces of %lld elements", r->shards_born, (long long)r->n);
	size_t whole = (size_t)length * par_dtype_bytes(r->type);
	size_t piece = (size_t)r->n * par_dtype_bytes(r->type);
	for (size_t at = 0; at < whole; at += piece) {
		size_t here = whole - at < piece ? whole - at : piece;
		size_t mine = (size_t)(r->final.out - r->result), after = mine + r->final.bytes;
		after = after < here ? after : here;
		take_piece(r, vectors, at, here, here == r->stride);
		par_reduce_scatter(r);
		hand_out(r, (char *)sum + at, mine, after);
		par_reduce_gather(r);
		hand_out(r, (char *)sum + at, 0, mine < here ? mine : here);
		hand_out(r, (char *)sum + at, after, here);
	}
	for (int i = 0; i < r->pieces; i++)
		r->final.sources[r->first_mine + i] = r->takes[i].out + (r->final.out - r->result);
}
