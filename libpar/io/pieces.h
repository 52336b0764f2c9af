/* Pieces: a text file that all ranks write in turns, published whole (io/publish.h).
 *
 * For tables too long for one rank's memory: every put appends what the ranks bring, in rank order.
 *
 *	par_pieces_open(&p, w, path, "sku,units\n");
 *	for (each round)
 *		par_pieces_put(p, text, bytes);
 *	par_pieces_publish(p, PAR_OK);
 */
#ifndef PAR_IO_PIECES_H
#define PAR_IO_PIECES_H

#include "comm/world.h"

#include <stddef.h>

typedef struct par_pieces par_pieces;

/* collective, same arguments on every rank | begin the file with head, at most 256 bytes: a target that exists
 * is replaced when it begins so too. Owned; ends with par_pieces_publish.
 * fails: as par_publish_begin, PAR_E_MEMORY; *out is NULL then */
par_err par_pieces_open(par_pieces **out, const par_world *w, const char *path, const char *head);
/* collective | append n bytes of this rank after those of lower ranks, and all of them after what there is.
 * fails: PAR_E_IO, after which publish still must be called, with that failure */
par_err par_pieces_put(par_pieces *p, const char *text, size_t n);
/* collective | the file appears under its name when every rank is well (mine), else nothing; frees p */
par_err par_pieces_publish(par_pieces *p, par_err mine);

#endif
