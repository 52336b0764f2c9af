/* Loss: what a model is trained for, and what its output then means.
 *
 * The line `loss = KIND ARGUMENTS` of [model] decides whether samples have a class or a number, how the
 * last layer's output becomes an answer, and what is measured. */
#ifndef APPS_TRAIN_LOSS_H
#define APPS_TRAIN_LOSS_H

#include "common/app.h"
#include "train/sentence.h"

enum { LOSS_LEVELS = SENTENCE_WORDS };

/* what an answer is made of the last layer's output */
typedef enum {
	ANSWER_SHARES,    /* a probability for each class, their softmax */
	ANSWER_SCORES,    /* a score for each class; the largest is the answer */
	ANSWER_SHARE,     /* of two classes: the probability of the second, a sigmoid */
	ANSWER_SCORE,     /* of two classes: the second where positive */
	ANSWER_NUMBER,    /* the number itself */
	ANSWER_LOGARITHM, /* its logarithm */
	ANSWER_QUANTILES, /* one number for each level */
} answer_kind;

typedef struct {
	sentence said;
	int kind;                  /* place in the table of losses */
	answer_kind answer;        /* settled with the outputs by loss_build */
	bool classes;              /* samples have a class, else a number */
	int64_t outputs;           /* of the last layer */
	int levels;                /* pinball: how many ... */
	double level[LOSS_LEVELS]; /* ... and which quantiles, ascending */
} loss;

/* local | understand conf's line loss. fails: PAR_E_CONFIG with its place */
par_err loss_read(loss *l, const par_conf *conf);

/* local | the values of a graph whose last layer is output; classes is how many there are.
 *   truth    an input of one element a sample: I32, or F32 where loss_truth says so
 *   each     the loss of each sample     answer   the output as an answer
 * fails: PAR_E_CONFIG when the output does not have the loss's shape */
typedef struct {
	par_value truth, each, answer;
} loss_values;
par_err loss_build(loss *l, par_graph *g, par_value output, int64_t classes, loss_values *v);

/* local | the class that an answer of `outputs` numbers names, and its value as a number (the median or
 * the level nearest to it) */
int32_t loss_class(const loss *l, const float *answer);
double loss_number(const loss *l, const float *answer);
/* local | the class of a truth as the graph takes it */
int32_t loss_truth_class(const loss *l, const void *truth);
/* local | an answer against its truth as the graph takes it: 1 or 0 for right or wrong, and the share of the
 * true class (0 where there are scores); or squared and absolute error */
void loss_measure(
    const loss *l, const float *answer, const void *truth, double *first, double *second);

#endif
