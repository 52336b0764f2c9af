#include "grad/arena.h"

#include <stdbool.h>

static size_t lines(size_t bytes)
{
	return (bytes + 63) / 64 * 64;
}

static void sort_by_size(const par_room *rooms, int n, int *order)
{
	for (int i = 0; i < n; i++) {
		int k = i;
		for (; k > 0 && rooms[order[k - 1]].bytes < rooms[i].bytes; k--)
			order[k] = order[k - 1];
		order[k] = i;
	}
}

static bool apart(const par_room *a, const par_room *b)
{
	return a->dies < b->born || b->dies < a->born;
}

/* does the room fit at its place beside those placed before? else move it behind the obstacle */
static bool settle(par_room *rooms, const int *order, int placed, par_room *r)
{
	for (int i = 0; i < placed; i++) {
		const par_room *o = &rooms[order[i]];
		if (apart(o, r) || r->at + r->bytes <= o->at || o->at + lines(o->bytes) <= r->at)
			continue;
		r->at = o->at + lines(o->bytes);
		return false;
	}
	return true;
}

size_t par_rooms_place(par_room *rooms, int n, size_t from, int *order)
{
	size_t end = from;
	sort_by_size(rooms, n, order);
	for (int i = 0; i < n; i++) {
		par_room *r = &rooms[order[i]];
		r->at = from;
		while (r->bytes > 0 && !settle(rooms, order, i, r))
			;
		if (r->at + lines(r->bytes) > end)
			end = r->at + lines(r->bytes);
	}
	return end;
}
