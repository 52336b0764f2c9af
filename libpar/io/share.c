#include "io/share.h"

#include "base/text.h"
#include "comm/gather.h"
#include "io/file.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAD 16

static par_path_kind kind_of(const char *path)
{
	struct stat st;
	if (stat(path, &st) != 0)
		return PAR_PATH_NONE;
	return S_ISREG(st.st_mode)   ? PAR_PATH_FILE
	       : S_ISDIR(st.st_mode) ? PAR_PATH_FOLDER
				     : PAR_PATH_NONE;
}

par_path_kind par_share_kind(const par_world *w, const char *path)
{
	return (par_path_kind)par_world_max(w, w->rank == 0 ? kind_of(path) : PAR_PATH_NONE);
}

static par_err read_open(int fd, const char *path, size_t most, char **bytes, size_t *n)
{
	if (*n > most)
		return par_fail(
		    PAR_E_DATA, "%s: %zu bytes; wanted at most %zu", par_shows(path), *n, most);
	*bytes = calloc(*n + PAD, 1);
	if (!*bytes)
		return par_fail(PAR_E_MEMORY, "%s: no memory for %zu bytes", par_shows(path), *n);
	return par_file_read(fd, *bytes, *n, 0, path);
}

static par_err read_file(const char *path, size_t most, char **bytes, size_t *n)
{
	int fd;
	int64_t size;
	PAR_TRY(par_file_open(path, &fd, &size));
	*n = (size_t)size;
	par_err e = read_open(fd, path, most, bytes, n);
	close(fd);
	return e;
}

/* rank 0's n bytes on every rank, padding included; mine is freed */
static par_err hand_on(const par_world *w, char *mine, size_t mine_n, char **bytes, size_t *n)
{
	void *all = NULL;
	int64_t rows = 0;
	par_err e = par_gather_rows(
	    w, mine, w->rank == 0 ? (int64_t)(mine_n + PAD) : 0, 1, &all, &rows);
	free(mine);
	if (e != PAR_OK)
		return e;
	*bytes = all;
	*n = (size_t)rows - PAD;
	return PAR_OK;
}

par_err par_share_file(const par_world *w, const char *path, size_t most, char **bytes, size_t *n)
{
	char *mine = NULL;
	size_t mine_n = 0;
	par_err e = w->rank == 0 ? read_file(path, most, &mine, &mine_n) : PAR_OK;
	if ((e = par_agree(w, e)) != PAR_OK) {
		free(mine);
		return e;
	}
	return hand_on(w, mine, mine_n, bytes, n);
}

/* names one after another, each with its NUL */
typedef struct {
	char *text;
	size_t used, room;
} names;

static par_err keep(names *k, const char *folder, const char *file)
{
	size_t need = strlen(folder) + strlen(file) + 2;
	if (k->used + need + PAD > k->room) {
		size_t room = 2 * k->room + need + 4096;
		char *text = realloc(k->text, room);
		if (!text)
			return par_fail(PAR_E_MEMORY, "no memory for a folder's listing");
		k->text = text;
		k->room = room;
	}
	k->used += 1 +
		   (size_t)sprintf(k->text + k->used, "%s%s%s", folder, *folder ? "/" : "", file);
	return PAR_OK;
}

static par_err list(names *k, const char *root, const char *folder);

static par_err list_entry(names *k, const char *root, const char *folder, const char *entry)
{
	char path[4096];
	int n = snprintf(path, sizeof path, "%s/%s/%s", root, folder, entry);
	if (n >= (int)sizeof path)
		return par_fail(PAR_E_INPUT, "%s: the path is too long", par_shows(path));
	switch (kind_of(path)) {
	case PAR_PATH_FILE:
		return keep(k, folder, entry);
	case PAR_PATH_FOLDER:
		return *folder ? PAR_OK : list(k, root, entry);
	default:
		return PAR_OK;
	}
}

static par_err list(names *k, const char *root, const char *folder) /* NOLINT(misc-no-recursion) */
{
	char path[4096];
	int n = snprintf(path, sizeof path, "%s/%s", root, folder);
	DIR *dir = n < (int)sizeof path ? opendir(path) : NULL;
	if (!dir)
		return par_fail(PAR_E_INPUT, "%s: the folder cannot be read: %s; check the path",
		    par_shows(path), strerror(errno));
	par_err e = PAR_OK;
	struct dirent *d;
	while (e == PAR_OK && (d = readdir(dir)))
		if (d->d_name[0] != '.')
			e = list_entry(k, root, folder, d->d_name);
	closedir(dir);
	return e;
}

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static par_err sort_names(par_listing *l, size_t n)
{
	for (size_t i = 0; i < n; i++)
		l->count += l->text[i] == 0;
	l->name = malloc((size_t)(l->count + 1) * sizeof *l->name);
	if (!l->name)
		return par_fail(PAR_E_MEMORY, "no memory for %lld names", (long long)l->count);
	const char *at = l->text;
	for (int64_t i = 0; i < l->count; i++, at += strlen(at) + 1)
		l->name[i] = at;
	qsort(l->name, (size_t)l->count, sizeof *l->name, by_bytes);
	return PAR_OK;
}

par_err par_share_listing(const par_world *w, const char *path, par_listing *l)
{
	names k = {calloc(PAD, 1), 0, PAD};
	par_err e = PAR_OK;
	if (w->rank == 0)
		e = k.text ? list(&k, path, "") : par_fail(PAR_E_MEMORY, "no memory for a listing");
	*l = (par_listing){0};
	size_t n = 0;
	if ((e = par_agree(w, e)) != PAR_OK) {
		free(k.text);
		return e;
	}
	PAR_TRY(hand_on(w, k.text, k.used, &l->text, &n));
	PAR_TRY_ALL(w, sort_names(l, n));
	return PAR_OK;
}

void par_listing_drop(par_listing *l)
{
	free(l->name);
	free(l->text);
	*l = (par_listing){0};
}
