#include "augment/filler.h"

#include "base/rng.h"

#include <math.h>

const char *const filler_name[FILLERS] = {"gan", "mixup"};

/* FNV-1a of the name: randomness is a category's own, whatever its place */
static uint32_t stream_of(const char *name)
{
	uint32_t hash = 2166136261u;
	for (; *name; name++)
		hash = (hash ^ (uint8_t)*name) * 16777619u;
	return hash;
}

static void draw(void *ctx, int64_t category, int64_t first, int64_t n, uint8_t *out)
{
	filler *f = ctx;
	studio_draw(f->s, category, stream_of(gallery_name(f->g, category)), first, n, out);
}

static void mix(void *ctx, int64_t category, int64_t first, int64_t n, uint8_t *out)
{
	const filler *f = ctx;
	uint32_t stream = stream_of(gallery_name(f->g, category));
	par_rng which = {f->seed, stream, 2}, share = {f->seed, stream, 3};
	int64_t bytes = f->g->bytes, real = gallery_count(f->g, GALLERY_TRAIN, category);
	for (int64_t i = 0; i < n; i++, out += bytes) {
		const uint8_t *cell[2];
		for (int k = 0; k < 2; k++) {
			int64_t at = par_rng_below(which, 2 * (first + i) + k, real);
			cell[k] = gallery_cells(
			    f->g, gallery_item(f->g, GALLERY_TRAIN, category, at));
		}
		float a = par_rng_f32(share, first + i);
		for (int64_t k = 0; k < bytes; k++)
			out[k] = (uint8_t)rintf(a * cell[0][k] + (1 - a) * cell[1][k]);
	}
}

const made_fn filler_make[FILLERS] = {draw, mix};
