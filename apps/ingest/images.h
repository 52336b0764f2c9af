/* Images: the picture catalog, from one of
 *
 * - an IDX pair as MNIST has it: train-images-idx3-ubyte with train-labels-idx1-ubyte beside it
 *   (plain or .gz); t10k-... of the same form beside them are the test split;
 * - a folder: one folder a category of PNG or JPEG files, in bytewise order of their paths;
 * pictures that stand in the folder itself have no category;
 * - an index CSV (or a folder with index.csv): columns file, category, split; paths are relative to
 *   the index, category may be empty, split is train, validation, test or empty; in its row order.
 *
 * Unless the source says otherwise a picture's split follows from its number alone: of every
 * ingest.image_validation training pictures about one, by a hash of the number, is for validation.
 * Every rank decodes its own run of pictures. All are brought to ingest.image_size when it is set
 * and must agree in size when it is not; one picture in colour makes all of them colour. */
#ifndef APPS_INGEST_IMAGES_H
#define APPS_INGEST_IMAGES_H

#include "common/app.h"
#include "io/store.h"

#include <stdint.h>

enum { IMAGE_TRAIN, IMAGE_VALIDATION, IMAGE_TEST };

typedef struct {
	int64_t items, items_here, first_here;
	int height, width, channels;
	unsigned char *pixels; /* owned: [items_here, height, width, channels] */
	int32_t *category;     /* owned: [items_here], -1 without one */
	uint8_t *split;        /* owned: [items_here] */
	int64_t categories;
	int name_width;
	char *names; /* owned: [categories, name_width], NUL-padded, equal on every rank */
} images;

/* collective | read what ingest.images names, or an empty catalog when it is not set
 * fails: PAR_E_INPUT, PAR_E_DATA naming the file, PAR_E_CONFIG, PAR_E_MEMORY */
par_err images_read(app *a, images *im);

/* collective | the dimensions item, category, height, width, channel and the variables images,
 * image_category and image_split; nothing when there are no pictures and no categories */
par_err images_put(const images *im, par_store *s);

void images_drop(images *im);

#endif
