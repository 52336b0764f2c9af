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

void *par_reduce_next(par_reduce *r)
{
	PAR_MUST(!r->scattered && r->shards_born < r->shard_hi - r->shard_lo,
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
	par_window_meet(&r->window);
	send_parcels(r);
	MPI_Waitall(r->scatter_recvs, r->scatter_recv, MPI_STATUSES_IGNORE);
	run_job(r, &r->final, r->past_cache);
	MPI_Waitall(r->parcels_used, r->scatter_send, MPI_STATUSES_IGNORE);
	par_world_alive();
	return r->final.out;
}

const void *par_reduce_gather(par_reduce *r)
{
	PAR_MUST(r->scattered, "gather comes after scatter");
	r->scattered = false;
	MPI_Startall(r->gathers, r->gather);
	MPI_Waitall(r->gathers, r->gather, MPI_STATUSES_IGNORE);
	par_window_meet(&r->window);
	par_world_alive();
	return r->result;
}

const void *par_reduce_sum(par_reduce *r)
{
	par_reduce_scatter(r);
	return par_reduce_gather(r);
}

/* my nodes over a range of my shards' vectors, straight into the window */
static void take_range(par_reduce *r, const void *const *vectors, size_t at, size_t bytes)
{
	for (int s = 0; s < r->shard_hi - r->shard_lo; s++)
		r->taken[s] = (const char *)vectors[s] + at;
	for (int i = 0; i < r->pieces; i++) {
		r->takes[i].bytes = bytes;
		run_job(r, &r->takes[i], false);
	}
	r->shards_born = r->shard_hi - r->shard_lo;
}

void par_reduce_vectors(par_reduce *r, const void *const *vectors, void *sum, int64_t length)
{
	PAR_MUST(r->shards_born == 0, "%d shards are born already", r->shards_born);
	size_t whole = (size_t)length * par_dtype_bytes(r->type);
	size_t piece = (size_t)r->n * par_dtype_bytes(r->type);
	for (size_t at = 0; at < whole; at += piece) {
		size_t here = whole - at < piece ? whole - at : piece;
		take_range(r, vectors, at, here);
		memcpy((char *)sum + at, par_reduce_sum(r), here);
	}
}
