/* Spectral: the largest singular value of a matrix, followed from step to step by power iteration. */
#ifndef PAR_TENSOR_SPECTRAL_H
#define PAR_TENSOR_SPECTRAL_H

#include <stdbool.h>
#include <stdint.h>

/* local | for w (rows x cols, dense), with |.| the Euclidean norm but at least 1e-12:
 *   right = w^T left / |w^T left|    left' = w right / |w right|
 * and returns sigma = |w right|, a lower bound of the largest singular value that a few steps on
 * slowly changing matrices bring close to it (Miyato et al. 2018, algorithm 1).
 *   left   rows floats; becomes left' (ones where that is 0) when move, else stays
 *   right  cols floats, written
 * The same bits on every rank, as w stands whole on each. */
float par_spectral_step(
    int64_t rows, int64_t cols, const float *w, float *left, bool move, float *right);

#endif
