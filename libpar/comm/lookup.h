/* Lookup: rows of a table too large for one rank, fetched by whoever names them, and what is given
 * back for them, summed by their owners.
 *
 * The rows of the table are dealt to ranks in contiguous runs (comm/blocks.h, PAR_LOOKUP_BLOCK rows
 * a block). The ids of all ranks, rank after rank, are the positions of one global list. A rank asks
 * each owner once for every row it names, however often. Giving back is the transpose: every
 * position brings a vector, and the owner adds those of one row in order of their positions, one
 * chain of additions. So neither rows nor sums depend on how positions and rows are dealt.
 *
 * A plan is made for the most ids that can come. Running it allocates nothing and makes a fixed
 * set of MPI calls: a fetch one Alltoall and two Alltoallv, a sum one Alltoallv; one rank alone none. */
#ifndef PAR_COMM_LOOKUP_H
#define PAR_COMM_LOOKUP_H

#include "comm/world.h"

#include <stdint.h>

#define PAR_LOOKUP_BLOCK 64

typedef struct par_lookup par_lookup;

/* collective | plan lookups of at most `here` ids on this rank in a table of rows x width floats, rows
 * below 2^31; owned, par_lookup_free. An owner keeps room for what all ranks may bring at once.
 * fails: PAR_E_MEMORY, agreed */
par_err par_lookup_plan(
    par_lookup **out, const par_world *w, int64_t rows, int64_t width, int64_t here);
/* collective */
void par_lookup_free(par_lookup *l);

/* local | the rows this rank owns */
void par_lookup_mine(const par_lookup *l, int64_t *lo, int64_t *hi);

/* collective | out[i] becomes row ids[i], for n ids on this rank; zeros where there is no such row.
 * table: the rows I own */
void par_lookup_fetch(par_lookup *l, const float *table, const int32_t *ids, int64_t n, float *out);

/* sums for rows this rank owns, ascending by id; valid until the next fetch or sum */
typedef struct {
	int64_t n;
	const int64_t *id; /* row of the whole table */
	const float *row;  /* n x width */
} par_lookup_rows;

/* collective | given[i] comes back for the i-th id of the last fetch; those without a row are dropped */
par_lookup_rows par_lookup_sum(par_lookup *l, const float *given);

#endif
