#include "ingest/images_part.h"

#include "base/text.h"
#include "io/picture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* the pictures to read: a folder's listing or an index's column */
typedef struct {
	app *a;
	images *im;
	const char *folder;
	const char *const *file; /* of every item */
	par_picture *picture;    /* of each of mine */
	int height, width;       /* wanted, 0 when each has its own */
} files;

static par_err wanted_size(const app *a, int *height, int *width)
{
	const char *text = app_text(a, "image_size");
	*height = *width = 0;
	if (!text)
		return PAR_OK;
	const char *cross = strchr(text, 'x');
	int64_t h = 0, w = 0;
	if (!cross ||
	    par_text_int(text, (size_t)(cross - text), 1, PAR_PICTURE_SIDE, &h) != PAR_NUM_OK ||
	    par_text_int(cross + 1, strlen(cross + 1), 1, PAR_PICTURE_SIDE, &w) != PAR_NUM_OK)
		return par_fail(PAR_E_CONFIG,
		    "%s: image size %s; wanted HEIGHTxWIDTH with sides of 1 to %d, such as 64x64",
		    par_conf_origin(a->conf, "ingest", "image_size"), par_shows(text),
		    PAR_PICTURE_SIDE);
	*height = (int)h;
	*width = (int)w;
	return PAR_OK;
}

static par_err decode_block(void *ctx, int64_t lo, int64_t hi, double *sums)
{
	(void)sums;
	files *f = ctx;
	for (int64_t i = lo; i < hi; i++) {
		char path[4096];
		par_picture *p = &f->picture[i - f->im->first_here];
		int n = snprintf(path, sizeof path, "%s/%s", f->folder, f->file[i]);
		if (n >= (int)sizeof path)
			return par_fail(PAR_E_INPUT, "%s: the path is too long", par_shows(path));
		PAR_TRY(par_picture_read(p, path));
		if (f->height)
			PAR_TRY(par_picture_resize(p, f->height, f->width));
	}
	app_progress(f->a, "pictures", (double)(hi - f->im->first_here), (double)f->im->items_here);
	return PAR_OK;
}

/* the size all must have: that of item 0, as every rank knows it afterwards */
static void size_of_first(const files *f, int *height, int *width)
{
	const images *im = f->im;
	const par_picture *p = im->first_here == 0 && im->items_here > 0 ? f->picture : NULL;
	const par_world *w = &f->a->world;
	*height = (int)par_world_max(w, p ? p->height : 0);
	*width = (int)par_world_max(w, p ? p->width : 0);
}

static par_err check_sizes(const files *f, int height, int width)
{
	for (int64_t i = 0; i < f->im->items_here; i++) {
		const par_picture *p = &f->picture[i];
		if (p->height != height || p->width != width)
			return par_fail(PAR_E_DATA,
			    "%s/%s: %d x %d; %s is %d x %d; set ingest.image_size to bring all to "
			    "one",
			    par_shows(f->folder), par_shows(f->file[f->im->first_here + i]),
			    p->height, p->width, par_shows(f->file[0]), height, width);
	}
	return PAR_OK;
}

static int most_channels(const files *f)
{
	int most = 1;
	for (int64_t i = 0; i < f->im->items_here; i++)
		most = f->picture[i].channels > most ? f->picture[i].channels : most;
	return (int)par_world_max(&f->a->world, most);
}

static par_err lay_out(files *f)
{
	images *im = f->im;
	for (int64_t i = 0; i < im->items_here; i++) {
		if (im->channels == 3)
			PAR_TRY(par_picture_colour(&f->picture[i]));
		memcpy(im->pixels + (size_t)i * images_bytes(im), f->picture[i].pixels,
		    images_bytes(im));
		par_picture_drop(&f->picture[i]);
	}
	return PAR_OK;
}

static par_err decode_all(files *f, const par_blocks *b)
{
	const par_world *w = &f->a->world;
	int height, width;
	PAR_TRY(par_blocks_run(b, decode_block, f, NULL, 0));
	size_of_first(f, &height, &width);
	PAR_TRY_ALL(w, check_sizes(f, height, width));
	PAR_TRY_ALL(w, images_room(f->im, height, width, most_channels(f)));
	return par_agree(w, lay_out(f));
}

par_err images_from_files(
    app *a, images *im, const par_blocks *b, const char *folder, const char *const *file)
{
	files f = {.a = a, .im = im, .folder = folder, .file = file};
	PAR_TRY_ALL(&a->world, wanted_size(a, &f.height, &f.width));
	f.picture = calloc((size_t)im->items_here + 1, sizeof *f.picture);
	par_err e = f.picture ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for pictures");
	e = par_agree(&a->world, e);
	if (e == PAR_OK)
		e = decode_all(&f, b);
	for (int64_t i = 0; f.picture && i < im->items_here; i++)
		par_picture_drop(&f.picture[i]);
	free(f.picture);
	return e;
}
