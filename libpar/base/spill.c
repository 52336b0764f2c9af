#include "base/spill.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct par_spill {
	char *at;
	size_t bytes;
	par_spill *next;
};

static par_spill *open_ones;

/* a file without a name in the folder of `beside`; -1: errno tells */
static int nameless(const char *beside)
{
	char name[4096];
	const char *slash = strrchr(beside, '/');
	int folder = slash ? (int)(slash - beside + 1) : 0;
	if (snprintf(name, sizeof name, "%.*s.spill.XXXXXX", folder, beside) >= (int)sizeof name) {
		errno = ENAMETOOLONG;
		return -1;
	}
	int file = mkostemp(name, O_CLOEXEC);
	if (file >= 0)
		unlink(name);
	return file;
}

static par_err map(par_spill *s, const char *beside)
{
	int file = nameless(beside), why = file < 0 ? errno : 0;
	if (!why)
		why = posix_fallocate(file, 0, (off_t)s->bytes);
	if (!why) {
		s->at = mmap(NULL, s->bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
		why = s->at == MAP_FAILED ? errno : 0;
	}
	if (file >= 0)
		close(file);
	if (!why)
		return PAR_OK;
	s->at = NULL;
	return par_fail(
	    PAR_E_IO, "no room for %zu bytes beside %s: %s", s->bytes, beside, strerror(why));
}

par_err par_spill_open(par_spill **out, const char *beside, size_t bytes)
{
	par_spill *s = calloc(1, sizeof *s);
	*out = s;
	if (!s)
		return par_fail(PAR_E_MEMORY, "no memory for an array on disk");
	s->bytes = bytes > 0 ? bytes : 1;
	s->next = open_ones;
	open_ones = s;
	return map(s, beside);
}

void par_spill_close(par_spill *s)
{
	par_spill **link = &open_ones;
	if (!s)
		return;
	while (*link != s)
		link = &(*link)->next;
	*link = s->next;
	if (s->at)
		munmap(s->at, s->bytes);
	free(s);
}

void *par_spill_at(const par_spill *s)
{
	return s->at;
}

void par_spill_rest(const void *at, size_t bytes)
{
	const char *lo = at;
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	const par_spill *s = open_ones;
	while (s && (!s->at || lo < s->at || lo >= s->at + s->bytes))
		s = s->next;
	if (!s)
		return;
	/* pages that are only partly done with go too: they come back whole */
	size_t from = (size_t)(lo - s->at) / page * page, to = (size_t)(lo - s->at) + bytes;
	(void)madvise(s->at + from, to - from, MADV_DONTNEED);
}
