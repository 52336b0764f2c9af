/* File: opening plain files, whole reads and writes at an offset, with the errno's text in the story. */
#ifndef PAR_IO_FILE_H
#define PAR_IO_FILE_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

/* local | open a plain file to read, and tell its size. Whatever stands at path, this does not wait: a
 * pipe that nobody writes to, a device or a folder is refused. *fd is the caller's to close, -1 after
 * a failure. fails: PAR_E_INPUT */
par_err par_file_open(const char *path, int *fd, int64_t *bytes);

/* local | write or read exactly n bytes at offset; path is for messages, shown as a user knows it
 * fails: PAR_E_IO; reading also PAR_E_DATA when the file ends early */
par_err par_file_write(int fd, const void *data, size_t n, int64_t offset, const char *path);
par_err par_file_read(int fd, void *data, size_t n, int64_t offset, const char *path);

#endif
