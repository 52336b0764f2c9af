/* Lesson: which pictures the training of a classifier sees.
 *
 * Either pictures as they come, or all categories alike (rare ones again and again), changed as ordinary augmentation does;
 * of some categories a share of the pictures are made ones. What a place of the batch gets follows from the seed and its
 * number in the stream of samples, at any number of ranks; lessons of one seed draw the same wherever they do not differ. */
#ifndef APPS_COMMON_JUDGE_LESSON_H
#define APPS_COMMON_JUDGE_LESSON_H

#include "common/judge/made.h"
#include "common/judge/warp.h"

typedef struct {
	const gallery *of; /* borrowed, all of these; training pictures of its categories */
	bool alike;        /* categories are drawn alike */
	warp change;
	const uint8_t *both;  /* [categories] as facing_both tells; NULL: none faces both ways */
	const made_set *made; /* sets of made pictures; NULL: none */
	const int *set;       /* [categories] which of them a category's are of; NULL: the first */
	const float *share;   /* [categories] of made pictures among those of a category */
	uint64_t seed;
	float *scratch; /* [a picture's cells] of one rank */
} lesson;

/* local | sample of the stream, into the fields of a classifier; ctx: lesson */
void lesson_make(void *ctx, int64_t sample, void *const field[]);

#endif
