/* Days: what the calendar knows of each day in each market, as sparse rows for the network.
 *
 * A row holds the hour, weekday, day of the month and month, the year's first two harmonics, and of every kind of event
 * (schema of catalog.h5: events) whether it happens some periods before or after. Markets with the same events
 * are of one class and share rows. Where a kind of event closes shops (units of its days are next to none), its days
 * are closed. */
#ifndef APPS_FORECAST_NET_DAYS_H
#define APPS_FORECAST_NET_DAYS_H

#include "forecast/history.h"
#include "grad/layers.h"

typedef struct {
	par_sparse_rows rows; /* row class x periods + period; its arrays are owned */
	int64_t periods, classes;
	int dates, events,
	    offsets; /* columns: of the date; kinds of events, once for every offset */
	char *event; /* owned: [events] names, each NUL-terminated in its stride */
	int event_stride;
	int32_t *class_of; /* [markets] */
	uint8_t *closed;   /* [classes][periods] */
} day_table;

/* collective | of the history's periods and those ahead; days_close releases it, also after a failure.
 * fails: as io/store.h, PAR_E_MEMORY */
par_err days_open(day_table *c, const history *h);
void days_close(day_table *c);

#endif
