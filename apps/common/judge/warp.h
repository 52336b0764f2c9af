/* Warp: a picture changed at random as ordinary augmentation does, so that it still shows the same.
 *
 * It is mirrored, turned, stretched and shifted a little, and a rectangle of it is erased by noise (Zhong et al. 2020). Sizes are of
 * the picture's sides, so that pictures of any size change alike. */
#ifndef APPS_COMMON_JUDGE_WARP_H
#define APPS_COMMON_JUDGE_WARP_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
	bool mirror;  /* every other one, of a category that faces both ways (judge/facing.h) */
	double turn;  /* up to so many degrees either way */
	double scale; /* each side up to such a share longer or shorter */
	double shift; /* up to such a share of each side either way */
	double
	    erase; /* share of pictures that get noise in a rectangle of a seventh to three sevenths of each side */
} warp;

typedef struct {
	int64_t height, width, channels;
} warp_shape;

/* local | out[height][width][channels] = in, changed; what it does follows from (seed, sample). Outside of the picture is as its
 * corners are in the mean; `scratch` is as large. mirrors: of this picture's category */
void warp_picture(const warp *p, const warp_shape *s, uint64_t seed, int64_t sample, bool mirrors,
    float *picture, float *scratch);

#endif
