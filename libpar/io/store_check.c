#include "io/store_check.h"

#include "base/clock.h"
#include "base/text.h"
#include "comm/world.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* the checker limits its own processor time; this ends one that waits */
#define WALL_S 20
#define POLL_MS 250

static const struct {
	const char *start;
	int n;
	const char *name;
} kinds[] = {
    {"\x1f\x8b", 2, "gzip data"},
    {"\x28\xb5\x2f\xfd", 4, "Zstandard data"},
    {"\xfd"
     "7zXZ",
	5, "xz data"},
    {"PK\x03\x04", 4, "a zip archive"},
    {"\x89PNG", 4, "a PNG picture"},
    {"\xff\xd8\xff", 3, "a JPEG picture"},
    {"CDF", 3, "a classic netCDF file"},
    {"PAR1", 4, "a Parquet file"},
};

static const char *kind_of(const unsigned char *start, size_t n)
{
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (n >= (size_t)kinds[i].n &&
		    memcmp(start, kinds[i].start, (size_t)kinds[i].n) == 0)
			return kinds[i].name;
	for (size_t i = 0; i < n; i++)
		if ((start[i] < 0x20 && !strchr("\t\r\n\f", start[i])) || start[i] == 0 ||
		    start[i] == 0x7f)
			return "data of an unknown kind";
	return "text";
}

static par_err look_at_start(int fd, const char *path)
{
	unsigned char start[512];
	ssize_t n = pread(fd, start, sizeof start, 0);
	if (n < 0)
		return par_fail(
		    PAR_E_IO, "%s: cannot read: %s; check the disk", path, strerror(errno));
	if (n == 0)
		return par_fail(
		    PAR_E_DATA, "%s:/: the file is empty; wanted HDF5; make it again", path);
	if (n < 8 || memcmp(start, "\x89HDF\r\n\x1a\n", 8) != 0)
		return par_fail(PAR_E_DATA,
		    "%s:/: this is %s; wanted an HDF5 file; check which file was named", path,
		    kind_of(start, (size_t)n));
	return PAR_OK;
}

static par_err find_checker(char *out, size_t size)
{
	/* programs lie beside it; unit tests and the tests' own programs one and two folders away */
	static const char *const places[] = {"", "../bin/", "../../bin/"};
	char self[4096];
	ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
	if (n > 0) {
		self[n] = 0;
		*(strrchr(self, '/') + 1) = 0;
		for (int i = 0; i < 3; i++) {
			snprintf(out, size, "%s%s" PAR_STORE_CHECKER, self, places[i]);
			if (access(out, X_OK) == 0)
				return PAR_OK;
		}
	}
	return par_fail(PAR_E_PACKAGE,
	    PAR_STORE_CHECKER " is neither beside this program nor in ../bin; it looks at "
			      "HDF5 files before they are opened; install the suite again");
}

/* where libraries are found may be the user's affair; nothing else of the environment is */
static char **few_variables(char *storage, size_t size)
{
	static char *env[2];
	const char *libraries = getenv("LD_LIBRARY_PATH");
	env[0] = NULL;
	if (libraries && (size_t)snprintf(storage, size, "LD_LIBRARY_PATH=%s", libraries) < size)
		env[0] = storage;
	return env;
}

void store_fd_name(char out[STORE_FD_NAME], int fd)
{
	snprintf(out, STORE_FD_NAME, "/proc/self/fd/%d", fd);
}

/* the file is the checker's standard input */
static int start_checker(const char *checker, int file, pid_t *child)
{
	char name[] = PAR_STORE_CHECKER, input[STORE_FD_NAME], storage[8192];
	char *argv[] = {name, input, NULL};
	store_fd_name(input, 0);
	int ends[2];
	if (pipe2(ends, O_CLOEXEC) != 0)
		return -1;
	posix_spawn_file_actions_t acts;
	posix_spawn_file_actions_init(&acts);
	posix_spawn_file_actions_adddup2(&acts, file, 0);
	posix_spawn_file_actions_adddup2(&acts, ends[1], 1);
	posix_spawn_file_actions_addopen(&acts, 2, "/dev/null", O_WRONLY, 0);
	/* a launcher's USR1 reaches the whole process group; it asks ranks to stop, not the checker */
	sigset_t usr1;
	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	posix_spawnattr_t attr;
	posix_spawnattr_init(&attr);
	posix_spawnattr_setsigmask(&attr, &usr1);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK);
	int bad = posix_spawn(
	    child, checker, &acts, &attr, argv, few_variables(storage, sizeof storage));
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&acts);
	close(ends[1]);
	if (bad) {
		close(ends[0]);
		errno = bad;
		return -1;
	}
	return ends[0];
}

/* one line, at most, and whether the process ended it; what comes out of a process that met hostile
 * bytes is not trusted either */
static bool read_line(int fd, char *line, size_t size)
{
	size_t used = 0;
	bool ended = false;
	struct pollfd p = {.fd = fd, .events = POLLIN};
	for (double until = par_clock_s() + WALL_S;
	     !ended && used < size - 1 && par_clock_s() < until;) {
		par_world_alive();
		if (poll(&p, 1, POLL_MS) <= 0)
			continue;
		ssize_t n = read(fd, line + used, size - 1 - used);
		ended = n <= 0;
		used += n > 0 ? (size_t)n : 0;
	}
	line[used] = 0;
	line[strcspn(line, "\n")] = 0;
	for (char *c = line; *c; c++)
		if (*c < 0x20 || *c == 0x7f)
			*c = '?';
	return ended;
}

static par_err judge(const char *path, int status, const char *line, char *format, size_t size)
{
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return par_fail(PAR_E_CHECKER,
		    "%s:/: the process that checked it died (%s %d); the file is hostile or badly "
		    "damaged; make it again from its source",
		    path, WIFEXITED(status) ? "status" : "signal",
		    WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
	if (strncmp(line, "ok ", 3) != 0)
		return par_fail(PAR_E_DATA, "%s:%s", path,
		    strncmp(line, "bad ", 4) == 0 ? line + 4 : "/: its checker gave no verdict");
	snprintf(format, size, "%s", line + 3);
	return PAR_OK;
}

par_err store_replaced(const char *path)
{
	return par_fail(PAR_E_INPUT, "%s: was replaced while it was being opened; run again", path);
}

par_err store_blame(par_err e, int fd, const char *path)
{
	struct stat open_one, named;
	if (e == PAR_OK || fstat(fd, &open_one) != 0)
		return e;
	bool same = stat(path, &named) == 0 && named.st_ino == open_one.st_ino &&
		    named.st_dev == open_one.st_dev;
	return same ? e : store_replaced(path);
}

par_err store_check_file(int fd, const char *path, char *format, size_t size)
{
	char checker[4200], line[512];
	PAR_TRY(look_at_start(fd, path));
	PAR_TRY(find_checker(checker, sizeof checker));
	pid_t child;
	int said = start_checker(checker, fd, &child), status = 0;
	if (said < 0)
		return par_fail(
		    PAR_E_MEMORY, "%s: cannot start %s: %s", path, checker, strerror(errno));
	bool ended = read_line(said, line, sizeof line);
	if (!ended)
		kill(child, SIGKILL);
	close(said);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	if (!ended && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
		return par_fail(PAR_E_CHECKER,
		    "%s:/: not checked within %d s; is the file system slow? run again", path,
		    WALL_S);
	return store_blame(judge(path, status, line, format, size), fd, path);
}
