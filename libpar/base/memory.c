#include "base/memory.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define LINE ((size_t)64)
#define HUGE ((size_t)2 << 20)

void *par_memory(size_t bytes)
{
	size_t unit = bytes < HUGE ? LINE : HUGE, room = bytes / unit * unit + unit;
	void *p = room > bytes ? aligned_alloc(unit, room) : NULL;
	if (!p)
		return NULL;
	/* a kernel without such pages gives what it has */
	if (unit == HUGE)
		(void)madvise(p, room, MADV_HUGEPAGE);
	return memset(p, 0, unit == HUGE ? bytes : room);
}
