#include "ingest/estimate.h"

#include "io/share.h"
#include "io/unpack.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MIB 1048576.0
#define UNPACKED 12      /* bytes of text a packed byte is taken for */
#define PACKED_ROW 80    /* bytes a row of it */
#define TEXT_RATE 300e6  /* bytes a second and rank */
#define UNPACK_RATE 10e6 /* packed bytes a second */
#define PIXEL_RATE 200e6 /* bytes a second and rank */
#define READ_ROOM (40 * MIB)

typedef struct {
	double bytes, packed, rows, memory, seconds;
	int64_t pictures;
} work;

/* bytes a row, as the beginning of a plain file has them */
static double row_bytes(const char *path)
{
	char piece[1 << 16];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, piece, sizeof piece), rows = 0;
	for (ssize_t i = 0; i < n; i++)
		rows += piece[i] == '\n';
	if (fd >= 0)
		close(fd);
	return rows > 0 ? (double)n / (double)rows : (double)PACKED_ROW;
}

/* bytes that a rank keeps of each row of a table, at most, and those that check its key */
static double kept_bytes(const char *table)
{
	static const struct {
		const char *table;
		double bytes;
	} kept[] = {{"sales", 24}, {"orders", 40 + 24}, {"future", 24 + 24}, {"catalog", 160},
	    {"calendar", 96}, {"overrides", 512}};
	for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++)
		if (strcmp(kept[i].table, table) == 0)
			return kept[i].bytes;
	return 0;
}

static void add_table(const app *a, const char *table, work *w)
{
	const char *path = app_text(a, table);
	struct stat info;
	if (!path || stat(path, &info) != 0)
		return;
	par_pack pack = par_pack_of_name(path);
	double bytes = (double)info.st_size, text = pack ? UNPACKED * bytes : bytes;
	double rows = text / (pack ? PACKED_ROW : row_bytes(path));
	w->bytes += bytes;
	w->packed += pack ? bytes : 0;
	w->rows += rows;
	w->memory += rows * kept_bytes(table) / a->world.size;
	w->seconds += text / TEXT_RATE / a->world.size + (pack ? bytes / UNPACK_RATE : 0);
	if (pack)
		app_log(a, "%s %s: %.1f MiB packed by %s, taken for %.1f MiB and %.3g rows", table,
		    path, bytes / MIB, par_pack_name(pack), text / MIB, rows);
	else
		app_log(a, "%s %s: %.1f MiB, about %.3g rows", table, path, bytes / MIB, rows);
}

/* pixels of one picture at the size that is set; 0 when none is */
static double picture_bytes(const app *a)
{
	int height, width;
	const char *size = app_text(a, "image_size");
	if (!size || sscanf(size, "%dx%d", &height, &width) != 2)
		return 0;
	return 3.0 * height * width;
}

static void add_pictures(const app *a, const char *path, int64_t files, work *w)
{
	struct stat info;
	double bytes = stat(path, &info) == 0 ? (double)info.st_size : 0;
	double pixels = (double)files * picture_bytes(a);
	w->pictures = files;
	if (files > 0) {
		app_log(a, "images %s: %lld files; %s", path, (long long)files,
		    pixels > 0 ? "their size is set"
			       : "their size is not set, so neither memory nor seconds count them");
	} else {
		pixels = par_pack_of_name(path) ? UNPACKED * bytes : bytes;
		w->bytes += bytes;
		app_log(a, "images %s: %.1f MiB", path, bytes / MIB);
	}
	w->memory += pixels / a->world.size;
	w->seconds += pixels / PIXEL_RATE / a->world.size;
}

static par_err list_pictures(const app *a, work *w)
{
	par_listing l = {0};
	const char *path = app_text(a, "images");
	if (!path)
		return PAR_OK;
	if (par_share_kind(&a->world, path) == PAR_PATH_FOLDER)
		PAR_TRY(par_share_listing(&a->world, path, &l));
	add_pictures(a, path, l.count, w);
	par_listing_drop(&l);
	return PAR_OK;
}

static void report(app *a, const work *w)
{
	const struct {
		const char *name;
		double value;
	} counts[] = {{"bytes", w->bytes}, {"packed_bytes", w->packed}, {"rows", w->rows},
	    {"pictures", (double)w->pictures}, {"memory_bytes", w->memory}};
	for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
		json_object_set_new(
		    a->report, counts[i].name, json_integer((json_int_t)counts[i].value));
	json_object_set_new(a->report, "seconds", json_real(w->seconds));
}

par_err estimate_tell(app *a)
{
	static const char *const tables[] = {
	    "sales", "orders", "catalog", "calendar", "future", "overrides"};
	work w = {.memory = READ_ROOM, .seconds = 0.1};
	for (size_t t = 0; t < sizeof tables / sizeof tables[0]; t++)
		add_table(a, tables[t], &w);
	PAR_TRY(list_pictures(a, &w));
	app_log(a,
	    "work: %.1f MiB, about %.3g rows and %lld pictures, about %.1f s on ranks of 2.1 GHz",
	    w.bytes / MIB, w.rows, (long long)w.pictures, w.seconds);
	app_log(
	    a, "memory a rank: at most %.0f MiB, and 9 bytes a series and period", w.memory / MIB);
	report(a, &w);
	return PAR_OK;
}
