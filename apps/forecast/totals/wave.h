/* Wave: sine and cosine of turns with one answer on every processor, as bank/math.h has the logarithm. */
#ifndef APPS_FORECAST_TOTALS_WAVE_H
#define APPS_FORECAST_TOTALS_WAVE_H

/* local | sine and cosine of 2 pi turns, to 1e-14 */
void wave(double turns, double *sine, double *cosine);

#endif
