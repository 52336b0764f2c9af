/* The two decoders behind io/picture.h, one file each, since libpng and libjpeg report trouble by
 * jumping out of their caller and that must not reach further than a file. */
#ifndef PAR_IO_PICTURE_CODEC_H
#define PAR_IO_PICTURE_CODEC_H

#include "io/picture.h"

#include <stdint.h>

/* local | allocate the pixels of a checked size; name is for messages. fails: PAR_E_DATA for a size
 * out of bounds, PAR_E_MEMORY */
par_err par_picture_make(
    par_picture *p, const char *name, int64_t height, int64_t width, int channels);

/* local | decode bytes known to begin as such a file; p arrives empty and is dropped by the caller
 * when this fails */
par_err par_png_decode(par_picture *p, const char *name, const unsigned char *bytes, size_t n);
par_err par_jpeg_decode(par_picture *p, const char *name, const unsigned char *bytes, size_t n);

#endif
