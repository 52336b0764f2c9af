#include "augment/gan/draws.h"

#include "base/rng.h"

#include <math.h>
#include <stdlib.h>

/* streams: a use of randomness each */
enum { OF_NOISE = 0x67616e00, OF_MADE, OF_REAL, OF_PICTURE };

int64_t draws_categories(const gallery *of)
{
	return of->categories + (gallery_count(of, GALLERY_TRAIN, of->categories) > 0);
}

par_err draws_open(draws *d, const gallery *of, int64_t noise, uint64_t seed, double exponent)
{
	double all = 0;
	int64_t categories = draws_categories(of);
	*d = (draws){of, noise, seed, categories, malloc((size_t)categories * sizeof(double) + 1)};
	if (!d->below)
		return par_fail(
		    PAR_E_MEMORY, "no memory for %lld categories", (long long)categories);
	for (int64_t c = 0; c < categories; c++) {
		int64_t n = gallery_count(of, GALLERY_TRAIN, c);
		all += n > 0 ? pow((double)n, exponent) : 0;
		d->below[c] = all;
	}
	for (int64_t c = 0; c < categories; c++)
		d->below[c] /= all > 0 ? all : 1;
	return all > 0 ? PAR_OK
		       : par_fail(PAR_E_DATA, "%s: no training pictures of any category", of->path);
}

void draws_close(draws *d)
{
	free(d->below);
	*d = (draws){0};
}

/* the first category at whose end u has not come by */
static int32_t category_at(const draws *d, double u)
{
	int64_t lo = 0, hi = d->categories - 1;
	while (lo < hi) {
		int64_t middle = (lo + hi) / 2;
		if (u < d->below[middle])
			hi = middle;
		else
			lo = middle + 1;
	}
	return (int32_t)lo;
}

void draws_make(void *ctx, int64_t sample, void *const field[])
{
	const draws *d = ctx;
	int32_t made = category_at(d, par_rng_f64((par_rng){d->seed, OF_MADE, 0}, sample));
	int32_t real = category_at(d, par_rng_f64((par_rng){d->seed, OF_REAL, 0}, sample));
	int64_t n = gallery_count(d->of, GALLERY_TRAIN, real);
	int64_t i = par_rng_below((par_rng){d->seed, OF_PICTURE, 0}, sample, n);
	par_rng_fill_normal(
	    (par_rng){d->seed, OF_NOISE, 0}, sample * d->noise, d->noise, field[GAN_NOISE]);
	*(int32_t *)field[GAN_LABEL] = made;
	((int32_t *)field[GAN_LABELS])[0] = real;
	((int32_t *)field[GAN_LABELS])[1] = made;
	gallery_picture(d->of, gallery_item(d->of, GALLERY_TRAIN, real, i), field[GAN_REAL]);
}
