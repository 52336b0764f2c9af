/* Gemm: products of float matrices in row-major order, on one core.
 *
 * An element of a product is one chain of multiply-adds over k = 0, 1, 2 ... in this order, each
 * rounded to float, that begins at 0 or at the element's old value. So its bits depend neither on
 * the number of rows and columns, nor on leading dimensions, alignment or the element's place:
 * forward passes and input gradients do not feel how samples are dealt to ranks. Sums over samples
 * (par_gemm_shards) are chains within a shard and additions in the canonical tree over shards,
 * both done in registers.
 *
 * All calls are local, allocate nothing and use one static workspace: one thread of a process. */
#ifndef PAR_TENSOR_GEMM_H
#define PAR_TENSOR_GEMM_H

#include "comm/shards.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum { PAR_AS_IS, PAR_TRANSPOSED } par_turn;

/* what happens to a finished element c of column j before it is stored:
 * c + bias[j], then, when that is negative, times slope (1: nothing, 0: ReLU, 0.2: leaky ReLU) */
typedef struct {
	const float *bias; /* n floats; NULL: none */
	float slope;
} par_finish;

/* c (m x n, ldc) = a (m x k) b (k x n), or += with add; a is stored k x m when transposed, b
 * n x k. finish may be NULL. */
void par_gemm(int64_t m, int64_t n, int64_t k, const float *a, int64_t lda, par_turn a_turn,
    const float *b, int64_t ldb, par_turn b_turn, float *c, int64_t ldc, bool add,
    const par_finish *finish);

/* The second factor laid out once for many products (a recurrent layer's weights), as the kernel set
 * in use wants it. */
size_t par_gemm_packed_floats(int64_t k, int64_t n);
void par_gemm_pack(
    float *packed, int64_t k, int64_t n, const float *b, int64_t ldb, par_turn b_turn);
void par_gemm_packed(int64_t m, int64_t n, int64_t k, const float *a, int64_t lda,
    const float *packed, float *c, int64_t ldc, bool add, const par_finish *finish);

/* The gradient of a weight matrix: out[i] (m x n, dense) is the sum over the shards of my i-th node
 * of a_s^T b_s. A sample has `rows` rows of a (each m floats, lda apart) and of b (n, ldb); a and
 * b begin at my first sample. out[i] is written whole. */
void par_gemm_shards(const par_shards *s, int64_t rows, int64_t m, int64_t n, const float *a,
    int64_t lda, const float *b, int64_t ldb, float *const *out);

/* The same with the factors rounded to bfloat16 (nearest, ties to even) and sums kept in float.
 * An element's chain is as independent of shape and place as above. Where the processor multiplies
 * pairs of bfloat16, or has no such instruction and multiplies floats, the order is k = 1, 0, 3, 2,
 * ...; by the tiles of AMX, 32 k at a time, the even ones are a chain from 0, the odd ones another,
 * and their sum is added. par_cpu_bf16 (base/cpu.h) says which; par_world_kernels makes ranks agree
 * on one. An odd number of k ends with a product of zeros. The instructions take numbers below 2^-126
 * for 0. */
void par_gemm_bf16(int64_t m, int64_t n, int64_t k, const float *a, int64_t lda, par_turn a_turn,
    const float *b, int64_t ldb, par_turn b_turn, float *c, int64_t ldc, bool add,
    const par_finish *finish);
void par_gemm_shards_bf16(const par_shards *s, int64_t rows, int64_t m, int64_t n, const float *a,
    int64_t lda, const float *b, int64_t ldb, float *const *out);

#endif
