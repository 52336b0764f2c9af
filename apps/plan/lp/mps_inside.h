/* The state of an MPS reader (plan/lp/mps.h), shared by the files that read its sections. */
#ifndef APPS_PLAN_LP_MPS_INSIDE_H
#define APPS_PLAN_LP_MPS_INSIDE_H

#include "plan/lp/lp.h"
#include "plan/lp/mps_line.h"

typedef enum { NAME, OBJSENSE, ROWS, COLUMNS, RHS, RANGES, BOUNDS, ENDATA, SECTIONS } mps_section;

typedef struct {
	mps_lines r;
	lp *m;
	mps_section in;      /* the present section, ... */
	int64_t header;      /* ... the line that began it, */
	unsigned seen;       /* and bit s: section s has begun */
	mps_field objective; /* n = 0: none yet */
	par_dict left_out;   /* other N rows */
	char *type;          /* of rows: E, L or G */
	double *right, *range;
	int *
	    last; /* the column, from 1, that last had an entry in a row; the objective's at the end */
	mps_field set[SECTIONS];  /* the set that counts, in RHS, RANGES and BOUNDS */
	bool other_set[SECTIONS]; /* ... and another was met */
	bool integer;             /* between markers */
	uint8_t *bounded;         /* of columns: HAS_LOWER, HAS_UPPER, OPENED */
} mps_reader;

enum { HAS_LOWER = 1, HAS_UPPER = 2, OPENED = 4 }; /* OPENED: below, by an upper bound below zero */

/* local | take the present line, one of the section. fails: PAR_E_DATA at its place, PAR_E_MEMORY */
par_err mps_read_row(mps_reader *d);
par_err mps_read_column(mps_reader *d);
par_err mps_read_right(mps_reader *d);
par_err mps_read_range(mps_reader *d);
par_err mps_read_bound(mps_reader *d);

/* local | what follows from a section once it has ended. fails: PAR_E_DATA, PAR_E_MEMORY */
par_err mps_end_rows(mps_reader *d);
par_err mps_end_columns(mps_reader *d);
/* local | row bounds from types, right sides and ranges, and bounds that a file leaves open; with
 * warnings where readers differ. fails: PAR_E_MEMORY */
par_err mps_settle(mps_reader *d);

/* local | a field that is a finite number, or a bound: 1e30 and beyond is infinite, as most writers of MPS
 * mean it, and so is the word. fails: PAR_E_DATA */
par_err mps_number(const mps_reader *d, mps_field f, double *v);
par_err mps_bound_number(const mps_reader *d, mps_field f, double *v);

/* local | the names of rows that are no constraints are told by these */
#define OBJECTIVE (-1)
#define LEFT_OUT (-2)
/* local | the row of a name, or one of those above. fails: PAR_E_DATA when there is none */
par_err mps_find_row(const mps_reader *d, mps_field name, int *row);
/* local | the set of the present line counts: the first of its section does */
bool mps_counts(mps_reader *d, mps_field set);

/* local | fit for a message */
const char *mps_shown(mps_field f);
par_err mps_no_memory(void);

#endif
