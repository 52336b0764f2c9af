/* Answer: entrepot-plan --mps FILE or --lp FILE, any linear program as it stands. */
#ifndef APPS_PLAN_LP_ANSWER_H
#define APPS_PLAN_LP_ANSWER_H

#include "common/app.h"

/* collective | read the file (plain, .zst, .gz or .xz), solve it on all ranks by the blocks that plan.blocks
 * declares or that are found (cut.h), where that pays, otherwise as one block on rank 0; put status, value, bound,
 * gap, iterations and seconds into a->report and tell them. Integer marks are left out of account, with a warning. A
 * number that is not known or not finite is null in the report.
 * fails: as par_source_open; PAR_E_DATA with FILE:LINE:COLUMN; PAR_E_MEMORY */
par_err lp_answer(app *a, const char *path, bool lp_format);

/* collective | --dry-run: read the file and tell rows, columns, entries, blocks and the memory of the program, which is
 * what can be known before its factor is. fails: as lp_answer */
par_err lp_estimate(app *a, const char *path, bool lp_format);

#endif
