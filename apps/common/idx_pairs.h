/* IDX pairs: arrays of pictures and of their labels, found by the names MNIST gave them.
 *
 * Beside train-images-idx3-ubyte stand its labels, train-labels-idx1-ubyte, and the test split under
 * t10k-...; each plain or packed as .gz. */
#ifndef APPS_COMMON_IDX_PAIRS_H
#define APPS_COMMON_IDX_PAIRS_H

#include "common/app.h"
#include "io/idx.h"

/* an array of pictures and, when there is one, of their labels */
typedef struct {
	char images[4096], labels[4096]; /* paths, labels "" when absent */
	par_idx image, label;
} idx_pair;

/* collective | the files that belong together, into p[0] and p[1]; labels (may be NULL) names the first pair's when its name
 * does not tell. Returns how many pairs, 1 or 2; warns when pictures have no labels. */
int idx_pairs_find(app *a, idx_pair *p, const char *path, const char *labels);

/* local | the headers of the pairs: bytes [item, height, width] or [item, height, width, channel] and one
 * byte a label, of pictures of one size. fails: PAR_E_DATA, as par_idx_open */
par_err idx_pairs_open(idx_pair *p, int pairs);

/* collective | name in the result's inputs what no setting names; labels as above */
par_err idx_pairs_name_inputs(app *a, const idx_pair *p, int pairs, const char *labels);

/* local | is item held out for validation, one in so many (0: none)? By the splitmix64 hash of its
 * number, so the same at any number of ranks and for any seed */
bool held_out(int64_t item, int64_t one_in);

#endif
