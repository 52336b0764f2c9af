/* Layout: where HDF5 puts each variable of a file being written. Private to the store.
 *
 * HDF5 builds the file's structure on one rank, in memory: the image is a nameless file in /dev/shm
 * whose raw data are never filled in. Each variable is contiguous and allocated at once, so its place in the
 * real file is known as soon as it is declared; the ranks write their rows there themselves. At the
 * end the bytes between the variables are copied from the image to the file.
 *
 * So HDF5 never meets a full disk. (Its parallel driver, after a failed write, hangs in flush, in
 * close and at exit; this way an I/O error is an errno on the rank that met it.)
 *
 * /checksum/NAME holds the XXH3-64 of each 1 MiB of a variable's bytes, /checksum/structure the
 * XXH3-128 of all bytes that belong to no variable: no bit of the file is without a sum. */
#ifndef PAR_IO_STORE_LAYOUT_H
#define PAR_IO_STORE_LAYOUT_H

#include "io/store.h"

#define STORE_BLOCK ((int64_t)1 << 20)
#define STORE_NAME 96
#define STORE_STRUCTURE "structure"

/* what every rank knows of a variable, written or read */
typedef struct {
	char name[STORE_NAME];
	char dims[PAR_STORE_RANK][STORE_NAME]; /* "" where no scale is attached */
	int64_t extent[PAR_STORE_RANK];
	int rank;
	par_dtype type;
	bool foreign; /* chunked or of another byte order: read through HDF5, no sums */
	bool strange; /* of a type or rank that the store does not hold */
	int64_t bytes;
	int64_t offset, sums_offset; /* in the file; sums_offset -1: no sums */
} store_var;

typedef struct store_layout store_layout;

/* local, once a process | HDF5 without plug-ins, messages or work at exit */
void store_hdf5_start(void);
/* local | the HDF5 type a dtype is stored as (borrowed; hid_t as int64_t) */
int64_t store_hdf5_type(par_dtype t);

static inline int64_t store_blocks(int64_t bytes)
{
	return (bytes + STORE_BLOCK - 1) / STORE_BLOCK;
}

/* rank 0 | all of these fail with PAR_E_MEMORY: only memory can be short here */
par_err store_layout_open(store_layout **out);
/* declare a dataset: v's name, rank, extent, type and dims are given, offsets are filled in.
 * scale: it is the dimension scale of its first axis; dims must have been declared. */
par_err store_layout_add(store_layout *l, store_var *v, bool scale, const void *fill);
/* a dimension without values, as netCDF marks it (the length of text, of a list of sums) */
par_err store_layout_bare_dim(store_layout *l, const char *name, int64_t n);
par_err store_layout_attr(store_layout *l, const char *var, const char *name, par_dtype type,
    const void *value, int64_t n);
/* bytes the file takes as declared so far */
int64_t store_layout_bytes(const store_layout *l);
/* end the structure and copy it into the file fd, all but the variables' bytes, with its sum.
 * path is for messages. fails: PAR_E_IO */
par_err store_layout_finish(store_layout *l, int fd, const char *path);
void store_layout_close(store_layout *l);

/* a stretch of the file that belongs to a variable */
typedef struct {
	int64_t offset, bytes;
} store_range;

/* local | walk the stretches of [0, size) outside n ranges (sorted in place): each goes from one
 * file to another (to < 0: nowhere) and into sum[2], an XXH3-128. fails: PAR_E_IO */
par_err store_structure_sum(
    int from, int to, int64_t size, store_range *ranges, int n, uint64_t sum[2], const char *path);

#endif
