#include "io/source.h"

#include "base/text.h"
#include "io/unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static par_err cannot_open(const char *path, const char *why)
{
	return par_fail(PAR_E_INPUT, "%s: cannot be read: %s", path, why);
}

static par_err open_plain(par_source *s, const char *path)
{
	struct stat info;
	s->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (s->fd < 0)
		return cannot_open(path, strerror(errno));
	if (fstat(s->fd, &info) != 0)
		return cannot_open(path, strerror(errno));
	if (!S_ISREG(info.st_mode))
		return cannot_open(
		    path, S_ISDIR(info.st_mode) ? "it is a folder" : "it is no regular file");
	s->bytes = info.st_size;
	return PAR_OK;
}

/* how the file is packed, by name and bytes alike */
static par_err find_packing(const par_source *s, par_pack *pack)
{
	unsigned char head[8];
	size_t n = s->bytes < 8 ? (size_t)s->bytes : 8;
	PAR_TRY(par_source_read(s, 0, head, n));
	par_pack named = par_pack_of_name(s->name);
	*pack = par_pack_of_bytes(head, n);
	if (*pack == named)
		return PAR_OK;
	if (*pack == PAR_PACK_NONE)
		return par_fail(PAR_E_DATA,
		    "%s:1:1: the name says %s but the bytes do not; check the copy", s->name,
		    par_pack_name(named));
	return par_fail(PAR_E_DATA,
	    "%s:1:1: these are %s bytes under another name; unpack the file or name it ...%s",
	    s->name, par_pack_name(*pack), par_pack_suffix(*pack));
}

/* rank 0 | a new file only we can reach */
static par_err make_scratch(char *temp, size_t size, const char *folder, int *fd)
{
	snprintf(temp, size, "%s/.entrepot-unpack-%ld-XXXXXX", folder, (long)getpid());
	*fd = mkostemp(temp, O_CLOEXEC);
	if (*fd < 0)
		return par_fail(PAR_E_CREATE, "%s: no scratch file can be made there: %s", folder,
		    strerror(errno));
	return PAR_OK;
}

/* collective | *fd on every rank: a new file without a name */
static par_err open_scratch(const par_world *w, const char *folder, int *fd)
{
	char temp[4200] = "";
	*fd = -1;
	par_err e = w->rank == 0 ? make_scratch(temp, sizeof temp, folder, fd) : PAR_OK;
	MPI_Bcast(temp, sizeof temp, MPI_CHAR, 0, w->comm);
	if (w->rank != 0 && *temp && (*fd = open(temp, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)) < 0)
		e = cannot_open(temp, strerror(errno));
	e = par_agree(w, e);
	if (w->rank == 0 && *temp)
		unlink(temp);
	return e;
}

/* rank 0 tells the others, who wait in unpack below, that it is still at it */
static void still_at_it(void *world)
{
	int done = 0;
	MPI_Bcast(&done, 1, MPI_INT, 0, ((const par_world *)world)->comm);
	par_world_alive();
}

/* collective | s->fd becomes a nameless plain file, which rank 0 fills */
static par_err unpack(
    par_source *s, const par_world *w, par_pack pack, const char *folder, int64_t most)
{
	int fd, done = 1;
	struct stat info;
	par_err e = open_scratch(w, folder, &fd);
	if (e == PAR_OK && w->rank == 0) {
		e = par_unpack(pack, s->name, s->fd, fd, most, still_at_it, (void *)w);
		MPI_Bcast(&done, 1, MPI_INT, 0, w->comm);
	} else if (e == PAR_OK) {
		do {
			MPI_Bcast(&done, 1, MPI_INT, 0, w->comm);
			par_world_alive();
		} while (!done);
	}
	e = par_agree(w, e);
	par_source_close(s);
	s->fd = fd;
	if (e == PAR_OK && fstat(fd, &info) != 0)
		e = cannot_open(s->name, strerror(errno));
	else if (e == PAR_OK)
		s->bytes = info.st_size;
	return par_agree(w, e);
}

static par_err open_all(
    par_source *s, const par_world *w, const char *path, const char *scratch, int64_t most)
{
	par_pack pack = PAR_PACK_NONE;
	PAR_TRY_ALL(w, open_plain(s, path));
	PAR_TRY_ALL(w, find_packing(s, &pack));
	return pack == PAR_PACK_NONE ? PAR_OK : unpack(s, w, pack, scratch, most);
}

par_err par_source_open(
    par_source *s, const par_world *w, const char *path, const char *scratch, int64_t most)
{
	*s = (par_source){.name = path, .fd = -1};
	par_err e = open_all(s, w, path, scratch, most);
	if (e != PAR_OK)
		par_source_close(s);
	return e;
}

par_err par_source_read(const par_source *s, int64_t at, void *out, size_t n)
{
	for (size_t done = 0; done < n;) {
		ssize_t got = pread(s->fd, (char *)out + done, n - done, at + (off_t)done);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return par_fail(
			    PAR_E_IO, "%s: reading failed: %s", s->name, strerror(errno));
		if (got == 0)
			return par_fail(PAR_E_IO,
			    "%s: the file became shorter while it was read; run again when its "
			    "writer is done",
			    s->name);
		done += (size_t)got;
	}
	return PAR_OK;
}

void par_source_close(par_source *s)
{
	if (s->name && s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}
