#include "common/levels.h"

#include <stdio.h>
#include <stdlib.h>

/* what the catalog says of skus under a name; no text when it says nothing of it */
static par_err read_column(
    const catalog *c, const char *name, hierarchy_column *column, char **text)
{
	char var[80];
	snprintf(var, sizeof var, "sku_%s", name);
	*text = NULL;
	if (!par_store_has(c->store, var))
		return PAR_OK;
	*column = (hierarchy_column){.name = name, .entry_of = c->series_sku};
	PAR_TRY(par_store_get_text(c->store, var, text, &column->entries, &column->stride));
	column->text = *text;
	return column->entries == c->skus
		   ? PAR_OK
		   : par_fail(PAR_E_DATA, "%s:/%s: %lld entries for %lld skus", c->path, var,
			 (long long)column->entries, (long long)c->skus);
}

static par_err map_series(hierarchy *h, const catalog *c)
{
	const char *need[HIERARCHY_NEEDS];
	char *text[HIERARCHY_NEEDS];
	hierarchy_column column[HIERARCHY_NEEDS + 2] = {
	    {"sku", c->sku, c->sku_stride, c->skus, c->series_sku},
	    {"market", c->market, c->market_stride, c->markets, c->series_market}};
	int needs = hierarchy_needs(h, need), read = 0, columns = 2;
	par_err e = PAR_OK;
	for (; read < needs && e == PAR_OK; read++) {
		e = read_column(c, need[read], &column[columns], &text[read]);
		columns += e == PAR_OK && text[read];
	}
	if (e == PAR_OK)
		e = hierarchy_map(h, column, columns, c->series);
	for (int i = 0; i < read; i++)
		free(text[i]);
	return e;
}

/* collective | as map_series; *h is freed where it fails */
static par_err map_read(hierarchy **h, const catalog *c)
{
	par_err e = par_agree(c->world, map_series(*h, c));
	if (e != PAR_OK) {
		hierarchy_free(*h);
		*h = NULL;
	}
	return e;
}

par_err levels_read(hierarchy **h, const char *path, const catalog *c)
{
	*h = NULL;
	PAR_TRY_ALL(c->world, hierarchy_read(h, path));
	return map_read(h, c);
}

par_err levels_default(hierarchy **h, const catalog *c)
{
	static const char *const names[] = {"category", "department", "brand"};
	char text[512], var[80];
	size_t n = 0;
	int columns = c->markets > 1;
	n += (size_t)sprintf(text, "[levels]\ntotal =\n%s", columns ? "market = market\n" : "");
	for (int i = 0; i < 3; i++) {
		snprintf(var, sizeof var, "sku_%s", names[i]);
		if (!par_store_has(c->store, var))
			continue;
		n += (size_t)sprintf(text + n, "%s = %s\n", names[i], names[i]);
		if (c->markets > 1)
			n += (size_t)sprintf(
			    text + n, "market_%s = market, %s\n", names[i], names[i]);
		columns++;
	}
	*h = NULL;
	if (columns == 0)
		return PAR_OK;
	PAR_TRY_ALL(c->world, hierarchy_parse(h, c->path, text, n));
	return map_read(h, c);
}

par_err levels_choose(levels_sums *s, const hierarchy *h, int64_t series)
{
	size_t n = (size_t)hierarchy_levels(h);
	*s = (levels_sums){.level = calloc(n + 1, sizeof(void *))};
	s->first = calloc(n + 1, sizeof *s->first);
	if (!s->level || !s->first)
		return par_fail(PAR_E_MEMORY, "no memory for %zu levels", n);
	for (int l = 0; l < (int)n; l++) {
		const hierarchy_level *level = hierarchy_at(h, l);
		if (level->nodes >= series)
			continue;
		s->first[s->count + 1] = s->first[s->count] + level->nodes;
		s->level[s->count++] = level;
	}
	return PAR_OK;
}

void levels_drop(levels_sums *s)
{
	free(s->level);
	free(s->first);
	*s = (levels_sums){0};
}
