#include "ingest/images_part.h"

#include "base/text.h"
#include "io/idx.h"
#include "io/share.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAMES_BYTES (1 << 20)

/* an array of pictures and, when there is one, of their labels */
typedef struct {
	char images[4096], labels[4096]; /* paths, "" when absent */
	par_idx image, label;
} pair;

/* path with its file name's `what` replaced by `with`; false when it is not there */
static bool renamed(char *out, size_t size, const char *path, const char *what, const char *with)
{
	const char *base = strrchr(path, '/');
	const char *at = strstr(base ? base : path, what);
	if (!at)
		return false;
	int n = snprintf(out, size, "%.*s%s%s", (int)(at - path), path, with, at + strlen(what));
	return n >= 0 && (size_t)n < size;
}

/* the same file, or the same packed or unpacked by gzip, whichever stands there */
static bool settle(const par_world *w, char *path, size_t size)
{
	if (par_share_kind(w, path) == PAR_PATH_FILE)
		return true;
	size_t n = strlen(path);
	if (n > 3 && strcmp(path + n - 3, ".gz") == 0)
		path[n - 3] = 0;
	else if (n + 4 <= size)
		memcpy(path + n, ".gz", 4);
	if (par_share_kind(w, path) == PAR_PATH_FILE)
		return true;
	path[0] = 0;
	return false;
}

static par_err check_images(const pair *p)
{
	const par_idx *x = &p->image;
	if (x->type != PAR_U8 || x->dims < 3)
		return par_fail(PAR_E_DATA,
		    "%s@2: %d dimensions of %zu bytes an element; wanted bytes [item, height, "
		    "width] or "
		    "[item, height, width, channel]",
		    par_shows(p->images), x->dims, par_dtype_bytes(x->type));
	if (x->dim[1] < 1 || x->dim[2] < 1 || x->dim[1] > INT16_MAX || x->dim[2] > INT16_MAX)
		return par_fail(PAR_E_DATA, "%s@8: pictures of %lld x %lld; wanted 1 to %d a side",
		    par_shows(p->images), (long long)x->dim[1], (long long)x->dim[2], INT16_MAX);
	if (x->dim[3] != 1 && x->dim[3] != 3)
		return par_fail(PAR_E_DATA, "%s@16: %lld channels; wanted 1 or 3",
		    par_shows(p->images), (long long)x->dim[3]);
	return PAR_OK;
}

static par_err check_labels(const pair *p)
{
	const par_idx *x = &p->label;
	if (x->type != PAR_U8 || x->dims != 1)
		return par_fail(PAR_E_DATA,
		    "%s@2: %d dimensions of %zu bytes an element; wanted one byte a picture",
		    par_shows(p->labels), x->dims, par_dtype_bytes(x->type));
	if (x->dim[0] != p->image.dim[0])
		return par_fail(PAR_E_DATA,
		    "%s@4: %lld labels; %s has %lld pictures; fetch both again",
		    par_shows(p->labels), (long long)x->dim[0], par_shows(p->images),
		    (long long)p->image.dim[0]);
	return PAR_OK;
}

static par_err open_pair(pair *p)
{
	PAR_TRY(par_idx_open(&p->image, p->images));
	PAR_TRY(check_images(p));
	if (!p->labels[0])
		return PAR_OK;
	PAR_TRY(par_idx_open(&p->label, p->labels));
	return check_labels(p);
}

static par_err check_alike(const pair *train, const pair *test)
{
	for (int i = 1; i < PAR_IDX_DIMS; i++)
		if (train->image.dim[i] != test->image.dim[i])
			return par_fail(PAR_E_DATA,
			    "%s@%d: pictures of %lld x %lld x %lld; %s has others; wanted one size",
			    par_shows(test->images), 4 + 4 * i, (long long)test->image.dim[1],
			    (long long)test->image.dim[2], (long long)test->image.dim[3],
			    par_shows(train->images));
	return PAR_OK;
}

/* rows [lo, hi) of the catalog that lie in this pair, whose first is `first` there */
static par_err read_rows(images *im, const pair *p, int64_t first, uint8_t *label)
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

static void take_labels(images *im, const pair *p, int pairs, const uint8_t *label)
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

static par_err read_pairs(images *im, const pair *p, int pairs)
{
	uint8_t *label = malloc((size_t)im->items_here + 1);
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

/* the files that belong together, by the names MNIST gave them; returns how many pairs */
static int find_pairs(app *a, pair *p, const char *path)
{
	const par_world *w = &a->world;
	const char *labels = app_text(a, "image_labels");
	snprintf(p[0].images, sizeof p[0].images, "%s", path);
	if (labels)
		snprintf(p[0].labels, sizeof p[0].labels, "%s", labels);
	else if (!renamed(p[0].labels, sizeof p[0].labels, path, "images-idx3", "labels-idx1") ||
		 !settle(w, p[0].labels, sizeof p[0].labels)) {
		p[0].labels[0] = 0;
		app_warn(
		    a, "%s: no labels beside it; its pictures stay uncategorised", par_shows(path));
	}
	if (renamed(p[1].images, sizeof p[1].images, path, "train-", "t10k-") &&
	    renamed(p[1].labels, sizeof p[1].labels, p[1].images, "images-idx3", "labels-idx1") &&
	    settle(w, p[1].images, sizeof p[1].images) &&
	    settle(w, p[1].labels, sizeof p[1].labels))
		return 2;
	return 1;
}

static par_err open_pairs(pair *p, int pairs)
{
	PAR_TRY(open_pair(&p[0]));
	if (pairs == 1)
		return PAR_OK;
	PAR_TRY(open_pair(&p[1]));
	return check_alike(&p[0], &p[1]);
}

/* the files that no setting names stand in the result's inputs too */
static par_err name_inputs(app *a, const pair *p, int pairs)
{
	if (p[0].labels[0] && !app_text(a, "image_labels"))
		PAR_TRY(app_input(a, "image_labels", p[0].labels));
	if (pairs == 1)
		return PAR_OK;
	PAR_TRY(app_input(a, "test_images", p[1].images));
	return app_input(a, "test_image_labels", p[1].labels);
}

par_err images_from_idx(app *a, images *im, const char *path)
{
	pair p[2];
	par_blocks b;
	int pairs = find_pairs(a, p, path);
	PAR_TRY_ALL(&a->world, open_pairs(p, pairs));
	const par_idx *x = &p[0].image;
	int64_t items = x->dim[0] + (pairs == 2 ? p[1].image.dim[0] : 0);
	PAR_TRY_ALL(&a->world, images_deal(a, im, &b, items));
	PAR_TRY_ALL(&a->world, images_room(im, (int)x->dim[1], (int)x->dim[2], (int)x->dim[3]));
	PAR_TRY_ALL(&a->world, read_pairs(im, p, pairs));
	PAR_TRY(name_inputs(a, p, pairs));
	return par_agree(&a->world, name_categories(a, im));
}
