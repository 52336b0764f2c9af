/* np: 1 2 3 */
#include "io/idx.h"
#include "../tap.h"
#include "comm/blocks.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#define OURS "validation/badinput/idx"

static const struct {
	const char *file, *place;
} refused[] = {
    {"empty.idx", "@0: "},
    {"magic_bad.idx", "@0: "},
    {"type_bad.idx", "@2: "},
    {"ndim_zero.idx", "@3: "},
    {"ndim_255.idx", "@3: "},
    {"header_cut.idx", "@9: "},
    {"dims_huge.idx", "@4: "},
    {"dims_overflow.idx", "@4: "},
    {"little_endian.idx", "@4: dimensions in little endian"},
    {"truncated.idx", "@17: the file ends early; wanted 18 bytes, found 17"},
    {"trailing.idx", "@18: bytes after the last element"},
    {"truncated.gz", "@17: the file ends early"},
    {"trailing.gz", "@18: bytes after the last element"},
    {"dims_huge.gz", "@4: the dimensions promise 4294967303 bytes"},
    {"cut.gz", ": "},
    {"checksum.gz", ": the packed bytes are damaged"},
};

static par_err open_and_read(par_idx *x, const char *path, unsigned char *out, size_t size)
{
	PAR_TRY(par_idx_open(x, path));
	if ((size_t)x->dim[0] * x->row_bytes > size)
		return par_fail(PAR_E_BUG, "%s: too large for this test", path);
	return par_idx_read(x, path, 0, x->dim[0], out);
}

static void check_refused(const char *folder)
{
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		char path[512];
		unsigned char out[64];
		par_idx x;
		snprintf(path, sizeof path, "%s/%s", folder, refused[i].file);
		if (access(path, R_OK) != 0)
			continue;
		par_err e = open_and_read(&x, path, out, sizeof out);
		ok(e == PAR_E_DATA && strstr(par_err_why(), refused[i].place),
		    "%s is refused at its place", refused[i].file);
	}
}

static void check_accepted(const char *folder, const char *file)
{
	char path[512];
	unsigned char out[64];
	par_idx x;
	snprintf(path, sizeof path, "%s/%s", folder, file);
	ok(open_and_read(&x, path, out, sizeof out) == PAR_OK && x.dims == 2 && x.dim[0] == 2 &&
		x.dim[1] == 3 && x.row_bytes == 3 && x.type == PAR_U8,
	    "%s is a 2 x 3 array of bytes", file);
}

static void check_cuts(void)
{
	static const unsigned char whole[] = {
	    0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6};
	par_idx x;
	int all = 1, n = sizeof whole;
	for (int cut = 0; cut < n; cut++)
		all &= par_idx_parse(&x, "cut", whole, (size_t)cut, cut) == PAR_E_DATA;
	ok(all, "every proper beginning of an array is refused");
	ok(par_idx_parse(&x, "whole", whole, sizeof whole, n) == PAR_OK && x.dim[3] == 1,
	    "the whole is not");
	static const unsigned char none[] = {0, 0, 8, 2, 0, 0, 0, 0, 0, 0, 0, 3};
	ok(par_idx_parse(&x, "none", none, sizeof none, 12) == PAR_OK && x.dim[0] == 0 &&
		x.row_bytes == 3,
	    "an array of no rows is an array");
	static const unsigned char vast[] = {
	    0, 0, 14, 4, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255};
	ok(par_idx_parse(&x, "vast", vast, sizeof vast, 20) == PAR_E_DATA,
	    "no rows of more bytes than memory are refused");
}

/* rank 0 writes 5 rows of 4 bytes, then each rank reads its own */
static void check_rows(const par_world *w, const char *mode, const char *what)
{
	unsigned char file[8 + 4 + 20] = {0, 0, 8, 2, 0, 0, 0, 5, 0, 0, 0, 4};
	char path[64];
	for (int i = 0; i < 20; i++)
		file[12 + i] = (unsigned char)(i * 7);
	snprintf(path, sizeof path, "%s/idx-rows", getenv("BUILD") ? getenv("BUILD") : "/tmp");
	if (w->rank == 0) {
		gzFile gz = gzopen(path, mode);
		gzwrite(gz, file, sizeof file);
		gzclose(gz);
	}
	MPI_Barrier(w->comm);
	par_blocks b;
	par_blocks_deal(&b, w, 5, 1);
	unsigned char mine[20] = {0};
	par_idx x;
	par_err e = par_idx_open(&x, path);
	if (e == PAR_OK)
		e = par_idx_read(&x, path, b.lo, b.hi - b.lo, mine);
	ok(e == PAR_OK && memcmp(mine, file + 12 + 4 * b.lo, (size_t)(4 * (b.hi - b.lo))) == 0,
	    "each rank reads its rows of a %s file", what);
	MPI_Barrier(w->comm);
	if (w->rank == 0)
		unlink(path);
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	par_world w;
	ok(par_world_open(&w, MPI_COMM_WORLD) == PAR_OK, "a world opens");
	check_refused(OURS);
	check_accepted(OURS, "ok_2x3.idx");
	check_accepted(OURS, "ok_2x3.gz");
	const char *data = getenv("DATA_DIR");
	char corpus[256];
	snprintf(corpus, sizeof corpus, "%s/badinput/idx", data ? data : "");
	if (data && access(corpus, R_OK) == 0) {
		check_refused(corpus);
		check_accepted(corpus, "ok_2x3.idx");
	} else {
		skip("DATA_DIR has no badinput/idx");
	}
	check_cuts();
	check_rows(&w, "wbT", "plain");
	check_rows(&w, "wb9", "packed");
	par_idx x;
	ok(par_idx_open(&x, "validation/badinput/idx/absent") == PAR_E_INPUT,
	    "a missing file is status 66");
	par_world_close(&w);
	return tap_end();
}
