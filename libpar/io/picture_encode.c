#include "io/picture.h"

#include <png.h>
#include <stdlib.h>
#include <string.h>

par_err par_picture_encode(const unsigned char *pixels, int height, int width, int channels,
    unsigned char **out, size_t *n)
{
	png_image image;
	memset(&image, 0, sizeof image);
	image.version = PNG_IMAGE_VERSION;
	image.width = (png_uint_32)width;
	image.height = (png_uint_32)height;
	image.format = channels == 1 ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB;
	*n = PNG_IMAGE_PNG_SIZE_MAX(image);
	*out = malloc(*n);
	if (*out && png_image_write_to_memory(&image, *out, n, 0, pixels, 0, NULL))
		return PAR_OK;
	free(*out);
	*out = NULL;
	return par_fail(PAR_E_MEMORY, "no memory for a picture of %d x %d", height, width);
}
