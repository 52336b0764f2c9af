/* Spill: an array that lies in a file without a name, for what is made and read in one pass after another.
 *
 * It is used like memory. What a pass is done with leaves memory by par_spill_rest and comes back from the file
 * when it is touched again; the file goes with the array, or with the process. Room on the disk is taken at
 * once, so that a full disk is told at the beginning. */
#ifndef PAR_BASE_SPILL_H
#define PAR_BASE_SPILL_H

#include "base/err.h"

#include <stddef.h>

typedef struct par_spill par_spill;

/* local | so many bytes, zero at first, in a file in the folder of `beside`; par_spill_close releases them
 * fails: PAR_E_IO naming the folder, PAR_E_MEMORY */
par_err par_spill_open(par_spill **out, const char *beside, size_t bytes);
void par_spill_close(par_spill *s); /* NULL is fine */

/* local | where the array lies */
void *par_spill_at(const par_spill *s);

/* local | bytes from `at` on are not wanted for now: of any open spill; of other memory nothing happens, so that who
 * is handed an array need not know where it lies */
void par_spill_rest(const void *at, size_t bytes);

#endif
