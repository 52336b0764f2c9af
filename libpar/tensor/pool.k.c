#include "tensor/pool_kernels.h"

#include <stdbool.h>

typedef uint8_t bytes __attribute__((vector_size(LANES)));

/* some is LANES but for the last vector of a row's channels */
INLINE vec load(const float *p, int64_t some)
{
	return some == LANES ? vec_load(p) : vec_load_some(p, some);
}

INLINE void store(float *p, vec v, int64_t some)
{
	if (some == LANES)
		vec_store(p, v);
	else
		vec_store_some(p, v, some);
}

INLINE void store_bytes(uint8_t *p, ivec v, int64_t some)
{
	bytes b = __builtin_convertvector(v, bytes);
	if (some == LANES)
		memcpy(p, &b, LANES);
	else
		memcpy(p, &b, (size_t)some);
}

INLINE ivec load_bytes(const uint8_t *p, int64_t some)
{
	bytes b = {0};
	if (some == LANES)
		memcpy(&b, p, LANES);
	else
		memcpy(&b, p, (size_t)some);
	return __builtin_convertvector(b, ivec);
}

INLINE ivec is_nan(vec c)
{
	return ((ivec)c & 0x7fffffff) > 0x7f800000;
}

/* In what follows size is a constant where the code is expanded for the usual 2 x 2 windows. */

INLINE void max_one(
    const par_pool_row *r, int64_t size, const float *x, float *y, uint8_t *which, int64_t some)
{
	vec top = load(x, some);
	ivec at = {0};
	for (int32_t k = 1; k < size * size; k++) {
		vec c = load(x + k / size * r->x_row + k % size * r->channels, some);
		ivec more = (c > top) | is_nan(c);
		top = vec_pick(more, c, top);
		at = (more & k) | (~more & at);
	}
	store(y, top, some);
	store_bytes(which, at, some);
}

/* where windows touch, a cell is added to by one after the other */
INLINE void max_back_one(const par_pool_row *r, int64_t size, bool apart, const float *dy,
    const uint8_t *which, float *dx, int64_t some)
{
	vec d = load(dy, some), zero = {0};
	ivec at = load_bytes(which, some);
	for (int32_t k = 0; k < size * size; k++) {
		float *to = dx + k / size * r->x_row + k % size * r->channels;
		vec share = vec_pick(at == k, d, zero);
		store(to, apart ? share : load(to, some) + share, some);
	}
}

INLINE void mean_one(const par_pool_row *r, int64_t size, const float *x, float *y, int64_t some)
{
	vec sum = load(x, some);
	for (int64_t k = 1; k < size * size; k++)
		sum += load(x + k / size * r->x_row + k % size * r->channels, some);
	store(y, sum * vec_all(1 / (float)(size * size)), some);
}

INLINE void mean_back_one(
    const par_pool_row *r, int64_t size, bool apart, const float *dy, float *dx, int64_t some)
{
	vec share = load(dy, some) * vec_all(1 / (float)(size * size));
	for (int64_t k = 0; k < size * size; k++) {
		float *to = dx + k / size * r->x_row + k % size * r->channels;
		store(to, apart ? share : load(to, some) + share, some);
	}
}

/* all windows w and vectors j of channels; AT_X and AT_Y are their places */
#define EACH(r, one)                                                                  \
	do {                                                                          \
		for (int64_t w = 0; w < (r)->windows; w++) {                          \
			int64_t AT_X = w * (r)->stride * (r)->channels;               \
			int64_t AT_Y = w * (r)->channels, end = AT_Y + (r)->channels; \
			for (; AT_Y + LANES <= end; AT_X += LANES, AT_Y += LANES) {   \
				enum { SOME = LANES };                                \
				one;                                                  \
			}                                                             \
			if (AT_Y < end) {                                             \
				int64_t SOME = end - AT_Y;                            \
				one;                                                  \
			}                                                             \
		}                                                                     \
	} while (0)

static void max(const par_pool_row *r, const float *x, float *y, uint8_t *which)
{
	if (r->size == 2)
		EACH(r, max_one(r, 2, x + AT_X, y + AT_Y, which + AT_Y, SOME));
	else
		EACH(r, max_one(r, r->size, x + AT_X, y + AT_Y, which + AT_Y, SOME));
}

static void max_back(const par_pool_row *r, const float *dy, const uint8_t *which, float *dx)
{
	bool apart = r->stride >= r->size;
	if (r->size == 2 && apart)
		EACH(r, max_back_one(r, 2, true, dy + AT_Y, which + AT_Y, dx + AT_X, SOME));
	else
		EACH(r, max_back_one(r, r->size, apart, dy + AT_Y, which + AT_Y, dx + AT_X, SOME));
}

static void mean(const par_pool_row *r, const float *x, float *y)
{
	if (r->size == 2)
		EACH(r, mean_one(r, 2, x + AT_X, y + AT_Y, SOME));
	else
		EACH(r, mean_one(r, r->size, x + AT_X, y + AT_Y, SOME));
}

static void mean_back(const par_pool_row *r, const float *dy, float *dx)
{
	bool apart = r->stride >= r->size;
	if (r->size == 2 && apart)
		EACH(r, mean_back_one(r, 2, true, dy + AT_Y, dx + AT_X, SOME));
	else
		EACH(r, mean_back_one(r, r->size, apart, dy + AT_Y, dx + AT_X, SOME));
}

const par_pool_kernels KERNEL(par_pool_set) = {max, max_back, mean, mean_back};
