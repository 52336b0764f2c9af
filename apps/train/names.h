/* Names: the words of a vocabulary, or the classes of a label, numbered alike on every rank. */
#ifndef APPS_TRAIN_NAMES_H
#define APPS_TRAIN_NAMES_H

#include "base/dict.h"
#include "comm/world.h"

enum { NAMES_BYTES = 64 }; /* the longest */

typedef struct {
	int32_t n;
	int width;     /* bytes of the longest */
	char *text;    /* owned: n x width, NUL-padded, as stores keep it */
	par_dict dict; /* owned: entry i is name i */
} names;

/* collective | unite what the ranks have met. With counts (how often a rank met each of its entries) the
 * most frequent come first, equal ones in bytewise order, and only `most` stay; without, all in bytewise
 * order. fails: PAR_E_MEMORY */
par_err names_unite(
    names *out, const par_world *w, const par_dict *mine, const int64_t *counts, int32_t most);

/* local | from a store: n texts, stride bytes each, NUL-terminated. fails: PAR_E_MEMORY */
par_err names_take(names *out, const char *text, int64_t n, int stride);

/* local | the number of s, or -1; 16 bytes beyond s + n may be read */
int32_t names_find(const names *x, const char *s, size_t n);
/* local | name i as a string; out has NAMES_BYTES + 1 bytes */
const char *names_text(const names *x, int32_t i, char *out);

void names_drop(names *x);

#endif
