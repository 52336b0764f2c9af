#include "io/store_layout.h"

#include "io/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <hdf5.h>
#include <hdf5_hl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <xxhash.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "results are stored little-endian");

#define ORDER (H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED)

struct store_layout {
	hid_t file, groups; /* groups: creation properties */
	int image;          /* the anonymous file */
	int dims;           /* declared so far: netCDF numbers them */
	int64_t structure;  /* where the structure's own sum goes */
	store_range *ranges;
	int n, room;
};

void store_hdf5_start(void)
{
	static bool started;
	if (started)
		return;
	started = true;
	H5dont_atexit();
	H5open();
	H5PLset_loading_state(0);
	H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
}

int64_t store_hdf5_type(par_dtype t)
{
	const hid_t types[] = {H5T_C_S1, H5T_STD_U8LE, H5T_STD_I16LE, H5T_STD_I32LE, H5T_STD_I64LE,
	    H5T_STD_U64LE, H5T_IEEE_F32LE, H5T_IEEE_F64LE};
	return types[t];
}

static par_err refused(const char *what, const char *name)
{
	return par_fail(PAR_E_MEMORY,
	    "HDF5 cannot %s %s in /dev/shm; make room there and run again", what, name);
}

static hid_t create_image(const char *path, hid_t *groups)
{
	hid_t fcpl = H5Pcreate(H5P_FILE_CREATE), fapl = H5Pcreate(H5P_FILE_ACCESS);
	*groups = H5Pcreate(H5P_GROUP_CREATE);
	H5Pset_link_creation_order(fcpl, ORDER);
	H5Pset_attr_creation_order(fcpl, ORDER);
	H5Pset_obj_track_times(fcpl, 0);
	H5Pset_link_creation_order(*groups, ORDER);
	H5Pset_attr_creation_order(*groups, ORDER);
	H5Pset_obj_track_times(*groups, 0);
	H5Pset_file_locking(fapl, 0, 1);
	H5Pset_libver_bounds(fapl, H5F_LIBVER_V110, H5F_LIBVER_LATEST);
	/* large variables start on a page, so that two nodes share none but at their edges */
	H5Pset_alignment(fapl, 65536, 4096);
	hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, fcpl, fapl);
	H5Pclose(fcpl);
	H5Pclose(fapl);
	return file;
}

/* an image has its name for a moment; one that still has it after a minute is a killed run's */
static void sweep_images(void)
{
	struct stat st;
	DIR *dir = opendir("/dev/shm");
	for (struct dirent *d; dir && (d = readdir(dir));)
		if (strncmp(d->d_name, "entrepot-image-", 15) == 0 &&
		    fstatat(dirfd(dir), d->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    S_ISREG(st.st_mode) && st.st_uid == geteuid() && time(NULL) - st.st_mtime > 60)
			unlinkat(dirfd(dir), d->d_name, 0);
	if (dir)
		closedir(dir);
}

/* a file in memory that has a name only while HDF5 opens it (HDF5 refuses memfd's names) */
static hid_t open_image(int *image, hid_t *groups)
{
	char path[] = "/dev/shm/entrepot-image-XXXXXX";
	sweep_images();
	*image = mkostemp(path, O_CLOEXEC);
	if (*image < 0)
		return -1;
	hid_t file = create_image(path, groups);
	unlink(path);
	return file;
}

static par_err open_structure(store_layout *l)
{
	store_var sum = {.name = "checksum/" STORE_STRUCTURE, .type = PAR_U64, .rank = 1};
	snprintf(sum.dims[0], STORE_NAME, "checksum/words");
	sum.extent[0] = 2;
	PAR_TRY(store_layout_bare_dim(l, sum.dims[0], 2));
	PAR_TRY(store_layout_add(l, &sum, false, NULL));
	l->structure = sum.offset;
	return PAR_OK;
}

par_err store_layout_open(store_layout **out)
{
	store_hdf5_start();
	store_layout *l = calloc(1, sizeof *l);
	*out = l;
	if (!l)
		return refused("make", "a file");
	l->file = open_image(&l->image, &l->groups);
	return l->file >= 0 ? open_structure(l) : refused("make", "a file");
}

/* the groups of "quality/coverage" that do not exist yet */
static int make_groups(store_layout *l, const char *name)
{
	char path[STORE_NAME];
	for (const char *slash = strchr(name, '/'); slash; slash = strchr(slash + 1, '/')) {
		snprintf(path, sizeof path, "%.*s", (int)(slash - name), name);
		if (H5Lexists(l->file, path, H5P_DEFAULT) > 0)
			continue;
		hid_t g = H5Gcreate2(l->file, path, H5P_DEFAULT, l->groups, H5P_DEFAULT);
		if (g < 0)
			return -1;
		H5Gclose(g);
	}
	return 0;
}

static int put_attr(hid_t object, const char *name, hid_t type, const void *value, int64_t n)
{
	hsize_t count = (hsize_t)n;
	if (H5Aexists(object, name) > 0)
		H5Adelete(object, name);
	hid_t space = n == 0 ? H5Screate(H5S_SCALAR) : H5Screate_simple(1, &count, NULL);
	hid_t a = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
	int bad = a < 0 || H5Awrite(a, type, value) < 0;
	H5Aclose(a);
	H5Sclose(space);
	return bad ? -1 : 0;
}

static int put_attr_text(hid_t object, const char *name, const char *value)
{
	hid_t type = H5Tcopy(H5T_C_S1);
	H5Tset_size(type, *value ? strlen(value) : 1);
	H5Tset_strpad(type, H5T_STR_NULLPAD);
	H5Tset_cset(type, H5T_CSET_UTF8);
	int bad = put_attr(object, name, type, value, 0);
	H5Tclose(type);
	return bad;
}

static hid_t creation(par_dtype type, const void *fill)
{
	hid_t p = H5Pcreate(H5P_DATASET_CREATE);
	H5Pset_layout(p, H5D_CONTIGUOUS);
	H5Pset_alloc_time(p, H5D_ALLOC_TIME_EARLY);
	H5Pset_fill_time(p, H5D_FILL_TIME_NEVER);
	H5Pset_attr_creation_order(p, ORDER);
	H5Pset_obj_track_times(p, 0);
	if (fill)
		H5Pset_fill_value(p, store_hdf5_type(type), fill);
	return p;
}

static int dim_number(store_layout *l, const char *name)
{
	int number = -1;
	hid_t a = H5Aopen_by_name(l->file, name, "_Netcdf4Dimid", H5P_DEFAULT, H5P_DEFAULT);
	if (a < 0 || H5Aread(a, H5T_NATIVE_INT, &number) < 0)
		number = -1;
	H5Aclose(a);
	return number;
}

/* a scale of two axes (text) cannot have scales attached; netCDF lists its dimensions by number */
static int make_scale(store_layout *l, hid_t d, const store_var *v)
{
	const char *last = strrchr(v->name, '/');
	int numbers[PAR_STORE_RANK] = {l->dims}, bad;
	for (int i = 1; i < v->rank; i++)
		numbers[i] = dim_number(l, v->dims[i]);
	bad = H5DSset_scale(d, last ? last + 1 : v->name) < 0;
	bad |= put_attr(d, "_Netcdf4Dimid", H5T_STD_I32LE, &l->dims, 0) < 0;
	if (v->rank > 1)
		bad |= put_attr(d, "_Netcdf4Coordinates", H5T_STD_I32LE, numbers, v->rank) < 0;
	l->dims++;
	return bad ? -1 : 0;
}

static int attach_scales(store_layout *l, hid_t d, const store_var *v)
{
	int bad = 0;
	for (int i = 0; i < v->rank && !bad; i++) {
		hid_t scale = H5Dopen2(l->file, v->dims[i], H5P_DEFAULT);
		bad = scale < 0 || H5DSattach_scale(d, scale, (unsigned)i) < 0;
		H5Dclose(scale);
	}
	return bad ? -1 : 0;
}

static hid_t create_dataset(store_layout *l, const store_var *v, const void *fill)
{
	hsize_t extent[PAR_STORE_RANK];
	for (int i = 0; i < v->rank; i++)
		extent[i] = (hsize_t)v->extent[i];
	hid_t space = v->rank ? H5Screate_simple(v->rank, extent, NULL) : H5Screate(H5S_SCALAR);
	hid_t p = creation(v->type, fill);
	hid_t d = H5Dcreate2(
	    l->file, v->name, store_hdf5_type(v->type), space, H5P_DEFAULT, p, H5P_DEFAULT);
	H5Pclose(p);
	H5Sclose(space);
	return d;
}

static int note_range(store_layout *l, int64_t offset, int64_t bytes)
{
	if (l->n == l->room) {
		int room = 2 * l->room + 32;
		store_range *more = realloc(l->ranges, (size_t)room * sizeof *more);
		if (!more)
			return -1;
		l->ranges = more;
		l->room = room;
	}
	l->ranges[l->n++] = (store_range){offset, bytes};
	return 0;
}

par_err store_layout_add(store_layout *l, store_var *v, bool scale, const void *fill)
{
	if (make_groups(l, v->name) < 0)
		return refused("make the group of", v->name);
	hid_t d = create_dataset(l, v, fill);
	if (d < 0)
		return refused("make", v->name);
	v->bytes = (int64_t)par_dtype_bytes(v->type);
	for (int i = 0; i < v->rank; i++)
		v->bytes *= v->extent[i];
	haddr_t at = v->bytes ? H5Dget_offset(d) : 0;
	int bad = at == HADDR_UNDEF || (v->bytes && note_range(l, (int64_t)at, v->bytes) < 0);
	v->offset = (int64_t)at;
	bad |= (scale ? make_scale(l, d, v) : attach_scales(l, d, v)) < 0;
	if (fill)
		bad |= put_attr(d, "_FillValue", store_hdf5_type(v->type), fill, 1) < 0;
	H5Dclose(d);
	return bad ? refused("place", v->name) : PAR_OK;
}

par_err store_layout_bare_dim(store_layout *l, const char *name, int64_t n)
{
	if (H5Lexists(l->file, name, H5P_DEFAULT) > 0)
		return PAR_OK;
	hsize_t extent = (hsize_t)n;
	char note[128];
	snprintf(note, sizeof note, "This is a netCDF dimension but not a netCDF variable.%10lld",
	    (long long)n);
	if (make_groups(l, name) < 0)
		return refused("make the group of", name);
	hid_t p = H5Pcreate(H5P_DATASET_CREATE);
	H5Pset_attr_creation_order(p, ORDER);
	H5Pset_obj_track_times(p, 0);
	hid_t space = H5Screate_simple(1, &extent, NULL);
	hid_t d = H5Dcreate2(l->file, name, H5T_IEEE_F32BE, space, H5P_DEFAULT, p, H5P_DEFAULT);
	int bad = d < 0 || H5DSset_scale(d, note) < 0 ||
		  put_attr(d, "_Netcdf4Dimid", H5T_STD_I32LE, &l->dims, 0) < 0;
	l->dims++;
	H5Dclose(d);
	H5Sclose(space);
	H5Pclose(p);
	return bad ? refused("make the dimension", name) : PAR_OK;
}

par_err store_layout_attr(store_layout *l, const char *var, const char *name, par_dtype type,
    const void *value, int64_t n)
{
	hid_t object = H5Oopen(l->file, var ? var : "/", H5P_DEFAULT);
	int bad = object < 0;
	if (!bad)
		bad = (type == PAR_CHAR
			      ? put_attr_text(object, name, value)
			      : put_attr(object, name, store_hdf5_type(type), value, n)) < 0;
	H5Oclose(object);
	return bad ? refused("set the attribute", name) : PAR_OK;
}

int64_t store_layout_bytes(const store_layout *l)
{
	hsize_t bytes = 0;
	return H5Fget_filesize(l->file, &bytes) < 0 ? 0 : (int64_t)bytes;
}

static int by_offset(const void *a, const void *b)
{
	int64_t x = ((const store_range *)a)->offset, y = ((const store_range *)b)->offset;
	return (x > y) - (x < y);
}

static par_err sum_stretch(
    XXH3_state_t *state, int from, int to, int64_t lo, int64_t hi, const char *path)
{
	char piece[65536];
	while (lo < hi) {
		size_t n = hi - lo < (int64_t)sizeof piece ? (size_t)(hi - lo) : sizeof piece;
		PAR_TRY(par_file_read(from, piece, n, lo, path));
		XXH3_128bits_update(state, piece, n);
		if (to >= 0)
			PAR_TRY(par_file_write(to, piece, n, lo, path));
		lo += (int64_t)n;
	}
	return PAR_OK;
}

par_err store_structure_sum(
    int from, int to, int64_t size, store_range *ranges, int n, uint64_t sum[2], const char *path)
{
	XXH3_state_t *state = XXH3_createState();
	if (!state)
		return par_fail(PAR_E_MEMORY, "%s: no memory for its checksum", path);
	XXH3_128bits_reset(state);
	qsort(ranges, (size_t)n, sizeof *ranges, by_offset);
	int64_t at = 0;
	par_err e = PAR_OK;
	for (int i = 0; i < n && e == PAR_OK; i++) {
		e = sum_stretch(state, from, to, at, ranges[i].offset, path);
		at = ranges[i].offset + ranges[i].bytes;
	}
	if (e == PAR_OK)
		e = sum_stretch(state, from, to, at, size, path);
	XXH128_hash_t h = XXH3_128bits_digest(state);
	XXH3_freeState(state);
	sum[0] = h.low64;
	sum[1] = h.high64;
	return e;
}

par_err store_layout_finish(store_layout *l, int fd, const char *path)
{
	struct stat st;
	uint64_t sum[2];
	herr_t closed = H5Fclose(l->file);
	l->file = -1;
	if (closed < 0 || fstat(l->image, &st) != 0)
		return refused("finish", path);
	/* the image is as long as the file: what HDF5 allocated last may be a variable */
	if (ftruncate(fd, st.st_size) != 0)
		return par_fail(PAR_E_IO, "%s: cannot set its length: %s; make room and run again",
		    path, strerror(errno));
	PAR_TRY(store_structure_sum(l->image, fd, st.st_size, l->ranges, l->n, sum, path));
	return par_file_write(fd, sum, sizeof sum, l->structure, path);
}

void store_layout_close(store_layout *l)
{
	if (!l)
		return;
	if (l->file >= 0)
		H5Fclose(l->file);
	if (l->groups > 0)
		H5Pclose(l->groups);
	if (l->image >= 0)
		close(l->image);
	free(l->ranges);
	free(l);
}
