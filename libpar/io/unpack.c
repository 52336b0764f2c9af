#include "io/unpack.h"

#include <errno.h>
#include <lzma.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

enum { PIECE = 1 << 18 };
#define ALIVE_BYTES ((int64_t)64 << 20)
#define XZ_MEMORY ((uint64_t)256 << 20)

typedef struct {
	const char *name;
	int in, out;
	int64_t most, written;
	bool ended; /* no more input */
	void (*alive)(void *ctx);
	void *ctx;
	unsigned char from[PIECE], to[PIECE];
} pipe_state;

static const char *const suffixes[] = {"", ".zst", ".gz", ".xz"};

par_pack par_pack_of_bytes(const void *bytes, size_t n)
{
	if (n >= 4 && memcmp(bytes, "\x28\xb5\x2f\xfd", 4) == 0)
		return PAR_PACK_ZSTD;
	if (n >= 2 && memcmp(bytes, "\x1f\x8b", 2) == 0)
		return PAR_PACK_GZIP;
	if (n >= 6 && memcmp(bytes, "\xfd\x37zXZ", 6) == 0)
		return PAR_PACK_XZ;
	return PAR_PACK_NONE;
}

par_pack par_pack_of_name(const char *path)
{
	size_t n = strlen(path);
	for (int p = PAR_PACK_ZSTD; p <= PAR_PACK_XZ; p++) {
		size_t k = strlen(suffixes[p]);
		if (n > k && strcmp(path + n - k, suffixes[p]) == 0)
			return (par_pack)p;
	}
	return PAR_PACK_NONE;
}

const char *par_pack_name(par_pack p)
{
	static const char *const names[] = {"plain", "zstd", "gzip", "xz"};
	return names[p];
}

const char *par_pack_suffix(par_pack p)
{
	return suffixes[p];
}

static par_err damaged(const pipe_state *p, const char *why)
{
	return par_fail(PAR_E_DATA, "%s: cannot be unpacked: %s; check the copy", p->name, why);
}

/* the next piece of input into from; *n is 0 at the end */
static par_err more(pipe_state *p, size_t *n)
{
	ssize_t got;
	do
		got = read(p->in, p->from, PIECE);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return par_fail(PAR_E_IO, "%s: reading failed: %s", p->name, strerror(errno));
	p->ended = got == 0;
	*n = (size_t)got;
	return PAR_OK;
}

static par_err flush(pipe_state *p, size_t n)
{
	if (p->written / ALIVE_BYTES != (p->written + (int64_t)n) / ALIVE_BYTES)
		p->alive(p->ctx);
	p->written += (int64_t)n;
	if (p->written > p->most)
		return par_fail(PAR_E_DATA,
		    "%s: unpacks to more than %lld bytes; raise run.unpack_limit if the file is "
		    "trusted",
		    p->name, (long long)p->most);
	for (size_t done = 0; done < n;) {
		ssize_t put = write(p->out, p->to + done, n - done);
		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return par_fail(
			    PAR_E_IO, "unpacking %s: writing failed: %s", p->name, strerror(errno));
		done += (size_t)put;
	}
	return PAR_OK;
}

static par_err unzstd(pipe_state *p)
{
	ZSTD_DCtx *z = ZSTD_createDCtx();
	if (!z)
		return par_fail(PAR_E_MEMORY, "no memory to unpack %s", p->name);
	par_err e = PAR_OK;
	size_t left = 1; /* 0 when a frame has ended */
	ZSTD_inBuffer in = {p->from, 0, 0};
	while (e == PAR_OK) {
		if (in.pos == in.size) {
			in.pos = 0;
			e = more(p, &in.size);
			if (e != PAR_OK || p->ended)
				break;
		}
		ZSTD_outBuffer out = {p->to, PIECE, 0};
		left = ZSTD_decompressStream(z, &out, &in);
		e = ZSTD_isError(left) ? damaged(p, ZSTD_getErrorName(left)) : flush(p, out.pos);
	}
	/* a full output piece may hide bytes that zstd still holds */
	while (e == PAR_OK && left > 0) {
		ZSTD_outBuffer out = {p->to, PIECE, 0};
		left = ZSTD_decompressStream(z, &out, &in);
		e = ZSTD_isError(left) ? damaged(p, ZSTD_getErrorName(left)) : flush(p, out.pos);
		if (e == PAR_OK && left > 0 && out.pos == 0)
			e = damaged(p, "it ends early");
	}
	ZSTD_freeDCtx(z);
	return e;
}

static par_err ungzip(pipe_state *p)
{
	z_stream z = {0};
	if (inflateInit2(&z, 15 + 16) != Z_OK)
		return par_fail(PAR_E_MEMORY, "no memory to unpack %s", p->name);
	par_err e = PAR_OK;
	int status = Z_OK;
	while (e == PAR_OK) {
		if (z.avail_in == 0) {
			size_t n = 0;
			e = more(p, &n);
			z.next_in = p->from;
			z.avail_in = (uInt)n;
			if (e != PAR_OK || p->ended)
				break;
		}
		if (status == Z_STREAM_END)
			inflateReset(&z);
		z.next_out = p->to;
		z.avail_out = PIECE;
		status = inflate(&z, Z_NO_FLUSH);
		if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR)
			e = damaged(p, z.msg ? z.msg : "bad data");
		else
			e = flush(p, PIECE - z.avail_out);
	}
	if (e == PAR_OK && status != Z_STREAM_END)
		e = damaged(p, "it ends early");
	inflateEnd(&z);
	return e;
}

static par_err unxz(pipe_state *p)
{
	lzma_stream z = LZMA_STREAM_INIT;
	if (lzma_stream_decoder(&z, XZ_MEMORY, LZMA_CONCATENATED) != LZMA_OK)
		return par_fail(PAR_E_MEMORY, "no memory to unpack %s", p->name);
	par_err e = PAR_OK;
	lzma_ret status = LZMA_OK;
	while (e == PAR_OK && status != LZMA_STREAM_END) {
		if (z.avail_in == 0 && !p->ended) {
			e = more(p, &z.avail_in);
			z.next_in = p->from;
		}
		z.next_out = p->to;
		z.avail_out = PIECE;
		if (e != PAR_OK)
			break;
		status = lzma_code(&z, p->ended ? LZMA_FINISH : LZMA_RUN);
		if (status == LZMA_MEMLIMIT_ERROR)
			e = damaged(p, "its dictionary needs more than 256 MiB");
		else if (status != LZMA_OK && status != LZMA_STREAM_END)
			e = damaged(p, status == LZMA_BUF_ERROR ? "it ends early" : "bad data");
		else
			e = flush(p, PIECE - z.avail_out);
	}
	lzma_end(&z);
	return e;
}

par_err par_unpack(par_pack pack, const char *name, int in, int out, int64_t most,
    void (*alive)(void *ctx), void *ctx)
{
	pipe_state *p = malloc(sizeof *p);
	if (!p)
		return par_fail(PAR_E_MEMORY, "no memory to unpack %s", name);
	p->name = name;
	p->in = in;
	p->out = out;
	p->most = most;
	p->written = 0;
	p->ended = false;
	p->alive = alive;
	p->ctx = ctx;
	par_err e = pack == PAR_PACK_ZSTD ? unzstd(p) : pack == PAR_PACK_GZIP ? ungzip(p) : unxz(p);
	free(p);
	return e;
}
