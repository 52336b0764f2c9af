/* Number: reals in the text of a linear program, read fast. */
#ifndef APPS_PLAN_LP_NUMBER_H
#define APPS_PLAN_LP_NUMBER_H

#include "base/text.h"

/* local | as par_text_real without limits, and a leading plus is allowed. Numbers of up to 15 digits with small
 * exponents, nearly all in practice, are one exact integer times or over one exact power of ten,
 * hence correctly rounded by one operation (Clinger 1990, section 3); others go to par_text_real. */
par_num lp_number(const char *s, size_t n, double *v);

#endif
