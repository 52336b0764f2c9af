/* Pool: the largest or mean value of windows of a picture, channel by channel, on one core.
 *
 * Pictures are [h, w, channel], dense; window (y, x) covers size x size cells from (stride y, stride x)
 * on, and cells beyond the last whole window count nowhere. Maxima remember, a byte each, which cell
 * of the window they came from, so that the way back reads nothing else. */
#ifndef PAR_TENSOR_POOL_H
#define PAR_TENSOR_POOL_H

#include <stdint.h>

#define PAR_POOL_SIZE 16 /* at most */

typedef struct {
	int64_t h, w, channels, size, stride;
} par_pool_map;

static inline int64_t par_pool_windows(int64_t cells, int64_t size, int64_t stride)
{
	return cells < size ? 0 : (cells - size) / stride + 1;
}

/* results of one picture */
static inline int64_t par_pool_floats(const par_pool_map *m)
{
	return par_pool_windows(m->h, m->size, m->stride) *
	       par_pool_windows(m->w, m->size, m->stride) * m->channels;
}

/* y = the maximum; which = ky size + kx of the first cell that has it. A NaN is the maximum. */
void par_pool_max(
    const par_pool_map *m, int64_t pictures, const float *x, float *y, uint8_t *which);
/* dx, written whole: every cell's sum over the windows whose maximum it is */
void par_pool_max_back(
    const par_pool_map *m, int64_t pictures, const float *dy, const uint8_t *which, float *dx);

void par_pool_mean(const par_pool_map *m, int64_t pictures, const float *x, float *y);
void par_pool_mean_back(const par_pool_map *m, int64_t pictures, const float *dy, float *dx);

#endif
