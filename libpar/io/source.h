/* Source: an input file as plain bytes that every rank can read anywhere.
 *
 * A plain file is read where it lies. One packed by zstd, gzip or xz is known by its first bytes;
 * rank 0 unpacks it, in bounded memory, into a scratch file that loses its name as soon as all ranks
 * have it open, so nothing is left behind. A file is only taken for packed when its
 * name says so (.zst, .gz, .xz): packed bytes under another name, and plain bytes under such a
 * name, are refused. */
#ifndef PAR_IO_SOURCE_H
#define PAR_IO_SOURCE_H

#include "comm/world.h"

#include <stddef.h>
#include <stdint.h>

typedef struct {
	const char *name; /* borrowed: the path as given, for messages */
	int fd;
	int64_t bytes; /* unpacked */
} par_source;

/* collective | open path (borrowed). A packed file is unpacked into the folder scratch, which all
 * ranks see, to at most `most` bytes. fails: PAR_E_INPUT when it cannot be opened or is no regular
 * file; PAR_E_DATA when name and bytes disagree, or the packing is damaged or holds more than
 * `most`; PAR_E_CREATE, PAR_E_IO about the scratch file */
par_err par_source_open(
    par_source *s, const par_world *w, const char *path, const char *scratch, int64_t most);

/* local | bytes [at, at + n) into out. fails: PAR_E_IO, also when the file has become shorter */
par_err par_source_read(const par_source *s, int64_t at, void *out, size_t n);

/* local | closes the file; a source that was never opened but zeroed is fine */
void par_source_close(par_source *s);

#endif
