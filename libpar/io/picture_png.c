#include "io/picture_codec.h"

#include "base/text.h"

#include <png.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
	const unsigned char *bytes;
	size_t n, at;
	char why[96];
	unsigned char *wide; /* rows with their alpha channel, when there is one */
} source;

static void on_error(png_structp png, png_const_charp why)
{
	source *s = png_get_error_ptr(png);
	strncpy(s->why, why, sizeof s->why - 1);
	png_longjmp(png, 1);
}

/* chunks that only decorate may be damaged */
static void on_warning(png_structp png, png_const_charp why)
{
	(void)png, (void)why;
}

static void next_bytes(png_structp png, png_bytep out, size_t n)
{
	source *s = png_get_io_ptr(png);
	if (n > s->n - s->at)
		png_error(png, "the file ends early");
	memcpy(out, s->bytes + s->at, n);
	s->at += n;
}

/* read the header and ask for 8 bits, grey or RGB, with alpha where the file has any */
static void ask(png_structp png, png_infop info)
{
	png_set_user_limits(png, PAR_PICTURE_SIDE, PAR_PICTURE_SIDE);
	png_set_chunk_malloc_max(png, 1 << 20);
	png_set_chunk_cache_max(png, 64);
	png_read_info(png, info);
	png_set_expand(png);
	png_set_scale_16(png);
}

/* an alpha of a over white, rounded to nearest */
static unsigned char on_white(unsigned char v, unsigned char a)
{
	return (unsigned char)((v * a + 255 * (255 - a) + 127) / 255);
}

static void lay_on_white(par_picture *p, const unsigned char *wide)
{
	size_t n = (size_t)p->height * (size_t)p->width;
	int k = p->channels;
	for (size_t i = 0; i < n; i++, wide += k + 1)
		for (int c = 0; c < k; c++)
			p->pixels[i * (size_t)k + (size_t)c] = on_white(wide[c], wide[k]);
}

static par_err decode(png_structp png, png_infop info, source *s, par_picture *p, const char *name)
{
	ask(png, info);
	int passes = png_set_interlace_handling(png);
	png_read_update_info(png, info);
	int stored = png_get_channels(png, info), channels = stored <= 2 ? 1 : 3;
	PAR_TRY(par_picture_make(
	    p, name, png_get_image_height(png, info), png_get_image_width(png, info), channels));
	size_t stride = (size_t)p->width * (size_t)stored;
	unsigned char *rows = p->pixels;
	if (stored != channels && !(rows = s->wide = calloc((size_t)p->height, stride)))
		return par_fail(PAR_E_MEMORY, "%s: no memory for its pixels", par_shows(name));
	for (int pass = 0; pass < passes; pass++)
		for (int y = 0; y < p->height; y++)
			png_read_row(png, rows + (size_t)y * stride, NULL);
	png_read_end(png, NULL);
	if (s->wide)
		lay_on_white(p, s->wide);
	return PAR_OK;
}

static par_err decode_or_jump(
    png_structp png, png_infop info, source *s, par_picture *p, const char *name)
{
	/* s and p are the caller's, nothing local changes between here and a jump */
	if (setjmp(png_jmpbuf(png))) /* NOLINT(cert-err52-cpp): libpng knows no other way */
		return par_fail(PAR_E_DATA,
		    "%s: the PNG is damaged: %s; wanted a whole picture; export it again or remove "
		    "it",
		    par_shows(name), par_shows(s->why));
	png_set_read_fn(png, s, next_bytes);
	return decode(png, info, s, p, name);
}

par_err par_png_decode(par_picture *p, const char *name, const unsigned char *bytes, size_t n)
{
	source s = {.bytes = bytes, .n = n};
	png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &s, on_error, on_warning);
	png_infop info = png ? png_create_info_struct(png) : NULL;
	par_err e = info ? decode_or_jump(png, info, &s, p, name)
			 : par_fail(PAR_E_MEMORY, "%s: libpng found no memory", par_shows(name));
	png_destroy_read_struct(&png, &info, NULL);
	free(s.wide);
	return e;
}
