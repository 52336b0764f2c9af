/* Store: one HDF5 result of named variables over named dimensions, written and read by all ranks.
 *
 * Writing: create, declare dimensions, put variables, publish. Every variable is contiguous and
 * carries XXH3-64 sums of its bytes, 1 MiB each, in the group "checksum", which par_store_get
 * verifies; everything else in the file is covered by /checksum/structure, which par_store_open
 * verifies. Equal data give equal bytes at any rank count: no times, no ranks, no paths in the
 * file. Files open in ncdump, h5py, xarray and R: dimension scales attached, CF units, _FillValue,
 * text as [n, width] characters with _Encoding = utf-8. Text ids are a scale of two axes, as
 * netCDF-4 writes coordinate variables: in xarray ds.sel(sku="A1") works.
 *
 * Reading: a file is first opened by a limited child process (memory, time, no writing) that
 * refuses external links, external or virtual storage, foreign filters and types; only a file it
 * passed is opened here. Messages name FILE:/object[index]. */
#ifndef PAR_IO_STORE_H
#define PAR_IO_STORE_H

#include "base/dtype.h"
#include "comm/world.h"

typedef struct par_store par_store;

#define PAR_STORE_RANK 4

typedef struct {
	const char *name;
	par_dtype type;
	const char *dims[PAR_STORE_RANK + 1]; /* declared dimensions, NULL ends the list */
	const char *units;                    /* CF; NULL: none */
	const char *long_name;                /* one line for a person */
	const void *fill;                     /* one element that means missing; NULL: none */
} par_store_var;

/* collective | start a new file at its temporary name; format like "entrepot-catalog", version its
 * format_version; bytes as in par_publish_begin. The store borrows w and is owned by the caller,
 * who ends it with par_store_publish or par_store_discard. */
par_err par_store_create(par_store **out, const par_world *w, const char *path, const char *format,
    int version, int64_t bytes);

/* collective, same arguments on every rank | declare a dimension of n >= 0 entries with its scale:
 * a numeric coordinate (values NULL: 0, 1, 2 ...), or text ids, each NUL-padded to width bytes.
 * Attributes of a scale (units of time, say) are set with par_store_attr_*. */
par_err par_store_dim(
    par_store *s, const char *name, int64_t n, par_dtype type, const void *values);
par_err par_store_dim_text(par_store *s, const char *name, int64_t n, int width, const char *chars);

/* collective, same arguments on every rank | a dimension without coordinate values */
par_err par_store_bare_dim(par_store *s, const char *name, int64_t n);

/* collective, same declaration on every rank | write a whole variable: this rank brings rows
 * [first, first + rows) of the first axis, in rank order and without gaps; data may be NULL when
 * rows is 0. Ends in an agreement. fails: PAR_E_IO, after which only par_store_discard is legal */
par_err par_store_put(
    par_store *s, const par_store_var *var, int64_t first, int64_t rows, const void *data);
/* collective, same declaration and n on every rank | the same of a small variable: rank 0 brings all n rows */
par_err par_store_put_whole(par_store *s, const par_store_var *var, int64_t n, const void *data);
/* collective, same declaration on every rank | the same by elements: this rank brings [first, first + n)
 * of the whole array in row-major order, whatever its shape */
par_err par_store_put_elements(
    par_store *s, const par_store_var *var, int64_t first, int64_t n, const void *data);
/* collective, same text on every rank | per-entry text beside a dimension (names, categories):
 * chars is n * width NUL-padded bytes */
par_err par_store_put_text(par_store *s, const char *name, const char *dim, int64_t n, int width,
    const char *chars, const char *long_name);

/* collective, same values on every rank | attributes of a variable, or of the file when var is NULL
 */
par_err par_store_attr_text(par_store *s, const char *var, const char *name, const char *value);
par_err par_store_attr_int(par_store *s, const char *var, const char *name, int64_t value);
par_err par_store_attr_real(par_store *s, const char *var, const char *name, double value);
/* collective | the n values 0, 1, 2 ... of an i16 variable mean these words, one blank between them (CF
 * section 3.5) */
par_err par_store_attr_flags(par_store *s, const char *var, const char *meanings, int n);

/* collective | close, sync, rename into place and free s; mine carries this rank's own state, so
 * par_store_publish(s, e) publishes only when every rank is well. */
par_err par_store_publish(par_store *s, par_err mine);
/* collective | give up the file: nothing appears under the final name; frees s (NULL is fine) */
void par_store_discard(par_store *s);

/* collective | check and open an existing result for reading; format must match and version must
 * not be newer. Owned by the caller. fails: PAR_E_INPUT, PAR_E_DATA, PAR_E_CHECKER */
par_err par_store_open(
    par_store **out, const par_world *w, const char *path, const char *format, int version);
void par_store_close(par_store *s);

/* local | the file's path as messages name it; borrowed */
const char *par_store_path(const par_store *s);
/* local | extent of a dimension, -1 when absent; whether a variable exists */
int64_t par_store_extent(const par_store *s, const char *dim);
bool par_store_has(const par_store *s, const char *var);
/* local | how many dimensions a variable has, their extents in extent[]; -1 when absent */
int par_store_shape(const par_store *s, const char *var, int64_t extent[PAR_STORE_RANK]);
/* local | its par_dtype, -1 when absent or of a type that results do not have */
int par_store_type(const par_store *s, const char *var);

/* collective | rows [first, first + rows) of a variable (or scale) as type, which must be the
 * stored one; ranks may ask for different, overlapping or no rows. Verifies the checksums of every
 * block it touches. want names the dimensions the caller expects (NULL-ended), checked too. fails:
 * PAR_E_DATA naming FILE:/var[row] */
par_err par_store_get(par_store *s, const char *var, par_dtype type, const char *const *want,
    int64_t first, int64_t rows, void *out);
/* collective | the same by elements of the whole array in row-major order, whatever its shape, of a
 * variable that is not in chunks */
par_err par_store_get_elements(
    par_store *s, const char *var, par_dtype type, int64_t first, int64_t n, void *out);
/* local | rows as par_store_get has them, with the same checks but no agreement, of a variable that
 * is not in chunks: for a thread that reads ahead. edge: PAR_STORE_EDGE bytes of scratch.
 * fails: PAR_E_DATA, PAR_E_IO */
#define PAR_STORE_EDGE ((size_t)1 << 20)
par_err par_store_read(const par_store *s, const char *var, par_dtype type, int64_t first,
    int64_t rows, void *out, void *edge);
/* collective | read every variable's bytes, a share a rank, and verify their sums
 * fails: PAR_E_DATA naming FILE:/var[row] */
par_err par_store_verify(par_store *s);
/* collective | a whole text variable or scale on every rank: n * (width + 1) malloc'd bytes, each
 * entry NUL-terminated; owned by the caller */
par_err par_store_get_text(par_store *s, const char *var, char **out, int64_t *n, int *stride);

/* collective | attributes; text is malloc'd and owned by the caller. var NULL: the file's.
 * fails: PAR_E_DATA when absent or of another type */
par_err par_store_get_attr_text(par_store *s, const char *var, const char *name, char **out);
par_err par_store_get_attr_int(par_store *s, const char *var, const char *name, int64_t *out);

#endif
