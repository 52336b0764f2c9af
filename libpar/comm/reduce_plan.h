/* The inside of a reduction's plan: made by reduce_plan.c, run by reduce.c, seen by nobody else. */
#ifndef PAR_COMM_REDUCE_PLAN_H
#define PAR_COMM_REDUCE_PLAN_H

#include "comm/blocks.h"
#include "comm/reduce.h"
#include "comm/window.h"

/* one sum over a range of bytes */
typedef struct {
	int *steps, count;
	const void **sources; /* where the range begins in each */
	char *out;
	size_t bytes;
} par_job;

/* what my group sends to the owner of a slice elsewhere: its nodes one after the other */
typedef struct {
	int owner;
	int first_job, jobs;
	char *from; /* in the outbox */
} par_parcel;

struct par_reduce {
	const par_world *world;  /* borrowed */
	par_window own, *window; /* the window is its own or that of the plan it works within */
	bool nodes_only;
	MPI_Comm comm;     /* owns */
	MPI_Datatype line; /* owns: 64 bytes, the unit of slices and messages */
	par_dtype type;
	int64_t n;
	int shards;
	size_t stride;    /* bytes of a vector, whole lines */
	par_blocks lines; /* elements dealt to their owners in lines */
	char how[256];

	/* who shares a window with whom */
	int groups, group;
	int *group_of, *member_of; /* by rank */
	int *group_size;           /* by group */

	/* my vectors: a stack whose entries after my last shard are my nodes */
	int shard_lo, shard_hi, shards_born;
	int pieces, slots_used, slots_most;
	char **slots;
	char *spare;    /* owns: slots beyond the window's */
	int *merges;    /* by my shards: how many additions its birth allows */
	par_job *takes; /* my nodes out of vectors that stand elsewhere */
	const void **taken;

	/* sums */
	par_job final;  /* my slice */
	int first_mine; /* among its sources */
	char *result;   /* all slices, in the window */
	par_job *jobs;  /* by parcel */
	par_parcel *parcels;
	int parcels_used, jobs_used;
	char *outbox, *inbox, *scratch;
	int waiting; /* values that wait at most in any sum: blocks of scratch */
	size_t private_bytes;
	bool past_cache, scattered;

	MPI_Request *scatter_recv, *scatter_send, *gather; /* owns: persistent */
	int scatter_recvs, gathers;
};

#endif
