/* np: 1 2 3 4 */
#include "io/publish.h"
#include "../tap.h"
#include "io/pieces.h"
#include "scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>

static par_err always(const char *path)
{
	(void)path;
	return PAR_OK;
}

static par_err never(const char *path)
{
	return par_publish_not_ours(path);
}

static par_err unsure(const char *path)
{
	return par_fail(PAR_E_PACKAGE, "%s: nobody can tell", path);
}

/* stands before the C library's: another job's file appears just before the renaming, or the file
 * system does not know the flag */
static const char *intruder;
static bool old_kernel;

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
int renameat2(int from_at, const char *from, int to_at, const char *to, unsigned flags)
{
	FILE *f = intruder ? fopen(intruder, "we") : NULL;
	if (f && (fputs("theirs", f) < 0 || fclose(f) != 0))
		perror(intruder);
	if (!old_kernel)
		return (int)syscall(SYS_renameat2, from_at, from, to_at, to, flags);
	errno = EINVAL;
	return -1;
}

static void put(const par_world *w, const char *path, const char *text)
{
	if (w->rank == 0) {
		FILE *f = fopen(path, "we");
		if (f && fputs(text, f) >= 0)
			fclose(f);
	}
	MPI_Barrier(w->comm);
}

static bool holds(const char *path, const char *text)
{
	char have[256] = "";
	FILE *f = fopen(path, "re");
	size_t n = f ? fread(have, 1, sizeof have - 1, f) : 0;
	if (f)
		fclose(f);
	return f && n == strlen(text) && memcmp(have, text, n) == 0;
}

static par_err publish(
    const par_world *w, const char *path, const char *text, par_publish_ours ours)
{
	par_publish p;
	PAR_TRY(par_publish_begin(&p, w, path, 0, ours));
	put(w, p.temp, text);
	return par_publish_end(&p, PAR_OK);
}

static void appears_whole(const par_world *w, const char *path)
{
	ok(publish(w, path, "one", never) == PAR_OK && holds(path, "one"), "a new file appears");
	ok(publish(w, path, "two", always) == PAR_OK && holds(path, "two"), "ours is replaced");
	ok(publish(w, path, "three", never) == PAR_E_CREATE && holds(path, "two"),
	    "another's stays");
	ok(publish(w, path, "three", NULL) == PAR_E_CREATE && holds(path, "two"),
	    "and so does any when nothing is ours");
	ok(publish(w, path, "three", unsure) == PAR_E_PACKAGE && holds(path, "two"),
	    "or nobody can tell, which is said");
	par_publish p;
	par_err e = par_publish_begin(&p, w, path, 0, always), mine = PAR_OK;
	put(w, p.temp, "half");
	if (w->rank == w->size - 1)
		mine = par_fail(PAR_E_IO, "rank %d failed", w->rank);
	ok(e == PAR_OK && par_publish_end(&p, mine) == PAR_E_IO && holds(path, "two"),
	    "one rank's failure publishes nothing");
	ok(w->rank != 0 || scratch_entries() == 1, "nothing temporary stays");
}

static void meets_another(const par_world *w, const char *path)
{
	intruder = path;
	ok(publish(w, path, "ours", always) == PAR_E_CREATE && holds(path, "theirs") &&
		strstr(par_err_why(), "appeared while"),
	    "a file that appears at the last moment stays");
	ok(w->rank != 0 || scratch_entries() == 1, "nothing temporary stays");
	intruder = NULL;
	scratch_empty();
	old_kernel = true;
	ok(publish(w, path, "ours", always) == PAR_OK && holds(path, "ours"),
	    "where the kernel cannot look and rename at once, a new file appears, too");
	old_kernel = false;
	scratch_empty();
}

static void kept_private(const par_world *w, const char *path)
{
	static const mode_t masks[] = {0, 022, 027, 077}, want[] = {0640, 0640, 0640, 0600};
	struct stat st;
	mode_t before = umask(0);
	for (int i = 0; i < 4; i++) {
		umask(masks[i]);
		par_publish p;
		par_err e = par_publish_begin(&p, w, path, 0, always);
		ok(e == PAR_OK && stat(p.folder, &st) == 0 && (st.st_mode & 0777) == 0700,
		    "the folder is private under umask %03o", (unsigned)masks[i]);
		e = par_publish_end(&p, PAR_OK);
		ok(e == PAR_OK && stat(path, &st) == 0 && (st.st_mode & 0777) == want[i],
		    "and the file has mode %03o", (unsigned)want[i]);
	}
	umask(before);
}

static void refuses(const par_world *w)
{
	const char *victim = scratch_path("victim"), *link = scratch_path("link");
	put(w, victim, "precious");
	if (w->rank == 0 && symlink(victim, link) != 0)
		perror(link);
	MPI_Barrier(w->comm);
	ok(publish(w, link, "new", always) == PAR_E_CREATE && holds(victim, "precious") &&
		strstr(par_err_why(), "symbolic link"),
	    "a link is never followed");
	ok(publish(w, scratch, "new", always) == PAR_E_CREATE, "a folder is no file");
	ok(publish(w, scratch_path("no/such/x"), "new", always) == PAR_E_CREATE &&
		strstr(par_err_why(), "No such file"),
	    "a missing folder is told");
	ok(publish(w, "/proc/x.h5", "new", always) == PAR_E_CREATE,
	    "a folder without room for files too");
	par_publish p;
	ok(par_publish_begin(&p, w, scratch_path("big"), (int64_t)1 << 60, always) == PAR_E_IO &&
		strstr(par_err_why(), "MB are free"),
	    "a file beyond the disk is refused before any work");
	ok(w->rank != 0 || scratch_entries() == 2, "nothing temporary stays");
}

/* a leftover of a dead run, a living run's folder, and folders that only look like one */
static void sweeps(const par_world *w)
{
	const char *dead = scratch_path(".x.h5.entrepot-AAAAAA"),
		   *other = scratch_path(".y.h5.entrepot-AAAAAA");
	const char *living = scratch_path(".x.h5.entrepot-BBBBBB"),
		   *open_mode = scratch_path(".x.h5.entrepot-CCCCCC");
	char file[512];
	int lock = -1;
	if (w->rank == 0) {
		mkdir(dead, 0700);
		mkdir(living, 0700);
		mkdir(other, 0700);
		mkdir(open_mode, 0755);
		chmod(open_mode, 0755);
		snprintf(file, sizeof file, "%s/lock", living);
		lock = open(file, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
		flock(lock, LOCK_EX);
		snprintf(file, sizeof file, "%s/lock", open_mode);
		close(open(file, O_CREAT | O_RDWR | O_CLOEXEC, 0600));
		snprintf(file, sizeof file, "%s/new", dead);
	}
	put(w, file, "half a result");
	if (w->rank == 0)
		snprintf(file, sizeof file, "%s/lock", dead);
	put(w, file, "");
	ok(publish(w, scratch_path("x.h5"), "whole", always) == PAR_OK, "a file is published");
	ok(access(dead, F_OK) != 0, "what a dead run left is swept");
	ok(access(living, F_OK) == 0, "what a living run holds is not");
	ok(access(other, F_OK) == 0 && access(open_mode, F_OK) == 0,
	    "nor another target's, nor a folder that is not private");
	if (w->rank == 0)
		close(lock);
	ok(publish(w, scratch_path("x.h5"), "again", always) == PAR_OK && access(living, F_OK) != 0,
	    "once its run is gone it goes, too");
	MPI_Barrier(w->comm);
	if (w->rank == 0) {
		snprintf(file, sizeof file, "%s/lock", open_mode);
		unlink(file);
	}
}

static void texts(const par_world *w)
{
	const char *path = scratch_path("run.json"), *old = w->rank == 0 ? "MARK old" : NULL;
	const char *new = w->rank == 0 ? "MARK new" : NULL;
	ok(par_publish_text(w, path, old, 4) == PAR_OK && holds(path, "MARK old"),
	    "a text appears");
	ok(par_publish_text(w, path, new, 4) == PAR_OK && holds(path, "MARK new"),
	    "one that begins alike is replaced");
	put(w, path, "mine");
	ok(par_publish_text(w, path, new, 4) == PAR_E_CREATE && holds(path, "mine"),
	    "another stays");
}

/* two rounds: in the first every rank brings its letter, in the second the last rank alone */
static void pieces(const par_world *w)
{
	const char *path = scratch_path("table.csv");
	char letter = (char)('a' + w->rank), want[64] = "head\n";
	bool last = w->rank == w->size - 1;
	par_pieces *p = NULL;
	for (int r = 0; r < w->size; r++)
		snprintf(want + 5 + r, sizeof want - 5 - (size_t)r, "%cend\n", 'a' + r);
	for (int again = 0; again < 2; again++) {
		par_err e = par_pieces_open(&p, w, path, "head\n");
		if (e == PAR_OK)
			e = par_pieces_put(p, &letter, 1);
		if (e == PAR_OK)
			e = par_pieces_put(p, "end\n", last ? 4 : 0);
		ok(e == PAR_OK && par_pieces_publish(p, e) == PAR_OK && holds(path, want),
		    again ? "and replaces one that begins alike"
			  : "a text that ranks write in turns stands in their order");
	}
	par_err e = par_pieces_open(&p, w, path, "head\n");
	ok(e == PAR_OK &&
		par_pieces_publish(p, last ? par_fail(PAR_E_IO, "no more") : PAR_OK) == PAR_E_IO &&
		holds(path, want),
	    "one rank's failure publishes nothing of it");
	ok(par_pieces_open(&p, w, path, "other\n") == PAR_E_CREATE && !p && holds(path, want),
	    "a text that begins otherwise stays");
	ok(w->rank != 0 || scratch_entries() == 1, "nothing temporary stays");
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	par_world w;
	par_world_open(&w, MPI_COMM_WORLD);
	scratch_begin();
	appears_whole(&w, scratch_path("x.h5"));
	kept_private(&w, scratch_path("x.h5"));
	scratch_empty();
	meets_another(&w, scratch_path("y.h5"));
	refuses(&w);
	scratch_empty();
	sweeps(&w);
	scratch_empty();
	texts(&w);
	scratch_empty();
	pieces(&w);
	scratch_end();
	par_world_close(&w);
	return tap_end();
}
