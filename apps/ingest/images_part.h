/* The parts behind ingest/images.h: one source of pictures a file. */
#ifndef APPS_INGEST_IMAGES_PART_H
#define APPS_INGEST_IMAGES_PART_H

#include "base/dict.h"
#include "comm/blocks.h"
#include "ingest/images.h"

#define IMAGES_BLOCK 64 /* pictures a block: what one rank decodes in a row */

/* collective | pictures of an IDX file and its companions; of a folder; of an index CSV */
par_err images_from_idx(app *a, images *im, const char *path);
par_err images_from_folder(app *a, images *im, const char *path);
par_err images_from_index(app *a, images *im, const char *path);

/* local | my run of items, every one without category and with the split its number gives it;
 * fails: PAR_E_MEMORY */
par_err images_deal(const app *a, images *im, par_blocks *b, int64_t items);
/* local | room for the pixels, once their size is known. fails: PAR_E_MEMORY, PAR_E_DATA when an array
 * of so many bytes cannot be */
par_err images_room(images *im, int height, int width, int channels);
static inline size_t images_bytes(const images *im)
{
	return (size_t)im->height * (size_t)im->width * (size_t)im->channels;
}

/* collective | the pixels of items that were dealt: item i from folder/file[i] */
par_err images_from_files(
    app *a, images *im, const par_blocks *b, const char *folder, const char *const *file);

/* What a folder holds or an index says. Every rank knows the whole list and then decodes its own run
 * of it. */
#define IMAGE_SPLIT_BY_NUMBER 255

typedef struct {
	int64_t items, room;
	const char **file; /* relative paths, borrowed */
	int32_t *category; /* number in names, or -1 */
	uint8_t *split;    /* or IMAGE_SPLIT_BY_NUMBER */
	par_dict names;
} images_list;

/* local | an empty list with room for so many; one more entry, its category n bytes long or none */
par_err images_list_room(images_list *l, int64_t room);
par_err images_list_add(
    images_list *l, const char *file, const char *category, size_t n, uint8_t split);
void images_list_drop(images_list *l);
/* collective, same list on every rank | read its pictures; source is what messages call the list */
par_err images_list_read(
    images_list *l, app *a, images *im, const char *folder, const char *source);

/* local, same on every rank | the categories, n names of 1 to 64 bytes; source is for messages */
par_err images_name(images *im, const char *source, const char *const *names, int64_t n);

#endif
