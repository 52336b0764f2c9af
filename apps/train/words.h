/* Words: text as a model reads it. A word is a run of letters and digits (bytes from 0x80 on count as
 * letters, so that UTF-8 stays whole), with apostrophes between them; A to Z become a to z. */
#ifndef APPS_TRAIN_WORDS_H
#define APPS_TRAIN_WORDS_H

#include "train/names.h"

#include <stddef.h>

enum {
	WORDS_NONE = -1, /* where a text has ended: no word (an embedding gives zeros) */
	WORDS_RARE = 0,  /* a word that is not in the vocabulary; its words count from 1 */
};

/* local | the next word of s[0..n) from *at on into out, cut to at most NAMES_BYTES; its length, 0 at the end */
size_t words_next(const char *s, size_t n, size_t *at, char out[NAMES_BYTES + 16]);

/* local | out[length]: the first words of a text as numbers, at the right end: a recurrent layer then
 * ends with the last word */
void words_number(const names *vocabulary, const char *s, size_t n, int length, int32_t *out);

#endif
