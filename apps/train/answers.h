/* Answers: what a network says to every sample of a feed, in the feed's order, whatever the number of
 * ranks: each rank ends up with a contiguous run of them. */
#ifndef APPS_TRAIN_ANSWERS_H
#define APPS_TRAIN_ANSWERS_H

#include "train/feed.h"
#include "train/network.h"

typedef struct {
	int64_t n, first, here;
	int64_t outputs;
	bool judged;   /* the feed has truths */
	float *answer; /* owned: here x outputs */
	float *each;   /* owned: here; the loss, when judged */
	char *truth;   /* owned: here of 4 bytes as the graph takes them, when judged */
} answers;

/* collective | run the network over the feed, which is not shuffled; dropped by the caller, also after a
 * failure. fails: PAR_E_MEMORY, as par_feed_fill */
par_err answers_make(answers *x, app *a, network *n, par_feed *feed);
void answers_drop(answers *x);

#endif
