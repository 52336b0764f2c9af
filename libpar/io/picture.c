#include "io/picture.h"

#include "base/text.h"
#include "io/file.h"
#include "io/picture_codec.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

par_err par_picture_make(
    par_picture *p, const char *name, int64_t height, int64_t width, int channels)
{
	if (height < 1 || width < 1 || height > PAR_PICTURE_SIDE || width > PAR_PICTURE_SIDE ||
	    height * width > PAR_PICTURE_PIXELS)
		return par_fail(PAR_E_DATA,
		    "%s: %lld x %lld pixels; wanted 1 to %d a side and at most %d in all; shrink "
		    "it",
		    par_shows(name), (long long)height, (long long)width, PAR_PICTURE_SIDE,
		    PAR_PICTURE_PIXELS);
	size_t bytes = (size_t)height * (size_t)width * (size_t)channels;
	*p = (par_picture){(int)height, (int)width, channels, malloc(bytes)};
	return p->pixels ? PAR_OK
			 : par_fail(PAR_E_MEMORY, "%s: no memory for %zu bytes of pixels",
			       par_shows(name), bytes);
}

par_err par_picture_decode(par_picture *p, const char *name, const unsigned char *bytes, size_t n)
{
	static const unsigned char png[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
	*p = (par_picture){0};
	par_err e;
	if (n >= sizeof png && memcmp(bytes, png, sizeof png) == 0)
		e = par_png_decode(p, name, bytes, n);
	else if (n >= 3 && bytes[0] == 0xff && bytes[1] == 0xd8 && bytes[2] == 0xff)
		e = par_jpeg_decode(p, name, bytes, n);
	else
		e = par_fail(PAR_E_DATA,
		    "%s: neither PNG nor JPEG by its first bytes (%s); wanted one of them; convert "
		    "it",
		    par_shows(name), n ? par_show((const char *)bytes, n < 8 ? n : 8) : "none");
	if (e != PAR_OK)
		par_picture_drop(p);
	return e;
}

static par_err read_open(par_picture *p, const char *path, int fd, int64_t size)
{
	if (size > PAR_PICTURE_FILE_BYTES)
		return par_fail(PAR_E_DATA, "%s: %lld bytes; wanted at most %d; shrink it",
		    par_shows(path), (long long)size, PAR_PICTURE_FILE_BYTES);
	size_t n = (size_t)size;
	unsigned char *bytes = malloc(n + 1);
	if (!bytes)
		return par_fail(PAR_E_MEMORY, "%s: no memory for %zu bytes", par_shows(path), n);
	par_err e = par_file_read(fd, bytes, n, 0, path);
	if (e == PAR_OK)
		e = par_picture_decode(p, path, bytes, n);
	free(bytes);
	return e;
}

par_err par_picture_read(par_picture *p, const char *path)
{
	*p = (par_picture){0};
	int fd;
	int64_t size;
	PAR_TRY(par_file_open(path, &fd, &size));
	par_err e = read_open(p, path, fd, size);
	close(fd);
	return e;
}

void par_picture_drop(par_picture *p)
{
	free(p->pixels);
	*p = (par_picture){0};
}

/* In units of 1 / (old * new) of a side, old pixel i covers [i new, (i + 1) new) and new pixel j
 * covers [j old, (j + 1) old): the overlap is a whole number. */
static int64_t overlap(int i, int j, int old, int new)
{
	int64_t lo = (int64_t)i * new, from = (int64_t)j *old;
	int64_t hi = lo + new, to = from + old;
	return (hi < to ? hi : to) - (lo > from ? lo : from);
}

static unsigned char mean_at(const par_picture *p, int height, int width, int y, int x, int c)
{
	int64_t sum = 0, whole = (int64_t)p->height * p->width;
	int y_lo = (int)((int64_t)y * p->height / height);
	int x_lo = (int)((int64_t)x * p->width / width);
	for (int i = y_lo; i < p->height && (int64_t)i * height < (int64_t)(y + 1) * p->height;
	     i++) {
		int64_t row = 0;
		const unsigned char *in = p->pixels +
					  (size_t)i * (size_t)p->width * (size_t)p->channels;
		for (int j = x_lo; j < p->width && (int64_t)j * width < (int64_t)(x + 1) * p->width;
		     j++)
			row += overlap(j, x, p->width, width) * in[j * p->channels + c];
		sum += overlap(i, y, p->height, height) * row;
	}
	return (unsigned char)((2 * sum + whole) / (2 * whole));
}

par_err par_picture_resize(par_picture *p, int height, int width)
{
	if (height == p->height && width == p->width)
		return PAR_OK;
	par_picture q;
	PAR_TRY(par_picture_make(&q, "resized picture", height, width, p->channels));
	unsigned char *out = q.pixels;
	for (int y = 0; y < height; y++)
		for (int x = 0; x < width; x++)
			for (int c = 0; c < p->channels; c++)
				*out++ = mean_at(p, height, width, y, x, c);
	par_picture_drop(p);
	*p = q;
	return PAR_OK;
}

par_err par_picture_colour(par_picture *p)
{
	if (p->channels == 3)
		return PAR_OK;
	par_picture q;
	PAR_TRY(par_picture_make(&q, "coloured picture", p->height, p->width, 3));
	for (size_t i = 0; i < (size_t)p->height * (size_t)p->width; i++)
		memset(q.pixels + 3 * i, p->pixels[i], 3);
	par_picture_drop(p);
	*p = q;
	return PAR_OK;
}
