#include "io/pieces.h"

#include "comm/gather.h"
#include "io/file.h"
#include "io/publish.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct par_pieces {
	par_publish publish;
	const par_world *world; /* borrowed */
	int fd;
	int64_t end; /* of what there is */
};

static par_err open_temp(par_pieces *p)
{
	p->fd = open(p->publish.temp, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
	if (p->fd < 0)
		return par_fail(PAR_E_CREATE,
		    "%s: cannot open it on every rank: %s; its folder must be on a file system "
		    "that all "
		    "nodes share",
		    p->publish.target, strerror(errno));
	return PAR_OK;
}

par_err par_pieces_open(par_pieces **out, const par_world *w, const char *path, const char *head)
{
	par_pieces *p = calloc(1, sizeof *p);
	*out = NULL;
	par_err e = par_agree(
	    w, p ? PAR_OK : par_fail(PAR_E_MEMORY, "%s: no memory to begin it", path));
	if (e == PAR_OK)
		e = par_publish_begin_text(&p->publish, w, path, head, strlen(head));
	if (!p || e != PAR_OK) {
		free(p);
		return e;
	}
	p->world = w;
	p->fd = -1;
	e = par_agree(w, open_temp(p));
	if (e == PAR_OK)
		e = par_pieces_put(p, head, w->rank == 0 ? strlen(head) : 0);
	if (e != PAR_OK)
		return par_pieces_publish(p, e);
	*out = p;
	return PAR_OK;
}

par_err par_pieces_put(par_pieces *p, const char *text, size_t n)
{
	int64_t mine = (int64_t)n, at = p->end, ranks;
	void *all;
	PAR_TRY(par_gather_rows(p->world, &mine, 1, sizeof mine, &all, &ranks));
	for (int r = 0; r < ranks; r++) {
		at += r < p->world->rank ? ((int64_t *)all)[r] : 0;
		p->end += ((int64_t *)all)[r];
	}
	free(all);
	return par_agree(
	    p->world, n > 0 ? par_file_write(p->fd, text, n, at, p->publish.target) : PAR_OK);
}

/* an error that the system kept back until now (network file systems) comes out of sync */
static par_err sync_mine(const par_pieces *p)
{
	if (fsync(p->fd) == 0)
		return PAR_OK;
	return par_fail(
	    PAR_E_IO, "%s: cannot sync: %s; check the disk", p->publish.target, strerror(errno));
}

par_err par_pieces_publish(par_pieces *p, par_err mine)
{
	par_err e = par_agree(p->world, mine == PAR_OK ? sync_mine(p) : mine);
	e = par_publish_end(&p->publish, e);
	if (p->fd >= 0)
		close(p->fd);
	free(p);
	return e;
}
