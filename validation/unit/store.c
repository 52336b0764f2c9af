/* np: 1 2 3 4 */
#include "io/store.h"
#include "../tap.h"
#include "scratch.h"

#include <dlfcn.h>
#include <spawn.h>
#include <stdint.h>
#include <sys/stat.h>

/* the same night's result from any world: dtypes, 0 to 4 dimensions, text, no rows, few rows, and one
 * variable of many checksum blocks whose rows fit no block */
#define SERIES 7
#define LONG 30011
#define WIDE 37

static const par_dtype types[] = {
    PAR_CHAR, PAR_U8, PAR_I16, PAR_I32, PAR_I64, PAR_U64, PAR_F32, PAR_F64};
static const char *const type_names[] = {"c", "u8", "i16", "i32", "i64", "u64", "f32", "f64"};

static unsigned char byte_at(int64_t i)
{
	return (unsigned char)((uint64_t)(i + 1) * 0x9e3779b97f4a7c15u >> 56);
}

/* bytes [lo, hi) of a variable whose byte i is byte_at(i) */
static unsigned char *bytes_of(int64_t lo, int64_t hi)
{
	unsigned char *x = malloc((size_t)(hi - lo) + 1);
	for (int64_t i = lo; i < hi; i++)
		x[i - lo] = byte_at(i);
	return x;
}

/* how the ranks split n rows: evenly, all on the last rank, unevenly with empty ranks between, or all on the first */
enum { EVENLY, LAST, GAPS, FIRST, HOWS };

static void split(const par_world *w, int how, int64_t n, int64_t *lo, int64_t *hi)
{
	int64_t at[66] = {0};
	for (int r = 0; r <= w->size; r++) {
		at[r] = how == EVENLY ? n * r / w->size
			: how == LAST ? 0
			: how == GAPS ? n * (r / 2 * 2) / (w->size + 1)
				      : (r > 0) * n;
		if (r == w->size)
			at[r] = n;
	}
	*lo = at[w->rank];
	*hi = at[w->rank + 1];
}

static par_err put(par_store *s, const par_world *w, int how, const par_store_var *v, int64_t rows,
    int64_t row_elements)
{
	int64_t lo, hi, bytes = row_elements * (int64_t)par_dtype_bytes(v->type);
	split(w, how, rows, &lo, &hi);
	unsigned char *data = bytes_of(lo * bytes, hi * bytes);
	const void *mine = hi > lo ? data : NULL;
	par_err e = how == FIRST ? par_store_put_whole(s, v, rows, mine)
				 : par_store_put(s, v, lo, hi - lo, mine);
	free(data);
	return e;
}

static par_err put_all(par_store *s, const par_world *w, int how)
{
	static const float missing = -1;
	static const int32_t days[SERIES] = {20000, 20001, 20002, 20003, 20004, 20005, 20009};
	PAR_TRY(par_store_dim_text(s, "sku", 3, 4, "A1\0\0B22\0\xc3\xa9!!"));
	PAR_TRY(par_store_dim(s, "series", SERIES, PAR_I64, NULL));
	PAR_TRY(par_store_dim(s, "time", SERIES, PAR_I32, days));
	PAR_TRY(par_store_attr_text(s, "time", "units", "days since 1970-01-01"));
	PAR_TRY(par_store_dim(s, "none", 0, PAR_I64, NULL));
	PAR_TRY(par_store_dim(s, "long", LONG, PAR_I64, NULL));
	PAR_TRY(par_store_dim(s, "wide", WIDE, PAR_I64, NULL));
	for (int i = 0; i < 8; i++) {
		par_store_var v = {
		    .name = type_names[i], .type = types[i], .dims = {"series", "sku"}};
		PAR_TRY(put(s, w, how, &v, SERIES, 3));
	}
	par_store_var scalar = {.name = "total", .type = PAR_F64};
	PAR_TRY(put(s, w, how, &scalar, 1, 1));
	par_store_var deep = {.name = "deep/est",
	    .type = PAR_U8,
	    .dims = {"series", "sku", "time", "wide"},
	    .long_name = "four axes"};
	PAR_TRY(put(s, w, how, &deep, SERIES, 3 * SERIES * WIDE));
	par_store_var empty = {.name = "empty", .type = PAR_F32, .dims = {"none", "sku"}};
	PAR_TRY(put(s, w, how, &empty, 0, 3));
	par_store_var hollow = {.name = "hollow", .type = PAR_F32, .dims = {"sku", "none"}};
	PAR_TRY(put(s, w, how, &hollow, 3, 0));
	par_store_var big = {.name = "big",
	    .type = PAR_F32,
	    .dims = {"long", "wide"},
	    .units = "1",
	    .fill = &missing};
	PAR_TRY(put(s, w, how, &big, LONG, WIDE));
	PAR_TRY(
	    par_store_put_text(s, "name", "series", SERIES, 3, "abcdefghijklmnopqrstu", "names"));
	return par_store_attr_int(s, NULL, "seed", 42);
}

static par_err write_file(const par_world *w, const char *path, int how)
{
	par_store *s;
	PAR_TRY(par_store_create(&s, w, path, "entrepot-test", 3, 1 << 20));
	par_err e = put_all(s, w, how);
	if (e == PAR_OK)
		return par_store_publish(s, PAR_OK);
	par_store_discard(s);
	return e;
}

static int same_bytes(const char *a, const char *b)
{
	FILE *f = fopen(a, "re"), *g = fopen(b, "re");
	int c = 0, d = 0;
	while (f && g && c == d && c != EOF) {
		c = getc(f);
		d = getc(g);
	}
	if (f)
		fclose(f);
	if (g)
		fclose(g);
	return f && g && c == d;
}

static void equal_bytes(par_world *w)
{
	static const char *const how[HOWS] = {
	    "evenly", "all on the last rank", "with empty ranks", "whole, by the first rank"};
	par_world one = {.comm = MPI_COMM_SELF, .node = MPI_COMM_SELF, .size = 1};
	const char *alone = scratch_path("alone.h5"), *ours = scratch_path("ours.h5");
	par_err e = w->rank == 0 ? write_file(&one, alone, 0) : PAR_OK;
	ok(e == PAR_OK, "a lone rank writes a file: %s", par_err_why());
	for (int i = 0; i < HOWS; i++) {
		ok(write_file(w, ours, i) == PAR_OK, "all ranks write it, rows dealt %s", how[i]);
		ok(w->rank != 0 || same_bytes(alone, ours), "and its bytes equal the lone rank's");
	}
	struct stat st;
	ok(stat(ours, &st) == 0 && (st.st_mode & 0777 & ~0640) == 0, "no more than mode 640");
	ok(w->rank != 0 || scratch_entries() == 2, "nothing temporary stays");
}

static int read_matches(par_store *s, const char *var, par_dtype type, int64_t row_elements,
    int64_t first, int64_t rows)
{
	int64_t bytes = row_elements * (int64_t)par_dtype_bytes(type);
	unsigned char *want = bytes_of(first * bytes, (first + rows) * bytes);
	unsigned char *got = malloc((size_t)(rows * bytes) + 1);
	int same = par_store_get(s, var, type, NULL, first, rows, got) == PAR_OK &&
		   memcmp(got, want, (size_t)(rows * bytes)) == 0;
	free(want);
	free(got);
	return same;
}

static void read_back(par_world *w)
{
	par_store *s;
	int64_t n, shape[PAR_STORE_RANK];
	int stride;
	char *text;
	par_err e = par_store_open(&s, w, scratch_path("ours.h5"), "entrepot-test", 3);
	ok(e == PAR_OK, "the file opens: %s", par_err_why());
	if (e != PAR_OK)
		return;
	ok(par_store_extent(s, "long") == LONG && par_store_extent(s, "none") == 0 &&
		par_store_extent(s, "sku") == 3 && par_store_extent(s, "big") == -1,
	    "extents of dimensions");
	for (int i = 0; i < 8; i++)
		ok(read_matches(s, type_names[i], types[i], 3, 0, SERIES), "%s reads back",
		    type_names[i]);
	ok(read_matches(s, "total", PAR_F64, 1, 0, 1), "a scalar reads back");
	ok(read_matches(s, "deep/est", PAR_U8, 3 * SERIES * WIDE, 2, 3),
	    "rows of four axes read back");
	ok(read_matches(s, "big", PAR_F32, WIDE, LONG * w->rank / w->size,
	       LONG * (w->rank + 1) / w->size - LONG * w->rank / w->size),
	    "every rank reads its rows across blocks");
	ok(read_matches(s, "big", PAR_F32, WIDE, 0, w->rank % 2 ? 0 : LONG),
	    "some read all, some none");
	ok(read_matches(s, "empty", PAR_F32, 3, 0, 0), "no rows read back");
	ok(par_store_shape(s, "hollow", shape) == 2 && shape[1] == 0, "no columns are no columns");
	ok(par_store_get_text(s, "sku", &text, &n, &stride) == PAR_OK && n == 3 && stride == 5 &&
		strcmp(text, "A1") == 0 && strcmp(text + 10, "\xc3\xa9!!") == 0,
	    "text ids read back");
	free(text);
	ok(par_store_get_attr_text(s, "big", "units", &text) == PAR_OK && strcmp(text, "1") == 0,
	    "text attributes read back");
	free(text);
	ok(par_store_get_attr_int(s, NULL, "seed", &n) == PAR_OK && n == 42,
	    "number attributes read back");
	const char *const wrong[] = {"series", "time", NULL};
	float x[3 * SERIES];
	ok(par_store_get(s, "f32", PAR_F32, wrong, 0, SERIES, x) == PAR_E_DATA &&
		strstr(par_err_why(), ":/f32: dimension 2 is sku; wanted time"),
	    "unexpected dimensions are named");
	ok(par_store_get(s, "f64", PAR_F32, NULL, 0, 1, x) == PAR_E_DATA &&
		par_store_get(s, "nix", PAR_F32, NULL, 0, 1, x) == PAR_E_DATA,
	    "another type and a missing variable are refused");
	par_store_close(s);
}

static void refusals(par_world *w)
{
	par_store *s;
	const char *ours = scratch_path("ours.h5");
	ok(par_store_open(&s, w, ours, "entrepot-other", 3) == PAR_E_DATA &&
		strstr(par_err_why(), "entrepot-test; wanted entrepot-other"),
	    "another format is refused by name");
	ok(par_store_open(&s, w, ours, "entrepot-test", 2) == PAR_E_DATA,
	    "a newer version is refused");
	ok(par_store_open(&s, w, scratch_path("nix.h5"), "entrepot-test", 3) == PAR_E_INPUT,
	    "a missing file is a missing input");
	par_err e = par_store_create(&s, w, ours, "entrepot-test", 3, 0);
	ok(e == PAR_OK, "an existing result may be replaced");
	par_store_discard(s);
	ok(par_store_open(&s, w, ours, "entrepot-test", 3) == PAR_OK,
	    "discarding leaves the old result");
	par_store_close(s);
	ok(par_store_create(&s, w, ours, "entrepot-test", 3, 0) == PAR_OK &&
		par_store_publish(s, w->rank == w->size - 1 ? par_fail(PAR_E_NUMERIC, "a NaN")
							    : PAR_OK) == PAR_E_NUMERIC,
	    "one rank's trouble publishes nothing");
	ok(par_store_open(&s, w, ours, "entrepot-test", 3) == PAR_OK && par_store_has(s, "big"),
	    "and leaves the old result");
	par_store_close(s);
}

/* stands before the C library's: while the file is being checked, another takes its name */
static const char *stand_in, *replaced;

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
int posix_spawn(pid_t *child, const char *program, const posix_spawn_file_actions_t *acts,
    const posix_spawnattr_t *how, char *const *argv, char *const *env)
{
	int (*real)(pid_t *, const char *, const posix_spawn_file_actions_t *,
	    const posix_spawnattr_t *, char *const *, char *const *);
	*(void **)&real = dlsym(RTLD_NEXT, "posix_spawn");
	if (stand_in && rename(stand_in, replaced) != 0)
		perror(stand_in);
	return real(child, program, acts, how, argv, env);
}

static par_err write_small(const par_world *w, const char *path, const char *format, int64_t seed)
{
	par_store *s;
	PAR_TRY(par_store_create(&s, w, path, format, 1, 0));
	par_err e = par_store_attr_int(s, NULL, "seed", seed);
	if (e == PAR_OK)
		return par_store_publish(s, PAR_OK);
	par_store_discard(s);
	return e;
}

static void replaced_meanwhile(par_world *w)
{
	par_store *s;
	replaced = scratch_path("small.h5");
	stand_in = NULL;
	ok(write_small(w, replaced, "entrepot-test", 1) == PAR_OK &&
		write_small(w, scratch_path("other.h5"), "entrepot-test", 2) == PAR_OK,
	    "two files are written");
	stand_in = scratch_path("other.h5");
	par_err e = par_store_open(&s, w, replaced, "entrepot-test", 1);
	stand_in = NULL;
	ok(e == PAR_E_INPUT && strstr(par_err_why(), "was replaced while"),
	    "a file that takes the name of the checked one is not read");
	par_store_close(s);
}

static void spoil(const par_world *w, const char *path, const char *text)
{
	if (w->rank == 0) {
		FILE *f = fopen(path, "r+e");
		if (!f || fputs(text, f) < 0 || fclose(f) != 0)
			perror(path);
	}
	MPI_Barrier(w->comm);
}

static bool stays(par_world *w, const char *path, const char *why)
{
	par_store *s;
	par_err e = par_store_create(&s, w, path, "entrepot-test", 1, 0);
	if (e == PAR_OK)
		par_store_discard(s);
	return e == PAR_E_CREATE && strstr(par_err_why(), why);
}

static void not_replaced(par_world *w)
{
	const char *path = scratch_path("foreign.h5");
	ok(write_small(w, path, "foreign", 1) == PAR_OK &&
		stays(w, path, "is not a result of this suite"),
	    "another program's HDF5 file stays");
	path = scratch_path("small.h5");
	if (w->rank == 0 && truncate(path, 3000) != 0)
		perror(path);
	MPI_Barrier(w->comm);
	ok(stays(w, path, "if it is damaged remove it") && strstr(par_err_why(), "truncated"),
	    "a damaged one stays, and what is wrong with it is told");
	spoil(w, path, "a shopping list");
	ok(stays(w, path, "its check said"), "and so does a file of another kind");
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	par_world w;
	par_world_open(&w, MPI_COMM_WORLD);
	scratch_begin();
	equal_bytes(&w);
	read_back(&w);
	refusals(&w);
	replaced_meanwhile(&w);
	not_replaced(&w);
	scratch_end();
	par_world_close(&w);
	return tap_end();
}
