/* Logarithm and exponential with one answer on every processor: a C library picks its own by what
 * the processor has, and these differ in the last bit. Only + - * / and shifts of bits are used, so
 * IEEE arithmetic fixes the result.
 *
 * Error: under 4e-16 of the value for the logarithm, close to 1 as well, and under 1e-15 for the
 * exponential. */
#ifndef APPS_FORECAST_BANK_MATH_H
#define APPS_FORECAST_BANK_MATH_H

/* local | natural logarithm of a normal number above 0 */
double bank_log(double x);

/* local | e to the x; 0 below -708, where numbers stop being normal; x is at most 709 */
double bank_exp(double x);

#endif
