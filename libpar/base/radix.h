/* Radix: a stable sort of small keys with a number each, in time proportional to their count.
 *
 * Least significant digit first (Knuth, volume 3, 5.2.5), eleven bits a digit, so that the counters
 * of a pass stay in the first cache. */
#ifndef PAR_BASE_RADIX_H
#define PAR_BASE_RADIX_H

#include <stdint.h>

typedef struct {
	uint32_t key, at;
} par_keyed;

/* local | sort n items by key, equal keys in the order they came; no key is above most. spare has
 * room for n too. Returns the one of the two that holds the result. */
par_keyed *par_radix_sort(par_keyed *items, par_keyed *spare, int64_t n, uint32_t most);

#endif
