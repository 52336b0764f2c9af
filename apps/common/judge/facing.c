#include "common/judge/facing.h"

#include "comm/blocks.h"

#include <stdlib.h>
#include <string.h>

#define LOOKED 1000 /* pictures of a category, at most */
#define MOST .88    /* share that may face one way */

/* out = picture - its mirror image */
static void lean(const gallery *g, const uint8_t *cell, float *out)
{
	int64_t wide = g->width, deep = g->channels;
	for (int64_t row = 0; row < g->height; row++)
		for (int64_t col = 0; col < wide; col++)
			for (int64_t k = 0; k < deep; k++) {
				int64_t at = (row * wide + col) * deep + k;
				int64_t mirrored = (row * wide + wide - 1 - col) * deep + k;
				out[at] = (float)cell[at] - (float)cell[mirrored];
			}
}

static void add_up(const gallery *g, int64_t category, int64_t n, float *one, double *sum)
{
	for (int64_t i = 0; i < n; i++) {
		int64_t item = gallery_item(g, GALLERY_TRAIN, category, i);
		lean(g, gallery_cells(g, item), one);
		for (int64_t k = 0; k < g->bytes; k++)
			sum[k] += (double)one[k];
	}
}

/* the others' sum is the whole less the picture's own */
static double agree(const gallery *g, int64_t category, int64_t n, float *one, const double *sum)
{
	int64_t with = 0;
	for (int64_t i = 0; i < n; i++) {
		double product = 0;
		int64_t item = gallery_item(g, GALLERY_TRAIN, category, i);
		lean(g, gallery_cells(g, item), one);
		for (int64_t k = 0; k < g->bytes; k++)
			product += (double)one[k] * (sum[k] - (double)one[k]);
		with += product > 0;
	}
	return n > 0 ? (double)with / (double)n : 0;
}

par_err facing_share(const gallery *g, int64_t category, int64_t n, double *share)
{
	float *one = calloc((size_t)g->bytes, sizeof *one);
	double *sum = calloc((size_t)g->bytes, sizeof *sum);
	bool room = one && sum;
	if (room) {
		add_up(g, category, n, one, sum);
		*share = agree(g, category, n, one, sum);
	}
	free(one);
	free(sum);
	return room ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for a mean picture");
}

typedef struct {
	const gallery *g;
	uint8_t *both;
} looking;

static par_err look(void *ctx, int64_t lo, int64_t hi, double *sums)
{
	const looking *l = ctx;
	(void)sums;
	for (int64_t c = lo; c < hi; c++) {
		double share = 1;
		int64_t n = gallery_count(l->g, GALLERY_TRAIN, c);
		PAR_TRY(facing_share(l->g, c, n < LOOKED ? n : LOOKED, &share));
		l->both[c] = n > 1 && share < MOST;
	}
	return PAR_OK;
}

par_err facing_both(const gallery *g, const par_world *w, uint8_t *both)
{
	par_blocks b;
	par_shared all;
	looking l = {g, both};
	memset(both, 0, (size_t)g->categories);
	par_blocks_deal(&b, w, g->categories, 1);
	par_err e = par_shared_open(&all, w, (size_t)g->categories + 1);
	if (e == PAR_OK)
		e = par_blocks_run(&b, look, &l, NULL, 0);
	if (e == PAR_OK) {
		par_shared_put(&all, (size_t)b.lo, (size_t)(b.hi - b.lo), both + b.lo);
		memcpy(both, all.window.base, (size_t)g->categories);
		par_window_meet(&all.window);
	}
	par_shared_close(&all);
	return e;
}
