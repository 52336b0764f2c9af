/* Fingerprint: what tells one input file from another: its size and 128 bits over its bytes.
 *
 * The file is cut into blocks of 4 MiB; each block has its XXH3-128 (seed 0, canonical big-endian form, 16
 * bytes); the fingerprint is the XXH3-128 of those, one after the other. So it can be computed by
 * any number of ranks with one value, and a file of one block is hashed twice. Not for security. */
#ifndef PAR_IO_FINGERPRINT_H
#define PAR_IO_FINGERPRINT_H

#include "comm/world.h"

typedef struct {
	int64_t bytes;
	char sum[33]; /* 32 hexadecimal digits */
} par_fingerprint;

/* collective | of the file at path, which all ranks can read; the same value on every rank
 * fails: PAR_E_INPUT, PAR_E_IO, PAR_E_DATA when it shrinks meanwhile */
par_err par_fingerprint_file(par_fingerprint *f, const par_world *w, const char *path);

#endif
