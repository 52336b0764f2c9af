/* Ids: the identifiers that the ranks met, made one sorted list that all of them know. */
#ifndef APPS_INGEST_IDS_H
#define APPS_INGEST_IDS_H

#include "base/dict.h"
#include "comm/world.h"

#include <stdint.h>

typedef struct {
	int64_t n;
	int width;   /* of the longest, at least 1 */
	char *chars; /* owned: n * width bytes, NUL-padded, in bytewise order */
	par_dict dict;
	int32_t *place; /* owned: dict number to place in the order */
} ids;

/* collective | the union of dictionaries over all ranks; k may be 0. fails: PAR_E_MEMORY */
par_err ids_unite(ids *u, const par_world *w, const par_dict *const *dicts, int k);
/* local | place of a text in the list, -1 when it is not there; 16 bytes beyond s + n are readable */
int32_t ids_place(const ids *u, const char *s, size_t n);
/* local | map[i] becomes the place of d's entry i; malloc'd, owned by the caller. fails: PAR_E_MEMORY */
par_err ids_map(const ids *u, const par_dict *d, int32_t **map);
void ids_drop(ids *u);

#endif
