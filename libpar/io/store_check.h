/* Check: a small program looks at an HDF5 file first, with little memory, little time and no right
 * to write, so that a hostile file meets it and not the job. It gets the open file and not its name:
 * what was checked is what will be read, whatever is put in its place meanwhile. */
#ifndef PAR_IO_STORE_CHECK_H
#define PAR_IO_STORE_CHECK_H

#include "base/err.h"

#include <stddef.h>

/* The checker is entrepot-h5check, found beside the running program or in ../bin. */
#define PAR_STORE_CHECKER "entrepot-h5check"

/* local, one rank | check the open file fd, which messages call path; what its attribute "format" says
 * goes to format[size]. fails: PAR_E_DATA (refused: FILE:/object: what), PAR_E_CHECKER (the checker
 * died of it, or was ended after 20 s), PAR_E_PACKAGE (no checker), PAR_E_MEMORY, PAR_E_INPUT (path
 * is another file by now) */
par_err store_check_file(int fd, const char *path, char *format, size_t size);

/* local | e, unless path names another file than fd by now: then PAR_E_INPUT. HDF5 cannot open a file
 * that lost its name, which says nothing against the file. */
par_err store_blame(par_err e, int fd, const char *path);
/* local | PAR_E_INPUT: another file took the name */
par_err store_replaced(const char *path);

/* local | a name for the open file fd that HDF5 can open, in this process */
#define STORE_FD_NAME 32
void store_fd_name(char out[STORE_FD_NAME], int fd);

#endif
