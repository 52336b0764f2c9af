/* Sentence: one line of [model] taken apart: NAME = KIND then numbers, words and settings.
 *
 *	conv1 = conv 32 3x3 stride 2 relu from picture
 *
 * A kind declares the positional arguments and the words it understands; everything else on the line
 * is refused with the line's place in the file and the nearest word that would have done. */
#ifndef APPS_TRAIN_SENTENCE_H
#define APPS_TRAIN_SENTENCE_H

#include "base/conf.h"
#include "grad/layers.h"

#include <stdbool.h>
#include <stdint.h>

enum { SENTENCE_WORDS = 32 };

/* what may follow a kind's positional arguments, as bits */
enum {
	SAYS_ACTIVATION = 1 << 0, /* relu, tanh ... */
	SAYS_NO_BIAS = 1 << 1,
	SAYS_SPECTRAL = 1 << 2,
	SAYS_SHARDED = 1 << 3,
	SAYS_FIRST = 1 << 4, /* first torch, he, glorot or zero */
	SAYS_STRIDE = 1 << 5,
	SAYS_PAD = 1 << 6,
	SAYS_SEQUENCE = 1 << 7,
	SAYS_ONE_BIAS = 1 << 8,
	SAYS_CAUSAL = 1 << 9,
	SAYS_MOMENTUM = 1 << 10,
	SAYS_EPS = 1 << 11,
	SAYS_SMOOTHING = 1 << 12,
	SAYS_DELTA = 1 << 13,
	SAYS_SCALE = 1 << 14,
	SAYS_FROM = 1 << 15,
};

typedef struct {
	par_conf_line line; /* borrowed */
	char text[4097];    /* the value, cut into words */
	const char *word[SENTENCE_WORDS];
	int words;

	int64_t count[SENTENCE_WORDS]; /* positional whole numbers, from 1 */
	double level[SENTENCE_WORDS];  /* positional reals */
	int counts, levels;
	const char *other; /* the name of another layer, as argument */
	const char *from;  /* ... and as source; NULL: the line before */
	par_act act;
	par_first first;
	bool no_bias, spectral, sharded, sequence, one_bias, causal;
	int64_t stride, pad;
	double momentum, eps, smoothing, delta, scale;
} sentence;

/* local | cut a line into words. fails: PAR_E_CONFIG when there are none or too many */
par_err sentence_cut(sentence *s, const par_conf_line *line);

/* local | understand the words after the kind: allowed are SAYS_ bits, form names the positional arguments, one letter each:
 *   n  a whole number from 1        k  a square window, 3x3 or 3
 *   r  a number from 0             p  a number from 0, below 1
 *   o  the name of another layer    a  an activation
 *   *  after a letter: one or more of it
 * fails: PAR_E_CONFIG naming the line's place, the word met and what was wanted */
par_err sentence_take(sentence *s, const char *form, unsigned allowed);

/* local | a failure about this line: "model.ini:7:9: conv1: ..." */
par_err sentence_fail(const sentence *s, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* local | word is none of n: names the nearest when there is one, else all of them */
par_err sentence_unknown(
    const sentence *s, const char *what, const char *word, const char *const *known, int n);

#endif
