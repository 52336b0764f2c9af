/* Codes: the closed lists that a column of a table may be held against. */
#ifndef PAR_IO_CODES_H
#define PAR_IO_CODES_H

#include <stdbool.h>
#include <stddef.h>

typedef enum { PAR_CODES_NONE, PAR_CODES_COUNTRY, PAR_CODES_CURRENCY } par_codes;

/* local, pure | whether s is a code of the list: ISO 3166-1 alpha-2 countries, or ISO 4217 currencies
 * in use (funds, metals and testing codes of the standard included), capitals only */
bool par_codes_has(par_codes list, const char *s, size_t n);

/* local, pure | the list called "iso-3166" or "iso-4217"; PAR_CODES_NONE for any other name */
par_codes par_codes_named(const char *name);
/* local, pure | what messages call it: "country of ISO 3166-1" */
const char *par_codes_what(par_codes list);

#endif
