#include "train/samples.h"

#include "base/text.h"
#include "comm/blocks.h"
#include "common/idx_pairs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PICTURES_BLOCK 64 /* what one rank reads in a row */

static void deal(samples *s, const par_world *w)
{
	par_blocks b;
	par_blocks_deal(&b, w, s->n, PICTURES_BLOCK);
	s->first = b.lo;
	s->here = b.hi - b.lo;
}

static void describe(samples *s, int64_t height, int64_t width, int64_t channels)
{
	s->field = (par_field){.name = "images",
	    .type = PAR_U8,
	    .nd = 3,
	    .shape = {height, width, channels},
	    .scale = 1 / 255.0f};
}

static par_err check_reading(const samples *s, const reading *how)
{
	if (how->truth == TRUTH_CLASS)
		return PAR_OK;
	return par_fail(PAR_E_CONFIG,
	    "%s: pictures have classes and the loss wants numbers; take a loss as cross_entropy",
	    s->path);
}

/* classes of labels that are bytes: 0, 1, 2 ... */
static par_err name_labels(const samples *s, const par_world *w, coding *c)
{
	int32_t top = -1;
	char text[256][12];
	for (int64_t i = 0; i < s->here; i++) {
		int32_t label = ((const int32_t *)s->truth)[i];
		top = label > top ? label : top;
	}
	top = (int32_t)par_world_max(w, top);
	if (c->known)
		return top < c->classes.n
			   ? PAR_OK
			   : par_fail(PAR_E_DATA,
				 "%s: label %d; the model was trained on %d classes, from 0",
				 s->path, (int)top, (int)c->classes.n);
	for (int i = 0; i <= top; i++)
		snprintf(text[i], sizeof text[i], "%d", i);
	return names_take(&c->classes, text[0], top + 1, sizeof text[0]);
}

/* my rows that lie in this pair, whose first is `first` among the samples */
static par_err read_pair(samples *s, const idx_pair *p, int64_t first, uint8_t *label)
{
	int64_t lo = s->first - first, hi = lo + s->here;
	lo = lo < 0 ? 0 : lo;
	hi = hi > p->image.dim[0] ? p->image.dim[0] : hi;
	if (lo >= hi)
		return PAR_OK;
	int64_t at = first + lo - s->first;
	PAR_TRY(par_idx_read(&p->image, p->images, lo, hi - lo,
	    (unsigned char *)s->x + (size_t)at * samples_bytes(s)));
	return s->truth ? par_idx_read(&p->label, p->labels, lo, hi - lo, label + at) : PAR_OK;
}

static par_err read_pairs(samples *s, const idx_pair *p, int pairs, const reading *how)
{
	int64_t one_in = par_conf_int(how->conf, "train", "validation"), train = p[0].image.dim[0];
	uint8_t *label = calloc((size_t)s->here + 1, 1);
	if (!label)
		return par_fail(PAR_E_MEMORY, "%s: no memory for labels", s->path);
	par_err e = read_pair(s, &p[0], 0, label);
	if (e == PAR_OK && pairs == 2)
		e = read_pair(s, &p[1], train, label);
	for (int64_t i = 0; i < s->here && e == PAR_OK; i++) {
		if (s->truth)
			((int32_t *)s->truth)[i] = label[i];
		if (s->first + i >= train)
			s->split[i] = SPLIT_TEST;
		else if (how->split && held_out(s->first + i, one_in))
			s->split[i] = SPLIT_VALIDATION;
	}
	free(label);
	return e;
}

static par_err check_labels(const samples *s, const idx_pair *p, const reading *how)
{
	if (!how->truths || p->labels[0])
		return PAR_OK;
	return par_fail(PAR_E_DATA,
	    "%s: no labels beside it; wanted a file named as it with labels-idx1 for images-idx3",
	    s->path);
}

par_err samples_from_idx(samples *s, app *a, const reading *how, coding *c)
{
	idx_pair p[2];
	int pairs = idx_pairs_find(a, p, s->path, NULL);
	pairs = how->split ? pairs : 1;
	PAR_TRY_ALL(&a->world, check_reading(s, how));
	PAR_TRY_ALL(&a->world, idx_pairs_open(p, pairs));
	PAR_TRY_ALL(&a->world, check_labels(s, &p[0], how));
	PAR_TRY(idx_pairs_name_inputs(a, p, pairs, NULL));
	const int64_t *dim = p[0].image.dim;
	s->n = dim[0] + (pairs == 2 ? p[1].image.dim[0] : 0);
	describe(s, dim[1], dim[2], dim[3]);
	deal(s, &a->world);
	PAR_TRY_ALL(&a->world, samples_room(s, how, how->truths));
	PAR_TRY_ALL(&a->world, read_pairs(s, p, pairs, how));
	return how->truths ? par_agree(&a->world, name_labels(s, &a->world, c)) : PAR_OK;
}

static par_err take_categories(const samples *s, par_store *in, const par_world *w, coding *c)
{
	char *text;
	int64_t n;
	int stride;
	PAR_TRY(par_store_get_text(in, "category", &text, &n, &stride));
	par_err e = PAR_OK;
	if (!c->known)
		e = names_take(&c->classes, text, n, stride);
	else if (n != c->classes.n)
		e = par_fail(PAR_E_DATA, "%s:/category: %lld classes; the model was trained on %d",
		    s->path, (long long)n, (int)c->classes.n);
	free(text);
	return par_agree(w, e);
}

/* a picture without category is nothing to learn from or to be judged by */
static par_err take_splits(samples *s, const coding *c, bool truths)
{
	for (int64_t i = 0; i < s->here; i++) {
		int32_t k = truths ? ((const int32_t *)s->truth)[i] : 0;
		if (k < -1 || (truths && k >= c->classes.n) || s->split[i] >= SPLITS)
			return par_fail(PAR_E_DATA, "%s:/images[%lld]: category %d, split %d",
			    s->path, (long long)(s->first + i), k, s->split[i]);
		if (k < 0)
			s->split[i] = SPLIT_NONE;
	}
	return PAR_OK;
}

static par_err read_catalog(
    samples *s, par_store *in, const par_world *w, const reading *how, coding *c)
{
	static const char *const by_pixel[] = {"item", "height", "width", "channel", NULL};
	static const char *const by_item[] = {"item", NULL};
	int64_t extent[PAR_STORE_RANK];
	bool pictures = par_store_shape(in, "images", extent) == 4;
	PAR_TRY_ALL(
	    w, pictures ? PAR_OK
			: par_fail(PAR_E_DATA,
			      "%s: has no pictures; make it by entrepot-ingest --images", s->path));
	s->n = extent[0];
	describe(s, extent[1], extent[2], extent[3]);
	deal(s, w);
	PAR_TRY_ALL(w, samples_room(s, how, how->truths));
	PAR_TRY(par_store_get(in, "images", PAR_U8, by_pixel, s->first, s->here, s->x));
	if (how->truths)
		PAR_TRY(par_store_get(
		    in, "image_category", PAR_I32, by_item, s->first, s->here, s->truth));
	if (how->split)
		PAR_TRY(
		    par_store_get(in, "image_split", PAR_U8, by_item, s->first, s->here, s->split));
	if (how->truths)
		PAR_TRY(take_categories(s, in, w, c));
	return par_agree(w, take_splits(s, c, how->truths));
}

par_err samples_from_catalog(samples *s, app *a, const reading *how, coding *c)
{
	par_store *in;
	PAR_TRY_ALL(&a->world, check_reading(s, how));
	PAR_TRY(par_store_open(&in, &a->world, s->path, "entrepot-catalog", 1));
	par_err e = read_catalog(s, in, &a->world, how, c);
	par_store_close(in);
	return e;
}
