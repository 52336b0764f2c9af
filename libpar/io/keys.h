/* Keys: finds the first row whose key an earlier row has.
 *
 * Each row's key becomes a 128-bit XXH3 hash and its place in the file. Equal hashes meet on one rank,
 * which sorts them; two different keys of a table of 10^12 rows share a hash with a chance of 10^-15. */
#ifndef PAR_IO_KEYS_H
#define PAR_IO_KEYS_H

#include "comm/world.h"

#include <stddef.h>
#include <stdint.h>

typedef struct {
	uint64_t hash[2];
	int64_t at; /* file offset of the row */
} par_keys_row;

typedef struct par_keys {
	par_keys_row *row;
	int64_t rows, room;
} par_keys;

/* local | remember a row. fails: PAR_E_MEMORY */
par_err par_keys_add(par_keys *k, const void *key, size_t n, int64_t at);

/* collective | the first row in file order whose key an earlier one has, and that earlier one; -1 both
 * when all keys differ. The same on every rank. fails: PAR_E_MEMORY */
par_err par_keys_second(par_keys *k, const par_world *w, int64_t *second, int64_t *first);

/* collective | how many different keys there are, over all ranks. fails: PAR_E_MEMORY */
par_err par_keys_distinct(par_keys *k, const par_world *w, int64_t *distinct);

void par_keys_free(par_keys *k);

#endif
