/* Alike: the blocks of a cut in classes of one shape, their rows and columns in one order.
 *
 * Two blocks are alike when the rows and columns of one can be put in an order in which its numbers are those of
 * the other, and with them which columns and rows have a lower or an upper bound; costs, right sides, the bounds themselves and
 * entries in linking rows may differ. The order is looked for by refining colours: a row's next colour is made of
 * those of its columns, a column's of its rows (Weisfeiler and Leman 1968), some rounds; equal
 * colours keep the program's order. A pair of blocks that this does not bring together is compared number by
 * number all the same, so that the worst is one class more than needed. */
#ifndef APPS_PLAN_LP_ALIKE_H
#define APPS_PLAN_LP_ALIKE_H

#include "plan/lp/cut.h"

typedef struct {
	int blocks, classes;
	uint8_t *class;                /* of blocks */
	int *template;                 /* of classes: their first block */
	int *first_row, *first_column; /* of blocks: where theirs begin in ... */
	int *row, *column;             /* ... these: alike blocks have them in the same order */
	int *row_at, *column_at;       /* the way back: a row's or column's place in its block */
	int *row_block, *column_block; /* and its block, or -1 */
} alike;

/* local | rows without bounds and columns without entries in a block's rows belong to no block.
 * classes = 0: there are more than most. fails: PAR_E_MEMORY */
par_err alike_open(alike *a, const lp *m, const cut *c, int most);
void alike_close(alike *a);

#endif
