/* Clock: for spans of time. */
#ifndef PAR_BASE_CLOCK_H
#define PAR_BASE_CLOCK_H

/* local | seconds since some moment, of a clock that nobody sets */
double par_clock_s(void);

#endif
