/* Studio: pictures by the generator, on each rank by itself.
 *
 * A picture follows from the weights, the seed, its category, a stream of noise and its number in it: neither ranks nor the
 * order in which pictures are asked for show in it. Batch norms go by statistics that are measured anew:
 * those that training kept belong to other weights than averaged ones, and would make these worse than the last. */
#ifndef APPS_AUGMENT_GAN_STUDIO_H
#define APPS_AUGMENT_GAN_STUDIO_H

#include "augment/gan/fold.h"

typedef struct {
	generator_weights of;
	par_world alone;
	par_graph *graph; /* of this rank alone, of one category */
	par_value noise, picture;
	int pass;
	int64_t category; /* whose weights it has; -1: none yet */
} studio;

/* collective | of the weights of g as they stand, whose running statistics become the measured ones; studio_close releases it,
 * also after a failure. fails: PAR_E_MEMORY */
par_err studio_open(studio *s, gan *g);
void studio_close(studio *s);

/* local | pictures [first, first + n) of a category, whose noise is of that stream (a category's own, whatever its place): bytes
 * as a gallery has them */
void studio_draw(
    studio *s, int64_t category, uint32_t stream, int64_t first, int64_t n, uint8_t *out);

#endif
