/* Events: what the calendar table says happens in a market and period. A cell is a set of events, one
 * bit each, because two may fall on one day. */
#ifndef APPS_INGEST_EVENTS_H
#define APPS_INGEST_EVENTS_H

#include "common/app.h"
#include "ingest/axis.h"
#include "ingest/blob.h"
#include "ingest/ids.h"
#include "io/store.h"
#include "io/table.h"

enum { EVENTS_MOST = 64 };

typedef struct {
	bool open;
	par_schema schema;
	par_table table;
	int market, date, event, type;
	axis_dates dates;
	blob
	    rows; /* after events_read those of all ranks: market, event, type, hour, whether timed */
	ids names;
} events;

/* collective | read the calendar table, if one is set
 * fails: as par_table_open and par_table_read; PAR_E_DATA when there are more than EVENTS_MOST */
par_err events_read(events *v, app *a);

/* collective | dimension event with event_type, and u64 variables events[time, market] and
 * known_events[future_time, market]: bit i stands for event i. Rows about markets without sales count
 * nowhere. */
par_err events_put(events *v, par_store *s, const par_world *w, const ids *markets,
    const axis *time, const axis *future);

void events_drop(events *v);

#endif
