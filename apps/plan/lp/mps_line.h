/* MPS lines: a text cut into lines, and data lines into the fields of the MPS format. */
#ifndef APPS_PLAN_LP_MPS_LINE_H
#define APPS_PLAN_LP_MPS_LINE_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* where a message points; PLACE in the format, AT(reader, byte) among the arguments */
#define PLACE "%s:%lld:%d: "
#define AT(r, byte) (r)->file, (long long)(r)->number, (int)((byte) - (r)->line + 1)

#define MPS_FIELDS 6

typedef struct {
	const char *s;
	size_t n;
} mps_field;

/* what a section's lines hold before their names and numbers */
typedef enum {
	MPS_CODE,    /* a code and a name: ROWS */
	MPS_COLUMN,  /* a column: COLUMNS */
	MPS_SET,     /* the name of a set, which may be left out: RHS, RANGES */
	MPS_CODE_SET /* a code and the name of a set, which may be left out: BOUNDS */
} mps_form;

typedef struct {
	const char *file;
	const char *at, *end;        /* what is still to be read */
	const char *line, *line_end; /* the present line ... */
	int64_t number;              /* ... and its number from 1 */
	bool fixed;                  /* fields stand in fixed columns */
	bool blank_name;             /* a line had too many fields: a name may hold a blank */
	mps_field
	    field[MPS_FIELDS]; /* code, name, name, number, name, number; empty ones have n = 0 */
} mps_lines;

/* local | the next line that is neither empty nor a comment; false at the end. number is then that of the
 * line after the last. fails: PAR_E_DATA on a control character */
par_err mps_next(mps_lines *r, bool *found);
/* local, pure | the present line begins a section */
bool mps_is_header(const mps_lines *r);
/* local | cut the present line. fails: PAR_E_DATA where a field is missing or one too many */
par_err mps_split(mps_lines *r, mps_form form);
/* local | the words of a header line, at most MPS_FIELDS; returns how many there are in all */
int mps_words(mps_lines *r);
/* local, pure | a bound that needs no number: FR, MI, PL or BV */
bool mps_is_bare(mps_field code);
/* local, pure | a field is this word */
bool mps_is(mps_field f, const char *word);

#endif
