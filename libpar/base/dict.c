#include "base/dict.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#define FIRST_SLOTS 1024
#define BEYOND 16 /* bytes after a text that may be read */

typedef struct {
	uint64_t lo, hi;
	uint32_t hash;
} key;

static inline uint64_t first_bytes(const char *s, size_t n)
{
	uint64_t x;
	memcpy(&x, s, 8);
	return n >= 8 ? x : n == 0 ? 0 : x & (~(uint64_t)0 >> (64 - 8 * n));
}

static inline key key_of(const char *s, size_t n)
{
	key k = {first_bytes(s, n), n > 8 ? first_bytes(s + 8, n - 8) : 0, 0};
	uint64_t h;
	if (n <= 16) {
		/* odd multipliers, high half folded in: enough for slots, not for anything hostile
		 */
		h = (k.lo ^ n) * 0x9e3779b97f4a7c15u;
		h = (h ^ (h >> 32) ^ k.hi) * 0xd6e8feb86659fd93u;
	} else {
		h = XXH3_64bits(s, n);
	}
	k.hash = (uint32_t)(h >> 32) ^ (uint32_t)h;
	return k;
}

static inline int32_t look_up(
    const par_dict *d, const char *s, size_t n, const key *k, uint32_t *slot)
{
	uint32_t i = k->hash & d->mask;
	for (;; i = (i + 1) & d->mask) {
		int32_t e = d->slots[i];
		*slot = i;
		if (e < 0)
			return -1;
		const par_dict_entry *x = &d->entries[e];
		if (x->lo == k->lo && x->hi == k->hi && x->n == n &&
		    (n <= 16 || memcmp(d->pool + x->at, s, n) == 0))
			return e;
	}
}

int32_t par_dict_find(const par_dict *d, const char *s, size_t n)
{
	uint32_t slot;
	key k = key_of(s, n);
	return d->slots ? look_up(d, s, n, &k, &slot) : -1;
}

static int make_room_for_slots(par_dict *d)
{
	uint32_t slots = d->slots ? 2 * (d->mask + 1) : FIRST_SLOTS;
	int32_t *fresh = malloc(slots * sizeof *fresh);
	if (!fresh)
		return 0;
	memset(fresh, 0xff, slots * sizeof *fresh);
	for (int32_t e = 0; e < d->count; e++) {
		uint32_t i = d->entries[e].hash & (slots - 1);
		while (fresh[i] >= 0)
			i = (i + 1) & (slots - 1);
		fresh[i] = e;
	}
	free(d->slots);
	d->slots = fresh;
	d->mask = slots - 1;
	return 1;
}

static int make_room(par_dict *d, size_t n)
{
	if (!d->slots || (uint32_t)d->count > d->mask / 4)
		if (d->mask >= UINT32_C(1) << 30 || !make_room_for_slots(d))
			return 0;
	if (d->count == d->room) {
		int32_t room = d->room ? 2 * d->room : 256;
		void *p = realloc(d->entries, (size_t)room * sizeof *d->entries);
		if (!p)
			return 0;
		d->entries = p;
		d->room = room;
	}
	if (d->used + n + BEYOND > d->pool_room) {
		size_t room = 2 * (d->used + n) + 4096;
		char *p = realloc(d->pool, room);
		if (!p)
			return 0;
		d->pool = p;
		d->pool_room = room;
	}
	return 1;
}

int32_t par_dict_put(par_dict *d, const char *s, size_t n)
{
	uint32_t slot = 0;
	key k = key_of(s, n);
	int32_t e = d->slots ? look_up(d, s, n, &k, &slot) : -1;
	if (e >= 0)
		return e;
	uint32_t mask = d->mask;
	if (!make_room(d, n))
		return -1;
	if (d->mask != mask || d->count == 0)
		look_up(d, s, n, &k, &slot);
	e = d->count++;
	d->slots[slot] = e;
	d->entries[e] = (par_dict_entry){k.lo, k.hi, d->used, (uint32_t)n, k.hash};
	memcpy(d->pool + d->used, s, n);
	d->used += n;
	return e;
}

const char *par_dict_text(const par_dict *d, int32_t i, size_t *n)
{
	*n = d->entries[i].n;
	return d->pool + d->entries[i].at;
}

static int compare(const void *a, const void *b, void *ctx)
{
	const par_dict *d = ctx;
	const par_dict_entry *x = &d->entries[*(const int32_t *)a];
	const par_dict_entry *y = &d->entries[*(const int32_t *)b];
	int c = memcmp(d->pool + x->at, d->pool + y->at, x->n < y->n ? x->n : y->n);
	return c ? c : (x->n > y->n) - (x->n < y->n);
}

void par_dict_sort(const par_dict *d, int32_t *order)
{
	for (int32_t i = 0; i < d->count; i++)
		order[i] = i;
	qsort_r(order, (size_t)d->count, sizeof *order, compare, (void *)d);
}

size_t par_dict_bytes(const par_dict *d)
{
	return (size_t)d->room * sizeof *d->entries + d->pool_room +
	       (d->slots ? (d->mask + (size_t)1) * sizeof *d->slots : 0);
}

void par_dict_free(par_dict *d)
{
	free(d->entries);
	free(d->slots);
	free(d->pool);
	*d = (par_dict){0};
}
