#include "io/file.h"

#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *advice(int why)
{
	switch (why) {
	case ENOSPC:
	case EDQUOT:
		return "make room and run again";
	case EFBIG:
		return "raise the file size limit (ulimit -f) and run again";
	default:
		return "check the disk";
	}
}

static const char *kind_of(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFDIR:
		return "a folder";
	case S_IFIFO:
		return "a pipe";
	case S_IFCHR:
	case S_IFBLK:
		return "a device";
	default:
		return "no plain file";
	}
}

/* without O_NONBLOCK, opening a pipe waits for its writer */
par_err par_file_open(const char *path, int *fd, int64_t *bytes)
{
	struct stat st;
	*fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (*fd < 0 || fstat(*fd, &st) != 0) {
		const char *why = strerror(errno);
		if (*fd >= 0)
			close(*fd);
		*fd = -1;
		return par_fail(
		    PAR_E_INPUT, "%s: cannot open: %s; check the path", par_shows(path), why);
	}
	*bytes = st.st_size;
	if (S_ISREG(st.st_mode))
		return PAR_OK;
	close(*fd);
	*fd = -1;
	return par_fail(PAR_E_INPUT, "%s: is %s; wanted a plain file; check the path",
	    par_shows(path), kind_of(st.st_mode));
}

par_err par_file_write(int fd, const void *data, size_t n, int64_t offset, const char *path)
{
	/* past the file size limit the system sends a signal that would end the rank alone */
	signal(SIGXFSZ, SIG_IGN);
	const char *from = data;
	while (n > 0) {
		ssize_t done = pwrite(fd, from, n, offset);
		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return par_fail(PAR_E_IO, "%s: cannot write %zu bytes at byte %lld: %s; %s",
			    path, n, (long long)offset, strerror(errno), advice(errno));
		from += done;
		offset += done;
		n -= (size_t)done;
	}
	return PAR_OK;
}

par_err par_file_read(int fd, void *data, size_t n, int64_t offset, const char *path)
{
	char *to = data;
	while (n > 0) {
		ssize_t done = pread(fd, to, n, offset);
		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return par_fail(PAR_E_IO,
			    "%s: cannot read at byte %lld: %s; check the disk", path,
			    (long long)offset, strerror(errno));
		if (done == 0)
			return par_fail(PAR_E_DATA,
			    "%s: ends at byte %lld, %zu bytes early; it was cut; make it again",
			    path, (long long)offset, n);
		to += done;
		offset += done;
		n -= (size_t)done;
	}
	return PAR_OK;
}
