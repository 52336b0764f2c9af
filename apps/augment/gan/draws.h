/* Draws: which pictures and categories a step of training sees.
 *
 * A category of n pictures is drawn as often as n to a power says (exponent 1: as pictures come; 0: all alike), so that rare ones
 * are seen; its pictures are drawn alike. Pictures of no category are one more category here: they teach what things of the
 * catalog look like. What a place of the batch gets follows from the seed and its number in the
 * stream of samples, at any number of ranks. */
#ifndef APPS_AUGMENT_GAN_DRAWS_H
#define APPS_AUGMENT_GAN_DRAWS_H

#include "augment/gan/gan.h"
#include "common/gallery.h"

typedef struct {
	const gallery *of; /* borrowed */
	int64_t noise;
	uint64_t seed;
	int64_t categories;
	double *below; /* owned: [categories] how often this category or one before it is drawn */
} draws;

/* local | how many categories the GAN of a gallery has: one more where pictures of none are to be learnt from */
int64_t draws_categories(const gallery *of);

/* local | draws_close releases it, also after a failure. fails: PAR_E_DATA where no picture is of a category, PAR_E_MEMORY */
par_err draws_open(draws *d, const gallery *of, int64_t noise, uint64_t seed, double exponent);
void draws_close(draws *d);

/* local | a sample of the stream into the fields of a gan; ctx: draws */
void draws_make(void *ctx, int64_t sample, void *const field[]);

#endif
