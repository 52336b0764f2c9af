/* Adding vectors: the one arithmetic step of reductions, in every kernel set.
 *
 * An element of the sum is one addition, so all sets give the same bits. Integers wrap around. */
#ifndef PAR_COMM_ADD_H
#define PAR_COMM_ADD_H

#include "base/dtype.h"

#include <stdbool.h>
#include <stddef.h>

/* local | out = a + b over the given bytes, a whole number of elements of PAR_F32, PAR_F64,
 * PAR_I32 or PAR_I64. out may be a or b; else they do not overlap. past_cache: nobody reads out soon
 * and it is larger than a cache, so whole lines are written without reading them first; out is then
 * aligned to 64. */
void par_add(
    par_dtype type, void *out, const void *a, const void *b, size_t bytes, bool past_cache);

/* local | order streaming stores before whatever tells other ranks about them */
void par_add_fence(void);

#endif
