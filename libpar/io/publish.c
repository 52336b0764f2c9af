#include "io/publish.h"

#include "base/text.h"
#include "io/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* the private folder: .NAME.entrepot-XXXXXX beside NAME, holding "lock" and "new" */
#define MARK ".entrepot-"
#define LETTERS 6

/* held from reserving to publishing, on rank 0: a folder whose lock nobody holds is a dead run's */
static struct {
	char folder[4096];
	int fd;
} held[16];

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

/* "results/" of "results/x.h5", "./" of "x.h5" */
static par_err folder_of(char *out, size_t size, const char *path)
{
	size_t n = (size_t)(base_name(path) - path);
	int used = snprintf(out, size, "%.*s", n ? (int)n : 2, n ? path : "./");
	if (used < 0 || (size_t)used >= size)
		return par_fail(PAR_E_CREATE, "%s: the path is too long", path);
	return PAR_OK;
}

static par_err cannot(par_err code, const char *path, const char *what, const char *todo)
{
	const char *why = strerror(errno);
	return par_fail(code, "%s: cannot %s: %s; %s", path, what, why, todo);
}

static par_err sync_path(const char *path, int flags)
{
	int fd = open(path, flags | O_RDONLY | O_CLOEXEC);
	int bad = fd < 0 || fsync(fd) != 0;
	/* a file system that has no sync of folders says EINVAL; nothing more can be done there */
	if (bad && (flags & O_DIRECTORY) && errno == EINVAL)
		bad = 0;
	par_err e = bad ? cannot(PAR_E_IO, path, "sync", "check the disk") : PAR_OK;
	if (fd >= 0)
		close(fd);
	return e;
}

/* remove what the folder holds, plain files only, then the folder */
static void remove_folder(const char *folder)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	for (struct dirent *d; dir && (d = readdir(dir));)
		if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0)
			unlinkat(fd, d->d_name, 0);
	if (dir)
		closedir(dir);
	else if (fd >= 0)
		close(fd);
	rmdir(folder);
}

/* the lock a folder's owner holds; -1 with errno when it cannot be had now */
static int take_lock(const char *folder, int flags)
{
	char path[4200];
	snprintf(path, sizeof path, "%s/lock", folder);
	int fd = open(path, flags | O_RDWR | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -1;
	struct stat st;
	if (flock(fd, LOCK_EX | LOCK_NB) == 0 && fstat(fd, &st) == 0 && st.st_nlink > 0)
		return fd;
	close(fd);
	errno = EWOULDBLOCK;
	return -1;
}

/* a leftover is ours when its name and mode say so, and dead when its lock is free */
static void sweep_one(const char *parent, const char *name)
{
	char folder[4096];
	struct stat st;
	int n = snprintf(folder, sizeof folder, "%s%s", parent, name);
	if (n < 0 || (size_t)n >= sizeof folder || lstat(folder, &st) != 0)
		return;
	if (!S_ISDIR(st.st_mode) || st.st_uid != geteuid() || (st.st_mode & 0777) != 0700)
		return;
	int lock = take_lock(folder, 0);
	if (lock < 0 && errno == ENOENT)
		rmdir(folder); /* killed, or about to make its lock: then it sees this and starts
				  anew */
	if (lock < 0)
		return;
	remove_folder(folder);
	close(lock);
}

/* is entry the private folder of a target called name, or of one whose name begins so? */
static bool is_private(const char *entry, const char *name, bool whole)
{
	size_t length = strlen(entry), n = strlen(name), end = strlen(MARK) + LETTERS;
	if (length < 1 + n + end || (whole && length > 1 + n + end))
		return false;
	return entry[0] == '.' && strncmp(entry + 1, name, n) == 0 &&
	       strncmp(entry + length - end, MARK, strlen(MARK)) == 0;
}

static void sweep(const char *parent, const char *name, bool whole)
{
	DIR *dir = opendir(parent);
	for (struct dirent *d; dir && (d = readdir(dir));)
		if (is_private(d->d_name, name, whole))
			sweep_one(parent, d->d_name);
	if (dir)
		closedir(dir);
}

void par_publish_sweep(const char *path)
{
	char parent[4096];
	if (folder_of(parent, sizeof parent, path) == PAR_OK)
		sweep(parent, base_name(path), false);
}

par_err par_publish_not_ours(const char *path)
{
	return par_fail(PAR_E_CREATE,
	    "%s: exists and is not a result of this suite, so it stays; move it away or choose "
	    "another name",
	    path);
}

static par_err begins_alike(const par_publish *p)
{
	char have[PAR_PUBLISH_MARK];
	int fd;
	int64_t bytes;
	PAR_TRY(par_file_open(p->target, &fd, &bytes));
	par_err e = bytes < (int64_t)p->marked ? par_publish_not_ours(p->target)
					       : par_file_read(fd, have, p->marked, 0, p->target);
	if (e == PAR_OK && memcmp(have, p->mark, p->marked) != 0)
		e = par_publish_not_ours(p->target);
	close(fd);
	return e;
}

static par_err is_ours(const par_publish *p)
{
	if (p->marked > 0)
		return begins_alike(p);
	return p->ours ? p->ours(p->target) : par_publish_not_ours(p->target);
}

static par_err check_target(const par_publish *p, bool *there)
{
	struct stat st;
	const char *target = p->target, *shown = target;
	if (!*base_name(target))
		return par_fail(PAR_E_CREATE, "%s: names a folder; give a file name", shown);
	*there = lstat(target, &st) == 0;
	if (!*there)
		return errno == ENOENT ? PAR_OK
				       : cannot(PAR_E_CREATE, target, "look at it",
					     "check that its folder exists and may be entered");
	if (S_ISLNK(st.st_mode))
		return par_fail(PAR_E_CREATE,
		    "%s: is a symbolic link, which an output never follows; remove it or name the "
		    "file it points to",
		    shown);
	if (!S_ISREG(st.st_mode))
		return par_fail(
		    PAR_E_CREATE, "%s: exists and is no plain file; choose another name", shown);
	return is_ours(p);
}

static par_err check_space(const char *parent, const char *target, int64_t bytes)
{
	struct statvfs fs;
	if (bytes <= 0 || statvfs(parent, &fs) != 0)
		return PAR_OK;
	double free_bytes = (double)fs.f_bavail * (double)fs.f_frsize;
	if (free_bytes >= 1.5 * (double)bytes)
		return PAR_OK;
	return par_fail(PAR_E_IO,
	    "%s: %.1f MB are free and the file takes %.1f MB; wanted half as much again; make room "
	    "or choose another folder",
	    target, free_bytes / 1e6, (double)bytes / 1e6);
}

static int free_slot(void)
{
	int slot = 0;
	while (slot < 16 && held[slot].folder[0])
		slot++;
	PAR_MUST(slot < 16, "%d files are being published at once", slot);
	return slot;
}

/* a folder that a sweeping run took for dead before its lock was held is simply made again */
static par_err make_folder(par_publish *p, const char *parent)
{
	int slot = free_slot();
	for (int attempt = 0; attempt < 8; attempt++) {
		int n = snprintf(p->folder, sizeof p->folder, "%s.%s" MARK "XXXXXX", parent,
		    base_name(p->target));
		if (n < 0 || (size_t)n >= sizeof p->folder)
			return par_fail(PAR_E_CREATE, "%s: the path is too long", p->target);
		if (!mkdtemp(p->folder))
			return cannot(PAR_E_CREATE, p->target, "make a folder beside it",
			    "check that the folder exists and is writable");
		int fd = take_lock(p->folder, O_CREAT | O_EXCL);
		if (fd >= 0) {
			snprintf(held[slot].folder, sizeof held[slot].folder, "%s", p->folder);
			held[slot].fd = fd;
			return PAR_OK;
		}
		if (errno != EWOULDBLOCK && errno != ENOENT) {
			par_err e = cannot(PAR_E_CREATE, p->target, "lock a folder beside it",
			    "check that the file system is writable and has locks");
			remove_folder(p->folder);
			return e;
		}
	}
	return par_fail(
	    PAR_E_CREATE, "%s: other runs keep sweeping its folder; run again", p->target);
}

/* A new file of our own, never one that was there. Mode 640 less the umask. */
static par_err create_temp(const char *temp, const char *target)
{
	int fd = open(temp, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY | O_CLOEXEC, 0640);
	if (fd < 0)
		return cannot(PAR_E_CREATE, target, "create it", "check the folder");
	close(fd);
	return PAR_OK;
}

static void drop_folder(const char *folder)
{
	remove_folder(folder);
	for (int i = 0; i < 16; i++)
		if (strcmp(held[i].folder, folder) == 0) {
			close(held[i].fd);
			held[i].folder[0] = 0;
		}
}

static par_err reserve(par_publish *p, int64_t bytes)
{
	char parent[4096];
	bool there;
	PAR_TRY(folder_of(parent, sizeof parent, p->target));
	PAR_TRY(check_target(p, &there));
	sweep(parent, base_name(p->target), true);
	PAR_TRY(check_space(parent, p->target, bytes));
	PAR_TRY(make_folder(p, parent));
	snprintf(p->temp, sizeof p->temp, "%s/new", p->folder);
	par_err e = create_temp(p->temp, p->target);
	if (e != PAR_OK)
		drop_folder(p->folder);
	return e;
}

/* what a file of ours is, is known already */
static par_err begin(par_publish *p, const char *target, int64_t bytes)
{
	const par_world *w = p->world;
	par_err e = PAR_OK;
	if (strlen(target) >= sizeof p->target - 600)
		e = par_fail(PAR_E_CREATE, "%s: the path is too long", target);
	PAR_TRY_ALL(w, e);
	snprintf(p->target, sizeof p->target, "%s", target);
	PAR_TRY_ALL(w, w->rank == 0 ? reserve(p, bytes) : PAR_OK);
	MPI_Bcast(p->folder, sizeof p->folder, MPI_CHAR, 0, w->comm);
	MPI_Bcast(p->temp, sizeof p->temp, MPI_CHAR, 0, w->comm);
	return PAR_OK;
}

par_err par_publish_begin(
    par_publish *p, const par_world *w, const char *target, int64_t bytes, par_publish_ours ours)
{
	*p = (par_publish){.world = w, .ours = ours};
	return begin(p, target, bytes);
}

par_err par_publish_begin_text(
    par_publish *p, const par_world *w, const char *target, const char *mark, size_t n)
{
	*p = (par_publish){.world = w, .marked = n};
	if (w->rank == 0) {
		PAR_MUST(n > 0 && n <= sizeof p->mark, "a mark of %zu bytes", n);
		memcpy(p->mark, mark, n);
	}
	return begin(p, target, 0);
}

/* an absent target must still be absent: some file systems cannot promise that */
static int rename_to(const char *from, const char *to, bool there)
{
	if (there)
		return rename(from, to);
	int bad = renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE);
	return bad && (errno == EINVAL || errno == ENOSYS) ? rename(from, to) : bad;
}

static par_err move_into_place(const par_publish *p)
{
	char parent[4096];
	bool there;
	PAR_TRY(folder_of(parent, sizeof parent, p->target));
	PAR_TRY(sync_path(p->temp, O_NOFOLLOW));
	PAR_TRY(check_target(p, &there));
	if (rename_to(p->temp, p->target, there) != 0)
		return errno == EEXIST
			   ? par_fail(PAR_E_CREATE,
				 "%s: appeared while it was being published, so it stays; is "
				 "another job writing it? run again",
				 p->target)
			   : cannot(PAR_E_IO, p->target, "rename the finished file to it",
				 "check the folder");
	return sync_path(parent, O_DIRECTORY);
}

void par_publish_drop(par_publish *p)
{
	if (p->world->rank == 0)
		drop_folder(p->folder);
}

par_err par_publish_end(par_publish *p, par_err mine)
{
	par_err e = par_agree(p->world, mine);
	if (e == PAR_OK)
		e = par_agree(p->world, p->world->rank == 0 ? move_into_place(p) : PAR_OK);
	par_publish_drop(p);
	return e;
}

static par_err write_text(const char *temp, const char *target, const char *text)
{
	FILE *f = fopen(temp, "we");
	int bad = !f || fputs(text, f) < 0;
	if (f && fclose(f) != 0)
		bad = 1;
	return bad ? cannot(PAR_E_IO, target, "write it", "check the disk") : PAR_OK;
}

par_err par_publish_text(const par_world *w, const char *target, const char *text, size_t mark)
{
	par_publish p;
	PAR_TRY(par_publish_begin_text(&p, w, target, text, mark));
	return par_publish_end(&p, w->rank == 0 ? write_text(p.temp, target, text) : PAR_OK);
}
