/* LP words: a text in LP format cut into words, numbers and signs. */
#ifndef APPS_PLAN_LP_LP_WORDS_H
#define APPS_PLAN_LP_LP_WORDS_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* where a message points: PLACE in the format, AT_WORD(words) among the arguments */
#define PLACE "%s:%lld:%d: "
#define AT_WORD(w) (w)->file, (long long)(w)->number, (int)((w)->s - (w)->line + 1)

typedef enum {
	WORD_END, /* of the text */
	WORD_NAME,
	WORD_NUMBER,
	WORD_PLUS,
	WORD_MINUS,
	WORD_COLON,
	WORD_LESS, /* <, <= or =< */
	WORD_MORE,
	WORD_EQUAL
} word_kind;

/* what a name at the beginning of a line begins */
typedef enum {
	PART_NONE,
	PART_MINIMIZE,
	PART_MAXIMIZE,
	PART_ROWS,
	PART_BOUNDS,
	PART_GENERAL,
	PART_BINARY,
	PART_END,
	PART_OTHER /* known to CPLEX, refused here */
} part;

typedef struct {
	const char *file;
	const char *at, *end; /* what is still to be read */
	const char *line;     /* where the word's line begins, ... */
	int64_t number;       /* ... its number from 1 */
	word_kind kind;
	const char *s; /* the word */
	size_t n;
	double value;     /* of a number */
	bool begins_line; /* nothing stands before it in its line */
	bool label;       /* a name with a colon after it */
	part part;        /* PART_NONE unless it begins a part */
} lp_words;

/* local | the next word. fails: PAR_E_DATA on a character or number that cannot be */
par_err lp_next(lp_words *w);
/* local, pure | the word as a message shows it */
const char *lp_shown(const lp_words *w);
/* local, pure | a name equal to word in any case */
bool lp_word_is(const lp_words *w, const char *word);

#endif
