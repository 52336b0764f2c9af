/* Symbolic: what a pattern's shape says about the work of an iteration, found once.
 *
 * A group's normal matrix is M = A Theta A' with its factor L, B Theta A' becomes V' by V = L^-1 (A Theta B'),
 * and the group takes V'V from the Schur complement of the linking rows. All of these are sparse in the
 * same way in every group, so each is a fixed list of multiply-adds of eight lanes.
 *
 * Columns and rows have an order of their own here. Columns: without upper bound first, then by their
 * numbers of entries, so that neighbours run through the same code. Rows: of elimination (solve/order.h).
 * Rows of V with nearly the same linking rows are a panel: a dense matrix over the union of their
 * linking rows, whose product with itself is one run of a dense kernel. */
#ifndef APPS_PLAN_SOLVE_SYMBOLIC_H
#define APPS_PLAN_SOLVE_SYMBOLIC_H

#include "plan/solve/problem.h"

/* columns [from, to) have so many entries in A and in B each */
typedef struct {
	int from, to, entries, links;
	int first_entry, first_link; /* where those of its first column are */
} column_run;

/* An item's terms are [first[item], first[item + 1]) of a list. Lists marked (8) are read by kernels alone and
 * hold offsets into arrays of eights: 8 times a place. */

typedef struct {
	int rows;   /* of V */
	int links;  /* linking rows of their union */
	int padded; /* links rounded up to a multiple of PANEL_STRIP: columns of zeros */
	int *link;
	int64_t v_first; /* its place in a batch of V, in eights: column by column, group by group,
			    row by row */
	int64_t s_first; /* its place in the packed sums, in doubles */
} panel;

#define PANEL_STRIP 4
#define V_BLOCK 8

typedef struct {
	int rows, columns, bounded; /* the last `bounded` columns have an upper bound */
	int links;                  /* entries of B */
	int all_links;              /* linking rows of the problem */
	int touched;                /* those with an entry */
	int factor;                 /* entries of L */
	int slots, crosses;         /* entries of B Theta A', of half of B Theta B' */
	int v_blocks, panels, runs; /* of what stands below */
	int batch;                  /* groups whose V is multiplied at once */
	int widest;                 /* the most items of a block of V, those of all lines */
	int keeps;
	int *column, *row; /* their places in the pattern */
	int *bound;        /* of bounded column columns - bounded + i: its place */
	int *entry;        /* of entry q of B: its place in the pattern */

	/* A and B by columns */
	column_run *run;
	int *a_row; /* (8) */
	int *b_link;
	double *a_value;

	/* A by rows; B by the linking rows that it touches */
	int *row_first, *row_column; /* (8) */
	double *row_value;
	int *touch, *link_first, *link_column, *link_entry; /* the last two (8) */

	/* L: row by row, the diagonal last; and its columns without the diagonal */
	int *l_first, *l_column, *l_place; /* l_place: l_column (8) */
	int *up_first, *up_row, *up_at;    /* both (8) */
	/* M at entry e of L: sum of m_value theta[m_column] */
	int *m_first, *m_column; /* (8) */
	double *m_value;
	/* entry e of row i, column j: L products to take away, pairs of places in L */
	int *pair_first, *pair; /* (8) */

	/* B Theta A' where it is not 0: sum of slot_value link_number[slot_entry] theta */
	int *slot_first, *slot_entry; /* (8) */
	double *slot_value;
	/* B Theta B': pairs of linking rows, the larger first, and pairs of entries */
	int *cross, *cross_first, *cross_pair; /* (8) */

	/* V, V_BLOCK linking rows of like reach at a time: block b has lines [v_first[b], v_first[b + 1]), each
	 * with the items of one row that the block reaches. An item begins with a slot or what stands behind
	 * the last, zeros; a line takes away products of an entry of L with an earlier line of its block
	 * (its first item's place in it) and is divided by a diagonal. */
	int *v_first, *v_slot, *v_diagonal, *v_pair_first, *v_pair; /* but the firsts (8) */
	/* of an item, in a batch of V, in eights, v_size where nobody looks; a group later v_step further */
	int64_t *v_at;
	int *v_step;

	panel *panel;
	int64_t v_size, s_size; /* eights, doubles */
	void **kept;            /* owned: all arrays above */
} symbolic;

/* local | all_links: linking rows of the problem. p is read here and not kept. fails: PAR_E_MEMORY */
par_err symbolic_open(symbolic **out, const pattern *p, int all_links);
void symbolic_close(symbolic *s);

#endif
