/* CSV name: an identifier as a field of a table. */
#ifndef APPS_PLAN_TELL_CSV_NAME_H
#define APPS_PLAN_TELL_CSV_NAME_H

#include <stdio.h>

/* local | print it, in quotes where RFC 4180 wants them, and the character after it */
void csv_name(FILE *out, const char *name, char after);

#endif
