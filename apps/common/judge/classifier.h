/* Classifier: which category a picture is of.
 *
 * Convolutions with max pools until the map is small, a dense layer whose numbers before its ReLU are the picture's features,
 * and one score a category. The same network judges likeness (its features), tells whether made pictures show what they should,
 * and tags pictures of no category. */
#ifndef APPS_COMMON_JUDGE_CLASSIFIER_H
#define APPS_COMMON_JUDGE_CLASSIFIER_H

#include "grad/layers.h"
#include "train/feed.h"
#include "train/optimizer.h"

#define CLASSIFIER_FEATURES 128

enum { CLASSIFIER_PICTURE, CLASSIFIER_LABEL, CLASSIFIER_FIELDS };

typedef struct {
	const par_world *world; /* borrowed */
	int64_t batch;
	uint64_t seed;
	int64_t height, width, channels, categories;
	double dropout;   /* of features, while training */
	double smoothing; /* of the target (Szegedy et al. 2016) */
	/* what sees a picture [height, width, channels] in place of convolutions of its own, [CLASSIFIER_FEATURES] after their
	 * activation; NULL: its own */
	par_value (*see)(void *ctx, par_graph *g, par_value picture);
	void *ctx;
} classifier_spec;

typedef struct {
	classifier_spec spec;
	par_graph *graph;
	par_value input[CLASSIFIER_FIELDS];
	par_field field[CLASSIFIER_FIELDS];
	par_value feature, score;
	int learn, answer; /* passes */
	par_optimizer *optimizer;
} classifier;

/* collective | planned, with first weights; classifier_close releases it, also after a failure. fails: PAR_E_MEMORY */
par_err classifier_open(classifier *c, const classifier_spec *spec);
void classifier_close(classifier *c);

/* what a sample of training is: field[CLASSIFIER_PICTURE] floats, field[CLASSIFIER_LABEL] one I32 */
typedef struct {
	int64_t steps;
	double rate; /* the highest: it falls as a cosine to 0 (Loshchilov and Hutter 2017) */
	par_feed_fn make;
	void *ctx;
} classifier_lesson;
/* collective | by Adam (Kingma and Ba 2015). fails: as par_feed_made */
par_err classifier_train(classifier *c, const classifier_lesson *l);

/* collective | answers to n pictures, picture i from make(ctx, i, ...), whole on every rank: features[n][CLASSIFIER_FEATURES]
 * and scores[n][categories], either of which may be NULL. fails: PAR_E_MEMORY */
par_err classifier_ask(
    classifier *c, int64_t n, par_feed_fn make, void *ctx, float *features, float *scores);

#endif
