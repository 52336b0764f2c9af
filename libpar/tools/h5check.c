/* entrepot-h5check FILE: is this HDF5 file fit to be opened by a job?
 *
 * Walks every object of the file under limits that the process sets on itself, and prints one line:
 *   ok FORMAT              it is, and its attribute "format" says FORMAT
 *   bad /object: what      it is not
 * A crash, a time limit or a memory limit shows as the status or signal the process ends with. */
#include "base/text.h"

#include <hdf5.h>
#include <hdf5_hl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#define SPACE_BYTES ((rlim_t)1 << 30) /* address space above what the process starts with */
#define CPU_SECONDS 5
#define DEPTH 128
#define OBJECTS 20000
#define RANK 8
#define ATTR_BYTES ((hsize_t)16 << 20)
#define PACKED_BYTES ((hsize_t)256 << 20) /* a chunked dataset, unpacked */
#define PACKED_RATIO 200
#define PACKED_FREE ((hsize_t)1 << 20) /* any ratio is fine below */

static haddr_t *seen;
static int objects;
static hsize_t file_bytes;
static char trail[1024] = "/"; /* where the walk is */

_Noreturn static void end(const char *line)
{
	printf("%s\n", line);
	fflush(stdout);
	_exit(0);
}

_Noreturn __attribute__((format(printf, 1, 2))) static void bad(const char *fmt, ...)
{
	char why[256], line[480];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(why, sizeof why, fmt, ap);
	va_end(ap);
	snprintf(line, sizeof line, "bad %s: %s", par_shows(trail), why);
	end(line);
}

static void limit(int what, rlim_t most)
{
	struct rlimit r = {most, most};
	setrlimit(what, &r);
}

static rlim_t address_space_now(void)
{
	unsigned long pages = 0;
	FILE *f = fopen("/proc/self/statm", "re");
	if (!f || fscanf(f, "%lu", &pages) != 1)
		pages = 0;
	if (f)
		fclose(f);
	return (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE);
}

static void set_limits(void)
{
	limit(RLIMIT_AS, address_space_now() + SPACE_BYTES);
	limit(RLIMIT_CPU, CPU_SECONDS);
	limit(RLIMIT_FSIZE, 0);
	limit(RLIMIT_CORE, 0);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

static herr_t deepest(unsigned n, const H5E_error2_t *e, void *out)
{
	(void)n;
	snprintf(out, 160, "%s", e->desc ? e->desc : "");
	return 0;
}

/* HDF5's own words, from where the trouble began */
static const char *hdf5_says(void)
{
	static char why[160];
	why[0] = 0;
	H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, deepest, why);
	if (!why[0])
		H5Ewalk2(H5E_DEFAULT, H5E_WALK_DOWNWARD, deepest, why);
	return why[0] ? par_shows(why) : "no reason given";
}

static herr_t first_words(unsigned n, const H5E_error2_t *e, void *out)
{
	if (n == 0)
		deepest(n, e, out);
	return 0;
}

static hsize_t elements(hid_t space)
{
	hsize_t dims[H5S_MAX_RANK], n = 1;
	int rank = H5Sget_simple_extent_dims(space, dims, NULL);
	if (rank < 0)
		bad("its shape cannot be read; the file is damaged; make it again");
	if (rank > RANK)
		bad("rank %d; wanted at most %d", rank, RANK);
	for (int i = 0; i < rank; i++)
		if (__builtin_mul_overflow(n, dims[i], &n) || n >> 56)
			bad("its shape is beyond any file; the file is damaged or hostile");
	return n;
}

/* numbers, and characters of one byte */
static void check_data_type(hid_t type)
{
	H5T_class_t class = H5Tget_class(type);
	size_t bytes = H5Tget_size(type);
	bool plain = (class == H5T_INTEGER && bytes <= 8) || (class == H5T_FLOAT && bytes <= 8) ||
		     (class == H5T_STRING && bytes == 1 && !H5Tis_variable_str(type));
	if (class == H5T_STRING && !plain)
		bad("holds strings; wanted numbers or characters; text goes as [n, width] "
		    "characters");
	if (class == H5T_COMPOUND)
		bad("holds compound elements; wanted numbers or characters");
	if (!plain)
		bad("holds elements of a type that is neither number nor character");
}

static void check_filters(hid_t p)
{
	int n = H5Pget_nfilters(p);
	for (int i = 0; i < n; i++) {
		unsigned flags, config;
		size_t values = 0;
		char name[64] = "";
		H5Z_filter_t id = H5Pget_filter2(
		    p, (unsigned)i, &flags, &values, NULL, sizeof name, name, &config);
		if (id != H5Z_FILTER_DEFLATE && id != H5Z_FILTER_SHUFFLE &&
		    id != H5Z_FILTER_FLETCHER32)
			bad("filter %d (%s); only deflate, shuffle and fletcher32 are read; store "
			    "it "
			    "again without",
			    (int)id, par_show(name, strnlen(name, sizeof name)));
	}
}

static void read_packed(hid_t d, hid_t type, hsize_t bytes)
{
	hsize_t stored = H5Dget_storage_size(d);
	if (bytes > PACKED_BYTES)
		bad("%llu bytes unpacked; at most %llu are read", (unsigned long long)bytes,
		    (unsigned long long)PACKED_BYTES);
	if (bytes > PACKED_FREE && bytes / PACKED_RATIO > stored)
		bad("%llu bytes packed into %llu; more than %d to 1 is refused",
		    (unsigned long long)bytes, (unsigned long long)stored, PACKED_RATIO);
	void *data = malloc(bytes ? bytes : 1);
	if (!data)
		bad("no memory to unpack it");
	if (H5Dread(d, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) < 0)
		bad("its data cannot be read (%s); the file is damaged; make it again",
		    hdf5_says());
	free(data);
}

/* a dimension without coordinates is a scale that was never written; what lies along it takes a byte an entry or more */
static bool is_bare_dimension(hid_t d, hsize_t entries)
{
	return entries <= file_bytes && H5DSis_scale(d) > 0;
}

static void check_layout(hid_t d, hid_t p, hid_t type, hsize_t entries)
{
	hsize_t bytes = entries * H5Tget_size(type);
	switch (H5Pget_layout(p)) {
	case H5D_CONTIGUOUS: {
		haddr_t at = H5Dget_offset(d);
		if (at != HADDR_UNDEF && (at > file_bytes || bytes > file_bytes - at))
			bad("its data lie outside the file; the file is damaged; make it again");
		/* never written: reading gives fill values, and as many as the shape asks for */
		if (at == HADDR_UNDEF && bytes > PACKED_FREE && !is_bare_dimension(d, entries))
			bad("%llu bytes declared, none stored", (unsigned long long)bytes);
		return;
	}
	case H5D_CHUNKED:
	case H5D_COMPACT:
		read_packed(d, type, bytes);
		return;
	case H5D_VIRTUAL:
		bad("a virtual dataset: its data are in other files; store it again without");
	default:
		bad("a layout that cannot be read; the file is damaged; make it again");
	}
}

static herr_t name_scale(hid_t d, unsigned axis, hid_t scale, void *unused)
{
	char name[128];
	(void)d, (void)axis, (void)unused;
	return H5Iget_name(scale, name, sizeof name) < 0 ? -1 : 1;
}

/* a job will ask for the names of the dimensions */
static void check_scales(hid_t d, hid_t space)
{
	int rank = H5Sget_simple_extent_ndims(space);
	if (H5DSis_scale(d) > 0)
		return;
	for (unsigned i = 0; (int)i < rank; i++)
		if (H5DSget_num_scales(d, i) > 0 &&
		    H5DSiterate_scales(d, i, NULL, name_scale, NULL) < 0)
			bad("the scale of dimension %u cannot be read; the file is damaged; make "
			    "it again",
			    i + 1);
}

static void check_dataset(hid_t d)
{
	hid_t p = H5Dget_create_plist(d), type = H5Dget_type(d), space = H5Dget_space(d);
	if (p < 0 || type < 0 || space < 0)
		bad("cannot be opened (%s); the file is damaged; make it again", hdf5_says());
	if (H5Pget_external_count(p) != 0)
		bad("its data are in another file (external storage); store it again without");
	check_data_type(type);
	check_filters(p);
	check_layout(d, p, type, elements(space));
	check_scales(d, space);
	H5Sclose(space);
	H5Tclose(type);
	H5Pclose(p);
}

/* what dimension scales are made of; everything else is a number or text */
static bool scale_attr(const char *name, hid_t type)
{
	if (strcmp(name, "REFERENCE_LIST") == 0)
		return H5Tget_class(type) == H5T_COMPOUND;
	return strcmp(name, "DIMENSION_LIST") == 0 && H5Tget_class(type) == H5T_VLEN;
}

static void read_attr(hid_t a, hid_t type, hid_t space, const char *name)
{
	hsize_t n = elements(space), size = H5Tget_size(type);
	if (n > ATTR_BYTES / (size ? size : 1))
		bad("attribute %s takes more than %llu bytes", par_shows(name),
		    (unsigned long long)ATTR_BYTES);
	void *data = calloc(n + 1, size ? size : 1);
	if (!data || H5Aread(a, type, data) < 0)
		bad("attribute %s cannot be read (%s)", par_shows(name), hdf5_says());
	H5Dvlen_reclaim(type, space, H5P_DEFAULT, data);
	free(data);
}

static herr_t check_attr(hid_t object, const char *name, const H5A_info_t *info, void *unused)
{
	(void)info, (void)unused;
	hid_t a = H5Aopen(object, name, H5P_DEFAULT);
	hid_t type = H5Aget_type(a), space = H5Aget_space(a);
	if (a < 0 || type < 0 || space < 0)
		bad("attribute %s cannot be opened (%s)", par_shows(name), hdf5_says());
	H5T_class_t class = H5Tget_class(type);
	if (class != H5T_INTEGER && class != H5T_FLOAT && class != H5T_STRING &&
	    !scale_attr(name, type))
		bad("attribute %s is neither numbers nor text", par_shows(name));
	read_attr(a, type, space, name);
	H5Sclose(space);
	H5Tclose(type);
	H5Aclose(a);
	return 0;
}

static void check_attrs(hid_t object)
{
	hsize_t at = 0;
	if (H5Aiterate2(object, H5_INDEX_NAME, H5_ITER_NATIVE, &at, check_attr, NULL) < 0)
		bad("its attributes cannot be read (%s); the file is damaged; make it again",
		    hdf5_says());
}

/* true when the object was met before: hard links may lead in circles */
static bool met_before(hid_t object)
{
	H5O_info_t info;
	if (H5Oget_info2(object, &info, H5O_INFO_BASIC) < 0)
		bad("cannot be opened (%s); the file is damaged; make it again", hdf5_says());
	for (int i = 0; i < objects; i++)
		if (seen[i] == info.addr)
			return true;
	if (objects == OBJECTS)
		bad("more than %d objects", OBJECTS);
	seen[objects++] = info.addr;
	return false;
}

static herr_t check_link(hid_t group, const char *name, const H5L_info_t *info, void *depth);

static void check_group(hid_t group, int depth)
{
	hsize_t at = 0;
	if (depth > DEPTH)
		bad("groups nested more than %d deep", DEPTH);
	if (H5Literate(group, H5_INDEX_NAME, H5_ITER_NATIVE, &at, check_link, &depth) < 0)
		bad("its links cannot be read (%s); the file is damaged; make it again",
		    hdf5_says());
}

static void check_object(hid_t object, int depth)
{
	if (met_before(object))
		return;
	check_attrs(object);
	switch (H5Iget_type(object)) {
	case H5I_DATASET:
		check_dataset(object);
		return;
	case H5I_GROUP:
		check_group(object, depth);
		return;
	default:
		bad("is neither group nor dataset");
	}
}

static herr_t check_link(hid_t group, const char *name, const H5L_info_t *info, void *depth)
{
	size_t used = strlen(trail);
	snprintf(trail + used, sizeof trail - used, "%s%s", used > 1 ? "/" : "", name);
	if (info->type == H5L_TYPE_EXTERNAL)
		bad("a link into another file; copy the data into this one");
	if (info->type != H5L_TYPE_HARD && info->type != H5L_TYPE_SOFT)
		bad("a link of a kind that is not followed");
	if (info->type == H5L_TYPE_HARD) {
		hid_t object = H5Oopen(group, name, H5P_DEFAULT);
		if (object < 0)
			bad("cannot be opened (%s); the file is damaged; make it again",
			    hdf5_says());
		check_object(object, *(int *)depth + 1);
		H5Oclose(object);
	}
	trail[used] = 0;
	return 0;
}

static void read_format(hid_t file, char *format, size_t size)
{
	hid_t a = H5Aopen(file, "format", H5P_DEFAULT), type = H5Aget_type(a);
	if (a < 0)
		bad("the attribute format is missing; this is not a result of the suite");
	if (H5Tget_class(type) != H5T_STRING)
		bad("the attribute format is no text; this is not a result of the suite");
	if (H5Tis_variable_str(type)) {
		char *text = NULL;
		hid_t as = H5Tcopy(type);
		if (H5Aread(a, as, &text) >= 0 && text)
			snprintf(format, size, "%s", text);
		return;
	}
	if (H5Tget_size(type) < size)
		H5Aread(a, type, format);
}

static hid_t open_file(const char *path)
{
	char why[160] = "";
	hid_t fapl = H5Pcreate(H5P_FILE_ACCESS);
	H5Pset_file_locking(fapl, 0, 1);
	hid_t file = H5Fopen(path, H5F_ACC_RDONLY, fapl);
	if (file >= 0)
		return file;
	H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, first_words, why);
	bad("cannot be opened as HDF5 (%s); the file is damaged or cut; make it again",
	    par_shows(why));
}

int main(int argc, char **argv)
{
	char format[128] = "", line[256];
	if (argc != 2) {
		fprintf(stderr, "usage: entrepot-h5check FILE\n");
		return 64;
	}
	H5dont_atexit();
	H5open();
	H5PLset_loading_state(0);
	H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
	set_limits();
	seen = calloc(OBJECTS, sizeof *seen);
	if (!seen)
		return 71;
	hid_t file = open_file(argv[1]);
	FILE *f = fopen(argv[1], "re");
	if (!f || fseeko(f, 0, SEEK_END) != 0)
		return 66;
	file_bytes = (hsize_t)ftello(f);
	hid_t root = H5Gopen2(file, "/", H5P_DEFAULT);
	if (root < 0)
		bad("cannot be opened (%s); the file is damaged; make it again", hdf5_says());
	read_format(file, format, sizeof format);
	check_object(root, 0);
	H5Gclose(root);
	H5Fclose(file);
	snprintf(line, sizeof line, "ok %s", par_shows(format));
	end(line);
}
