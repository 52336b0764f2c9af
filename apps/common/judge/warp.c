#include "common/judge/warp.h"

#include "base/rng.h"

#include <math.h>
#include <string.h>

#define RADIAN 0.017453292519943295

enum { OF_WARP = 0x77617270 };
/* a sample's draws */
enum { MIRROR, TURN, TALL, BROAD, DOWN, RIGHT, ERASES, TOP, LEFT, HIGH, WIDE, DRAWS };

typedef struct {
	double u[DRAWS]; /* uniform in [0, 1) */
} draw;

static draw draw_of(uint64_t seed, int64_t sample)
{
	draw d;
	for (int k = 0; k < DRAWS; k++)
		d.u[k] = par_rng_f64((par_rng){seed, OF_WARP, 0}, sample * 16 + k);
	return d;
}

/* from -most to most */
static double either_way(double u, double most)
{
	return (2 * u - 1) * most;
}

static void mirror(const warp_shape *s, float *x)
{
	for (int64_t row = 0; row < s->height; row++, x += s->width * s->channels)
		for (int64_t a = 0, b = s->width - 1; a < b; a++, b--)
			for (int64_t k = 0; k < s->channels; k++) {
				float t = x[a * s->channels + k];
				x[a * s->channels + k] = x[b * s->channels + k];
				x[b * s->channels + k] = t;
			}
}

/* what surrounds the picture: the mean of its corners */
static float outside(const warp_shape *s, const float *x, int64_t channel)
{
	int64_t right = (s->width - 1) * s->channels,
		down = (s->height - 1) * s->width * s->channels;
	x += channel;
	return (x[0] + x[right] + x[down] + x[down + right]) / 4;
}

static float cell(
    const warp_shape *s, const float *x, int64_t row, int64_t col, int64_t k, float beyond)
{
	bool in = row >= 0 && row < s->height && col >= 0 && col < s->width;
	return in ? x[(row * s->width + col) * s->channels + k] : beyond;
}

/* the map from a place of the new picture to one of the old, both from the middle */
typedef struct {
	double yy, yx, xy, xx, down, right;
} affine;

static affine affine_of(const warp *p, const warp_shape *s, const draw *d)
{
	double angle = either_way(d->u[TURN], p->turn) * RADIAN;
	double tall = 1 + either_way(d->u[TALL], p->scale),
	       broad = 1 + either_way(d->u[BROAD], p->scale);
	return (affine){cos(angle) * tall, -sin(angle) * tall, sin(angle) * broad,
	    cos(angle) * broad, either_way(d->u[DOWN], p->shift) * (double)s->height,
	    either_way(d->u[RIGHT], p->shift) * (double)s->width};
}

/* between the four cells around a place */
static float between(
    const warp_shape *s, const float *x, double row, double col, int64_t k, float beyond)
{
	double top = floor(row), left = floor(col);
	int64_t r = (int64_t)top, c = (int64_t)left;
	float dy = (float)(row - top), dx = (float)(col - left);
	float a = cell(s, x, r, c, k, beyond), b = cell(s, x, r, c + 1, k, beyond);
	float e = cell(s, x, r + 1, c, k, beyond), f = cell(s, x, r + 1, c + 1, k, beyond);
	return (a + (b - a) * dx) * (1 - dy) + (e + (f - e) * dx) * dy;
}

static void apply(const affine *a, const warp_shape *s, const float *x, float *out)
{
	double middle_y = (double)(s->height - 1) / 2, middle_x = (double)(s->width - 1) / 2;
	for (int64_t k = 0; k < s->channels; k++) {
		float beyond = outside(s, x, k);
		for (int64_t row = 0; row < s->height; row++)
			for (int64_t col = 0; col < s->width; col++) {
				double y = (double)row - middle_y, z = (double)col - middle_x;
				double from_y = a->yy * y + a->yx * z + a->down + middle_y;
				double from_x = a->xy * y + a->xx * z + a->right + middle_x;
				out[(row * s->width + col) * s->channels + k] = between(
				    s, x, from_y, from_x, k, beyond);
			}
	}
}

/* begin and length of an erased stretch */
static int64_t stretch(double u, double place, int64_t side, int64_t *begin)
{
	int64_t n = (int64_t)((1.0 / 7 + u * 2.0 / 7) * (double)side + .5);
	*begin = (int64_t)(place * (double)(side - n + 1));
	return n;
}

/* noise in place of what was there */
static void erase(const warp_shape *s, const draw *d, uint64_t seed, int64_t sample, float *x)
{
	int64_t top, left, row_cells = s->width * s->channels;
	int64_t high = stretch(d->u[HIGH], d->u[TOP], s->height, &top);
	int64_t wide = stretch(d->u[WIDE], d->u[LEFT], s->width, &left) * s->channels;
	for (int64_t row = top; row < top + high; row++) {
		float *at = x + row * row_cells + left * s->channels;
		par_rng_fill_f32(
		    (par_rng){seed, OF_WARP, 1}, (sample * s->height + row) * row_cells, wide, at);
		for (int64_t i = 0; i < wide; i++)
			at[i] = 2 * at[i] - 1;
	}
}

void warp_picture(const warp *p, const warp_shape *s, uint64_t seed, int64_t sample, bool mirrors,
    float *picture, float *scratch)
{
	draw d = draw_of(seed, sample);
	if (p->mirror && mirrors && d.u[MIRROR] < .5)
		mirror(s, picture);
	if (p->turn > 0 || p->scale > 0 || p->shift > 0) {
		affine a = affine_of(p, s, &d);
		size_t cells = (size_t)(s->height * s->width * s->channels);
		apply(&a, s, picture, scratch);
		memcpy(picture, scratch, cells * sizeof *picture);
	}
	if (d.u[ERASES] < p->erase)
		erase(s, &d, seed, sample, picture);
}
