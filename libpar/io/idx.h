/* IDX: arrays as the MNIST files have them, plain or packed by gzip.
 *
 * Two zero bytes, a type, the number of dimensions, the dimensions as big-endian 32-bit numbers,
 * then the elements with the last dimension running fastest. What the header promises is held
 * against what the file can hold before anything is allocated: a plain file by its size, a packed
 * one by deflate's largest ratio. Offsets in messages (FILE@17) count unpacked bytes from 0. */
#ifndef PAR_IO_IDX_H
#define PAR_IO_IDX_H

#include "base/dtype.h"
#include "base/err.h"

#include <stdint.h>

#define PAR_IDX_DIMS 4

typedef struct {
	par_dtype type;
	int dims;                  /* 1 to PAR_IDX_DIMS */
	int64_t dim[PAR_IDX_DIMS]; /* the first counts rows; dimensions beyond dims are 1 */
	size_t header, row_bytes;  /* bytes before row 0 and of each row */
} par_idx;

#define PAR_IDX_SIZE_UNKNOWN INT64_MAX
#define PAR_IDX_HEADER_BYTES (4 + 4 * PAR_IDX_DIMS)

/* local, pure | understand the header of an array of file_bytes bytes that begins with bytes[n],
 * where n is at least PAR_IDX_HEADER_BYTES or the whole file; file_bytes may be
 * PAR_IDX_SIZE_UNKNOWN. name is what messages call it. fails: PAR_E_DATA */
par_err par_idx_parse(
    par_idx *x, const char *name, const unsigned char *bytes, size_t n, int64_t file_bytes);

/* local | the header of a file. fails: PAR_E_INPUT when it cannot be opened, else as par_idx_parse
 */
par_err par_idx_open(par_idx *x, const char *path);

/* local | rows [first, first + rows) into out, rows * row_bytes bytes; elements keep the file's
 * byte order. Reading the last row also proves that a packed file ends there and passes its
 * checksum. fails: PAR_E_DATA when the file ends early or late, PAR_E_IO */
par_err par_idx_read(
    const par_idx *x, const char *path, int64_t first, int64_t rows, unsigned char *out);

#endif
