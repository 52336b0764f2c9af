/* np: 1 2 */
#include "io/picture.h"
#include "../tap.h"
#include <zlib.h>

#include <png.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* wants stdio.h before it */
#include <jpeglib.h>

#define H 6
#define W 5

static unsigned char made[1 << 16];
static size_t made_bytes;

static void take(png_structp png, png_bytep bytes, size_t n)
{
	(void)png;
	if (made_bytes + n <= sizeof made)
		memcpy(made + made_bytes, bytes, n);
	made_bytes += n;
}

static void flush(png_structp png)
{
	(void)png;
}

/* rows as libpng stores them for this type and depth; a palette is 0: red, 1: grey 9, ... */
static void make_png(int type, int depth, int interlace, size_t row_bytes, unsigned char *rows)
{
	png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
	png_infop info = png_create_info_struct(png);
	unsigned char *row[H];
	for (int y = 0; y < H; y++)
		row[y] = rows + (size_t)y * row_bytes;
	made_bytes = 0;
	png_set_write_fn(png, NULL, take, flush);
	png_set_IHDR(png, info, W, H, depth, type, interlace, PNG_COMPRESSION_TYPE_DEFAULT,
	    PNG_FILTER_TYPE_DEFAULT);
	static const png_color colours[4] = {{255, 0, 0}, {9, 9, 9}, {0, 0, 7}, {1, 2, 3}};
	if (type == PNG_COLOR_TYPE_PALETTE)
		png_set_PLTE(png, info, colours, 4);
	png_write_info(png, info);
	png_write_image(png, row);
	png_write_end(png, NULL);
	png_destroy_write_struct(&png, &info);
}

static void make_jpeg(int channels, unsigned char *rows)
{
	struct jpeg_compress_struct c;
	struct jpeg_error_mgr err;
	unsigned char *out = made;
	unsigned long size = sizeof made;
	c.err = jpeg_std_error(&err);
	jpeg_create_compress(&c);
	jpeg_mem_dest(&c, &out, &size);
	c.image_width = W;
	c.image_height = H;
	c.input_components = channels;
	c.in_color_space = channels == 1 ? JCS_GRAYSCALE : channels == 3 ? JCS_RGB : JCS_CMYK;
	jpeg_set_defaults(&c);
	jpeg_set_quality(&c, 100, TRUE);
	for (int i = 0; i < c.num_components; i++)
		c.comp_info[i].h_samp_factor = c.comp_info[i].v_samp_factor = 1;
	jpeg_start_compress(&c, TRUE);
	for (int y = 0; y < H; y++) {
		JSAMPROW row = rows + y * W * channels;
		jpeg_write_scanlines(&c, &row, 1);
	}
	jpeg_finish_compress(&c);
	jpeg_destroy_compress(&c);
	made_bytes = size;
}

static int decodes_to(int channels, const unsigned char *want, int within)
{
	par_picture p;
	if (par_picture_decode(&p, "made", made, made_bytes) != PAR_OK)
		return 0;
	int same = p.height == H && p.width == W && p.channels == channels;
	for (int i = 0; same && i < H * W * channels; i++)
		same = abs(p.pixels[i] - want[i]) <= within;
	par_picture_drop(&p);
	return same;
}

static void check_png(void)
{
	unsigned char in[H * W * 8], want[H * W * 3];
	for (int i = 0; i < H * W * 3; i++)
		in[i] = (unsigned char)(i * 37 + 11);
	make_png(PNG_COLOR_TYPE_RGB, 8, PNG_INTERLACE_NONE, W * 3, in);
	ok(decodes_to(3, in, 0), "a colour PNG comes back to the bit");
	make_png(PNG_COLOR_TYPE_RGB, 8, PNG_INTERLACE_ADAM7, W * 3, in);
	ok(decodes_to(3, in, 0), "an interlaced one too");
	make_png(PNG_COLOR_TYPE_GRAY, 8, PNG_INTERLACE_NONE, W, in);
	ok(decodes_to(1, in, 0), "a grey one has one channel");
	for (int i = 0; i < H * W; i++)
		in[2 * i] = in[2 * i + 1] = want[i] = (unsigned char)(i * 8);
	make_png(PNG_COLOR_TYPE_GRAY, 16, PNG_INTERLACE_NONE, W * 2, in);
	ok(decodes_to(1, want, 0), "16 bits become 8");
	for (int y = 0; y < H; y++)
		in[y] = (unsigned char)(0xa8 >> (y % 2));
	for (int i = 0; i < H * W; i++)
		want[i] = (i / W + i % W) % 2 ? 0 : 255;
	make_png(PNG_COLOR_TYPE_GRAY, 1, PNG_INTERLACE_NONE, 1, in);
	ok(decodes_to(1, want, 0), "one bit becomes black and white");
	for (int i = 0; i < H * W; i++) {
		in[i] = (unsigned char)(i % 2);
		want[3 * i] = i % 2 ? 9 : 255;
		want[3 * i + 1] = want[3 * i + 2] = i % 2 ? 9 : 0;
	}
	make_png(PNG_COLOR_TYPE_PALETTE, 8, PNG_INTERLACE_NONE, W, in);
	ok(decodes_to(3, want, 0), "a palette becomes its colours");
	for (int i = 0; i < H * W; i++) {
		static const unsigned char alpha[] = {0, 255, 51};
		in[2 * i] = 100;
		in[2 * i + 1] = alpha[i % 3];
		want[i] = (unsigned char[]){255, 100, 224}[i % 3];
	}
	make_png(PNG_COLOR_TYPE_GRAY_ALPHA, 8, PNG_INTERLACE_NONE, W * 2, in);
	ok(decodes_to(1, want, 0), "transparent pixels lie on white");
}

static void check_jpeg(void)
{
	unsigned char in[H * W * 4];
	for (int i = 0; i < H * W; i++)
		in[i] = (unsigned char)(8 * i);
	make_jpeg(1, in);
	ok(decodes_to(1, in, 2), "a grey JPEG of the best quality comes back within 2");
	for (int i = 0; i < H * W; i++)
		for (int c = 0; c < 3; c++)
			in[3 * i + c] = (unsigned char)(40 + 4 * (i / W) * (c + 1) + 3 * (i % W));
	make_jpeg(3, in);
	ok(decodes_to(3, in, 4), "a colour one within 4");
	memset(in, 99, sizeof in);
	make_jpeg(4, in);
	par_picture p;
	ok(par_picture_decode(&p, "a\x1b.jpg", made, made_bytes) == PAR_E_DATA &&
		strstr(par_err_why(), "CMYK") && strstr(par_err_why(), "a\\x1b.jpg"),
	    "a JPEG for print is refused, its name shown harmlessly");
}

/* every proper beginning is refused, and whatever one changed byte gives is refused or a picture */
static void check_damage(const char *what)
{
	int cuts = 1, flips = 1, refused = 0;
	par_picture p;
	for (size_t n = 0; n < made_bytes; n++) {
		unsigned char *copy = malloc(n + 1);
		memcpy(copy, made, n);
		cuts &= par_picture_decode(&p, what, copy, n) == PAR_E_DATA && !p.pixels;
		free(copy);
	}
	ok(cuts, "a %s cut short anywhere is refused", what);
	for (size_t i = 0; i < made_bytes; i++) {
		made[i] ^= 0x55;
		par_err e = par_picture_decode(&p, what, made, made_bytes);
		flips &= e == PAR_OK || (e == PAR_E_DATA && !p.pixels);
		refused += e != PAR_OK;
		par_picture_drop(&p);
		made[i] ^= 0x55;
	}
	ok(flips && refused > 8, "a changed byte never harms more than its %s", what);
}

static void big32(unsigned char *at, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		at[i] = (unsigned char)(v >> (24 - 8 * i));
}

static void check_limits(void)
{
	static const uint32_t sides[][2] = {{100000, 100000}, {16384, 16384}, {0, 4}, {16385, 1}};
	unsigned char in[H * W * 3] = {0};
	par_picture p;
	for (int i = 0; i < 4; i++) {
		make_png(PNG_COLOR_TYPE_RGB, 8, PNG_INTERLACE_NONE, W * 3, in);
		big32(made + 16, sides[i][0]);
		big32(made + 20, sides[i][1]);
		big32(made + 29, (uint32_t)crc32(0, made + 12, 17));
		ok(par_picture_decode(&p, "bomb", made, made_bytes) == PAR_E_DATA,
		    "a PNG that says %u x %u is refused", sides[i][0], sides[i][1]);
	}
	ok(par_picture_decode(&p, "text", (const unsigned char *)"hello", 5) == PAR_E_DATA,
	    "text is no picture");
	ok(par_picture_read(&p, "validation/absent.png") == PAR_E_INPUT,
	    "a missing file is status 66");
	ok(par_picture_read(&p, "validation") == PAR_E_INPUT, "and so is a folder");
}

/* each old pixel cut into new_h x new_w equal crumbs, each new pixel the mean of old_h x old_w
 * crumbs */
static int mean_by_crumbs(const unsigned char *in, int h, int w, int y, int x)
{
	int64_t sum = 0;
	for (int i = y * H; i < (y + 1) * H; i++)
		for (int j = x * W; j < (x + 1) * W; j++)
			sum += in[(i / h) * W + j / w];
	return (int)((2 * sum + H * W) / (2 * H * W));
}

static void check_resize(void)
{
	static const int sizes[][2] = {{3, 5}, {2, 2}, {1, 1}, {4, 3}, {12, 10}, {7, 9}, {6, 5}};
	unsigned char in[H * W];
	for (int i = 0; i < H * W; i++)
		in[i] = (unsigned char)(i * i * 5 + 3);
	for (int k = 0; k < 7; k++) {
		int h = sizes[k][0], w = sizes[k][1];
		par_picture p = {H, W, 1, malloc(sizeof in)};
		memcpy(p.pixels, in, sizeof in);
		int same = par_picture_resize(&p, h, w) == PAR_OK && p.height == h && p.width == w;
		for (int i = 0; same && i < h * w; i++)
			same = p.pixels[i] == mean_by_crumbs(in, h, w, i / w, i % w);
		ok(same, "%d x %d from %d x %d are the means of what lies under", h, w, H, W);
		ok(par_picture_colour(&p) == PAR_OK && p.channels == 3 &&
			p.pixels[0] == p.pixels[2],
		    "and grey turns to colour");
		par_picture_drop(&p);
	}
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	check_png();
	unsigned char rows[H * W * 3];
	for (int i = 0; i < H * W * 3; i++)
		rows[i] = (unsigned char)(i * i);
	make_png(PNG_COLOR_TYPE_RGB, 8, PNG_INTERLACE_NONE, W * 3, rows);
	check_damage("PNG");
	check_jpeg();
	make_jpeg(3, rows);
	check_damage("JPEG");
	check_limits();
	check_resize();
	return tap_end();
}
