/* Gallery: the pictures of a catalog, once a node, and what each is of.
 *
 * Pictures are cells [height][width][channel] of bytes; networks see them from -1 (byte 0) to 1. A picture belongs to
 * one split, and to one category or to none: those are to be tagged. */
#ifndef APPS_COMMON_GALLERY_H
#define APPS_COMMON_GALLERY_H

#include "comm/shared.h"
#include "common/app.h"

enum { GALLERY_TRAIN, GALLERY_VALIDATION, GALLERY_TEST, GALLERY_SPLITS };

typedef struct {
	const char *path;                       /* borrowed */
	int64_t height, width, channels, bytes; /* of a picture */
	int64_t pictures, categories;
	char *category; /* owned: names, each NUL-terminated in its stride, ascending */
	int stride;
	int32_t *in_catalog; /* owned: [categories] place in the catalog */
	int32_t *label;      /* owned: [pictures] place in category, -1 none */
	uint8_t *split;      /* owned: [pictures] */
	/* pictures of a split by category, those of none last: of category c items[first[c]] to items[first[c + 1] - 1] */
	int64_t *first[GALLERY_SPLITS]; /* owned: [categories + 2] */
	int64_t *items[GALLERY_SPLITS]; /* owned */
	par_shared shared;              /* the node's memory: [pictures][bytes] */
} gallery;

/* collective | the pictures of catalog.h5; gallery_close releases them, also after a failure.
 * fails: as par_store_open; PAR_E_DATA where there are no pictures, or naming FILE:/image_category[i]; PAR_E_MEMORY */
par_err gallery_open(gallery *g, const par_world *w, const char *path);
void gallery_close(gallery *g);

/* local | the cells of a picture as bytes, and as numbers: out[bytes] */
const uint8_t *gallery_cells(const gallery *g, int64_t picture);
void gallery_picture(const gallery *g, int64_t picture, float *out);
/* local | bytes to numbers, and back to the nearest bytes; beyond -1 and 1 they are cut */
void gallery_floats(int64_t n, const uint8_t *cell, float *out);
void gallery_bytes(int64_t n, const float *x, uint8_t *out);
/* local | how many of a category (`categories`: of none) a split has, and the i-th of them */
int64_t gallery_count(const gallery *g, int split, int64_t category);
int64_t gallery_item(const gallery *g, int split, int64_t category, int64_t i);
const char *gallery_name(const gallery *g, int64_t category);

#endif
