#include "common/gallery.h"

#include "comm/blocks.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK 64      /* pictures that one rank reads in a row */
#define ROUND 16      /* blocks at a time */
#define MIDDLE 127.5f /* of a byte: 0 for networks */

static par_err take_shape(gallery *g, const par_store *s)
{
	int64_t extent[PAR_STORE_RANK];
	if (!par_store_has(s, "images"))
		return par_fail(PAR_E_DATA,
		    "%s: no pictures; make the catalog with entrepot-ingest --images", g->path);
	if (par_store_shape(s, "images", extent) != 4)
		return par_fail(PAR_E_DATA, "%s:/images: wanted four dimensions", g->path);
	g->pictures = extent[0];
	g->height = extent[1];
	g->width = extent[2];
	g->channels = extent[3];
	g->bytes = g->height * g->width * g->channels;
	return PAR_OK;
}

static par_err make_room(gallery *g)
{
	g->in_catalog = calloc((size_t)g->categories + 1, sizeof *g->in_catalog);
	g->label = calloc((size_t)g->pictures + 1, sizeof *g->label);
	g->split = calloc((size_t)g->pictures + 1, sizeof *g->split);
	for (int k = 0; k < GALLERY_SPLITS; k++) {
		g->first[k] = calloc((size_t)g->categories + 2, sizeof **g->first);
		g->items[k] = calloc((size_t)g->pictures + 1, sizeof **g->items);
		if (!g->first[k] || !g->items[k])
			return par_fail(
			    PAR_E_MEMORY, "no memory for %lld pictures", (long long)g->pictures);
	}
	return g->in_catalog && g->label && g->split
		   ? PAR_OK
		   : par_fail(PAR_E_MEMORY, "no memory for %lld pictures", (long long)g->pictures);
}

static par_err check(const gallery *g)
{
	for (int64_t i = 0; i < g->pictures; i++) {
		if (g->label[i] < -1 || g->label[i] >= g->categories)
			return par_fail(PAR_E_DATA,
			    "%s:/image_category[%lld]: %d; there are %lld categories", g->path,
			    (long long)i, (int)g->label[i], (long long)g->categories);
		if (g->split[i] >= GALLERY_SPLITS)
			return par_fail(PAR_E_DATA, "%s:/image_split[%lld]: %d; wanted 0, 1 or 2",
			    g->path, (long long)i, (int)g->split[i]);
	}
	return PAR_OK;
}

static int by_name(const void *a, const void *b, void *names)
{
	const gallery *g = names;
	return strcmp(gallery_name(g, *(const int32_t *)a), gallery_name(g, *(const int32_t *)b));
}

/* categories and what pictures say of theirs, ascending by name */
static par_err sort_names(gallery *g)
{
	size_t stride = (size_t)g->stride, n = (size_t)g->categories;
	char *names = malloc(n * stride + 1);
	int32_t *now = malloc(n * sizeof *now + 1);
	if (names && now) {
		for (int32_t c = 0; c < g->categories; c++)
			g->in_catalog[c] = c;
		qsort_r(g->in_catalog, n, sizeof *g->in_catalog, by_name, g);
		for (int32_t c = 0; c < g->categories; c++) {
			memcpy(
			    names + (size_t)c * stride, gallery_name(g, g->in_catalog[c]), stride);
			now[g->in_catalog[c]] = c;
		}
		memcpy(g->category, names, n * stride);
		for (int64_t i = 0; i < g->pictures; i++)
			g->label[i] = g->label[i] < 0 ? -1 : now[g->label[i]];
	}
	bool room = names && now;
	free(names);
	free(now);
	return room ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for %zu categories", n);
}

static int64_t place(const gallery *g, int64_t picture)
{
	return g->label[picture] < 0 ? g->categories : g->label[picture];
}

/* by category, in order of their numbers */
static void sort(gallery *g, int split)
{
	int64_t *first = g->first[split], at = 0;
	for (int64_t i = 0; i < g->pictures; i++)
		if (g->split[i] == split)
			first[place(g, i)]++;
	for (int64_t c = 0; c <= g->categories; c++) {
		int64_t n = first[c];
		first[c] = at;
		at += n;
	}
	for (int64_t i = 0; i < g->pictures; i++)
		if (g->split[i] == split)
			g->items[split][first[place(g, i)]++] = i;
	for (int64_t c = g->categories; c > 0; c--)
		first[c] = first[c - 1];
	first[0] = 0;
	first[g->categories + 1] = at;
}

static par_err read_pictures(gallery *g, const par_world *w, par_store *s)
{
	static const char *const dims[] = {"item", "height", "width", "channel", NULL};
	par_blocks b;
	par_blocks_deal(&b, w, g->pictures, BLOCK);
	uint8_t *some = malloc((size_t)(ROUND * BLOCK * g->bytes) + 1);
	par_err e = par_agree(
	    w, some ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for a round of pictures"));
	int64_t rounds = par_blocks_rounds(&b, ROUND);
	for (int64_t k = 0; k < rounds && e == PAR_OK; k++) {
		int64_t lo = b.lo + k * ROUND * BLOCK, left = b.hi - lo;
		int64_t n = left < 0 ? 0 : left < ROUND * BLOCK ? left : ROUND * BLOCK;
		lo = n > 0 ? lo : 0;
		e = par_store_get(s, "images", PAR_U8, dims, lo, n, some);
		if (e == PAR_OK)
			par_shared_put(
			    &g->shared, (size_t)(lo * g->bytes), (size_t)(n * g->bytes), some);
		par_world_alive();
	}
	free(some);
	return e;
}

static par_err read_all(gallery *g, const par_world *w, par_store *s)
{
	static const char *const by_item[] = {"item", NULL};
	PAR_TRY_ALL(w, take_shape(g, s));
	PAR_TRY(par_store_get_text(s, "category", &g->category, &g->categories, &g->stride));
	PAR_TRY_ALL(w, make_room(g));
	PAR_TRY(par_store_get(s, "image_category", PAR_I32, by_item, 0, g->pictures, g->label));
	PAR_TRY(par_store_get(s, "image_split", PAR_U8, by_item, 0, g->pictures, g->split));
	PAR_TRY_ALL(w, check(g));
	PAR_TRY_ALL(w, sort_names(g));
	for (int k = 0; k < GALLERY_SPLITS; k++)
		sort(g, k);
	PAR_TRY(par_shared_open(&g->shared, w, (size_t)(g->pictures * g->bytes) + 1));
	return read_pictures(g, w, s);
}

par_err gallery_open(gallery *g, const par_world *w, const char *path)
{
	par_store *s;
	*g = (gallery){.path = path};
	PAR_TRY(par_store_open(&s, w, path, "entrepot-catalog", 1));
	par_err e = read_all(g, w, s);
	par_store_close(s);
	return e;
}

void gallery_close(gallery *g)
{
	par_shared_close(&g->shared);
	for (int k = 0; k < GALLERY_SPLITS; k++) {
		free(g->first[k]);
		free(g->items[k]);
	}
	free(g->category);
	free(g->in_catalog);
	free(g->label);
	free(g->split);
	*g = (gallery){0};
}

const uint8_t *gallery_cells(const gallery *g, int64_t picture)
{
	return (const uint8_t *)g->shared.window.base + picture * g->bytes;
}

void gallery_floats(int64_t n, const uint8_t *cell, float *out)
{
	for (int64_t i = 0; i < n; i++)
		out[i] = (float)cell[i] / MIDDLE - 1;
}

void gallery_picture(const gallery *g, int64_t picture, float *out)
{
	gallery_floats(g->bytes, gallery_cells(g, picture), out);
}

void gallery_bytes(int64_t n, const float *x, uint8_t *out)
{
	for (int64_t i = 0; i < n; i++) {
		float byte = rintf((x[i] + 1) * MIDDLE);
		out[i] = (uint8_t)(byte > 0 ? byte < 255 ? byte : 255 : 0);
	}
}

int64_t gallery_count(const gallery *g, int split, int64_t category)
{
	return g->first[split][category + 1] - g->first[split][category];
}

int64_t gallery_item(const gallery *g, int split, int64_t category, int64_t i)
{
	return g->items[split][g->first[split][category] + i];
}

const char *gallery_name(const gallery *g, int64_t category)
{
	return g->category + category * g->stride;
}
