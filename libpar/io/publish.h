/* Publish: a result appears under its final name complete, or not at all.
 *
 * Rank 0 makes a private folder (mode 0700) beside the target; the file is written there under a
 * name that did not exist before, synced, renamed over the target, and the folder synced. A reader
 * sees the old file or the new one. An output never replaces a file that this suite did not make,
 * not even one that appears between the last look and the renaming (where the kernel can do that).
 */
#ifndef PAR_IO_PUBLISH_H
#define PAR_IO_PUBLISH_H

#include "comm/world.h"

#include <stdio.h>

/* tells whether an existing file at path is one of ours, so that it may be replaced. A failure keeps
 * the file: PAR_E_CREATE with the reason, or another code when it could not be found out */
typedef par_err (*par_publish_ours)(const char *path);

#define PAR_PUBLISH_MARK 256

/* local | what ours says of a file of another kind: PAR_E_CREATE */
par_err par_publish_not_ours(const char *path);

typedef struct {
	const par_world *world; /* borrowed */
	char target[4096], folder[4096], temp[4200];
	par_publish_ours ours;
	char mark[PAR_PUBLISH_MARK]; /* of a text: how a file of ours begins ... */
	size_t marked;               /* ... in so many bytes; 0: ask `ours` */
} par_publish;

/* collective | reserve target; sweeps what a killed run left beside it; p->temp is where to write,
 * equal on all ranks. bytes is what the file will take (0 unknown): less free space than 1.5 times
 * that is refused now. fails: PAR_E_CREATE (folder missing or not writable, target not ours),
 * PAR_E_IO */
par_err par_publish_begin(
    par_publish *p, const par_world *w, const char *target, int64_t bytes, par_publish_ours ours);
/* collective | the same for a text file: an existing target is replaced when it begins with the same n
 * bytes, at most PAR_PUBLISH_MARK, as mark on rank 0 */
par_err par_publish_begin_text(
    par_publish *p, const par_world *w, const char *target, const char *mark, size_t n);
/* collective | sync, rename, sync the folder; mine is this rank's state: any failure publishes
 * nothing and comes back with its story. On return nothing temporary is left. */
par_err par_publish_end(par_publish *p, par_err mine);
/* every rank, no agreement | give up: nothing temporary is left */
void par_publish_drop(par_publish *p);

/* local | remove what killed runs left of targets whose paths begin like this; what belongs to a run that
 * lives stays */
void par_publish_sweep(const char *path);

/* collective | a small text file written by rank 0 (others pass NULL) and published; an existing
 * target is replaced when it begins with the same first `mark` bytes as text */
par_err par_publish_text(const par_world *w, const char *target, const char *text, size_t mark);

#endif
