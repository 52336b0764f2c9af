/* np: 1 2 3 4 apps: ingest */
#include "ingest/images.h"
#include "../tap.h"

#include <ftw.h>
#include <png.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[256];

static const char *in(const char *name)
{
	static char path[4][512];
	static int next;
	next = (next + 1) % 4;
	snprintf(path[next], sizeof path[next], "%s/%s", folder, name);
	return path[next];
}

static void write_file(const char *name, const void *bytes, size_t n)
{
	FILE *f = fopen(in(name), "w");
	if (!f || fwrite(bytes, 1, n, f) != n || fclose(f) != 0)
		perror(name);
}

/* n pictures of 2 x 3, pixel k of picture i is 10 i + k + from; labels i % 3 */
static void write_pair(const char *pictures, const char *labels, int n, int from)
{
	unsigned char x[256] = {0, 0, 8, 3, 0, 0, 0, (unsigned char)n, 0, 0, 0, 2, 0, 0, 0, 3};
	unsigned char y[64] = {0, 0, 8, 1, 0, 0, 0, (unsigned char)n};
	for (int i = 0; i < n; i++) {
		for (int k = 0; k < 6; k++)
			x[16 + 6 * i + k] = (unsigned char)(10 * (from + i) + k);
		y[8 + i] = (unsigned char)(i % 3);
	}
	write_file(pictures, x, 16 + 6 * (size_t)n);
	write_file(labels, y, 8 + (size_t)n);
}

/* every pixel has this value */
static void write_png(const char *name, int height, int width, int channels, int value)
{
	unsigned char row[64];
	memset(row, value, sizeof row);
	FILE *f = fopen(in(name), "w");
	png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
	png_infop info = png_create_info_struct(png);
	png_init_io(png, f);
	png_set_IHDR(png, info, (png_uint_32)width, (png_uint_32)height, 8,
	    channels == 3 ? PNG_COLOR_TYPE_RGB : PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE,
	    PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
	png_write_info(png, info);
	for (int y = 0; y < height; y++)
		png_write_row(png, row);
	png_write_end(png, NULL);
	png_destroy_write_struct(&png, &info);
	fclose(f);
}

static void make_inputs(void)
{
	mkdir(folder, 0700);
	write_pair("train-images-idx3-ubyte", "train-labels-idx1-ubyte", 5, 0);
	write_pair("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte", 2, 5);
	write_file("names", "shirt\nhat, with brim\r\nshoe\n", 27);
	write_file("two-names", "shirt\nhat\n", 10);
	mkdir(in("pictures"), 0700);
	mkdir(in("pictures/hat"), 0700);
	mkdir(in("pictures/hat-b"), 0700);
	write_png("pictures/hat/2.png", 4, 4, 1, 2);
	write_png("pictures/hat/1.PNG", 4, 4, 3, 1);
	write_png("pictures/hat-b/3.png", 4, 4, 1, 3);
	write_png("pictures/loose.png", 4, 4, 1, 4);
	write_file("pictures/hat/readme.txt", "no picture", 10);
	mkdir(in("sizes"), 0700);
	mkdir(in("sizes/a"), 0700);
	write_png("sizes/a/1.png", 4, 4, 1, 7);
	write_png("sizes/a/2.png", 2, 6, 1, 9);
	mkdir(in("damaged"), 0700);
	mkdir(in("damaged/a"), 0700);
	write_png("damaged/a/1.png", 4, 4, 1, 7);
	write_file("damaged/a/2.png", "\x89PNG\r\n\x1a\nxx", 10);
	static const char index[] =
	    "file,split,category\r\nhat/2.png,test,\"z, last\"\r\n"
	    "\"hat/1.PNG\",,a\r\nhat-b/3.png,train,\r\nloose.png,validation,a\r\n";
	write_file("pictures/list.csv", index, sizeof index - 1);
	static const char bad_split[] = "file,category,split\nhat/1.PNG,a,test\nhat/2.png,a,tset\n";
	write_file("pictures/bad-split.csv", bad_split, sizeof bad_split - 1);
	static const char outside[] =
	    "file,category\nhat/1.PNG,a\n\"hat\n\",a\nhat/../../x.png,a\n";
	write_file("pictures/outside.csv", outside, sizeof outside - 1);
}

static app open_app(par_world *w, const char *pictures, const char *more)
{
	app a = {.world = *w, .section = "ingest"};
	char text[1024];
	a.conf = par_conf_new(app_settings, app_settings_count);
	snprintf(text, sizeof text, "[ingest]\nimages = %s\n%s", in(pictures), more);
	if (par_conf_parse(a.conf, "test.ini", text, strlen(text)) != PAR_OK)
		fprintf(stderr, "%s\n", par_err_why());
	return a;
}

static void check_idx(par_world *w)
{
	char more[600];
	images im;
	snprintf(more, sizeof more, "image_names = %s\nimage_validation = 3\n", in("names"));
	app a = open_app(w, "train-images-idx3-ubyte", more);
	par_err e = images_read(&a, &im);
	int held = 0, right = e == PAR_OK && im.items == 7 && im.height == 2 && im.width == 3 &&
			      im.channels == 1 && im.categories == 3 && im.name_width == 14;
	for (int64_t i = 0; right && i < im.items_here; i++) {
		int64_t item = im.first_here + i;
		for (int k = 0; k < 6; k++)
			right &= im.pixels[6 * i + k] == 10 * item + k;
		right &= im.category[i] == (item < 5 ? item % 3 : (item - 5) % 3);
		right &= (im.split[i] == IMAGE_TEST) == (item >= 5);
		held += im.split[i] == IMAGE_VALIDATION;
	}
	ok(right && par_world_sum(w, im.items_here) == 7, "an IDX pair brings its test pair along");
	ok(right && memcmp(im.names, "shirt\0\0\0\0\0\0\0\0\0hat, with brim", 28) == 0,
	    "categories have the names of the file");
	ok(par_world_sum(w, held) > 0 && par_world_sum(w, held) < 5, "some are for validation");
	images_drop(&im);
	par_conf_free(a.conf);

	snprintf(more, sizeof more, "image_names = %s\n", in("two-names"));
	a = open_app(w, "train-images-idx3-ubyte", more);
	ok(images_read(&a, &im) == PAR_E_DATA && strstr(par_err_why(), "the labels need 3"),
	    "too few names are refused");
	par_conf_free(a.conf);
	snprintf(more, sizeof more, "image_labels = %s\n", in("t10k-labels-idx1-ubyte"));
	a = open_app(w, "train-images-idx3-ubyte", more);
	ok(images_read(&a, &im) == PAR_E_DATA && strstr(par_err_why(), "2 labels"),
	    "labels that are not as many are refused");
	par_conf_free(a.conf);
}

/* item i is all value[i], of category[i] and, unless it is -1, split[i] */
static int is_catalog(const images *im, int items, int channels, const int *value,
    const int *category, const int *split)
{
	int right = im->items == items && im->height == 4 && im->width == 4 &&
		    im->channels == channels;
	for (int64_t i = 0; right && i < im->items_here; i++) {
		int64_t item = im->first_here + i;
		for (int k = 0; k < 16 * channels; k++)
			right &= im->pixels[16 * channels * i + k] == value[item];
		right &= im->category[i] == category[item];
		right &= split[item] < 0 || im->split[i] == split[item];
	}
	return right;
}

static void check_folder(par_world *w)
{
	images im;
	app a = open_app(w, "pictures", "");
	par_err e = images_read(&a, &im);
	ok(e == PAR_OK && is_catalog(&im, 4, 3, (int[]){3, 1, 2, 4}, (int[]){1, 0, 0, -1},
			      (int[]){-1, -1, -1, -1}),
	    "folders are categories, pictures come in the order of their paths, one colour makes "
	    "all so");
	ok(e == PAR_OK && im.categories == 2 && memcmp(im.names, "hat\0\0hat-b", 10) == 0,
	    "categories in the order of their names");
	images_drop(&im);
	par_conf_free(a.conf);
	a = open_app(w, "sizes", "");
	ok(images_read(&a, &im) == PAR_E_DATA && strstr(par_err_why(), "sizes/a/2.png: 2 x 6") &&
		strstr(par_err_why(), "ingest.image_size"),
	    "another size is named, with the setting that helps");
	par_conf_free(a.conf);
	a = open_app(w, "sizes", "image_size = 4x4\n");
	ok(images_read(&a, &im) == PAR_OK &&
		is_catalog(&im, 2, 1, (int[]){7, 9}, (int[]){0, 0}, (int[]){-1, -1}),
	    "and the setting helps");
	images_drop(&im);
	par_conf_free(a.conf);
	a = open_app(w, "sizes", "image_size = 4\n");
	ok(images_read(&a, &im) == PAR_E_CONFIG && strstr(par_err_why(), "test.ini:3:14"),
	    "a size that is none is a matter of configuration");
	par_conf_free(a.conf);
	a = open_app(w, "damaged", "");
	ok(images_read(&a, &im) == PAR_E_DATA && strstr(par_err_why(), "damaged/a/2.png: the PNG"),
	    "a damaged picture is named");
	par_conf_free(a.conf);
}

static void check_index(par_world *w)
{
	images im;
	app a = open_app(w, "pictures/list.csv", "");
	ok(images_read(&a, &im) == PAR_OK &&
		is_catalog(&im, 4, 3, (int[]){2, 1, 3, 4}, (int[]){1, 0, -1, 0},
		    (int[]){IMAGE_TEST, -1, IMAGE_TRAIN, IMAGE_VALIDATION}),
	    "an index gives order, category and split");
	ok(im.categories == 2 && memcmp(im.names, "a\0\0\0\0\0\0z, last", 14) == 0, "and names");
	images_drop(&im);
	par_conf_free(a.conf);
	a = open_app(w, "pictures/bad-split.csv", "");
	ok(images_read(&a, &im) == PAR_E_DATA &&
		strstr(par_err_why(), "bad-split.csv:3:13: split tset"),
	    "an unknown split has a line and column");
	par_conf_free(a.conf);
	a = open_app(w, "pictures/outside.csv", "");
	ok(images_read(&a, &im) == PAR_E_DATA &&
		strstr(par_err_why(), "outside.csv:5:1: file hat/.."),
	    "a path out of the folder is refused, lines inside quotes counted");
	par_conf_free(a.conf);
	a = open_app(w, "absent", "");
	ok(images_read(&a, &im) == PAR_E_INPUT, "what is not there is status 66");
	par_conf_free(a.conf);
}

static int forget(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	par_world w;
	ok(par_world_open(&w, MPI_COMM_WORLD) == PAR_OK, "a world opens");
	const char *build = getenv("BUILD");
	snprintf(folder, sizeof folder, "%s/images-test.%d", build ? build : "/tmp", w.size);
	if (w.rank == 0)
		make_inputs();
	MPI_Barrier(w.comm);
	check_idx(&w);
	check_folder(&w);
	check_index(&w);
	if (w.rank == 0)
		nftw(folder, forget, 8, FTW_DEPTH | FTW_PHYS);
	par_world_close(&w);
	return tap_end();
}
