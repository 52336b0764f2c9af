/* Blob: small rows of texts and numbers on their way to every rank. */
#ifndef APPS_INGEST_BLOB_H
#define APPS_INGEST_BLOB_H

#include "base/dict.h"
#include "comm/world.h"

#include <stdint.h>

typedef struct {
	char *bytes;           /* owned; 64 zeros after the last */
	size_t used, room, at; /* at: where reading stands */
} blob;

/* local | append a number; the text of a dictionary's entry (none when d is NULL or i < 0). fails: PAR_E_MEMORY */
par_err blob_put(blob *b, int64_t number);
par_err blob_put_text(blob *b, const par_dict *d, int32_t i);

/* local | the next number; the next text, n bytes in place with 16 readable ones after it */
int64_t blob_get(blob *b);
const char *blob_get_text(blob *b, size_t *n);

/* collective | every rank's blob becomes all of them in rank order, to be read from the start */
par_err blob_unite(blob *b, const par_world *w);
void blob_drop(blob *b);

#endif
