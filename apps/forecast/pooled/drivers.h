/* Drivers: what may move the logarithm of a series' demand in a period, as one row of numbers.
 *
 * Prices and promotions count only where they are known ahead, since a forecast needs those of its steps:
 *   price   the logarithm of the series' own, of the period and of the one before; the mean of those of all series of
 *           its market and area, each against its own mean
 *   promo   every bit that is used (inputs/schema.md), its own and the share of all series of its market and area
 *   season  one column a period of the day and week, of the year's weeks, or its months
 *   event   every kind, in faster calendars also a period before and after */
#ifndef APPS_FORECAST_POOLED_DRIVERS_H
#define APPS_FORECAST_POOLED_DRIVERS_H

#include "forecast/history.h"
#include "forecast/totals/calendar.h"

enum { DRIVERS_PRICE, DRIVERS_PROMO, DRIVERS_SEASON, DRIVERS_EVENT, DRIVERS_KINDS };
enum { DRIVERS_MOST = 128 };

typedef struct {
	const history *h;  /* borrowed, with all series kept */
	const calendar *c; /* borrowed */
	int bits;          /* of promotions that happen; 0: none, or not known ahead */
	uint8_t bit[8];
	int leads;        /* columns of an event */
	par_shared place; /* [groups][periods][1 + bits] means of a market and area */
} drivers;

/* a set of columns */
typedef struct {
	const drivers *of;
	int columns;
	int kind[DRIVERS_MOST];
	int season; /* its columns; 0: without */
	int64_t origin;
} drivers_row_kind;

/* collective | drivers_close releases it, also after a failure. fails: PAR_E_MEMORY */
par_err drivers_open(drivers *d, const history *h, const calendar *c);
void drivers_close(drivers *d);

/* local | the columns there are, with or without a season counted from the last period of a history of so many */
drivers_row_kind drivers_columns(const drivers *d, bool season, int64_t length);
/* local | x[columns] of a series in a period of the history or ahead */
void drivers_row(const drivers_row_kind *k, const history_series *s, int64_t period, double *x);

#endif
