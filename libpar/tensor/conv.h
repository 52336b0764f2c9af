/* Conv: convolutions of pictures, on one core.
 *
 * A convolution ties two grids together. Cell (y, x) of the coarse grid sees the kernel x kernel
 * cells (stride y + ky - pad, stride x + kx - pad) of the fine grid; those outside are zero. Going
 * down, from fine to coarse, is the convolution; going up is its transpose. So a convolution layer
 * goes down and its input gradient up, a transposed convolution layer the other way round, and the
 * gradients of both layers' weights are sums over the coarse cells.
 *
 * Pictures are [height, width, channel], dense. Weights are [kernel, kernel, fine, coarse] channels,
 * PAR_AS_IS, or [kernel, kernel, coarse, fine], PAR_TRANSPOSED.
 *
 * Every picture is computed alone, an element by one chain of multiply-adds in an order that the map
 * alone fixes (tensor/gemm.h). Nothing is copied but pictures that need zeros around them; columns
 * in the sense of "im2col" are never formed: a tile of the product walks the picture in place.
 * Going up with a stride, cells are taken by their remainders, so that each is written once (Dumoulin
 * and Visin 2016, section 4, without the zeros in between).
 *
 * All calls are local and allocate nothing; scratch is the caller's, par_conv_scratch floats. Input
 * pictures may be read up to 60 bytes beyond their end. */
#ifndef PAR_TENSOR_CONV_H
#define PAR_TENSOR_CONV_H

#include "tensor/gemm.h"
#include "tensor/pool.h"

typedef struct {
	int64_t kernel, stride, pad;
	int64_t fine_h, fine_w, fine;       /* fine: its channels */
	int64_t coarse_h, coarse_w, coarse; /* (fine_h + 2 pad - kernel) / stride + 1, ... */
} par_conv_map;

/* The coarse grid of a fine one; 0 cells where the kernel does not fit */
static inline int64_t par_conv_coarse(int64_t fine, int64_t kernel, int64_t stride, int64_t pad)
{
	int64_t room = fine + 2 * pad - kernel;
	return room < 0 ? 0 : room / stride + 1;
}

size_t par_conv_scratch(const par_conv_map *m);

/* coarse pictures from fine ones; finish, by coarse channel, may be NULL */
void par_conv_down(const par_conv_map *m, int64_t pictures, const float *fine, const float *w,
    par_turn turn, const par_finish *finish, float *coarse, float *scratch);

/* fine pictures from coarse ones; finish, by fine channel, may be NULL */
void par_conv_up(const par_conv_map *m, int64_t pictures, const float *coarse, const float *w,
    par_turn turn, const par_finish *finish, float *fine, float *scratch);

/* The gradient of the weights, laid out as turn says: out[i] is the sum over the shards of my i-th
 * node, within a shard over pictures and coarse cells in order. A sample has `pictures` pictures;
 * fine and coarse begin at my first sample. scratch: par_conv_shards_scratch floats. */
void par_conv_shards(const par_conv_map *m, const par_shards *s, int64_t pictures,
    const float *fine, const float *coarse, par_turn turn, float *const *out, float *scratch);

/* Coarse pictures given by the maxima of their windows alone: a cell is zero, or the sum of those
 * maxima that came from it (tensor/pool.h). They are made a few at a time, where they are needed. */
typedef struct {
	par_pool_map map;
	const float *y;
	const uint8_t *which;
} par_conv_pooled;

/* par_conv_down followed by par_pool_max, and the two ways back from gradients of the maxima */
void par_conv_down_pool(const par_conv_map *m, const par_pool_map *pool, int64_t pictures,
    const float *fine, const float *w, par_turn turn, const par_finish *finish, float *y,
    uint8_t *which, float *scratch);
void par_conv_up_pooled(const par_conv_map *m, int64_t pictures, const par_conv_pooled *coarse,
    const float *w, par_turn turn, float *fine, float *scratch);
void par_conv_shards_pooled(const par_conv_map *m, const par_shards *s, int64_t pictures,
    const float *fine, const par_conv_pooled *coarse, par_turn turn, float *const *out,
    float *scratch);
size_t par_conv_pool_scratch(const par_conv_map *m); /* of the first two */

size_t par_conv_shards_scratch(const par_conv_map *m, const par_shards *s);

#endif
