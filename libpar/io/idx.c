#include "io/idx.h"

#include "base/text.h"
#include "io/file.h"

#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

/* deflate cannot pack better than 1032 to 1 (RFC 1951: 258 bytes in 2 bits) */
#define DEFLATE_RATIO 1032

static bool type_of(int code, par_dtype *type)
{
	static const struct {
		int code;
		par_dtype type;
	} known[] = {
	    {0x08, PAR_U8}, {0x0b, PAR_I16}, {0x0c, PAR_I32}, {0x0d, PAR_F32}, {0x0e, PAR_F64}};
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (known[i].code == code) {
			*type = known[i].type;
			return true;
		}
	return false;
}

static int64_t dimension(const unsigned char *b, bool little)
{
	return little ? (int64_t)b[3] << 24 | b[2] << 16 | b[1] << 8 | b[0]
		      : (int64_t)b[0] << 24 | b[1] << 16 | b[2] << 8 | b[3];
}

/* bytes of the whole file the header promises, -1 when no file can be that large */
static int64_t promised(const par_idx *x, const unsigned char *bytes, bool little)
{
	int64_t total = (int64_t)par_dtype_bytes(x->type);
	for (int i = 0; i < x->dims; i++)
		if (__builtin_mul_overflow(total, dimension(bytes + 4 + 4 * i, little), &total))
			return -1;
	return __builtin_add_overflow(total, (int64_t)x->header, &total) ? -1 : total;
}

static par_err check_size(
    const par_idx *x, const char *name, const unsigned char *bytes, int64_t found)
{
	int64_t want = promised(x, bytes, false);
	if (want >= 0 && (want == found || found == PAR_IDX_SIZE_UNKNOWN))
		return PAR_OK;
	if (found != PAR_IDX_SIZE_UNKNOWN && promised(x, bytes, true) == found)
		return par_fail(PAR_E_DATA,
		    "%s@4: dimensions in little endian; wanted big endian; write the file again",
		    par_shows(name));
	if (want < 0)
		return par_fail(PAR_E_DATA,
		    "%s@4: the dimensions multiply to more than any file; wanted the counts of the "
		    "elements that follow; write the file again",
		    par_shows(name));
	/* a promise ten times what is there is a wrong dimension rather than a cut file */
	if (want / 10 > found)
		return par_fail(PAR_E_DATA,
		    "%s@4: the dimensions promise %lld bytes, found %lld; wanted dimensions that "
		    "fit "
		    "the file; fetch or write it again",
		    par_shows(name), (long long)want, (long long)found);
	return par_fail(PAR_E_DATA,
	    "%s@%lld: %s; wanted %lld bytes, found %lld; fetch the file again", par_shows(name),
	    (long long)(want < found ? want : found),
	    want < found ? "bytes after the last element" : "the file ends early", (long long)want,
	    (long long)found);
}

static par_err check_start(const char *name, const unsigned char *bytes, size_t n)
{
	const char *shown = par_shows(name);
	par_dtype type;
	if (n == 0)
		return par_fail(PAR_E_DATA,
		    "%s@0: the file is empty; wanted an IDX header; fetch the file again", shown);
	if (n < 4)
		return par_fail(PAR_E_DATA,
		    "%s@%zu: the header ends early; wanted 4 bytes and the dimensions, found %zu; "
		    "fetch the file again",
		    shown, n, n);
	if (bytes[0] || bytes[1])
		return par_fail(PAR_E_DATA,
		    "%s@%d: byte 0x%02x; wanted two zero bytes, as IDX files begin; is it an IDX "
		    "file?",
		    shown, bytes[0] ? 0 : 1, bytes[bytes[0] ? 0 : 1]);
	if (!type_of(bytes[2], &type))
		return par_fail(PAR_E_DATA,
		    "%s@2: type 0x%02x; wanted 08 (byte), 0b, 0c (integers), 0d or 0e (reals); "
		    "write the file again",
		    shown, bytes[2]);
	if (bytes[3] < 1 || bytes[3] > PAR_IDX_DIMS)
		return par_fail(PAR_E_DATA,
		    "%s@3: %d dimensions; wanted 1 to %d; write the file again", shown, bytes[3],
		    PAR_IDX_DIMS);
	return PAR_OK;
}

par_err par_idx_parse(
    par_idx *x, const char *name, const unsigned char *bytes, size_t n, int64_t file_bytes)
{
	PAR_TRY(check_start(name, bytes, n));
	*x = (par_idx){.dims = bytes[3], .header = 4 + 4 * (size_t)bytes[3], .dim = {1, 1, 1, 1}};
	type_of(bytes[2], &x->type);
	if (n < x->header)
		return par_fail(PAR_E_DATA,
		    "%s@%zu: the header ends early; wanted %zu bytes for %d dimensions; "
		    "fetch the file again",
		    par_shows(name), n, x->header, x->dims);
	PAR_TRY(check_size(x, name, bytes, file_bytes));
	x->row_bytes = par_dtype_bytes(x->type);
	for (int i = 0; i < x->dims; i++)
		x->dim[i] = dimension(bytes + 4 + 4 * i, false);
	/* with no rows the other dimensions were not held against anything */
	for (int i = 1; i < x->dims; i++)
		if (__builtin_mul_overflow(x->row_bytes, (size_t)x->dim[i], &x->row_bytes) ||
		    x->row_bytes > INT64_MAX / 2)
			return par_fail(PAR_E_DATA,
			    "%s@8: the dimensions multiply to more than any file; write it again",
			    par_shows(name));
	return PAR_OK;
}

/* the file for zlib, which passes plain bytes through; *bytes is its size as it lies there */
static par_err open_gz(const char *path, gzFile *gz, int64_t *bytes)
{
	int fd;
	PAR_TRY(par_file_open(path, &fd, bytes));
	*gz = gzdopen(fd, "rb");
	if (!*gz) {
		close(fd);
		return par_fail(PAR_E_MEMORY, "%s: no memory to read it", par_shows(path));
	}
	gzbuffer(*gz, 1 << 17);
	return PAR_OK;
}

static par_err gz_trouble(gzFile gz, const char *path, int64_t want)
{
	int code;
	const char *why = gzerror(gz, &code);
	long long at = gztell(gz);
	if (code == Z_ERRNO)
		return par_fail(PAR_E_IO, "%s@%lld: reading failed: %m", par_shows(path), at);
	if (code != Z_OK && code != Z_BUF_ERROR)
		return par_fail(PAR_E_DATA,
		    "%s@%lld: the packed bytes are damaged (%s); fetch it again", par_shows(path),
		    at, why);
	return par_fail(PAR_E_DATA,
	    "%s@%lld: the file ends early; wanted %lld bytes unpacked; fetch it again",
	    par_shows(path), at, (long long)want);
}

static par_err read_exact(
    gzFile gz, const char *path, unsigned char *out, size_t n, int64_t want_in_all)
{
	while (n > 0) {
		unsigned step = n < (1u << 30) ? (unsigned)n : 1u << 30;
		int got = gzread(gz, out, step);
		if (got <= 0)
			return gz_trouble(gz, path, want_in_all);
		out += got;
		n -= (size_t)got;
	}
	return PAR_OK;
}

static par_err read_header(gzFile gz, par_idx *x, const char *path, int64_t file_bytes)
{
	unsigned char start[PAR_IDX_HEADER_BYTES];
	int n = gzread(gz, start, sizeof start);
	if (n < 0)
		return gz_trouble(gz, path, PAR_IDX_HEADER_BYTES);
	bool plain = gzdirect(gz);
	PAR_TRY(
	    par_idx_parse(x, path, start, (size_t)n, plain ? file_bytes : PAR_IDX_SIZE_UNKNOWN));
	int64_t want = promised(x, start, false);
	if (!plain && want / DEFLATE_RATIO > file_bytes)
		return par_fail(PAR_E_DATA,
		    "%s@4: the dimensions promise %lld bytes, which %lld packed bytes cannot hold; "
		    "fetch or write the file again",
		    par_shows(path), (long long)want, (long long)file_bytes);
	return PAR_OK;
}

par_err par_idx_open(par_idx *x, const char *path)
{
	gzFile gz;
	int64_t bytes;
	PAR_TRY(open_gz(path, &gz, &bytes));
	par_err e = read_header(gz, x, path, bytes);
	gzclose(gz);
	return e;
}

static par_err check_end(gzFile gz, const char *path)
{
	unsigned char more;
	int got = gzread(gz, &more, 1);
	if (got < 0)
		return gz_trouble(gz, path, gztell(gz));
	int code;
	gzerror(gz, &code);
	if (got > 0)
		return par_fail(PAR_E_DATA,
		    "%s@%lld: bytes after the last element; wanted the end; fetch the file again",
		    par_shows(path), (long long)gztell(gz) - 1);
	return code == Z_OK ? PAR_OK : gz_trouble(gz, path, gztell(gz));
}

par_err par_idx_read(
    const par_idx *x, const char *path, int64_t first, int64_t rows, unsigned char *out)
{
	PAR_MUST(first >= 0 && rows >= 0 && first + rows <= x->dim[0], "rows %lld + %lld of %lld",
	    (long long)first, (long long)rows, (long long)x->dim[0]);
	gzFile gz;
	int64_t bytes, in_all = (int64_t)x->header + x->dim[0] * (int64_t)x->row_bytes;
	PAR_TRY(open_gz(path, &gz, &bytes));
	int64_t start = (int64_t)x->header + first * (int64_t)x->row_bytes;
	par_err e = gzseek(gz, start, SEEK_SET) == start ? PAR_OK : gz_trouble(gz, path, in_all);
	if (e == PAR_OK)
		e = read_exact(gz, path, out, (size_t)rows * x->row_bytes, in_all);
	if (e == PAR_OK && first + rows == x->dim[0])
		e = check_end(gz, path);
	gzclose(gz);
	return e;
}
