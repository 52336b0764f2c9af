/* Random numbers by address: the value at (seed, stream, step, index) is a function of these four,
 * so that it does not depend on ranks, on the order of calls or on what was drawn before.
 *
 * A stream is one use of randomness ("dropout of layer 3"), a step its place in time, an index the
 * place in the global array that is filled. One (stream, step) serves one kind of draw; two kinds
 * at the same index would share bits.
 * Source: Philox4x32-10 (Salmon et al., SC 2011), from Random123; the key is the seed, the counter
 * (index, stream, step). Logarithm, sine and cosine are our own, so that normal values have the same
 * bits with every C library and kernel set. */
#ifndef PAR_BASE_RNG_H
#define PAR_BASE_RNG_H

#include <stdint.h>

typedef struct {
	uint64_t seed;
	uint32_t stream, step;
} par_rng;

/* All are local and ask for 0 <= i < 2^56. */

/* 32 bits; four neighbours cost what one costs, see the fills */
uint32_t par_rng_u32(par_rng r, int64_t i);
/* uniform in [0, 1): multiples of 2^-24, of 2^-53 */
float par_rng_f32(par_rng r, int64_t i);
double par_rng_f64(par_rng r, int64_t i);
/* uniform in (0, 1): odd multiples of 2^-53 */
double par_rng_open(par_rng r, int64_t i);
/* normal, mean 0 and variance 1 (Box and Muller 1958): even and odd neighbours are a pair */
double par_rng_normal(par_rng r, int64_t i);
/* uniform in [0, n), n > 0, every value exactly as likely (Lemire 2019, with rejection) */
int64_t par_rng_below(par_rng r, int64_t i, int64_t n);

/* where item i goes in a shuffle of [0, n), 0 <= i < n: a bijection without memory, for n up to 2^56.
 * Feistel network of eight rounds, walked until it lands inside (Black and Rogaway 2002). */
int64_t par_rng_permute(par_rng r, int64_t i, int64_t n);

/* out[k] = the value at first + k, for 0 <= k < n */
void par_rng_fill_u32(par_rng r, int64_t first, int64_t n, uint32_t *out);
void par_rng_fill_f32(par_rng r, int64_t first, int64_t n, float *out);
void par_rng_fill_normal(par_rng r, int64_t first, int64_t n, float *out);

#endif
