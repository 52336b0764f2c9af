/* Cut: which rows of a linear program make a block, and which link the blocks.
 *
 * Without the linking rows a program falls into blocks that share no column. Where they come from does not matter
 * here: a file declares them, or they are found. */
#ifndef APPS_PLAN_LP_CUT_H
#define APPS_PLAN_LP_CUT_H

#include "plan/lp/lp.h"

#define CUT_LINKING (-1)

typedef struct {
	int blocks;
	int *block; /* of rows: 0 to blocks - 1, or CUT_LINKING; owned */
} cut;

/* local | rows of one column each, so that they share it: the blocks of a program whose linking rows are chosen.
 * in: block is CUT_LINKING or anything else; out: numbered in the order of their first rows.
 * fails: PAR_E_MEMORY */
par_err cut_components(cut *c, const lp *m);

/* local | look for blocks that are many and alike: rows with the most entries are taken to link, fewer and
 * fewer entries, until what is left falls into components nine tenths of which have seven others of their
 * size. blocks = 0: none found. fails: PAR_E_MEMORY */
par_err cut_find(cut *c, const lp *m);

/* local | the blocks that a .dec file declares, the format of GCG and SCIP:
 *
 *	NBLOCKS             and a number
 *	BLOCK k             k from 0 or from 1, and the names of its rows, one a line
 *	MASTERCONSS         and the names of the linking rows
 *
 * A backslash begins a comment. PRESOLVED and CONSDEFAULTMASTER with their numbers are read over: 1 after PRESOLVED
 * is refused, as the names would be those of another program. Rows that are not named are linking rows. Declared
 * blocks that share a column become one, and one that falls apart becomes several.
 * text: n bytes, and 16 beyond them are readable. fails: PAR_E_DATA with FILE:LINE:COLUMN, PAR_E_MEMORY */
par_err cut_read(cut *c, const lp *m, const char *file, const char *text, size_t n);

void cut_drop(cut *c);

#endif
