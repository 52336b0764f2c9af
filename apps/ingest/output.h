/* Output: catalog.h5, as inputs/schema.md describes it. */
#ifndef APPS_INGEST_OUTPUT_H
#define APPS_INGEST_OUTPUT_H

#include "ingest/catalog.h"
#include "ingest/events.h"
#include "ingest/images.h"
#include "ingest/overrides.h"
#include "ingest/panel.h"

/* everything the night's tables gave */
typedef struct {
	intake demand, future;
	catalog catalog;
	events events;
	overrides overrides;
	images images;
	ids skus, markets;
	panel panel;
	char currency[4]; /* "" when no table names one */
	int season;
} harvest;

/* collective | write and publish a->out. fails: as the store */
par_err output_write(app *a, harvest *h);

#endif
