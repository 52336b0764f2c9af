/* MPS: reading linear programs in the MPS format, free or fixed.
 *
 * A file is read as free MPS, where blanks part the fields; when that fails and the file is wholly right as fixed
 * MPS (fields in columns 2, 5, 15, 25, 40 and 50, so that names may hold blanks), it is taken as that.
 * Sections: NAME, OBJSENSE, ROWS, COLUMNS, RHS, RANGES, BOUNDS, ENDATA. Where readers differ:
 *   - the first N row is the objective, entries of other N rows are left out;
 *   - the right side of the objective row is minus the objective's constant;
 *   - a range R of an equality reaches from the right side to it plus R, whatever the sign;
 *   - UP with a negative number and no lower bound: the column has no lower bound, with a warning;
 *   - integer columns between markers without bounds lie in [0, 1];
 *   - of several sets in RHS, RANGES or BOUNDS the first counts, with a warning.
 * Marked integers are kept in the program; quadratic and other sections are refused. */
#ifndef APPS_PLAN_LP_MPS_H
#define APPS_PLAN_LP_MPS_H

#include "plan/lp/lp.h"

/* local | read n bytes of text into an empty program; 16 bytes beyond them are readable. file is for messages.
 * fails: PAR_E_DATA with FILE:LINE:COLUMN, PAR_E_MEMORY; the program is empty then */
par_err mps_read(lp *m, const char *file, const char *text, size_t n);

#endif
