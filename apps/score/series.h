/* Series: the rows of all series, each rank measuring its own run of them. */
#ifndef APPS_SCORE_SERIES_H
#define APPS_SCORE_SERIES_H

#include "comm/blocks.h"
#include "score/input.h"
#include "score/item.h"

#define SERIES_BLOCK 64

typedef struct {
	par_blocks blocks; /* which series are mine */
	double *rows;      /* owned: [hi - lo][item_width] */
	double *value;     /* owned: sales value of every series, on every rank */
} series_scores;

/* collective | measure every series; the value is units times price over the last `periods` periods
 * of the history, a missing price being the last one known before it. fails: as io/store.h,
 * PAR_E_MEMORY */
par_err series_measure(
    series_scores *scores, const input *in, const item_rules *r, int64_t periods);
void series_free(series_scores *scores);

#endif
