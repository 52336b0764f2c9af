/* Check: a small program looks at an HDF5 file first, with little memory, little time and no right
 * to write, so that a hostile file meets it and not the job. */
#ifndef PAR_IO_STORE_CHECK_H
#define PAR_IO_STORE_CHECK_H

#include "base/err.h"

#include <stddef.h>

/* The checker is entrepot-h5check, found beside the running program or in ../bin. */
#define PAR_STORE_CHECKER "entrepot-h5check"

/* local, one rank | what the file's attribute "format" says goes to format[size]
 * fails: PAR_E_INPUT (cannot be opened), PAR_E_DATA (refused: FILE:/object: what), PAR_E_CHECKER
 * (the checker died of it), PAR_E_PACKAGE (no checker) */
par_err store_check_file(const char *path, char *format, size_t size);

#endif
