/* Planners: their words beside what the models say.
 *
 * Words on steps ahead adjust the means (planners/obey.h), which stay as they are beside. Words on periods whose
 * forecasts from past origins are kept are judged: their value added is by how much they erred less than
 * the forecast of their cells. What was sold is known where every series of a word was seen in that period that was seen
 * before and since. */
#ifndef APPS_FORECAST_PLANNERS_H
#define APPS_FORECAST_PLANNERS_H

#include "forecast/panel.h"
#include "forecast/planners/words.h"
#include "forecast/results.h"

typedef struct {
	word_list words; /* owned */
	float *adjusted; /* owned: [rows][horizon]; NULL: no word is on a step ahead */
	double *model, *actual,
	    *held; /* owned: [words] of a word's cells, NaN where unknown; after all words */
} planners;

/* collective, when every series has its forecast and its past ones | read the catalog's words, adjust and
 * judge; words that cannot hold are named in warnings. planners_drop releases it, also after a failure
 * fails: as words_read, PAR_E_MEMORY */
par_err planners_make(planners *o, const app *a, const panel *p, const results *r);
void planners_drop(planners *o);

/* collective | dimension override and what is known of each, and adjusted, where there are words
 * fails: as io/store.h */
par_err planners_put(const planners *o, par_store *s, const panel *p, const results *r);

/* rank 0 logs how many words there are and what they were worth, and the report takes it as overrides: words,
 * ahead, judged, helped, saved, and the last three by author and by night: of each period whose words were judged */
void planners_tell(const planners *o, app *a, const panel *p, const results *r);

/* local | the units that a word erred less than the models by; NaN where that is unknown */
double planners_value(const planners *o, int64_t word);

/* local | bytes on a rank that holds so many rows */
double planners_bytes(const panel *p, int horizon, double rows);

#endif
