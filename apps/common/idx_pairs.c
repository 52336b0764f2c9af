#include "common/idx_pairs.h"

#include "base/text.h"
#include "io/share.h"

#include <stdio.h>
#include <string.h>

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

static par_err check_images(const idx_pair *p)
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

static par_err check_labels(const idx_pair *p)
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

static par_err open_pair(idx_pair *p)
{
	PAR_TRY(par_idx_open(&p->image, p->images));
	PAR_TRY(check_images(p));
	if (!p->labels[0])
		return PAR_OK;
	PAR_TRY(par_idx_open(&p->label, p->labels));
	return check_labels(p);
}

static par_err check_alike(const idx_pair *train, const idx_pair *test)
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

int idx_pairs_find(app *a, idx_pair *p, const char *path, const char *labels)
{
	const par_world *w = &a->world;
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

par_err idx_pairs_open(idx_pair *p, int pairs)
{
	PAR_TRY(open_pair(&p[0]));
	if (pairs == 1)
		return PAR_OK;
	PAR_TRY(open_pair(&p[1]));
	return check_alike(&p[0], &p[1]);
}

par_err idx_pairs_name_inputs(app *a, const idx_pair *p, int pairs, const char *labels)
{
	if (p[0].labels[0] && !labels)
		PAR_TRY(app_input(a, "image_labels", p[0].labels));
	if (pairs == 1)
		return PAR_OK;
	PAR_TRY(app_input(a, "test_images", p[1].images));
	return app_input(a, "test_image_labels", p[1].labels);
}

/* splitmix64's finalizer (Steele, Lea, Flood 2014): neighbours' numbers fall apart */
static uint64_t mix(uint64_t x)
{
	x += 0x9e3779b97f4a7c15u;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	return x ^ x >> 31;
}

bool held_out(int64_t item, int64_t one_in)
{
	return one_in > 0 && mix((uint64_t)item) % (uint64_t)one_in == 0;
}
