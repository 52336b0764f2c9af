#include "io/checkpoint.h"

#include "io/publish.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KEPT 2
#define VERSION 1
#define AXIS 64
#define UNSOUND 16

static void path_of(char *out, const char *name, int64_t step)
{
	snprintf(out, PATH_MAX, "%s.%lld.h5", name, (long long)step);
}

/* "7" of "model.7.h5" when file is model; -1 of any other name */
static int64_t step_of(const char *entry, const char *file)
{
	char *end;
	size_t n = strlen(file);
	if (strncmp(entry, file, n) != 0 || entry[n] != '.' || entry[n + 1] < '0' ||
	    entry[n + 1] > '9')
		return -1;
	errno = 0;
	long long step = strtoll(entry + n + 1, &end, 10);
	return errno == 0 && strcmp(end, ".h5") == 0 ? step : -1;
}

/* rank 0 | the highest step below limit, -1 none */
static int64_t newest_below(const char *name, int64_t limit)
{
	char folder[PATH_MAX];
	const char *slash = strrchr(name, '/');
	snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - name + 1) : 2,
	    slash ? name : "./");
	int64_t best = -1;
	DIR *d = opendir(folder);
	for (struct dirent *e; d && (e = readdir(d));) {
		int64_t step = step_of(e->d_name, slash ? slash + 1 : name);
		if (step > best && step < limit)
			best = step;
	}
	if (d)
		closedir(d);
	return best;
}

static void prune(const char *name, int64_t step)
{
	char path[PATH_MAX];
	for (int kept = 1; (step = newest_below(name, step)) >= 0; kept++)
		if (kept >= KEPT) {
			path_of(path, name, step);
			unlink(path);
		}
}

static void axes_of(const char *array, char *rows, char *columns)
{
	snprintf(rows, AXIS, "%.48s_rows", array);
	snprintf(columns, AXIS, "%.48s_columns", array);
}

static par_err put_array(par_store *s, const par_checkpoint_array *a)
{
	char rows[AXIS], columns[AXIS];
	axes_of(a->name, rows, columns);
	PAR_TRY(par_store_bare_dim(s, rows, a->rows));
	PAR_TRY(par_store_bare_dim(s, columns, a->columns));
	par_store_var v = {.name = a->name, .type = a->type, .dims = {rows, columns}};
	return par_store_put(s, &v, a->first_here, a->rows_here, a->data);
}

static int64_t bytes_of(const par_checkpoint_array *arrays, int n)
{
	int64_t bytes = 0;
	for (int i = 0; i < n; i++)
		bytes += arrays[i].rows * arrays[i].columns *
			 (int64_t)par_dtype_bytes(arrays[i].type);
	return bytes;
}

static par_err fill(
    par_store *s, int64_t step, const char *note, const par_checkpoint_array *arrays, int n)
{
	PAR_TRY(par_store_attr_int(s, NULL, "step", step));
	PAR_TRY(par_store_attr_text(s, NULL, "note", note));
	for (int i = 0; i < n; i++)
		PAR_TRY(put_array(s, &arrays[i]));
	return PAR_OK;
}

par_err par_checkpoint_save(const par_world *w, const char *name, int64_t step, const char *note,
    const par_checkpoint_array *arrays, int n)
{
	char path[PATH_MAX];
	par_store *s;
	path_of(path, name, step);
	PAR_TRY(par_store_create(&s, w, path, PAR_CHECKPOINT_FORMAT, VERSION, bytes_of(arrays, n)));
	par_err e = fill(s, step, note, arrays, n);
	if (e != PAR_OK) {
		par_store_discard(s);
		return e;
	}
	PAR_TRY(par_store_publish(s, PAR_OK));
	if (w->rank == 0)
		prune(name, step);
	return PAR_OK;
}

static par_err check_note(par_store *s, const char *path, const char *note)
{
	char *met;
	PAR_TRY(par_store_get_attr_text(s, NULL, "note", &met));
	bool same = strcmp(met, note) == 0;
	free(met);
	return same ? PAR_OK
		    : par_fail(PAR_E_CONFIG,
			  "%s: was saved under another configuration; resume with the same, or "
			  "remove "
			  "it to start anew",
			  path);
}

static par_err open_sound(par_store **s, const par_world *w, const char *path)
{
	PAR_TRY(par_store_open(s, w, path, PAR_CHECKPOINT_FORMAT, VERSION));
	par_err e = par_store_verify(*s); /* its structure is sound; its data may not be */
	if (e == PAR_OK)
		return PAR_OK;
	par_store_close(*s);
	*s = NULL;
	return e;
}

/* steps whose files are damaged: a file that fails for another reason may be sound */
typedef struct {
	int64_t step[UNSOUND];
	int n;
} unsound;

static void remember(unsound *u, par_err e, int64_t step)
{
	if ((e == PAR_E_DATA || e == PAR_E_CHECKER) && u->n < UNSOUND)
		u->step[u->n++] = step;
}

/* out of the way of the steps to come, for a person to look at */
static void set_aside(const unsound *u, const char *name)
{
	char path[PATH_MAX], aside[PATH_MAX + 16];
	for (int i = 0; i < u->n; i++) {
		path_of(path, name, u->step[i]);
		snprintf(aside, sizeof aside, "%s.damaged", path);
		rename(path, aside);
	}
}

par_err par_checkpoint_open(
    par_store **s, const par_world *w, const char *name, const char *note, int64_t *step)
{
	char path[PATH_MAX];
	par_err e = PAR_OK;
	unsound passed = {.n = 0};
	*s = NULL;
	for (*step = INT64_MAX;;) {
		if (w->rank == 0)
			*step = newest_below(name, *step);
		MPI_Bcast(step, 1, MPI_INT64_T, 0, w->comm);
		if (*step < 0)
			return e;
		path_of(path, name, *step);
		e = open_sound(s, w, path);
		if (e == PAR_OK)
			break;
		if (w->rank == 0)
			fprintf(stderr, "%s: warning: %s; trying the checkpoint before it\n",
			    program_invocation_short_name, par_err_why());
		remember(&passed, e, *step);
	}
	e = check_note(*s, path, note);
	if (e != PAR_OK) {
		par_store_close(*s);
		*s = NULL;
	} else if (w->rank == 0) {
		set_aside(&passed, name);
	}
	return e;
}

par_err par_checkpoint_get(
    par_store *s, const char *array, par_dtype type, int64_t first, int64_t rows, void *out)
{
	char row_axis[AXIS], column_axis[AXIS];
	axes_of(array, row_axis, column_axis);
	return par_store_get(
	    s, array, type, (const char *const[]){row_axis, column_axis, NULL}, first, rows, out);
}

void par_checkpoint_clear(const par_world *w, const char *name)
{
	char path[PATH_MAX];
	if (w->rank == 0) {
		for (int64_t step = INT64_MAX; (step = newest_below(name, step)) >= 0;) {
			path_of(path, name, step);
			unlink(path);
		}
		snprintf(path, sizeof path, "%s.", name);
		par_publish_sweep(path);
	}
	MPI_Barrier(w->comm);
}
