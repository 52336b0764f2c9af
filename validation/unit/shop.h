/* A shop of made-up pictures, 12 x 12 of one channel, for tests of what learns from pictures. */
#ifndef UNIT_SHOP_H
#define UNIT_SHOP_H

#include "base/rng.h"
#include "common/gallery.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SHOP_SIDE = 12, SHOP_CELLS = SHOP_SIDE * SHOP_SIDE, SHOP_CATEGORIES = 3 };

/* a picture of a category: a bar that stands, lies or goes aslant, somewhere, with noise; follows from its number */
static inline void shop_draw(int category, int64_t number, uint8_t *cell)
{
	par_rng r = {77, (uint32_t)category, 0};
	double y0 = par_rng_f64(r, 4 * number) * 4 - 2, x0 = par_rng_f64(r, 4 * number + 1) * 4 - 2;
	double light = 60 + 120 * par_rng_f64(r, 4 * number + 2);
	for (int i = 0; i < SHOP_CELLS; i++) {
		int row = i / SHOP_SIDE, col = i % SHOP_SIDE;
		double y = row - 5.5 - y0, x = col - 5.5 - x0;
		double off = category == 0 ? x : category == 1 ? y : (x - y) / sqrt(2);
		double noise = par_rng_f64(
		    (par_rng){77, (uint32_t)category, 1}, number * SHOP_CELLS + i);
		cell[i] = (uint8_t)((fabs(off) < 1.5 ? light : 0) + 70 * noise);
	}
}

typedef struct {
	gallery g;
	int32_t in_catalog[SHOP_CATEGORIES];
	char names[SHOP_CATEGORIES][8];
	uint8_t *cell;
} shop;

/* train[c] and held[c] pictures of each category for training, and for validation and as many for the test */
static inline void shop_open(shop *s, const int64_t *train, const int64_t *held)
{
	int64_t n = 0, at = 0;
	for (int c = 0; c < SHOP_CATEGORIES; c++)
		n += train[c] + 2 * held[c];
	memset(s, 0, sizeof *s);
	s->cell = malloc((size_t)(n * SHOP_CELLS));
	s->g = (gallery){.path = "shop",
	    .height = SHOP_SIDE,
	    .width = SHOP_SIDE,
	    .channels = 1,
	    .bytes = SHOP_CELLS,
	    .pictures = n,
	    .categories = SHOP_CATEGORIES,
	    .category = s->names[0],
	    .stride = sizeof s->names[0],
	    .in_catalog = s->in_catalog,
	    .label = malloc((size_t)n * sizeof(int32_t))};
	for (int split = 0; split < GALLERY_SPLITS; split++) {
		s->g.first[split] = calloc(SHOP_CATEGORIES + 2, sizeof(int64_t));
		s->g.items[split] = malloc((size_t)n * sizeof(int64_t));
		int64_t of_split = 0;
		for (int c = 0; c < SHOP_CATEGORIES; c++) {
			int64_t count = split == GALLERY_TRAIN ? train[c] : held[c];
			s->in_catalog[c] = c;
			s->names[c][0] = (char)('a' + c);
			s->g.first[split][c] = of_split;
			for (int64_t i = 0; i < count; i++, at++, of_split++) {
				s->g.items[split][of_split] = at;
				s->g.label[at] = c;
				shop_draw(c, at, s->cell + at * SHOP_CELLS);
			}
		}
		s->g.first[split][SHOP_CATEGORIES] = s->g.first[split][SHOP_CATEGORIES + 1] =
		    of_split;
	}
	s->g.shared.window.base = (char *)s->cell;
}

static inline void shop_close(shop *s)
{
	for (int split = 0; split < GALLERY_SPLITS; split++) {
		free(s->g.first[split]);
		free(s->g.items[split]);
	}
	free(s->g.label);
	free(s->cell);
}

#endif
