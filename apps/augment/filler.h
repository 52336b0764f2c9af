/* Filler: a way to make more pictures of a category. */
#ifndef APPS_AUGMENT_FILLER_H
#define APPS_AUGMENT_FILLER_H

#include "augment/gan/studio.h"
#include "common/judge/made.h"

enum { FILLER_GAN, FILLER_MIXUP, FILLERS };
extern const char *const filler_name[FILLERS];

typedef struct {
	const gallery *g; /* borrowed, as is the generator */
	studio *s;
	uint64_t seed;
} filler;

/* local, for made_fill and any other caller; ctx: filler. What a picture shows follows from the seed, its category's name and its
 * number there.
 *   gan    by the generator
 *   mixup  two training pictures of the category laid over each other, in any proportion (Zhang et al. 2018, within a category) */
extern const made_fn filler_make[FILLERS];

#endif
