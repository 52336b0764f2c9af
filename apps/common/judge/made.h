/* Made pictures: so many of each category, once a node. */
#ifndef APPS_COMMON_JUDGE_MADE_H
#define APPS_COMMON_JUDGE_MADE_H

#include "common/gallery.h"

typedef struct {
	int64_t bytes, categories; /* of a picture; as in the gallery */
	int64_t *first;    /* owned: [categories + 1] of category c are [first[c], first[c + 1]) */
	par_shared shared; /* the node's memory */
} made_set;

/* collective | room for each[c] pictures of category c; made_close releases it, also after a failure.
 * fails: PAR_E_MEMORY */
par_err made_open(made_set *m, const par_world *w, const gallery *g, const int64_t *each);
void made_close(made_set *m);

/* local | pictures [first, first + n) of a category, which follow from their numbers, to out[n][bytes] */
typedef void (*made_fn)(void *ctx, int64_t category, int64_t first, int64_t n, uint8_t *out);
/* collective | make all of them, each on some rank. fails: PAR_E_MEMORY */
par_err made_fill(made_set *m, const par_world *w, made_fn make, void *ctx);

/* local */
const uint8_t *made_cells(const made_set *m, int64_t picture);
int64_t made_count(const made_set *m, int64_t category);
/* the category whose picture this is */
int64_t made_category(const made_set *m, int64_t picture);

#endif
