/* Words: what planners say will be sold, as catalog.h5 keeps it, each of a series, a SKU, a market or
 * everything in one period. Few beside the series, so all of them stand on every rank. */
#ifndef APPS_FORECAST_PLANNERS_WORDS_H
#define APPS_FORECAST_PLANNERS_WORDS_H

#include "common/catalog.h"

typedef struct {
	int64_t n;
	/* owned, [n] ascending by time, sku and market; sku and market are -1 for all of them */
	int32_t *sku, *market;
	int64_t *time, *period; /* period 0 is the catalog's first */
	float *units;
	char *reason, *author; /* each NUL-terminated in its stride */
	int reason_stride, author_stride;
} word_list;

/* collective | the catalog's words; n is 0 without any. words_drop releases them, also after a failure
 * fails: PAR_E_MEMORY, as io/store.h; PAR_E_DATA when they are not what entrepot-ingest writes */
par_err words_read(word_list *w, const catalog *of);
void words_drop(word_list *w);

/* local | the end of the words from lo on that speak of one period */
int64_t words_end(const word_list *w, int64_t lo);
/* who a word is about, from the narrowest on */
enum { WORDS_SERIES, WORDS_SKU, WORDS_MARKET, WORDS_ALL, WORDS_KINDS };
/* local | the word of a kind that covers a series among words [lo, hi) of one period; -1: none */
int64_t words_find(
    const word_list *w, int64_t lo, int64_t hi, int kind, int32_t sku, int32_t market);
/* local | the kind of a word */
int words_kind(const word_list *w, int64_t word);

#endif
