/* Exchange: rows of fixed size travel to the ranks that own them.
 *
 * The rows go in rounds of bounded size, so memory stays small whatever their number; counts are
 * 64-bit throughout. What arrives is handed on at once, round by round and in the order of the
 * sending ranks. */
#ifndef PAR_COMM_EXCHANGE_H
#define PAR_COMM_EXCHANGE_H

#include "comm/world.h"

#include <stddef.h>
#include <stdint.h>

/* local, pure | the rank that shall have this row */
typedef int (*par_exchange_owner)(const void *row, void *ctx);
/* local | take n rows that arrived; they live until it returns */
typedef par_err (*par_exchange_take)(const void *rows, int64_t n, void *ctx);

/* collective | send each of my n rows of `bytes` bytes to its owner and take what the others sent.
 * Needs about twice PAR_EXCHANGE_BYTES of memory. A take that failed is not called again.
 * fails: what take returned, PAR_E_MEMORY */
#define PAR_EXCHANGE_BYTES ((size_t)16 << 20)
par_err par_exchange(const par_world *w, const void *rows, int64_t n, size_t bytes,
    par_exchange_owner owner, par_exchange_take take, void *ctx);

/* collective | every byte becomes the bitwise or of all ranks' */
void par_exchange_or(const par_world *w, unsigned char *bytes, size_t n);

/* collective | every rank takes the n bytes of one of them, or of rank 0 */
void par_exchange_from(const par_world *w, int rank, void *bytes, size_t n);
void par_exchange_first(const par_world *w, void *bytes, size_t n);

#endif
