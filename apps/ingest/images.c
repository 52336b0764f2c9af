#include "ingest/images_part.h"

#include "base/text.h"
#include "common/idx_pairs.h"
#include "io/share.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_BYTES 64

par_err images_deal(const app *a, images *im, par_blocks *b, int64_t items)
{
	par_blocks_deal(b, &a->world, items, IMAGES_BLOCK);
	im->items = items;
	im->first_here = b->lo;
	im->items_here = b->hi - b->lo;
	im->category = malloc((size_t)(im->items_here + 1) * sizeof *im->category);
	im->split = malloc((size_t)im->items_here + 1);
	if (!im->category || !im->split)
		return par_fail(
		    PAR_E_MEMORY, "no memory for %lld pictures", (long long)im->items_here);
	int64_t one_in = app_int(a, "image_validation");
	for (int64_t i = 0; i < im->items_here; i++) {
		im->category[i] = -1;
		im->split[i] = held_out(im->first_here + i, one_in) ? IMAGE_VALIDATION
								    : IMAGE_TRAIN;
	}
	return PAR_OK;
}

par_err images_room(images *im, int height, int width, int channels)
{
	im->height = height;
	im->width = width;
	im->channels = channels;
	size_t bytes;
	if (__builtin_mul_overflow((size_t)im->items, images_bytes(im), &bytes) ||
	    bytes > INT64_MAX)
		return par_fail(PAR_E_DATA,
		    "%lld pictures of %d x %d do not fit any file; shrink them",
		    (long long)im->items, height, width);
	bytes = (size_t)im->items_here * images_bytes(im);
	im->pixels = malloc(bytes + 1);
	return im->pixels ? PAR_OK
			  : par_fail(PAR_E_MEMORY,
				"no memory for %zu bytes of pixels; use more ranks", bytes);
}

static par_err check_name(const char *source, const char *name)
{
	size_t n = strlen(name);
	if (n >= 1 && n <= NAME_BYTES && par_text_utf8_valid(name, n) == n &&
	    par_text_control(name, n) == n)
		return PAR_OK;
	return par_fail(PAR_E_DATA,
	    "%s: category %s; wanted 1 to %d bytes of UTF-8 without control characters; rename it",
	    par_shows(source), par_shows(name), NAME_BYTES);
}

par_err images_name(images *im, const char *source, const char *const *names, int64_t n)
{
	size_t width = 1;
	for (int64_t i = 0; i < n; i++) {
		PAR_TRY(check_name(source, names[i]));
		width = strlen(names[i]) > width ? strlen(names[i]) : width;
	}
	im->names = calloc((size_t)n + 1, width);
	if (!im->names)
		return par_fail(PAR_E_MEMORY, "no memory for %lld categories", (long long)n);
	im->categories = n;
	im->name_width = (int)width;
	for (int64_t i = 0; i < n; i++)
		memcpy(im->names + (size_t)i * width, names[i], strlen(names[i]));
	return PAR_OK;
}

static par_err read_from(app *a, images *im, const char *path)
{
	char index[4096];
	snprintf(index, sizeof index, "%s/index.csv", path);
	const char *dot = strrchr(path, '.');
	switch (par_share_kind(&a->world, path)) {
	case PAR_PATH_FOLDER:
		if (par_share_kind(&a->world, index) == PAR_PATH_FILE)
			return images_from_index(a, im, index);
		return images_from_folder(a, im, path);
	case PAR_PATH_FILE:
		if (dot && strcmp(dot, ".csv") == 0)
			return images_from_index(a, im, path);
		return images_from_idx(a, im, path);
	default:
		return par_fail(PAR_E_INPUT,
		    "%s: neither a file nor a folder; wanted IDX pictures, a folder or an index "
		    "CSV",
		    par_shows(path));
	}
}

par_err images_read(app *a, images *im)
{
	*im = (images){0};
	const char *path = app_text(a, "images");
	if (!path)
		return PAR_OK;
	par_err e = read_from(a, im, path);
	if (e != PAR_OK) {
		images_drop(im);
		return e;
	}
	app_log(a, "%lld pictures of %d x %d x %d in %lld categories", (long long)im->items,
	    im->height, im->width, im->channels, (long long)im->categories);
	return PAR_OK;
}

static par_err put_dims(const images *im, par_store *s)
{
	PAR_TRY(par_store_dim(s, "item", im->items, PAR_I64, NULL));
	PAR_TRY(par_store_dim_text(s, "category", im->categories, im->name_width, im->names));
	PAR_TRY(par_store_dim(s, "height", im->height, PAR_I64, NULL));
	PAR_TRY(par_store_dim(s, "width", im->width, PAR_I64, NULL));
	return par_store_dim(s, "channel", im->channels, PAR_I64, NULL);
}

par_err images_put(const images *im, par_store *s)
{
	if (im->items == 0 && im->categories == 0)
		return PAR_OK;
	const par_store_var pixels = {.name = "images",
	    .type = PAR_U8,
	    .dims = {"item", "height", "width", "channel"},
	    .long_name = "picture of each item"};
	const par_store_var category = {.name = "image_category",
	    .type = PAR_I32,
	    .dims = {"item"},
	    .long_name = "position in category of each picture; -1 uncategorised"};
	const par_store_var split = {.name = "image_split",
	    .type = PAR_U8,
	    .dims = {"item"},
	    .long_name = "0 train, 1 validation, 2 test"};
	PAR_TRY(put_dims(im, s));
	PAR_TRY(par_store_put(s, &pixels, im->first_here, im->items_here, im->pixels));
	PAR_TRY(par_store_put(s, &category, im->first_here, im->items_here, im->category));
	return par_store_put(s, &split, im->first_here, im->items_here, im->split);
}

void images_drop(images *im)
{
	free(im->pixels);
	free(im->category);
	free(im->split);
	free(im->names);
	*im = (images){0};
}
