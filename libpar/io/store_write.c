#include "base/text.h"
#include "io/file.h"
#include "io/store_check.h"
#include "io/store_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* what the structure may take beyond the variables; HDF5 must never pass the file size limit */
#define STRUCTURE_ROOM ((int64_t)1 << 20)

store_var *store_find(const par_store *s, const char *name)
{
	for (int i = 0; i < s->n; i++)
		if (strcmp(s->vars[i].name, name) == 0)
			return &s->vars[i];
	return NULL;
}

store_var *store_append(par_store *s, const store_var *v)
{
	if (s->n == s->room) {
		int room = 2 * s->room + 32;
		store_var *more = realloc(s->vars, (size_t)room * sizeof *more);
		if (!more)
			return NULL;
		s->vars = more;
		s->room = room;
	}
	s->vars[s->n] = *v;
	return &s->vars[s->n++];
}

void store_free(par_store *s)
{
	if (s->fd >= 0)
		close(s->fd);
	free(s->vars);
	free(s);
}

/* a checker or memory that is missing says nothing about the file */
static par_err is_ours(const char *path)
{
	char format[64], why[1024];
	int fd;
	int64_t bytes;
	PAR_TRY(par_file_open(path, &fd, &bytes));
	par_err e = store_check_file(fd, path, format, sizeof format);
	close(fd);
	if (e == PAR_OK)
		return strncmp(format, "entrepot-", 9) == 0 ? PAR_OK : par_publish_not_ours(path);
	if (e != PAR_E_DATA && e != PAR_E_CHECKER)
		return e;
	snprintf(why, sizeof why, "%s", par_err_why());
	return par_fail(PAR_E_CREATE,
	    "%s: exists and stays, being no sound result of this suite; if it is damaged remove "
	    "it, else choose another name; its check said: %s",
	    path, why);
}

static par_err open_temp(par_store *s)
{
	s->fd = open(s->publish.temp, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
	if (s->fd < 0)
		return par_fail(PAR_E_CREATE,
		    "%s: cannot open it on every rank: %s; its folder must be "
		    "on a file system that all nodes share",
		    s->path, strerror(errno));
	return s->world->rank == 0 ? store_layout_open(&s->layout) : PAR_OK;
}

static par_err write_headings(par_store *s, const char *format, int version)
{
	PAR_TRY(par_store_attr_text(s, NULL, "Conventions", "CF-1.10"));
	PAR_TRY(par_store_attr_text(s, NULL, "format", format));
	PAR_TRY(par_store_attr_int(s, NULL, "format_version", version));
	return par_store_attr_int(s, "checksum/" STORE_STRUCTURE, "block_bytes", STORE_BLOCK);
}

par_err par_store_create(par_store **out, const par_world *w, const char *path, const char *format,
    int version, int64_t bytes)
{
	*out = NULL;
	par_store *s = calloc(1, sizeof *s);
	par_err e = par_agree(
	    w, s ? PAR_OK : par_fail(PAR_E_MEMORY, "%s: no memory to begin it", path));
	if (!s || e != PAR_OK) {
		free(s);
		return e;
	}
	s->world = w;
	s->fd = -1;
	snprintf(s->path, sizeof s->path, "%s", path);
	e = par_publish_begin(&s->publish, w, path, bytes, is_ours);
	if (e != PAR_OK) {
		store_free(s);
		return e;
	}
	e = par_agree(w, open_temp(s));
	if (e == PAR_OK)
		e = write_headings(s, format, version);
	if (e != PAR_OK) {
		par_store_discard(s);
		return e;
	}
	*out = s;
	return PAR_OK;
}

static par_err check_limits(const par_store *s, int64_t bytes)
{
	struct rlimit limit;
	int64_t wanted = store_layout_bytes(s->layout) + bytes + STRUCTURE_ROOM;
	if (getrlimit(RLIMIT_FSIZE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY ||
	    (int64_t)limit.rlim_cur >= wanted)
		return PAR_OK;
	return par_fail(PAR_E_IO,
	    "%s: files may have %lld bytes here and this one takes %lld; raise the file size limit "
	    "(ulimit -f)",
	    s->path, (long long)limit.rlim_cur, (long long)wanted);
}

/* rank 0 | a place for the variable and one for its sums */
static par_err place(par_store *s, store_var *v, bool scale, const void *fill)
{
	int64_t bytes = (int64_t)par_dtype_bytes(v->type);
	for (int i = 0; i < v->rank; i++)
		bytes *= v->extent[i];
	PAR_TRY(check_limits(s, bytes));
	PAR_TRY(store_layout_add(s->layout, v, scale, fill));
	v->sums_offset = -1;
	if (bytes == 0)
		return PAR_OK;
	store_var sums = {.type = PAR_U64, .rank = 1, .extent = {store_blocks(bytes)}};
	snprintf(sums.name, STORE_NAME, "checksum/%.80s", v->name);
	snprintf(sums.dims[0], STORE_NAME, "checksum/blocks_%lld", (long long)sums.extent[0]);
	PAR_TRY(store_layout_bare_dim(s->layout, sums.dims[0], sums.extent[0]));
	PAR_TRY(store_layout_add(s->layout, &sums, false, NULL));
	v->sums_offset = sums.offset;
	return PAR_OK;
}

/* collective | declare v and hand every rank its place */
static par_err declare(par_store *s, store_var *v, bool scale, const void *fill, store_var **out)
{
	PAR_MUST(!s->broken, "%s: a write failed before; only discard is legal", s->path);
	PAR_MUST(strlen(v->name) < 80 && !store_find(s, v->name),
	    "%s: declared twice or too long a name", v->name);
	PAR_TRY_ALL(s->world, s->world->rank == 0 ? place(s, v, scale, fill) : PAR_OK);
	MPI_Bcast(v, sizeof *v, MPI_BYTE, 0, s->world->comm);
	*out = store_append(s, v);
	return par_agree(
	    s->world, *out ? PAR_OK : par_fail(PAR_E_MEMORY, "%s: no memory", s->path));
}

static par_err write_rows(
    par_store *s, const store_var *v, int64_t lo, int64_t hi, const void *data)
{
	par_err e = store_write_bytes(s, v, lo, hi, data);
	s->broken = e != PAR_OK;
	return e;
}

/* what rank 0 brings alone */
static par_err write_all(par_store *s, const store_var *v, const void *data)
{
	bool root = s->world->rank == 0;
	return write_rows(s, v, root ? 0 : v->bytes, v->bytes, root ? data : NULL);
}

static int64_t *count_up(int64_t n)
{
	int64_t *x = malloc((size_t)n * sizeof *x + 1);
	for (int64_t i = 0; x && i < n; i++)
		x[i] = i;
	return x;
}

par_err par_store_dim(par_store *s, const char *name, int64_t n, par_dtype type, const void *values)
{
	PAR_MUST(n >= 0 && (values || type == PAR_I64), "%s: %lld entries", name, (long long)n);
	store_var v = {.rank = 1, .extent = {n}, .type = type}, *at;
	snprintf(v.name, STORE_NAME, "%s", name);
	snprintf(v.dims[0], STORE_NAME, "%s", name);
	int64_t *numbers = values ? NULL : count_up(n);
	par_err e = par_agree(
	    s->world, values || numbers ? PAR_OK : par_fail(PAR_E_MEMORY, "%s: no memory", name));
	if (e == PAR_OK)
		e = declare(s, &v, true, NULL, &at);
	if (e == PAR_OK)
		e = write_all(s, at, values ? values : numbers);
	free(numbers);
	return e;
}

par_err par_store_bare_dim(par_store *s, const char *name, int64_t n)
{
	store_var v = {.rank = 1, .extent = {n}};
	snprintf(v.name, STORE_NAME, "%s", name);
	snprintf(v.dims[0], STORE_NAME, "%s", name);
	PAR_MUST(n >= 0 && !store_find(s, name), "%s: declared twice, or %lld entries", name,
	    (long long)n);
	PAR_TRY_ALL(
	    s->world, s->world->rank == 0 ? store_layout_bare_dim(s->layout, name, n) : PAR_OK);
	return par_agree(s->world,
	    store_append(s, &v) ? PAR_OK : par_fail(PAR_E_MEMORY, "%s: no memory", s->path));
}

/* collective | text of n entries over dim, which may be the text's own name: then it is the scale
 */
static par_err put_text(
    par_store *s, const char *name, const char *dim, int64_t n, int width, const char *chars)
{
	PAR_MUST(n >= 0 && width > 0, "%s: %lld texts of %d bytes", name, (long long)n, width);
	store_var v = {.rank = 2, .extent = {n, width}, .type = PAR_CHAR}, *at;
	snprintf(v.name, STORE_NAME, "%s", name);
	snprintf(v.dims[0], STORE_NAME, "%s", dim);
	snprintf(v.dims[1], STORE_NAME, "string%d", width);
	PAR_TRY_ALL(s->world,
	    s->world->rank == 0 ? store_layout_bare_dim(s->layout, v.dims[1], width) : PAR_OK);
	PAR_TRY(declare(s, &v, strcmp(name, dim) == 0, NULL, &at));
	PAR_TRY(par_store_attr_text(s, name, "_Encoding", "utf-8"));
	return write_all(s, at, chars);
}

par_err par_store_dim_text(par_store *s, const char *name, int64_t n, int width, const char *chars)
{
	return put_text(s, name, name, n, width, chars);
}

par_err par_store_put_text(par_store *s, const char *name, const char *dim, int64_t n, int width,
    const char *chars, const char *long_name)
{
	const store_var *scale = store_find(s, dim);
	PAR_MUST(scale && scale->extent[0] == n, "%s: %lld texts over %s", name, (long long)n, dim);
	PAR_TRY(put_text(s, name, dim, n, width, chars));
	return long_name ? par_store_attr_text(s, name, "long_name", long_name) : PAR_OK;
}

static const store_var *declared(const par_store *s, const char *dim, const char *var)
{
	const store_var *scale = store_find(s, dim);
	PAR_MUST(scale != NULL, "%s: dimension %s is not declared", var, dim);
	return scale;
}

/* a new variable and the bytes of one of its rows */
static par_err declare_var(
    par_store *s, const par_store_var *var, store_var **at, int64_t *row_bytes)
{
	store_var v = {.type = var->type};
	*row_bytes = (int64_t)par_dtype_bytes(var->type);
	snprintf(v.name, STORE_NAME, "%s", var->name);
	for (; v.rank < PAR_STORE_RANK && var->dims[v.rank]; v.rank++) {
		const store_var *scale = declared(s, var->dims[v.rank], var->name);
		snprintf(v.dims[v.rank], STORE_NAME, "%s", scale->name);
		v.extent[v.rank] = scale->extent[0];
		*row_bytes *= v.rank ? scale->extent[0] : 1;
	}
	PAR_TRY(declare(s, &v, false, var->fill, at));
	if (var->units)
		PAR_TRY(par_store_attr_text(s, var->name, "units", var->units));
	if (var->long_name)
		PAR_TRY(par_store_attr_text(s, var->name, "long_name", var->long_name));
	return PAR_OK;
}

par_err par_store_put(
    par_store *s, const par_store_var *var, int64_t first, int64_t rows, const void *data)
{
	store_var *at;
	int64_t row_bytes;
	PAR_TRY(declare_var(s, var, &at, &row_bytes));
	return write_rows(s, at, first * row_bytes, (first + rows) * row_bytes, data);
}

par_err par_store_put_whole(par_store *s, const par_store_var *var, int64_t n, const void *data)
{
	bool mine = s->world->rank == 0;
	return par_store_put(s, var, mine ? 0 : n, mine ? n : 0, data);
}

par_err par_store_put_elements(
    par_store *s, const par_store_var *var, int64_t first, int64_t n, const void *data)
{
	store_var *at;
	int64_t row_bytes, size = (int64_t)par_dtype_bytes(var->type);
	PAR_TRY(declare_var(s, var, &at, &row_bytes));
	return write_rows(s, at, first * size, (first + n) * size, data);
}

static par_err put_attr(
    par_store *s, const char *var, const char *name, par_dtype type, const void *value, int64_t n)
{
	par_err e = PAR_OK;
	if (s->world->rank == 0)
		e = store_layout_attr(s->layout, var, name, type, value, n);
	return par_agree(s->world, e);
}

par_err par_store_attr_text(par_store *s, const char *var, const char *name, const char *value)
{
	return put_attr(s, var, name, PAR_CHAR, value, 0);
}

par_err par_store_attr_int(par_store *s, const char *var, const char *name, int64_t value)
{
	return put_attr(s, var, name, PAR_I64, &value, 0);
}

par_err par_store_attr_real(par_store *s, const char *var, const char *name, double value)
{
	return put_attr(s, var, name, PAR_F64, &value, 0);
}

par_err par_store_attr_flags(par_store *s, const char *var, const char *meanings, int n)
{
	int16_t *values = calloc((size_t)n + 1, sizeof *values);
	par_err e = par_agree(s->world,
	    values ? PAR_OK : par_fail(PAR_E_MEMORY, "%s: no memory for %d flags", var, n));
	for (int i = 0; e == PAR_OK && i < n; i++)
		values[i] = (int16_t)i;
	if (e == PAR_OK)
		e = put_attr(s, var, "flag_values", PAR_I16, values, n);
	free(values);
	return e == PAR_OK ? par_store_attr_text(s, var, "flag_meanings", meanings) : e;
}

/* an error that the system kept back until now (network file systems) comes out of sync and close
 */
static par_err sync_mine(par_store *s)
{
	int bad = fsync(s->fd) != 0, why = errno;
	if (s->world->rank != 0) {
		if (close(s->fd) != 0 && !bad) {
			bad = 1;
			why = errno;
		}
		s->fd = -1;
	}
	return bad ? par_fail(
			 PAR_E_IO, "%s: cannot sync: %s; check the disk", s->path, strerror(why))
		   : PAR_OK;
}

par_err par_store_publish(par_store *s, par_err mine)
{
	PAR_MUST(
	    !s->broken || mine != PAR_OK, "%s: a write failed; it cannot be published", s->path);
	par_err e = par_agree(s->world, mine);
	if (e == PAR_OK)
		e = par_agree(s->world, sync_mine(s));
	if (e == PAR_OK)
		e = par_agree(s->world,
		    s->world->rank == 0 ? store_layout_finish(s->layout, s->fd, s->path) : PAR_OK);
	if (e == PAR_OK)
		e = par_publish_end(&s->publish, PAR_OK);
	else
		par_publish_drop(&s->publish);
	store_layout_close(s->layout);
	store_free(s);
	return e;
}

void par_store_discard(par_store *s)
{
	if (!s)
		return;
	par_publish_drop(&s->publish);
	store_layout_close(s->layout);
	store_free(s);
}
