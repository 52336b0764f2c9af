/* Window: what the network sees of a series at an origin, and what followed.
 *
 * Numbers of a series are seen in units of its scale, the mean of its recent and its longer past (rhythm.h), so
 * that one network serves slow and fast sellers. What is seen of the whole window:
 *   the last periods one by one, means of growing spans, shares of zeros, the same season a year before;
 *   how the SKU moves in all markets, and the group of its market and area;
 *   price against its own year and its area's, promotion, age, how long ago the last sale was.
 * And of each step ahead: the mean of the same weekday in the last weeks, the group's own week and year before, prices
 * and promotions where the catalog knows them ahead, and the row of the calendar. */
#ifndef APPS_FORECAST_NET_WINDOW_H
#define APPS_FORECAST_NET_WINDOW_H

#include "forecast/net/days.h"

typedef struct {
	const history *h;   /* borrowed */
	const day_table *c; /* borrowed */
	int horizon;
	bool counts;     /* demand in units */
	double usual;    /* mean scale of all series */
	int whole, logs; /* numbers seen of the whole window; of those the first are logarithms */
	int step;        /* numbers seen of a step */
} window_kind;

/* what a window is made of; NULL where it is not wanted */
typedef struct {
	float *whole; /* [kind.whole] */
	float *step;  /* [horizon][kind.step] */
	int32_t *day; /* [horizon] row of the calendar */
	int32_t *group, *sku;
	float *target; /* [horizon] units in units of the scale, 0 where masked */
	float *mask;   /* [horizon] 1 where there is something to learn or to forecast */
	float *weight; /* of the window in the loss */
} window;

/* local | how many numbers windows of this history have */
void window_kind_make(
    window_kind *k, const history *h, const day_table *c, int horizon, bool counts);
/* local | the window of a series whose last known period is origin, 0 <= origin. Returns the scale. Steps after
 * the history have no target and the mask of days that are not closed. */
double window_make(const window_kind *k, const history_series *s, int64_t origin, window *out);
/* local | the driver's part of a window of another (why.h): everything but what is to be learnt */
void window_take(const window_kind *k, int driver, const window *from, window *to);
/* local | the scale alone */
double window_scale(const window_kind *k, const history_series *s, int64_t origin);

#endif
