/* Catalog: what an HDF5 file that passed the checker holds, read by one rank. Private to the store.
 */
#ifndef PAR_IO_STORE_CATALOG_H
#define PAR_IO_STORE_CATALOG_H

#include "io/store_file.h"

/* local | open s->fd, and no other file, through HDF5: s->h5 */
par_err store_catalog_open(par_store *s);
/* local, after it | list the variables, and verify the sum of all bytes that belong to none of them
 * (when the file has one: chunked files of others have their own sums) */
par_err store_catalog_read(par_store *s);
/* local | rows of a foreign variable, converted to its own type here, through HDF5 */
par_err store_catalog_rows(
    par_store *s, const store_var *v, int64_t first, int64_t rows, void *out);
/* local | an attribute: text (malloc'd), or one whole number */
par_err store_catalog_text(par_store *s, const char *var, const char *name, char **out);
par_err store_catalog_int(par_store *s, const char *var, const char *name, int64_t *out);

#endif
