/* np: 1 apps: score */
#include "common/hierarchy.h"
#include "../tap.h"

#include <string.h>

/* six series of three skus in three markets, not in sorted order */
static const char skus[][8] = {"b1", "a1", "a2"};
static const char markets[][8] = {"TX_1", "CA_2", "CA_1"};
static const char categories[][8] = {"bread", "apple", "apple"};
static const char marks[][8] = {"äöx", "äöy", "äüz"};
static const int32_t sku_of[] = {0, 0, 1, 1, 2, 2}, market_of[] = {0, 1, 2, 0, 1, 2};
static const hierarchy_column columns[] = {
    {"sku", skus[0], 8, 3, sku_of},
    {"market", markets[0], 8, 3, market_of},
    {"category", categories[0], 8, 3, sku_of},
    {"mark", marks[0], 8, 3, sku_of},
};

static int numbered(const hierarchy *h, int level, int64_t nodes, const int32_t *want)
{
	const hierarchy_level *l = hierarchy_at(h, level);
	for (int64_t i = 0; i < l->nodes; i++)
		if (l->node_of[l->first_series[i]] != i)
			return 0;
	return l->nodes == nodes && memcmp(l->node_of, want, 6 * sizeof *want) == 0;
}

static void levels(void)
{
	const char text[] = "[levels]\ntotal =\nstate = state\nmarket = market\n"
			    "both = category, state\nseries = sku, market\nletters = letters\n"
			    "[derive]\nstate = market[0:2]\nletters = mark[1:2]\n";
	hierarchy *h = NULL;
	ok(hierarchy_parse(&h, "h.ini", text, strlen(text)) == PAR_OK && hierarchy_levels(h) == 6,
	    "six levels are read");
	ok(strcmp(hierarchy_at(h, 3)->name, "both") == 0, "and keep their names and order");
	const char *need[HIERARCHY_NEEDS];
	ok(hierarchy_needs(h, need) == 4 && strcmp(need[0], "market") == 0 &&
		strcmp(need[1], "category") == 0 && strcmp(need[3], "mark") == 0,
	    "columns are named once, made ones by what they are made of");
	ok(hierarchy_map(h, columns, 4, 6) == PAR_OK, "six series find their nodes");
	ok(numbered(h, 0, 1, (int32_t[]){0, 0, 0, 0, 0, 0}),
	    "a level without columns has one node");
	ok(numbered(h, 1, 2, (int32_t[]){1, 0, 0, 1, 0, 0}),
	    "a state is its market's first letters");
	ok(numbered(h, 2, 3, (int32_t[]){2, 1, 0, 2, 1, 0}), "nodes are numbered by their values");
	ok(numbered(h, 3, 4, (int32_t[]){3, 2, 0, 1, 0, 0}),
	    "pairs of values by the first, then the next");
	const hierarchy_level *l = hierarchy_at(h, 3);
	ok(strcmp(l->label + 2 * l->stride, "both/bread/CA") == 0 &&
		strcmp(hierarchy_at(h, 0)->label, "total") == 0,
	    "a node is called by its level and values");
	ok(numbered(h, 4, 6, (int32_t[]){5, 4, 0, 1, 3, 2}), "a series may be a node of its own");
	ok(numbered(h, 5, 2, (int32_t[]){0, 0, 0, 0, 1, 1}), "letters are characters, not bytes");
	hierarchy_free(h);
	h = NULL;
	ok(hierarchy_parse(&h, "h.ini", text, strlen(text)) == PAR_OK &&
		hierarchy_map(h, columns, 4, 0) == PAR_OK && hierarchy_at(h, 0)->nodes == 0,
	    "no series, no nodes");
	hierarchy_free(h);
}

static void refused(const char *text, par_err want, const char *story)
{
	hierarchy *h = NULL;
	par_err e = hierarchy_parse(&h, "h.ini", text, strlen(text));
	if (e == PAR_OK)
		e = hierarchy_map(h, columns, 4, 6);
	ok(e == want && strncmp(par_err_why(), story, strlen(story)) == 0, "%s", story);
	hierarchy_free(h);
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	levels();
	refused("[levels]\na = sku, markt\n", PAR_E_CONFIG,
	    "h.ini:2:10: the catalog has no column markt; did you mean market");
	refused("[levels]\na = sku,,market\n", PAR_E_CONFIG,
	    "h.ini:2:9: a column's name has 1 to 64 bytes, not 0");
	refused("[levels]\na = sku,\n", PAR_E_CONFIG,
	    "h.ini:2:9: a column's name has 1 to 64 bytes, not 0");
	refused("[level]\na = sku\n", PAR_E_CONFIG, "h.ini:1:2: section level");
	refused("[derive]\ns = sku[0:1]\n", PAR_E_CONFIG, "h.ini:1:1: no level");
	refused("[levels]\na = s\n[derive]\ns = sku[2:1]\n", PAR_E_CONFIG,
	    "h.ini:4:5: sku[2:1]; wanted column[from:to]");
	refused("[levels]\na = s\n[derive]\ns = sku[0:1]x\n", PAR_E_CONFIG, "h.ini:4:5: ");
	refused("[levels]\na = s\n[derive]\ns = what[0:1]\n", PAR_E_CONFIG,
	    "h.ini:4:5: the catalog has no column what");
	return tap_end();
}
