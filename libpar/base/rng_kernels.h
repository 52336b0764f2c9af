/* Rng kernels: what rng.k.c gives rng.c in each kernel set. */
#ifndef PAR_BASE_RNG_KERNELS_H
#define PAR_BASE_RNG_KERNELS_H

#include "base/lanes.h"
#include "base/rng.h"

/* n words from the first of a counter on */
void par_rng_words(par_rng r, int64_t counter, int64_t n, uint32_t *out);
KERNELS_DECLARE(par_rng_words);

#endif
