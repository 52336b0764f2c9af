#include "io/store_catalog.h"

#include "base/text.h"
#include "io/file.h"
#include "io/store_check.h"

#include <hdf5.h>
#include <hdf5_hl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

typedef struct {
	par_store *store;
	hid_t root;
	store_range *ranges; /* every variable's and every sum's bytes */
	int n, room;
	int64_t structure; /* where the structure's own sum is, -1 none */
	par_err failed;
} walk;

static par_err damaged(const par_store *s, const char *name)
{
	return par_fail(PAR_E_DATA, "%s:/%s: cannot be read; the file is damaged; make it again",
	    s->path, par_shows(name));
}

par_err store_catalog_open(par_store *s)
{
	if (s->h5 >= 0)
		return PAR_OK;
	char name[STORE_FD_NAME];
	store_fd_name(name, s->fd);
	store_hdf5_start();
	hid_t fapl = H5Pcreate(H5P_FILE_ACCESS);
	H5Pset_file_locking(fapl, 0, 1);
	s->h5 = H5Fopen(name, H5F_ACC_RDONLY, fapl);
	H5Pclose(fapl);
	return s->h5 >= 0 ? PAR_OK : store_blame(damaged(s, ""), s->fd, s->path);
}

/* the dtype that holds a stored type, or -1; foreign when the bytes are not ours as they are */
static int dtype_of(hid_t type, bool *foreign)
{
	static const par_dtype all[] = {
	    PAR_CHAR, PAR_U8, PAR_I16, PAR_I32, PAR_I64, PAR_U64, PAR_F32, PAR_F64};
	for (int i = 0; i < 8; i++) {
		hid_t ours = store_hdf5_type(all[i]);
		if (H5Tget_class(type) != H5Tget_class(ours) ||
		    H5Tget_size(type) != H5Tget_size(ours))
			continue;
		if (H5Tget_class(type) == H5T_INTEGER && H5Tget_sign(type) != H5Tget_sign(ours))
			continue;
		*foreign = H5Tget_class(type) != H5T_STRING && H5Tequal(type, ours) <= 0;
		return (int)all[i];
	}
	return -1;
}

static herr_t scale_name(hid_t d, unsigned axis, hid_t scale, void *out)
{
	(void)d, (void)axis;
	char path[STORE_NAME + 1] = "";
	if (H5Iget_name(scale, path, sizeof path) > 0)
		snprintf(out, STORE_NAME, "%s", path[0] == '/' ? path + 1 : path);
	return 1;
}

static void read_dims(hid_t d, store_var *v)
{
	bool is_scale = H5DSis_scale(d) > 0;
	if (is_scale)
		snprintf(v->dims[0], STORE_NAME, "%s", v->name);
	for (int i = 0; i < v->rank && !is_scale; i++)
		if (H5DSget_num_scales(d, (unsigned)i) > 0)
			H5DSiterate_scales(d, (unsigned)i, NULL, scale_name, v->dims[i]);
	if (is_scale && v->rank == 2)
		snprintf(v->dims[1], STORE_NAME, "string%lld", (long long)v->extent[1]);
}

static par_err note_range(walk *k, int64_t offset, int64_t bytes)
{
	if (bytes == 0)
		return PAR_OK;
	if (k->n == k->room) {
		int room = 2 * k->room + 64;
		store_range *more = realloc(k->ranges, (size_t)room * sizeof *more);
		if (!more)
			return par_fail(PAR_E_MEMORY, "%s: no memory to list it", k->store->path);
		k->ranges = more;
		k->room = room;
	}
	k->ranges[k->n++] = (store_range){offset, bytes};
	return PAR_OK;
}

static par_err read_shape(walk *k, hid_t d, store_var *v)
{
	hid_t space = H5Dget_space(d), type = H5Dget_type(d), p = H5Dget_create_plist(d);
	hsize_t extent[H5S_MAX_RANK];
	int rank = H5Sget_simple_extent_dims(space, extent, NULL),
	    dtype = dtype_of(type, &v->foreign);
	v->strange = dtype < 0 || rank < 0 || rank > PAR_STORE_RANK;
	v->type = v->strange ? PAR_U8 : (par_dtype)dtype;
	v->rank = v->strange ? 0 : rank;
	v->bytes = (int64_t)par_dtype_bytes(v->type);
	for (int i = 0; i < v->rank; i++) {
		v->extent[i] = (int64_t)extent[i];
		v->bytes *= v->extent[i];
	}
	haddr_t at = H5Dget_offset(d);
	bool contiguous = H5Pget_layout(p) == H5D_CONTIGUOUS;
	bool stored = contiguous && at != HADDR_UNDEF;
	v->foreign |= !contiguous || (v->bytes > 0 && !stored);
	v->offset = stored ? (int64_t)at : 0;
	int64_t bytes = stored ? (int64_t)H5Dget_storage_size(d) : 0;
	H5Pclose(p);
	H5Tclose(type);
	H5Sclose(space);
	return note_range(k, v->offset, bytes);
}

/* sums are found by name afterwards */
static par_err list_dataset(walk *k, const char *name)
{
	store_var v = {.sums_offset = -1};
	if (strlen(name) >= STORE_NAME)
		return PAR_OK;
	hid_t d = H5Dopen2(k->root, name, H5P_DEFAULT);
	if (d < 0)
		return damaged(k->store, name);
	snprintf(v.name, STORE_NAME, "%s", name);
	par_err e = read_shape(k, d, &v);
	if (strcmp(name, "checksum/" STORE_STRUCTURE) == 0)
		k->structure = v.offset;
	if (e == PAR_OK && !store_append(k->store, &v))
		e = par_fail(PAR_E_MEMORY, "%s: no memory to list it", k->store->path);
	H5Dclose(d);
	return e;
}

static herr_t visit(hid_t root, const char *name, const H5O_info_t *info, void *ctx)
{
	walk *k = ctx;
	(void)root;
	if (info->type == H5O_TYPE_DATASET)
		k->failed = list_dataset(k, name);
	return k->failed == PAR_OK ? 0 : 1;
}

static void find_sums(par_store *s)
{
	char name[STORE_NAME + 16];
	for (int i = 0; i < s->n; i++) {
		snprintf(name, sizeof name, "checksum/%s", s->vars[i].name);
		const store_var *sums = store_find(s, name);
		if (sums && sums->type == PAR_U64 && sums->rank == 1 && !sums->foreign &&
		    sums->extent[0] == store_blocks(s->vars[i].bytes))
			s->vars[i].sums_offset = sums->offset;
	}
}

static par_err verify_structure(walk *k)
{
	par_store *s = k->store;
	struct stat st;
	uint64_t wanted[2], sum[2];
	if (k->structure < 0)
		return PAR_OK;
	if (fstat(s->fd, &st) != 0)
		return damaged(s, "");
	PAR_TRY(par_file_read(s->fd, wanted, sizeof wanted, k->structure, s->path));
	PAR_TRY(store_structure_sum(s->fd, -1, st.st_size, k->ranges, k->n, sum, s->path));
	if (memcmp(sum, wanted, sizeof sum) == 0)
		return PAR_OK;
	return par_fail(PAR_E_DATA,
	    "%s:/: the file's structure does not match its checksum; the file is damaged; make it "
	    "again",
	    s->path);
}

/* HDF5 follows the references of dimension scales without looking, so only in a sound file */
static par_err name_dims(par_store *s)
{
	for (int i = 0; i < s->n; i++) {
		hid_t d = H5Dopen2(s->h5, s->vars[i].name, H5P_DEFAULT);
		if (d < 0)
			return damaged(s, s->vars[i].name);
		read_dims(d, &s->vars[i]);
		H5Dclose(d);
	}
	return PAR_OK;
}

par_err store_catalog_read(par_store *s)
{
	walk k = {.store = s, .root = s->h5, .structure = -1};
	if (H5Ovisit2(s->h5, H5_INDEX_NAME, H5_ITER_NATIVE, visit, &k, H5O_INFO_BASIC) < 0 &&
	    k.failed == PAR_OK)
		k.failed = damaged(s, "");
	if (k.failed == PAR_OK) {
		find_sums(s);
		k.failed = verify_structure(&k);
	}
	if (k.failed == PAR_OK && k.structure >= 0)
		k.failed = name_dims(s);
	free(k.ranges);
	return k.failed;
}

par_err store_catalog_rows(par_store *s, const store_var *v, int64_t first, int64_t rows, void *out)
{
	if (rows == 0 || v->bytes == 0)
		return PAR_OK;
	PAR_TRY(store_catalog_open(s));
	hsize_t start[PAR_STORE_RANK] = {(hsize_t)first}, count[PAR_STORE_RANK];
	for (int i = 0; i < v->rank; i++)
		count[i] = (hsize_t)(i ? v->extent[i] : rows);
	hid_t d = H5Dopen2(s->h5, v->name, H5P_DEFAULT), file = H5Dget_space(d);
	hid_t here = H5Screate_simple(v->rank, count, NULL);
	int bad = d < 0 ||
		  H5Sselect_hyperslab(file, H5S_SELECT_SET, start, NULL, count, NULL) < 0 ||
		  H5Dread(d, store_hdf5_type(v->type), here, file, H5P_DEFAULT, out) < 0;
	H5Sclose(here);
	H5Sclose(file);
	H5Dclose(d);
	return bad ? damaged(s, v->name) : PAR_OK;
}

static par_err no_attr(const par_store *s, const char *var, const char *name, const char *what)
{
	return par_fail(PAR_E_DATA, "%s:/%s: attribute %s %s; was it made by this suite?", s->path,
	    var ? par_shows(var) : "", name, what);
}

static char *fixed_text(hid_t a, hid_t type)
{
	size_t n = H5Tget_size(type);
	char *text = calloc(n + 1, 1);
	hid_t as = H5Tcopy(type);
	if (text && H5Aread(a, as, text) < 0) {
		free(text);
		text = NULL;
	}
	H5Tclose(as);
	return text;
}

static char *variable_text(hid_t a, hid_t type)
{
	char *theirs = NULL, *text = NULL;
	if (H5Aread(a, type, &theirs) >= 0 && theirs)
		text = strdup(theirs);
	H5free_memory(theirs);
	return text;
}

par_err store_catalog_text(par_store *s, const char *var, const char *name, char **out)
{
	*out = NULL;
	hid_t a = H5Aopen_by_name(s->h5, var ? var : "/", name, H5P_DEFAULT, H5P_DEFAULT);
	if (a < 0)
		return no_attr(s, var, name, "is missing");
	hid_t type = H5Aget_type(a), space = H5Aget_space(a);
	bool one = H5Tget_class(type) == H5T_STRING && H5Sget_simple_extent_npoints(space) == 1;
	if (one)
		*out = H5Tis_variable_str(type) > 0 ? variable_text(a, type) : fixed_text(a, type);
	H5Sclose(space);
	H5Tclose(type);
	H5Aclose(a);
	return *out ? PAR_OK : no_attr(s, var, name, "is no text");
}

par_err store_catalog_int(par_store *s, const char *var, const char *name, int64_t *out)
{
	hid_t a = H5Aopen_by_name(s->h5, var ? var : "/", name, H5P_DEFAULT, H5P_DEFAULT);
	if (a < 0)
		return no_attr(s, var, name, "is missing");
	hid_t stored = H5Aget_type(a), space = H5Aget_space(a), want = store_hdf5_type(PAR_I64);
	int bad = H5Tget_class(stored) != H5Tget_class(want) ||
		  H5Sget_simple_extent_npoints(space) != 1 || H5Aread(a, want, out) < 0;
	H5Sclose(space);
	H5Tclose(stored);
	H5Aclose(a);
	return bad ? no_attr(s, var, name, "is no single whole number") : PAR_OK;
}
