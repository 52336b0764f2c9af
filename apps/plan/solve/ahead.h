/* Ahead: the next group's numbers are fetched into the second cache while this one's are worked.
 *
 * A group is some two hundred kilobytes in many short arrays, and hardware that sees an array's pattern has seen most of
 * it by then. So kernels that have much to compute fetch a few lines a step, along the memory of the next group;
 * spread over many kernels, because lines asked for at once hold up those that are wanted now. */
#ifndef APPS_PLAN_SOLVE_AHEAD_H
#define APPS_PLAN_SOLVE_AHEAD_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
	const char *at; /* the next line to fetch; what it holds does not matter */
} ahead;

/* a: NULL where there is nothing to come */
static inline void ahead_fetch(ahead *a, int lines)
{
	if (!a)
		return;
	for (int i = 0; i < lines; i++)
		__builtin_prefetch(a->at + 64 * (int64_t)i, 0, 2);
	a->at += 64 * (int64_t)lines;
}

#endif
