#include "base/text.h"
#include "io/file.h"
#include "io/store_catalog.h"
#include "io/store_check.h"

#include <hdf5.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <xxhash.h>

static par_err check_heading(par_store *s, const char *format, int version)
{
	char *met = NULL;
	int64_t met_version = 0;
	PAR_TRY(store_catalog_text(s, NULL, "format", &met));
	bool same = strcmp(met, format) == 0;
	if (!same)
		par_fail(PAR_E_DATA,
		    "%s:/: the format is %s; wanted %s; check which file was named", s->path,
		    par_shows(met), format);
	free(met);
	if (!same)
		return PAR_E_DATA;
	PAR_TRY(store_catalog_int(s, NULL, "format_version", &met_version));
	if (met_version >= 1 && met_version <= version)
		return PAR_OK;
	return par_fail(PAR_E_DATA,
	    "%s:/: format version %lld; this program reads 1 to %d; use the suite that wrote it or "
	    "a "
	    "newer one",
	    s->path, (long long)met_version, version);
}

static par_err look_inside(par_store *s, const char *format, int version)
{
	char met[128];
	int64_t bytes;
	PAR_TRY(par_file_open(s->path, &s->fd, &bytes));
	PAR_TRY(store_check_file(s->fd, s->path, met, sizeof met));
	PAR_TRY(store_catalog_open(s));
	PAR_TRY(store_catalog_read(s));
	return check_heading(s, format, version);
}

/* The file that rank 0 looked into, and not one that was published in its place since. Its device is not
 * compared: the nodes of a cluster number the same mounted file system each in their own way. */
static par_err open_same(par_store *s)
{
	struct stat st = {0};
	int64_t bytes;
	PAR_TRY_ALL(
	    s->world, s->world->rank == 0 ? PAR_OK : par_file_open(s->path, &s->fd, &bytes));
	bool known = fstat(s->fd, &st) == 0;
	int64_t mine[4] = {(int64_t)st.st_ino, st.st_size, st.st_mtim.tv_sec, st.st_mtim.tv_nsec};
	int64_t first[4];
	memcpy(first, mine, sizeof first);
	MPI_Bcast(first, 4, MPI_INT64_T, 0, s->world->comm);
	bool same = known && memcmp(first, mine, sizeof first) == 0;
	return par_agree(s->world, same ? PAR_OK : store_replaced(s->path));
}

static par_err share_list(par_store *s)
{
	MPI_Bcast(&s->n, 1, MPI_INT, 0, s->world->comm);
	if (s->world->rank != 0)
		s->vars = malloc((size_t)s->n * sizeof *s->vars + 1);
	PAR_TRY_ALL(s->world, s->vars || s->n == 0
				  ? PAR_OK
				  : par_fail(PAR_E_MEMORY, "%s: no memory to list it", s->path));
	MPI_Bcast(s->vars, (int)((size_t)s->n * sizeof *s->vars), MPI_BYTE, 0, s->world->comm);
	return PAR_OK;
}

par_err par_store_open(
    par_store **out, const par_world *w, const char *path, const char *format, int version)
{
	*out = NULL;
	par_store *s = calloc(1, sizeof *s);
	par_err e = par_agree(
	    w, s ? PAR_OK : par_fail(PAR_E_MEMORY, "%s: no memory to open it", path));
	if (!s || e != PAR_OK) {
		free(s);
		return e;
	}
	s->world = w;
	s->fd = -1;
	s->h5 = -1;
	snprintf(s->path, sizeof s->path, "%s", path);
	e = par_agree(w, w->rank == 0 ? look_inside(s, format, version) : PAR_OK);
	if (e == PAR_OK)
		e = open_same(s);
	if (e == PAR_OK)
		e = share_list(s);
	if (e != PAR_OK) {
		par_store_close(s);
		return e;
	}
	*out = s;
	return PAR_OK;
}

void par_store_close(par_store *s)
{
	if (!s)
		return;
	if (s->h5 >= 0)
		H5Fclose(s->h5);
	store_free(s);
}

const char *par_store_path(const par_store *s)
{
	return s->path;
}

int64_t par_store_extent(const par_store *s, const char *dim)
{
	const store_var *v = store_find(s, dim);
	return v && strcmp(v->dims[0], dim) == 0 ? v->extent[0] : -1;
}

bool par_store_has(const par_store *s, const char *var)
{
	return store_find(s, var) != NULL;
}

int par_store_shape(const par_store *s, const char *var, int64_t extent[PAR_STORE_RANK])
{
	const store_var *v = store_find(s, var);
	for (int i = 0; v && i < v->rank; i++)
		extent[i] = v->extent[i];
	return v ? v->rank : -1;
}

int par_store_type(const par_store *s, const char *var)
{
	const store_var *v = store_find(s, var);
	return v && !v->strange ? (int)v->type : -1;
}

static const char *const type_names[] = {"characters", "8-bit numbers", "16-bit integers",
    "32-bit integers", "64-bit integers", "64-bit unsigned integers", "32-bit reals",
    "64-bit reals"};

static par_err check_wanted(const par_store *s, const char *var, par_dtype type,
    const char *const *want, const store_var **out)
{
	const store_var *v = *out = store_find(s, var);
	const char *path = s->path;
	if (!v)
		return par_fail(
		    PAR_E_DATA, "%s:/%s: is missing; was the file made for this step?", path, var);
	if (v->strange)
		return par_fail(
		    PAR_E_DATA, "%s:/%s: is of a type or rank that results do not have", path, var);
	if (v->type != type)
		return par_fail(PAR_E_DATA, "%s:/%s: holds %s; wanted %s", path, var,
		    type_names[v->type], type_names[type]);
	for (int i = 0; want && (i < v->rank || want[i]); i++)
		if (i >= v->rank || !want[i] || strcmp(v->dims[i], want[i]) != 0)
			return par_fail(PAR_E_DATA, "%s:/%s: dimension %d is %s; wanted %s", path,
			    var, i + 1, i < v->rank ? par_shows(v->dims[i]) : "none",
			    want[i] ? want[i] : "none");
	return PAR_OK;
}

static int64_t row_bytes(const store_var *v)
{
	int64_t n = (int64_t)par_dtype_bytes(v->type);
	for (int i = 1; i < v->rank; i++)
		n *= v->extent[i];
	return n;
}

static par_err spoiled(const par_store *s, const store_var *v, int64_t byte)
{
	int64_t row = row_bytes(v) ? byte / row_bytes(v) : 0;
	return par_fail(PAR_E_DATA,
	    "%s:/%s[%lld]: the data from here on do not match their checksum; the file is damaged; "
	    "make "
	    "it again",
	    s->path, v->name, (long long)row);
}

/* bytes [lo, hi) of v into out, whole blocks verified; edge holds one block */
static par_err read_blocks(
    const par_store *s, const store_var *v, int64_t lo, int64_t hi, char *out, char *edge)
{
	for (int64_t k = lo / STORE_BLOCK; k * STORE_BLOCK < hi; k++) {
		int64_t begin = k * STORE_BLOCK, end = begin + STORE_BLOCK;
		if (end > v->bytes)
			end = v->bytes;
		bool whole = begin >= lo && end <= hi;
		char *to = whole ? out + (begin - lo) : edge;
		uint64_t sum;
		PAR_TRY(
		    par_file_read(s->fd, to, (size_t)(end - begin), v->offset + begin, s->path));
		PAR_TRY(par_file_read(s->fd, &sum, sizeof sum, v->sums_offset + 8 * k, s->path));
		if (XXH3_64bits(to, (size_t)(end - begin)) != sum)
			return spoiled(s, v, begin);
		int64_t from = begin > lo ? begin : lo, until = end < hi ? end : hi;
		if (!whole)
			memcpy(out + (from - lo), edge + (from - begin), (size_t)(until - from));
		par_world_alive();
	}
	return PAR_OK;
}

/* local | a file that has sums must have them for every variable; edge holds one block */
static par_err read_bytes(
    const par_store *s, const store_var *v, int64_t lo, int64_t hi, void *out, char *edge)
{
	if (v->foreign)
		return par_fail(PAR_E_DATA,
		    "%s:/%s: is stored in chunks; wanted one contiguous piece; write it without "
		    "chunks and compression",
		    s->path, v->name);
	if (v->sums_offset < 0 && store_find(s, "checksum/" STORE_STRUCTURE))
		return par_fail(PAR_E_DATA,
		    "%s:/%s: has no checksums; the file is damaged; make it again", s->path,
		    v->name);
	if (v->sums_offset < 0)
		return par_file_read(s->fd, out, (size_t)(hi - lo), v->offset + lo, s->path);
	return read_blocks(s, v, lo, hi, out, edge);
}

static void must_hold(const store_var *v, int64_t first, int64_t n, int64_t all)
{
	PAR_MUST(first >= 0 && n >= 0 && first + n <= all, "%s: %lld to %lld of %lld", v->name,
	    (long long)first, (long long)(first + n), (long long)all);
}

static par_err read_with_edge(
    const par_store *s, const store_var *v, int64_t lo, int64_t hi, void *out)
{
	char *edge = malloc((size_t)STORE_BLOCK);
	if (!edge)
		return par_fail(PAR_E_MEMORY, "%s: no memory to read it", s->path);
	par_err e = read_bytes(s, v, lo, hi, out, edge);
	free(edge);
	return e;
}

static par_err read_rows(par_store *s, const store_var *v, int64_t first, int64_t rows, void *out)
{
	must_hold(v, first, rows, v->rank ? v->extent[0] : 1);
	int64_t lo = first * row_bytes(v), hi = (first + rows) * row_bytes(v);
	if (lo == hi)
		return PAR_OK;
	if (v->foreign)
		return store_catalog_rows(s, v, first, rows, out);
	return read_with_edge(s, v, lo, hi, out);
}

par_err par_store_get_elements(
    par_store *s, const char *var, par_dtype type, int64_t first, int64_t n, void *out)
{
	const store_var *v;
	int64_t size = (int64_t)par_dtype_bytes(type);
	par_err e = check_wanted(s, var, type, NULL, &v);
	if (e == PAR_OK) {
		must_hold(v, first, n, v->bytes / size);
		e = n > 0 ? read_with_edge(s, v, first * size, (first + n) * size, out) : PAR_OK;
	}
	return par_agree(s->world, e);
}

par_err par_store_read(const par_store *s, const char *var, par_dtype type, int64_t first,
    int64_t rows, void *out, void *edge)
{
	const store_var *v;
	PAR_TRY(check_wanted(s, var, type, NULL, &v));
	must_hold(v, first, rows, v->rank ? v->extent[0] : 1);
	return read_bytes(s, v, first * row_bytes(v), (first + rows) * row_bytes(v), out, edge);
}

par_err par_store_get(par_store *s, const char *var, par_dtype type, const char *const *want,
    int64_t first, int64_t rows, void *out)
{
	const store_var *v;
	par_err e = check_wanted(s, var, type, want, &v);
	return par_agree(s->world, e == PAR_OK ? read_rows(s, v, first, rows, out) : e);
}

/* my share of a variable's rows, a piece at a time; only sums have no sums */
static par_err verify_share(par_store *s, const store_var *v, char *piece, int64_t room)
{
	int64_t rows = v->rank ? v->extent[0] : 1, wide = row_bytes(v);
	int64_t at = rows * s->world->rank / s->world->size;
	int64_t end = rows * (s->world->rank + 1) / s->world->size;
	int64_t step = wide > 0 && wide < room ? room / wide : 1;
	if (v->strange || v->foreign || v->bytes == 0 || strncmp(v->name, "checksum/", 9) == 0)
		return PAR_OK;
	for (; at < end; at += step)
		PAR_TRY(read_rows(s, v, at, at + step < end ? step : end - at, piece));
	return PAR_OK;
}

par_err par_store_verify(par_store *s)
{
	int64_t room = 4 * STORE_BLOCK;
	for (int i = 0; i < s->n; i++)
		if (row_bytes(&s->vars[i]) > room)
			room = row_bytes(&s->vars[i]);
	char *piece = malloc((size_t)room);
	par_err e = piece ? PAR_OK : par_fail(PAR_E_MEMORY, "%s: no memory to verify it", s->path);
	for (int i = 0; i < s->n && e == PAR_OK; i++)
		e = verify_share(s, &s->vars[i], piece, room);
	free(piece);
	return par_agree(s->world, e);
}

/* [n, width] to [n, width + 1], each entry ended */
static void end_entries(char *text, int64_t n, int64_t width)
{
	for (int64_t i = n - 1; i >= 0; i--) {
		memmove(text + i * (width + 1), text + i * width, (size_t)width);
		text[i * (width + 1) + width] = 0;
	}
}

static par_err read_text(par_store *s, const char *var, char **out, int64_t *n, int *stride)
{
	const store_var *v;
	PAR_TRY(check_wanted(s, var, PAR_CHAR, NULL, &v));
	if (v->rank != 2)
		return par_fail(
		    PAR_E_DATA, "%s:/%s: %d dimensions; text has 2", s->path, var, v->rank);
	*n = v->extent[0];
	*stride = (int)v->extent[1] + 1;
	*out = malloc((size_t)(*n * *stride) + 1);
	if (!*out)
		return par_fail(PAR_E_MEMORY, "%s:/%s: no memory to read it", s->path, var);
	PAR_TRY(read_rows(s, v, 0, *n, *out));
	end_entries(*out, *n, v->extent[1]);
	return PAR_OK;
}

par_err par_store_get_text(par_store *s, const char *var, char **out, int64_t *n, int *stride)
{
	*out = NULL;
	par_err e = par_agree(s->world, read_text(s, var, out, n, stride));
	if (e != PAR_OK) {
		free(*out);
		*out = NULL;
	}
	return e;
}

par_err par_store_get_attr_text(par_store *s, const char *var, const char *name, char **out)
{
	int64_t n = 0;
	*out = NULL;
	PAR_TRY_ALL(s->world, s->world->rank == 0 ? store_catalog_text(s, var, name, out) : PAR_OK);
	if (s->world->rank == 0)
		n = (int64_t)strlen(*out) + 1;
	MPI_Bcast(&n, 1, MPI_INT64_T, 0, s->world->comm);
	if (s->world->rank != 0)
		*out = malloc((size_t)n);
	par_err e = par_agree(
	    s->world, *out ? PAR_OK : par_fail(PAR_E_MEMORY, "%s: no memory", s->path));
	if (e == PAR_OK) {
		MPI_Bcast(*out, (int)n, MPI_CHAR, 0, s->world->comm);
		return PAR_OK;
	}
	free(*out);
	*out = NULL;
	return e;
}

par_err par_store_get_attr_int(par_store *s, const char *var, const char *name, int64_t *out)
{
	PAR_TRY_ALL(s->world, s->world->rank == 0 ? store_catalog_int(s, var, name, out) : PAR_OK);
	MPI_Bcast(out, 1, MPI_INT64_T, 0, s->world->comm);
	return PAR_OK;
}
