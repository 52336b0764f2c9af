/* Unpack: the bytes of a zstd, gzip or xz file, written out plain. */
#ifndef PAR_IO_UNPACK_H
#define PAR_IO_UNPACK_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

typedef enum { PAR_PACK_NONE, PAR_PACK_ZSTD, PAR_PACK_GZIP, PAR_PACK_XZ } par_pack;

/* local, pure | how a file is packed, by its first bytes and by its name; and the packing's name */
par_pack par_pack_of_bytes(const void *bytes, size_t n);
par_pack par_pack_of_name(const char *path);
const char *par_pack_name(par_pack p);
const char *par_pack_suffix(par_pack p);

/* local | unpack the file `in` from its current offset to `out`, in a few MiB of memory; several
 * packed parts one after another count as one. name is what messages call it; alive(ctx) is called now
 * and then, after 64 MiB each. fails: PAR_E_DATA when damaged, cut, or holding more than `most`
 * bytes; PAR_E_IO, PAR_E_MEMORY */
par_err par_unpack(par_pack p, const char *name, int in, int out, int64_t most,
    void (*alive)(void *ctx), void *ctx);

#endif
