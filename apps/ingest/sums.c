#include "ingest/sums.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define AHEAD 12 /* rows between asking for a slot's cache line and using it */

static inline uint64_t hash(const sums_row *r)
{
	uint64_t x = (r->series ^ (uint64_t)(uint32_t)r->time << 20) * 0x9e3779b97f4a7c15u;
	return x ^ x >> 32;
}

static void place(sums *s, int64_t row)
{
	uint64_t i = hash(&s->row[row]) & s->mask;
	while (s->slot[i])
		i = (i + 1) & s->mask;
	s->slot[i] = (uint32_t)row + 1;
}

/* at most half of the slots are used once n more rows are in */
static par_err make_room(sums *s, int64_t n)
{
	int64_t want = s->rows + n;
	if (want >= UINT32_MAX)
		return par_fail(PAR_E_MEMORY, "too many sums for one rank; use more ranks");
	if (want > s->room) {
		int64_t room = 2 * want;
		void *p = realloc(s->row, (size_t)room * sizeof *s->row);
		if (!p)
			return par_fail(PAR_E_MEMORY, "no memory for %lld sums", (long long)room);
		s->row = p;
		s->room = room;
	}
	if (s->slot && (uint64_t)want <= s->mask / 2)
		return PAR_OK;
	uint64_t slots = s->slot ? s->mask + 1 : 1024;
	while (slots < 4 * (uint64_t)want)
		slots *= 2;
	uint32_t *slot = calloc(slots, sizeof *slot);
	if (!slot)
		return par_fail(PAR_E_MEMORY, "no memory for %lld sums", (long long)want);
	free(s->slot);
	s->slot = slot;
	s->mask = slots - 1;
	for (int64_t r = 0; r < s->rows; r++)
		place(s, r);
	return PAR_OK;
}

/* false when a sum has no room */
static inline bool add_one(sums *s, const sums_row *a)
{
	uint64_t i = hash(a) & s->mask;
	for (; s->slot[i]; i = (i + 1) & s->mask) {
		sums_row *r = &s->row[s->slot[i] - 1];
		if (r->series != a->series || r->time != a->time)
			continue;
		return !(__builtin_add_overflow(r->units, a->units, &r->units) |
			 __builtin_add_overflow(r->sold, a->sold, &r->sold) |
			 __builtin_add_overflow(r->value, a->value, &r->value));
	}
	s->row[s->rows++] = *a;
	s->slot[i] = (uint32_t)s->rows;
	return true;
}

/* in parts, so that room is made for what really is new and not for every row there is */
par_err sums_add(sums *s, const sums_row *add, int64_t n)
{
	enum { PART = 4096 };
	bool fine = true;
	for (int64_t lo = 0; lo < n; lo += PART) {
		int64_t hi = lo + PART < n ? lo + PART : n;
		PAR_TRY(make_room(s, hi - lo));
		for (int64_t i = lo; i < hi; i++) {
			if (i + AHEAD < hi)
				__builtin_prefetch(&s->slot[hash(&add[i + AHEAD]) & s->mask]);
			fine &= add_one(s, &add[i]);
		}
	}
	if (fine)
		return PAR_OK;
	return par_fail(PAR_E_DATA,
	    "the order lines of one series and period come to more than 9223372036854775807 pieces "
	    "or minor units of money; wanted sums below; check units and price");
}

void sums_drop(sums *s)
{
	free(s->row);
	free(s->slot);
	*s = (sums){0};
}
