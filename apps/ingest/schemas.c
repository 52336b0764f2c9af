#include "ingest/schemas.h"

#include "base/text.h"

#include <string.h>

/* the file's bytes between two symbols; the assembler runs in the root of the tree */
#define TEXT(name)                                                           \
	extern const char name##_text[], name##_text_end[];                  \
	__asm__(".pushsection .rodata\n"                                     \
		".hidden " #name "_text\n.hidden " #name "_text_end\n"       \
		".global " #name "_text\n.global " #name "_text_end\n" #name \
		"_text:\n.incbin \"inputs/schemas/" #name ".ini\"\n" #name   \
		"_text_end:\n.byte 0\n.popsection\n")

TEXT(sales);
TEXT(orders);
TEXT(catalog);
TEXT(calendar);
TEXT(future);
TEXT(overrides);

static const struct {
	const char *table, *text, *end;
} built_in[] = {
    {"sales", sales_text, sales_text_end},
    {"orders", orders_text, orders_text_end},
    {"catalog", catalog_text, catalog_text_end},
    {"calendar", calendar_text, calendar_text_end},
    {"future", future_text, future_text_end},
    {"overrides", overrides_text, overrides_text_end},
};

/* the columns this program reads, the types it can take them in, and the values it has room for:
 * units are kept as f32, prices as i32 of minor units with -1 for none, promotions as bytes */
static const struct {
	const char *table, *column;
	bool needed;
	unsigned types;
	double lo, hi; /* minor units of money; both 0: any */
} uses[] = {
#define AS(type) (1u << PAR_COLUMN_##type)
#define I32 INT32_MAX
    {"sales", "sku", true, AS(ID), 0, 0},
    {"sales", "market", true, AS(ID) | AS(CODE), 0, 0},
    {"sales", "date", true, AS(DATE), 0, 0},
    {"sales", "units", true, AS(INT) | AS(REAL), -1e30, 1e30},
    {"sales", "price", false, AS(MONEY), 0, I32},
    {"sales", "currency", false, AS(CODE), 0, 0},
    {"sales", "promo", false, AS(INT) | AS(FLAG), 0, 255},
    {"orders", "order", false, AS(ID), 0, 0},
    {"orders", "sku", true, AS(ID), 0, 0},
    {"orders", "market", true, AS(ID) | AS(CODE), 0, 0},
    {"orders", "date", true, AS(DATE), 0, 0},
    {"orders", "units", true, AS(INT), -I32, I32},
    {"orders", "price", false, AS(MONEY), -I32, I32},
    {"orders", "currency", false, AS(CODE), 0, 0},
    {"catalog", "sku", true, AS(ID), 0, 0},
    {"catalog", "name", false, AS(ID) | AS(TEXT), 0, 0},
    {"catalog", "category", false, AS(ID) | AS(TEXT), 0, 0},
    {"catalog", "department", false, AS(ID) | AS(TEXT), 0, 0},
    {"catalog", "brand", false, AS(ID) | AS(TEXT), 0, 0},
    {"catalog", "weight_g", false, AS(REAL), 0, 0},
    {"catalog", "volume_cm3", false, AS(REAL), 0, 0},
    {"catalog", "cost", false, AS(MONEY), 0, I32},
    {"catalog", "currency", false, AS(CODE), 0, 0},
    {"catalog", "image", false, AS(INT), 0, I32},
    {"calendar", "market", false, AS(ID) | AS(CODE), 0, 0},
    {"calendar", "date", true, AS(DATE), 0, 0},
    {"calendar", "event", true, AS(ID) | AS(TEXT), 0, 0},
    {"calendar", "type", false, AS(ID) | AS(TEXT), 0, 0},
    {"future", "sku", true, AS(ID), 0, 0},
    {"future", "market", true, AS(ID) | AS(CODE), 0, 0},
    {"future", "date", true, AS(DATE), 0, 0},
    {"future", "price", false, AS(MONEY), 0, I32},
    {"future", "currency", false, AS(CODE), 0, 0},
    {"future", "promo", false, AS(INT) | AS(FLAG), 0, 255},
    {"overrides", "sku", false, AS(ID), 0, 0},
    {"overrides", "market", false, AS(ID) | AS(CODE), 0, 0},
    {"overrides", "date", true, AS(DATE), 0, 0},
    {"overrides", "units", true, AS(REAL), -1e30, 1e30},
    {"overrides", "reason", false, AS(ID) | AS(TEXT), 0, 0},
    {"overrides", "author", false, AS(ID) | AS(TEXT), 0, 0},
#undef I32
#undef AS
};

/* a column never takes more than there is room for, whatever its schema says */
static void narrow(par_schema_column *c, double lo, double hi)
{
	if (lo == 0 && hi == 0)
		return;
	int64_t low = (int64_t)(lo > -1e18 ? lo : -1e18), high = (int64_t)(hi < 1e18 ? hi : 1e18);
	c->lo = c->lo > low ? c->lo : low;
	c->hi = c->hi < high ? c->hi : high;
	c->least = c->least > lo ? c->least : lo;
	c->most = c->most < hi ? c->most : hi;
}

static par_err check_uses(par_schema *s, const char *table, const char *file)
{
	for (size_t u = 0; u < sizeof uses / sizeof uses[0]; u++) {
		if (strcmp(uses[u].table, table) != 0)
			continue;
		int c = par_schema_find(s, uses[u].column);
		if (c < 0 && uses[u].needed)
			return par_fail(PAR_E_CONFIG,
			    "%s:1:1: no section [%s]; wanted one for each column that %s needs",
			    file, uses[u].column, table);
		if (c < 0)
			continue;
		par_schema_column *k = &s->column[c];
		if (!(uses[u].types >> k->type & 1) &&
		    (uses[u].needed || k->type != PAR_COLUMN_IGNORE))
			return par_fail(PAR_E_CONFIG,
			    "%s:1:1: column %s has a type that %s cannot take; wanted that of "
			    "inputs/schemas/%s.ini",
			    file, uses[u].column, table, table);
		if (uses[u].needed && (!k->required || k->empty))
			return par_fail(PAR_E_CONFIG,
			    "%s:1:1: column %s is needed; wanted required = yes and empty = no",
			    file, uses[u].column);
		narrow(k, uses[u].lo, uses[u].hi);
	}
	return PAR_OK;
}

par_err schemas_read(par_schema *s, const char *table, const char *path)
{
	if (path) {
		PAR_TRY(par_schema_read(s, path));
		return check_uses(s, table, path);
	}
	for (size_t b = 0; b < sizeof built_in / sizeof built_in[0]; b++)
		if (strcmp(built_in[b].table, table) == 0) {
			size_t n = (size_t)(built_in[b].end - built_in[b].text);
			PAR_TRY(par_schema_parse(s, table, built_in[b].text, n));
			return check_uses(s, table, table);
		}
	return par_fail(PAR_E_BUG, "no schema is built in for %s", table);
}
