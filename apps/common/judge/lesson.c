#include "common/judge/lesson.h"

#include "base/rng.h"
#include "common/judge/classifier.h"

/* streams: a use of randomness each */
enum { OF_CATEGORY = 0x6c657300, OF_PICTURE, OF_MADE };

/* the k-th of all categories that have training pictures */
static int64_t category_at(const gallery *g, int64_t k)
{
	int64_t c = 0;
	while (gallery_count(g, GALLERY_TRAIN, c) == 0 || k-- > 0)
		c++;
	return c;
}

static int64_t categories_with_pictures(const gallery *g)
{
	int64_t n = 0;
	for (int64_t c = 0; c < g->categories; c++)
		n += gallery_count(g, GALLERY_TRAIN, c) > 0;
	return n;
}

static int64_t draw_category(const lesson *l, int64_t sample)
{
	const gallery *g = l->of;
	par_rng r = {l->seed, OF_CATEGORY, 0};
	if (l->alike)
		return category_at(g, par_rng_below(r, sample, categories_with_pictures(g)));
	const int64_t *first = g->first[GALLERY_TRAIN];
	int64_t picture = par_rng_below(r, sample, first[g->categories]), c = 0;
	while (first[c + 1] <= picture)
		c++;
	return c;
}

static void take_real(const lesson *l, int64_t category, int64_t sample, float *out)
{
	const gallery *g = l->of;
	int64_t n = gallery_count(g, GALLERY_TRAIN, category);
	int64_t i = par_rng_below((par_rng){l->seed, OF_PICTURE, 0}, sample, n);
	gallery_picture(g, gallery_item(g, GALLERY_TRAIN, category, i), out);
}

/* is this sample a made one? then it is taken */
static bool take_made(const lesson *l, int64_t category, int64_t sample, float *out)
{
	const made_set *m = l->made ? &l->made[l->set ? l->set[category] : 0] : NULL;
	int64_t n = m ? made_count(m, category) : 0;
	if (n == 0 ||
	    par_rng_f64((par_rng){l->seed, OF_MADE, 0}, sample) >= (double)l->share[category])
		return false;
	int64_t i = par_rng_below((par_rng){l->seed, OF_MADE, 1}, sample, n);
	gallery_floats(m->bytes, made_cells(m, m->first[category] + i), out);
	return true;
}

void lesson_make(void *ctx, int64_t sample, void *const field[])
{
	const lesson *l = ctx;
	const gallery *g = l->of;
	float *picture = field[CLASSIFIER_PICTURE];
	int64_t c = draw_category(l, sample);
	if (!take_made(l, c, sample, picture))
		take_real(l, c, sample, picture);
	warp_picture(&l->change, &(warp_shape){g->height, g->width, g->channels}, l->seed, sample,
	    l->both && l->both[c], picture, l->scratch);
	*(int32_t *)field[CLASSIFIER_LABEL] = (int32_t)c;
}
