/* Samples: what a file brings to train on, to be judged by or to answer.
 *
 * Every rank holds a contiguous run of them, in the order of the file, until they are dealt to steps
 * (train/deal.h). A sample is one array x, pictures as bytes, numbers as floats or words as their
 * numbers, and its truth: a class or a number. */
#ifndef APPS_TRAIN_SAMPLES_H
#define APPS_TRAIN_SAMPLES_H

#include "common/app.h"
#include "train/feed.h"
#include "train/names.h"

enum { SPLIT_TRAIN, SPLIT_VALIDATION, SPLIT_TEST, SPLITS, SPLIT_NONE = SPLITS };

typedef enum {
	TRUTH_CLASS, /* truth as int32: a place among the classes, -1 unknown */
	TRUTH_NUMBER /* truth as float */
} truth_kind;

/* What is learned of the training samples and must be the same when a model answers. */
typedef struct {
	bool known; /* came with a model, else is to be learned */
	truth_kind truth;
	names classes;    /* owned; classes only */
	names vocabulary; /* owned; text only: word i has the number i + 1 (train/words.h) */
	int inputs;       /* numbers only: columns, each x is (x - mean) / deviation */
	double *mean, *deviation; /* owned; NULL when they are taken as they are */
} coding;

typedef struct {
	const char *path;       /* borrowed, for messages */
	int64_t n, first, here; /* of all, mine begin at first */
	truth_kind kind;
	par_field field;             /* shape and type of a sample's x */
	void *x;                     /* owned: here samples */
	void *truth;                 /* owned: here of 4 bytes; NULL when the file has none */
	uint8_t *split;              /* owned: here */
	int64_t split_n[SPLITS + 1]; /* of all */
} samples;

/* how a file is to be understood: [train] of the program, or of the model that answers */
typedef struct {
	const par_conf *conf;
	truth_kind truth;
	bool truths; /* samples must have truths */
	bool split;  /* parted by what the file says or by number; else all are test samples */
} reading;

/* collective | read a catalog in HDF5, an IDX pair or a CSV table, told by its beginning; the coding is
 * learned unless it is known. Dropped by the caller, also after a failure.
 * fails: PAR_E_INPUT, PAR_E_DATA naming the place, PAR_E_CONFIG, PAR_E_MEMORY */
par_err samples_read(samples *s, app *a, const char *path, const reading *how, coding *c);
void samples_drop(samples *s);
void coding_drop(coding *c);

/* the parts behind samples_read: one kind of file a file */
par_err samples_from_table(samples *s, app *a, const reading *how, coding *c);
par_err samples_from_idx(samples *s, app *a, const reading *how, coding *c);
par_err samples_from_catalog(samples *s, app *a, const reading *how, coding *c);

/* local | room for s->here samples, all of split train or test. fails: PAR_E_MEMORY */
par_err samples_room(samples *s, const reading *how, bool truths);
/* local | bytes of one x */
size_t samples_bytes(const samples *s);

#endif
