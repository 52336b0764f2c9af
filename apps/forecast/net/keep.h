/* Keep: the network beside a forecast (forecast.model.h5), from which the next night goes on.
 *
 * It stands there by names, so that another night finds what it still has. Weights are kept twice: of the network that
 * has not seen the last horizons, which tells how good it is and what errors to expect, and of the one that has learnt
 * from everything. What came since (SKUs, markets, departments) begins as the mean of its kind that was there: a
 * SKU of its department, a market or department of all; a kind of event begins as nothing. What is gone is left behind.
 *
 *	nights(one)         refreshed since everything was learnt anew
 *	better(one)         1: than the models, on the held-back horizons; 0: no weights are kept
 *	error, error_models(one)  root mean squared scaled errors there
 *	horizon(one)
 *	members(one)        networks whose means are averaged
 *	quantile(quantile)  levels of the quantiles they answer with
 *	market, sku, area, event  names of the rows of place.weight (markets, then areas), sku.weight and, once for each
 *	                    offset and after those of dates, day.weight
 *	held.NAME, all.NAME parameters of both networks, NAME as in net/network.c; of the members after the first
 *	                    held.2.NAME, all.2.NAME and so on */
#ifndef APPS_FORECAST_NET_KEEP_H
#define APPS_FORECAST_NET_KEEP_H

#include "common/app.h"
#include "forecast/net/learn.h"

enum { KEEP_HELD, KEEP_ALL, KEEP_SETS };

typedef struct {
	int64_t nights;
	bool better;
	double error, error_models;
	/* owned: [learn's members][learn_weights()], equal on every rank; NULL: not known */
	float *set[KEEP_SETS];
} keep;

void keep_drop(keep *k);

/* collective | publish k beside a->out. fails: as io/store.h */
par_err keep_write(app *a, const learner *l, const keep *k);

/* collective | what the file knows, for the learner's catalog; *why says why it cannot be gone on from (another horizon, other
 * members or layers), NULL: it can. keep_drop releases it, also after a failure. fails: as par_store_open, PAR_E_DATA naming
 * FILE:/variable, PAR_E_MEMORY */
par_err keep_read(keep *k, const learner *l, const char *path, const char **why);

/* collective | of the file: nights refreshed; -1: it holds no network. fails: as keep_read */
par_err keep_nights(const par_world *w, const char *path, int64_t *nights);

#endif
