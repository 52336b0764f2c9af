/* Rows: a table's rows that this rank owns, and their update. Private to train. */
#ifndef PAR_TRAIN_ROWS_H
#define PAR_TRAIN_ROWS_H

#include "train/kept.h"

typedef struct {
	par_param *param; /* borrowed */
	par_kept kept;    /* rows [row_lo, row_hi) of the table */
} par_rows;

/* local | storage, first weights in place. fails: PAR_E_MEMORY */
par_err par_rows_open(par_rows *r, par_param *p, uint64_t seed, const par_optimizer_spec *spec);
void par_rows_close(par_rows *r);

/* local | add the squares of the gradient to a sum */
void par_rows_add_squares(const par_rows *r, par_exact *sum);
/* local | rows with a gradient take it; the others too move by what is remembered of them, unless the
 * rule is lazy */
void par_rows_update(par_rows *r, const par_update *u, const par_optimizer_spec *spec);

#endif
