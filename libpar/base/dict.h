/* Dict: distinct short byte strings, numbered 0, 1, 2 ... in the order they were first put.
 *
 * Made for columns of identifiers: most rows bring a string that was seen before. Strings of up to
 * 16 bytes are compared as two words inside the entry, so a lookup touches two cache lines and
 * calls nothing. */
#ifndef PAR_BASE_DICT_H
#define PAR_BASE_DICT_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

typedef struct {
	uint64_t lo, hi; /* the first 16 bytes, zeros after the end */
	uint64_t at;     /* where the text stands in the pool */
	uint32_t n, hash;
} par_dict_entry;

typedef struct {
	par_dict_entry *entries;
	int32_t count, room;
	int32_t *slots; /* entry number or -1; a power of two of them, at most a quarter full */
	uint32_t mask;
	char *pool; /* texts one after another */
	size_t used, pool_room;
} par_dict;

/* local | a zeroed par_dict is an empty one; free returns it to that */
void par_dict_free(par_dict *d);

/* local | the number of s, or -1 when it was never put. Up to 16 bytes beyond s + n may be read. */
int32_t par_dict_find(const par_dict *d, const char *s, size_t n);

/* local | the number of s, put when it is new; -1 when memory or numbers ran out.
 * Up to 16 bytes beyond s + n may be read. */
int32_t par_dict_put(par_dict *d, const char *s, size_t n);

/* local | text of entry i, n bytes without a NUL; valid until the next put, and 16 bytes beyond it are
 * readable */
const char *par_dict_text(const par_dict *d, int32_t i, size_t *n);

/* local | order[k] gets the number of the k-th text in bytewise order; room for count */
void par_dict_sort(const par_dict *d, int32_t *order);

size_t par_dict_bytes(const par_dict *d);

#endif
