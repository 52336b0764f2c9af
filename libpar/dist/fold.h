/* Fold: what blocks of rows give is put together in the canonical tree. Inside of dist/.
 *
 * For results that only rank 0 needs and that one rank can hold: the rank of a node's first block has
 * the node's result, and the right half's travels to the left half's. */
#ifndef PAR_DIST_FOLD_H
#define PAR_DIST_FOLD_H

#include "comm/layout.h"

typedef struct {
	int64_t n; /* doubles of a result, below 2^31 */
	/* the result of rows [lo, hi), which begin at the `at`-th of this rank's; out is written
	 * whole */
	void (*leaf)(void *ctx, int64_t at, int64_t rows, double *out);
	/* into gets the result of both, the rows of other follow its own */
	void (*merge)(void *ctx, double *into, const double *other);
	void *ctx;
} par_fold;

/* collective over the world | rows is a line's layout whose axis 0, of at least one row, is sharded
 * in blocks that know nothing of ranks (PAR_SHARDED_BLOCKS). out: n doubles, on rank 0 the result.
 * fails, agreed: PAR_E_MEMORY */
par_err par_fold_rows(const par_layout *rows, const par_fold *f, double *out);

#endif
