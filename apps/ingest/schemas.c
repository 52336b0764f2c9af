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

static const struct {
	const char *table, *text, *end;
} built_in[] = {
    {"sales", sales_text, sales_text_end},
    {"orders", orders_text, orders_text_end},
    {"catalog", catalog_text, catalog_text_end},
    {"calendar", calendar_text, calendar_text_end},
    {"future", future_text, future_text_end},
};

/* the columns this program reads, and the types it can take them in */
static const struct {
	const char *table, *column;
	bool needed;
	unsigned types;
} uses[] = {
#define AS(type) (1u << PAR_COLUMN_##type)
    {"sales", "sku", true, AS(ID)},
    {"sales", "market", true, AS(ID) | AS(CODE)},
    {"sales", "date", true, AS(DATE)},
    {"sales", "units", true, AS(INT) | AS(REAL)},
    {"sales", "price", false, AS(MONEY)},
    {"sales", "currency", false, AS(CODE)},
    {"sales", "promo", false, AS(INT) | AS(FLAG)},
    {"orders", "order", false, AS(ID)},
    {"orders", "sku", true, AS(ID)},
    {"orders", "market", true, AS(ID) | AS(CODE)},
    {"orders", "date", true, AS(DATE)},
    {"orders", "units", true, AS(INT)},
    {"orders", "price", false, AS(MONEY)},
    {"orders", "currency", false, AS(CODE)},
    {"catalog", "sku", true, AS(ID)},
    {"catalog", "name", false, AS(ID) | AS(TEXT)},
    {"catalog", "category", false, AS(ID) | AS(TEXT)},
    {"catalog", "department", false, AS(ID) | AS(TEXT)},
    {"catalog", "brand", false, AS(ID) | AS(TEXT)},
    {"catalog", "weight_g", false, AS(REAL)},
    {"catalog", "volume_cm3", false, AS(REAL)},
    {"catalog", "cost", false, AS(MONEY)},
    {"catalog", "currency", false, AS(CODE)},
    {"catalog", "image", false, AS(INT)},
    {"calendar", "market", false, AS(ID) | AS(CODE)},
    {"calendar", "date", true, AS(DATE)},
    {"calendar", "event", true, AS(ID) | AS(TEXT)},
    {"calendar", "type", false, AS(ID) | AS(TEXT)},
    {"future", "sku", true, AS(ID)},
    {"future", "market", true, AS(ID) | AS(CODE)},
    {"future", "date", true, AS(DATE)},
    {"future", "price", false, AS(MONEY)},
    {"future", "currency", false, AS(CODE)},
    {"future", "promo", false, AS(INT) | AS(FLAG)},
#undef AS
};

static par_err check_uses(const par_schema *s, const char *table, const char *file)
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
		const par_schema_column *k = &s->column[c];
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
