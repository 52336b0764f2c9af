/* Cold start: what a series is answered of which nothing was observed, by what is known of it.
 *
 * It is taken for a series like its like: those of its department (category) in its market, else of its department
 * anywhere, else of its market, else all. Of models its mean and its quantiles are the means of theirs; the network sees
 * their mean history in place of its own, and its own price and promotions (net/expect.h). Quantiles are then those of
 * others that were answered like this (intervals/newcomers.h), where there are past origins. Where prices are known ahead, a
 * step before its first price is 0: it is not sold yet. */
#ifndef APPS_FORECAST_COLD_H
#define APPS_FORECAST_COLD_H

#include "forecast/areas.h"
#include "forecast/panel.h"
#include "forecast/results.h"

typedef enum { COLD_GROUP, COLD_AREA, COLD_MARKET, COLD_ALL, COLD_RUNGS } cold_rung;

/* local | the status of a series that is answered from a rung */
int16_t cold_status(cold_rung rung);

/* local | place of a series among those that may be alike at a rung, and how many places there are */
int64_t cold_place(const catalog *c, const areas *a, cold_rung rung, int64_t series);
int64_t cold_places(const catalog *c, const areas *a, cold_rung rung);

/* collective | answer what is BANK_EMPTY in r. fails: PAR_E_MEMORY, as areas_read */
par_err cold_fill(const app *a, const panel *p, results *r);

#endif
