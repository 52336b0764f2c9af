/* Arena: where buffers with known sizes and lifetimes stand in one block of memory.
 *
 * Two buffers may share bytes when they do not live at the same time. Greedy by size (as in Pisarchyk
 * and Lee 2020): the largest first, each at the lowest place free of those it lives together with. */
#ifndef PAR_GRAD_ARENA_H
#define PAR_GRAD_ARENA_H

#include <stddef.h>

typedef struct {
	size_t bytes;
	int born, dies; /* first and last moment, both included */
	size_t at;      /* the answer: offset, a multiple of 64 */
} par_room;

/* local | place n rooms behind offset `from`; returns the end of the highest.
 * order: scratch for n indices */
size_t par_rooms_place(par_room *rooms, int n, size_t from, int *order);

#endif
