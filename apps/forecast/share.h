/* Share: how far to go from one forecast to another, by their errors at past origins.
 *
 * Of forecasts b and b + d and outcomes o, the squared error of b + share d is yy - 2 share dy + share^2 dd with the moments
 * of y = o - b. */
#ifndef APPS_FORECAST_SHARE_H
#define APPS_FORECAST_SHARE_H

typedef struct {
	double yy, dy, dd; /* sums of y y, d y, d d */
} share_moments;

/* local | the share, 0 to 1, from one moments an origin: the one of least squared error, drawn to what is thought before by
 * as much as it moves when each origin is left out in turn; one origin alone is worth as much as the prior */
double share_of(const share_moments *m, int origins, double prior);
/* local | the squared error at a share less that at 0, over that at 0 and with its sign turned: 0.1 is a
 * tenth less */
double share_gain(const share_moments *m, int origins, double share);

#endif
