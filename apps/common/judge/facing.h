/* Facing: which categories are shown both ways round, so that a mirrored picture is one more of them.
 *
 * A catalog may shoot shoes with their tips to the left. The difference between a category's mean picture and its mirrored mean
 * is where they face; a picture's product with it tells which way that one does, and its mirror image has the same product
 * with the other sign. Where most agree, mirrored pictures are not of this catalog. A picture is held against the mean of the others, so
 * that few pictures do not agree by themselves. */
#ifndef APPS_COMMON_JUDGE_FACING_H
#define APPS_COMMON_JUDGE_FACING_H

#include "common/gallery.h"

/* collective | both[categories] is 1 where training pictures face both ways; the same on every rank. fails: PAR_E_MEMORY */
par_err facing_both(const gallery *g, const par_world *w, uint8_t *both);

/* local | share of n pictures of a category that face the way of the others. fails: PAR_E_MEMORY */
par_err facing_share(const gallery *g, int64_t category, int64_t n, double *share);

#endif
