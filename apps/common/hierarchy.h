/* Hierarchy: which series add up to which node of each level.
 *
 *     [levels]
 *     total =
 *     state = state
 *     category_market = category, market
 *     [derive]
 *     state = market[0:2]
 *
 * A level lists the columns whose values name its nodes: the sku, the market, and whatever the
 * catalog says of skus and markets. No column makes one node. [derive] makes a column of another's
 * characters from the first number up to the second, counted from 0 (M5's state is the first two
 * letters of its store). Nodes are numbered in the order of their values' bytes, column by column,
 * and only values that some series has make nodes. */
#ifndef APPS_COMMON_HIERARCHY_H
#define APPS_COMMON_HIERARCHY_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

#define HIERARCHY_COLUMNS 8 /* at most in one level */
#define HIERARCHY_NEEDS 64  /* at most in all of them */

typedef struct {
	const char *name;
	const char *text; /* entries x stride bytes, each NUL-terminated; borrowed */
	int stride;
	int64_t entries;
	const int32_t *entry_of; /* the entry of each series; borrowed */
} hierarchy_column;

typedef struct {
	char name[65];
	int columns;
	int64_t nodes;
	int32_t *node_of;      /* of each series */
	int32_t *first_series; /* of each node */
	char *label;           /* of each node: level/value/value, NUL-terminated in its stride */
	int stride;
} hierarchy_level;

typedef struct hierarchy hierarchy;

/* local | read the ini text; owned, drop with hierarchy_free
 * fails: PAR_E_INPUT, PAR_E_CONFIG with FILE:LINE:COLUMN */
par_err hierarchy_read(hierarchy **h, const char *path);
par_err hierarchy_parse(hierarchy **h, const char *name, const char *text, size_t n);
void hierarchy_free(hierarchy *h);

/* local | the names of the columns that levels and [derive] read, each once, without those that
 * [derive] makes; returns how many */
int hierarchy_needs(const hierarchy *h, const char *names[HIERARCHY_NEEDS]);

/* local, same on every rank | give each of n series its node in every level
 * fails: PAR_E_CONFIG when a column is not among those given */
par_err hierarchy_map(hierarchy *h, const hierarchy_column *columns, int count, int64_t series);

int hierarchy_levels(const hierarchy *h);
const hierarchy_level *hierarchy_at(const hierarchy *h, int level);

#endif
