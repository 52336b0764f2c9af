/* Pictures: PNG and JPEG decoded to bytes [height, width, channel], and bytes encoded as PNG.
 *
 * Grey pictures have one channel, all others three (sRGB values as stored; profiles, gamma and
 * camera orientation are not applied). Transparent pixels are laid on white. A picture that is
 * damaged in any way is refused by name: half a garment must not train a model. Sizes are bounded
 * before anything is allocated, so a small file cannot unpack into all of memory. */
#ifndef PAR_IO_PICTURE_H
#define PAR_IO_PICTURE_H

#include "base/err.h"

#include <stddef.h>

#define PAR_PICTURE_SIDE 16384            /* pixels a side, at most */
#define PAR_PICTURE_PIXELS (32 << 20)     /* pixels a picture, at most */
#define PAR_PICTURE_FILE_BYTES (64 << 20) /* bytes a file, at most */

typedef struct {
	int height, width, channels; /* channels 1 or 3 */
	unsigned char *pixels;       /* owned; drop with par_picture_drop */
} par_picture;

/* local, pure | decode n bytes of a PNG or JPEG file, told apart by their first bytes; name is what
 * messages call it. fails: PAR_E_DATA, PAR_E_MEMORY; p then owns nothing */
par_err par_picture_decode(par_picture *p, const char *name, const unsigned char *bytes, size_t n);
/* local | the same for a file. fails: PAR_E_INPUT when it cannot be opened, PAR_E_IO, else as
 * decode */
par_err par_picture_read(par_picture *p, const char *path);
void par_picture_drop(par_picture *p);

/* local | change the size by area averaging: a new pixel is the mean of the old ones under it, each
 * by its covered share, in whole numbers and rounded half up. fails: PAR_E_MEMORY */
par_err par_picture_resize(par_picture *p, int height, int width);
/* local | grey becomes colour of three equal channels; colour stays. fails: PAR_E_MEMORY */
par_err par_picture_colour(par_picture *p);

/* local | pixels [height][width][channels], channels 1 or 3, as the bytes of a PNG file, the same for the same pixels;
 * *out is owned by the caller, *n its length. fails: PAR_E_MEMORY */
par_err par_picture_encode(const unsigned char *pixels, int height, int width, int channels,
    unsigned char **out, size_t *n);

#endif
