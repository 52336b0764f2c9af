/* Share: what rank 0 sees of the file system, known to all ranks.
 *
 * Small files and folder listings are read once and handed on, so that ranks cannot come to differ
 * over a file that changes meanwhile, and a file server is asked once and not by every rank. */
#ifndef PAR_IO_SHARE_H
#define PAR_IO_SHARE_H

#include "comm/world.h"

#include <stddef.h>
#include <stdint.h>

typedef enum { PAR_PATH_NONE, PAR_PATH_FILE, PAR_PATH_FOLDER } par_path_kind;

/* collective | what stands at path; links are followed */
par_path_kind par_share_kind(const par_world *w, const char *path);

/* collective | the bytes of a file of at most `most`; a NUL and 15 more zero bytes follow them.
 * malloc'd, owned by the caller. fails: PAR_E_INPUT, PAR_E_DATA when larger, PAR_E_IO */
par_err par_share_file(const par_world *w, const char *path, size_t most, char **bytes, size_t *n);

typedef struct {
	int64_t count;
	const char **name; /* count paths in bytewise order, relative to the folder; owned */
	char *text;        /* owned: where they stand */
} par_listing;

/* collective | the files in a folder and in the folders directly inside it ("hat/0017.png"),
 * without those whose own or folder's name begins with a dot. fails: PAR_E_INPUT, PAR_E_MEMORY */
par_err par_share_listing(const par_world *w, const char *path, par_listing *l);
void par_listing_drop(par_listing *l);

#endif
