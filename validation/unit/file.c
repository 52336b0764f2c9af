/* np: 1 2 4 */
/* Whatever stands under a name, no reader waits for it: a pipe without a writer, a folder, a device,
 * nothing. */
#include "io/file.h"
#include "../tap.h"
#include "io/fingerprint.h"
#include "io/idx.h"
#include "io/json.h"
#include "io/picture.h"
#include "io/share.h"
#include "io/store.h"
#include "scratch.h"

#include <sys/stat.h>

static par_err open_one(const par_world *w, const char *path)
{
	int fd;
	int64_t bytes;
	par_err e = par_file_open(path, &fd, &bytes);
	if (e == PAR_OK)
		close(fd);
	return par_agree(w, e == PAR_OK || fd == -1 ? e : PAR_E_BUG);
}

static par_err fingerprint(const par_world *w, const char *path)
{
	par_fingerprint f;
	return par_fingerprint_file(&f, w, path);
}

static par_err idx(const par_world *w, const char *path)
{
	par_idx x;
	return par_agree(w, par_idx_open(&x, path));
}

static par_err picture(const par_world *w, const char *path)
{
	par_picture p;
	return par_agree(w, par_picture_read(&p, path));
}

static par_err share(const par_world *w, const char *path)
{
	char *bytes;
	size_t n;
	return par_share_file(w, path, 100, &bytes, &n);
}

static par_err json(const par_world *w, const char *path)
{
	json_t *j;
	return par_agree(w, par_json_read(&j, path));
}

static par_err store(const par_world *w, const char *path)
{
	par_store *s;
	return par_store_open(&s, w, path, "entrepot-test", 1);
}

static const struct {
	const char *name;
	par_err (*read)(const par_world *, const char *);
} readers[] = {{"opening", open_one}, {"a fingerprint", fingerprint}, {"IDX", idx},
    {"a picture", picture}, {"sharing", share}, {"JSON", json}, {"a result", store}};

static void refuses(const par_world *w, const char *path, const char *why)
{
	for (size_t i = 0; i < sizeof readers / sizeof *readers; i++)
		ok(readers[i].read(w, path) == PAR_E_INPUT && strstr(par_err_why(), path) &&
			strstr(par_err_why(), why),
		    "%s says of %s: %s", readers[i].name, strrchr(path, '/') + 1, why);
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	par_world w;
	par_world_open(&w, MPI_COMM_WORLD);
	scratch_begin();
	alarm(30); /* a reader that waits ends the test */
	if (w.rank == 0 && mkfifo(scratch_path("pipe"), 0600) != 0)
		perror("pipe");
	MPI_Barrier(w.comm);
	refuses(&w, scratch_path("pipe"), "is a pipe; wanted a plain file");
	refuses(&w, scratch, "is a folder");
	refuses(&w, "/dev/null", "is a device");
	refuses(&w, scratch_path("nothing"), "No such file or directory; check the path");
	scratch_end();
	par_world_close(&w);
	return tap_end();
}
