/* np: 1 2 3 4 */
#include "io/checkpoint.h"
#include "../tap.h"
#include "scratch.h"

#include <fcntl.h>
#include <sys/stat.h>

#define ROWS 1001
#define COLUMNS 300
#define MANY \
	300007 /* rows of an array whose dimension, which stores nothing, would fill a megabyte */

static double value(int64_t step, int64_t row, int64_t column)
{
	return (double)step + 1.0 / (double)(row * COLUMNS + column + 1);
}

static par_err save(const par_world *w, const char *name, int64_t step)
{
	int64_t lo = ROWS * w->rank / w->size, hi = ROWS * (w->rank + 1) / w->size;
	double *x = malloc((size_t)(hi - lo) * COLUMNS * sizeof *x + 1);
	int64_t first = MANY * w->rank / w->size, many = MANY * (w->rank + 1) / w->size - first;
	float *y = malloc((size_t)many * sizeof *y + 1), few[2] = {(float)step, 0.5F};
	for (int64_t i = 0; i < many; i++)
		y[i] = (float)(first + i);
	for (int64_t i = lo; i < hi; i++)
		for (int64_t j = 0; j < COLUMNS; j++)
			x[(i - lo) * COLUMNS + j] = value(step, i, j);
	par_checkpoint_array arrays[] = {
	    {"weights", PAR_F64, ROWS, COLUMNS, lo, hi - lo, x},
	    {"sampler", PAR_F32, 1, 2, w->rank ? 1 : 0, w->rank == 0, few},
	    {"many", PAR_F32, MANY, 1, first, many, y},
	};
	par_err e = par_checkpoint_save(w, name, step, "seed=1", arrays, 3);
	free(x);
	free(y);
	return e;
}

/* every rank reads other rows than it saved */
static bool holds(const par_world *w, par_store *s, int64_t step)
{
	int64_t lo = (ROWS - w->rank * 7) / 3, rows = ROWS - lo;
	double *x = malloc((size_t)rows * COLUMNS * sizeof *x);
	bool same = par_store_get(s, "weights", PAR_F64, NULL, lo, rows, x) == PAR_OK;
	for (int64_t i = 0; i < rows * COLUMNS && same; i++)
		same = x[i] == value(step, lo + i / COLUMNS, i % COLUMNS);
	free(x);
	float few[2], last;
	return same && par_store_get(s, "sampler", PAR_F32, NULL, 0, 1, few) == PAR_OK &&
	       few[0] == (float)step &&
	       par_store_get(s, "many", PAR_F32, NULL, MANY - 1, 1, &last) == PAR_OK &&
	       last == MANY - 1;
}

static void spoil(const par_world *w, const char *file, off_t at)
{
	if (w->rank == 0) {
		int fd = open(scratch_path(file), O_RDWR | O_CLOEXEC);
		char c = 0;
		bool met = pread(fd, &c, 1, at) == 1;
		c ^= 16;
		if (!met || pwrite(fd, &c, 1, at) != 1)
			perror(file);
		close(fd);
	}
	MPI_Barrier(w->comm);
}

/* a file cut to n bytes, as a full disk or a dying node leaves it */
static void cut(const par_world *w, const char *file, off_t n)
{
	if (w->rank == 0 && truncate(scratch_path(file), n) != 0)
		perror(file);
	MPI_Barrier(w->comm);
}

static void resumes_at(const par_world *w, const char *name, int64_t want, const char *claim)
{
	par_store *s;
	int64_t step;
	par_err e = par_checkpoint_open(&s, w, name, "seed=1", &step);
	ok(e == PAR_OK && s && step == want && holds(w, s, want), "%s", claim);
	par_store_close(s);
}

/* a damaged newest must not stand in the way of its own step */
static void saves_again(const par_world *w, const char *name)
{
	static const struct {
		int64_t step;
		off_t bytes;
		const char *file, *aside;
	} cuts[] = {{21, 1500000, "model.21.h5", "model.21.h5.damaged"},
	    {22, 0, "model.22.h5", "model.22.h5.damaged"}};
	ok(save(w, name, 20) == PAR_OK, "a step is saved");
	for (int i = 0; i < 2; i++) {
		ok(save(w, name, cuts[i].step) == PAR_OK, "and the next");
		cut(w, cuts[i].file, cuts[i].bytes);
		resumes_at(w, name, cuts[i].step - 1, "a newest that was cut is passed over");
		ok(w->rank != 0 || (access(scratch_path(cuts[i].file), F_OK) != 0 &&
				       access(scratch_path(cuts[i].aside), F_OK) == 0),
		    "and set aside");
		ok(save(w, name, cuts[i].step) == PAR_OK, "its step is saved again");
		resumes_at(w, name, cuts[i].step, "and resumed");
	}
	/* what runs killed while they saved leave: a private folder each */
	if (w->rank == 0) {
		mkdir(scratch_path(".model.23.h5.entrepot-aB3dE6"), 0700);
		mkdir(scratch_path(".models.23.h5.entrepot-aB3dE6"), 0700);
	}
	par_checkpoint_clear(w, name);
	ok(w->rank != 0 || access(scratch_path("model.22.h5"), F_OK) != 0, "clearing removes it");
	ok(w->rank != 0 || (access(scratch_path(".model.23.h5.entrepot-aB3dE6"), F_OK) != 0 &&
			       rmdir(scratch_path(".models.23.h5.entrepot-aB3dE6")) == 0),
	    "and what killed runs left of others, but nothing of another name");
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	par_world w;
	par_store *s;
	int64_t step;
	par_world_open(&w, MPI_COMM_WORLD);
	scratch_begin();
	char name[512];
	snprintf(name, sizeof name, "%s", scratch_path("model"));
	ok(par_checkpoint_open(&s, &w, name, "seed=1", &step) == PAR_OK && !s,
	    "nothing to resume is no failure");
	bool saved = true;
	for (int64_t i = 8; i <= 11; i++)
		saved &= save(&w, name, i) == PAR_OK;
	ok(saved, "four steps are saved");
	ok(w.rank != 0 || scratch_entries() == 2, "two stay");
	resumes_at(&w, name, 11, "the newest is resumed, 11 and not 9");
	ok(par_checkpoint_open(&s, &w, name, "seed=2", &step) == PAR_E_CONFIG && !s,
	    "another configuration is refused");
	if (w.rank == 0)
		fprintf(stderr, "# a warning follows\n");
	spoil(&w, "model.11.h5", 1500000);
	resumes_at(&w, name, 10, "a newest with a flipped bit is passed over");
	spoil(&w, "model.10.h5", 100);
	ok(par_checkpoint_open(&s, &w, name, "seed=1", &step) != PAR_OK && !s,
	    "when none is sound, that is told");
	ok(save(&w, name, 12) == PAR_OK, "saving goes on");
	resumes_at(&w, name, 12, "and is resumed");
	saves_again(&w, name);
	scratch_end();
	par_world_close(&w);
	return tap_end();
}
