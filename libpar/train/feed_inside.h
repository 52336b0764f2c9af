/* The inside of a feed: arrays in memory by feed.c, streams by feed_stream.c. */
#ifndef PAR_TRAIN_FEED_INSIDE_H
#define PAR_TRAIN_FEED_INSIDE_H

#include "comm/shared.h"
#include "train/feed.h"

typedef struct par_stream par_stream;

struct par_feed {
	const par_world *world; /* borrowed */
	par_sampler order;
	int fields;
	par_field field[PAR_FIELDS];
	size_t row_bytes[PAR_FIELDS];
	size_t at[PAR_FIELDS]; /* of a field, in the window or in each half of a stream's */
	par_shared held;       /* once a node; nothing of a made feed */
	par_stream *stream;    /* NULL: arrays in memory, or made */
	par_feed_fn make;      /* NULL: not made */
	void *make_ctx;
};

/* local | places of the fields for n samples, one behind the other; returns the bytes of all */
size_t par_feed_place(par_feed *f, int64_t n);

/* collective | a stream of the store's variables begins. fails: PAR_E_CONFIG, PAR_E_MEMORY */
par_err par_stream_open(par_stream **out, par_feed *f, par_store *s);
void par_stream_close(par_stream *t);
/* collective | the pools that a step needs stand; the next one is being read */
par_err par_stream_ready(par_stream *t, int64_t step);
/* local | where the i-th sample of a step stands: a field is at[k] + number x row_bytes[k] behind */
const char *par_stream_at(const par_stream *t, int64_t step, int64_t i, int64_t *number);

#endif
