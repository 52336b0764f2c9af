/* Memory: arrays that are worked on as a whole, and rows of them on their way. */
#ifndef PAR_BASE_MEMORY_H
#define PAR_BASE_MEMORY_H

#include <stddef.h>

/* local | bytes of zeros on a cache line's boundary, to be freed; NULL: there is no room. Large ones
 * ask the kernel for pages of 2 MiB: an array read in no order pays a walk of the page table for each
 * row otherwise. */
void *par_memory(size_t bytes);

/* Ask for bytes that are read soon. Always inline: a compiler sees no effect in a function that only
 * prefetches and may drop the call. */
__attribute__((always_inline)) static inline void par_prefetch(const void *p, size_t bytes)
{
	for (size_t at = 0; at < bytes; at += 64)
		__builtin_prefetch((const char *)p + at);
}

#endif
