#include "ingest/images_part.h"

#include "base/text.h"
#include "common/idx_pairs.h"
#include "io/share.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAMES_BYTES (1 << 20)

/* rows [lo, hi) of the catalog that lie in this pair, whose first is `first` there */
static par_err read_rows(images *im, const idx_pair *p, int64_t first, uint8_t *label)
{
	int64_t n = p->image.dim[0], lo = im->first_here - first, hi = lo + im->items_here;
	lo = lo < 0 ? 0 : lo;
	hi = hi > n ? n : hi;
	if (lo >= hi && (n > 0 || im->first_here > 0))
		return PAR_OK;
	int64_t at = first + lo - im->first_here;
	PAR_TRY(par_idx_read(
	    &p->image, p->images, lo, hi - lo, im->pixels + (size_t)at * images_bytes(im)));
	return p->labels[0] ? par_idx_read(&p->label, p->labels, lo, hi - lo, label + at) : PAR_OK;
}

static void take_labels(images *im, const idx_pair *p, int pairs, const uint8_t *label)
{
	int64_t train = p[0].image.dim[0];
	for (int64_t i = 0; i < im->items_here; i++) {
		bool test = pairs == 2 && im->first_here + i >= train;
		if (p[test].labels[0])
			im->category[i] = label[i];
		if (test)
			im->split[i] = IMAGE_TEST;
	}
}

static par_err read_pairs(images *im, const idx_pair *p, int pairs)
{
	uint8_t *label = calloc((size_t)im->items_here + 1, 1);
	if (!label)
		return par_fail(PAR_E_MEMORY, "no memory for labels");
	par_err e = read_rows(im, &p[0], 0, label);
	if (e == PAR_OK && pairs == 2)
		e = read_rows(im, &p[1], p[0].image.dim[0], label);
	if (e == PAR_OK)
		take_labels(im, p, pairs, label);
	free(label);
	return e;
}

/* the lines of a text, in place; returns how many */
static int64_t lines(char *text, const char **line, int64_t most)
{
	int64_t n = 0;
	for (char *at = text; *at && n < most; n++) {
		line[n] = at;
		at += strcspn(at, "\n");
		if (*at)
			*at++ = 0;
		size_t length = strlen(line[n]);
		if (length && line[n][length - 1] == '\r')
			text[line[n] - text + (ptrdiff_t)length - 1] = 0;
	}
	return n;
}

static par_err name_by_file(images *im, const par_world *w, const char *path, int64_t labels)
{
	const char *line[UINT8_MAX + 2];
	char *text;
	size_t bytes;
	PAR_TRY(par_share_file(w, path, NAMES_BYTES, &text, &bytes));
	int64_t n = lines(text, line, UINT8_MAX + 2);
	par_err e = n < labels || n > UINT8_MAX + 1
			? par_fail(PAR_E_DATA,
			      "%s: %lld category names; the labels need %lld; wanted one line "
			      "each, at most 256",
			      par_shows(path), (long long)n, (long long)labels)
			: images_name(im, path, line, n);
	free(text);
	return e;
}

static par_err name_by_number(images *im, int64_t labels)
{
	char text[UINT8_MAX + 1][4];
	const char *name[UINT8_MAX + 1];
	for (int64_t i = 0; i < labels; i++) {
		snprintf(text[i], sizeof text[i], "%d", (int)i);
		name[i] = text[i];
	}
	return images_name(im, "labels", name, labels);
}

static par_err name_categories(app *a, images *im)
{
	int64_t top = -1;
	for (int64_t i = 0; i < im->items_here; i++)
		top = im->category[i] > top ? im->category[i] : top;
	int64_t labels = par_world_max(&a->world, top) + 1;
	const char *path = app_text(a, "image_names");
	return path ? name_by_file(im, &a->world, path, labels) : name_by_number(im, labels);
}

par_err images_from_idx(app *a, images *im, const char *path)
{
	idx_pair p[2];
	par_blocks b;
	const char *labels = app_text(a, "image_labels");
	int pairs = idx_pairs_find(a, p, path, labels);
	PAR_TRY_ALL(&a->world, idx_pairs_open(p, pairs));
	const par_idx *x = &p[0].image;
	int64_t items = x->dim[0] + (pairs == 2 ? p[1].image.dim[0] : 0);
	PAR_TRY_ALL(&a->world, images_deal(a, im, &b, items));
	PAR_TRY_ALL(&a->world, images_room(im, (int)x->dim[1], (int)x->dim[2], (int)x->dim[3]));
	PAR_TRY_ALL(&a->world, read_pairs(im, p, pairs));
	PAR_TRY(idx_pairs_name_inputs(a, p, pairs, labels));
	return par_agree(&a->world, name_categories(a, im));
}
