/* Rhythm: how far the network looks back, by how often the catalog counts. */
#ifndef APPS_FORECAST_RHYTHM_H
#define APPS_FORECAST_RHYTHM_H

#include "base/period.h"

#include <stdbool.h>

#define RHYTHM_SPANS 5

typedef struct {
	int look_back;          /* last periods that are seen one by one */
	int span[RHYTHM_SPANS]; /* ascending; of each the mean is seen */
	int recent, longer;     /* places in span of those that make the scale of a series */
	int season;             /* periods of the short season, 1: none */
	int cycles[2];          /* so many last seasons make the two seasonal means */
	int year; /* periods after which the year looks alike, a whole number of seasons; 0: none */
} rhythm;

/* local | false where there is too little in a year to learn from (quarters, years) */
bool rhythm_of(rhythm *r, par_frequency f);

#endif
