/* Sums: order lines added up by series and time, before and after they travel to the series' owner.
 * All is whole numbers, so the order of adding cannot matter. */
#ifndef APPS_INGEST_SUMS_H
#define APPS_INGEST_SUMS_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

typedef struct {
	uint64_t series; /* any number of one; intake has sku << 32 | market */
	int32_t time;
	int64_t units;       /* all lines: returns are negative */
	int64_t sold, value; /* lines sold at a price: their units, and those times the price */
} sums_row;

typedef struct {
	sums_row *row; /* in the order first met */
	int64_t rows, room;
	uint32_t *slot; /* row number + 1 */
	uint64_t mask;
} sums;

/* local | add n rows. fails: PAR_E_MEMORY; PAR_E_DATA when a sum has no room in 64 bits */
par_err sums_add(sums *s, const sums_row *add, int64_t n);
void sums_drop(sums *s);

#endif
