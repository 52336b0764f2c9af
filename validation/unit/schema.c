/* np: 1 */
#include "io/schema.h"
#include "../tap.h"

#include <string.h>

/* text, and how its message must begin: "" when it is fine */
static const struct {
	const char *text, *why;
} cases[] = {
    {"[table]\nname = t\nkey = a, b\n[a]\ntype = id\n[b]\ntype = date\n", ""},
    {"[a]\ntype = money\nscale = 3\nmin = -1.005\nmax = 2\nround = yes\n", ""},
    {"[a]\ntype = number\n", "s.ini:2:8: type = number; wanted id, text"},
    {"[a]\ntipe = id\n", "s.ini:2:1: unknown key tipe in [a]; did you mean type"},
    {"[table]\nextra = perhaps\n", "s.ini:2:9: extra = perhaps; wanted allow or refuse"},
    {"[table]\nkey = b\n[a]\ntype = id\n", "s.ini:2:7: key column b has no section"},
    {"[a]\ntype = code\n", "s.ini:1:1: column a is a code; wanted its list"},
    {"[a]\ntype = int\nmin = 1.5\n", "s.ini:1:1: column a has a min or max"},
    {"[a]\ntype = id\nlength = 9 4\n", "s.ini:3:10: length = 9 4; wanted two numbers"},
    {"[a]\ntype = id\nchars = Z-A\n", "s.ini:3:9: chars = Z-A; wanted ranges that go up"},
    {"[a]\ntype = money\nscale = 7\n", "s.ini:3:9: scale = 7; wanted 0 to 6"},
    {"[a]\ncolumn = x\n[b]\ncolumn = x\n", "s.ini:3:1: two columns are called x"},
};

/* an id column's verdict on some bytes, and the byte it points at */
static const struct {
	const char *s;
	bool fine;
	size_t at;
} ids[] = {
    {"plain", true, 0},
    {"with blank", true, 0},
    {"caf\xc3\xa9", true, 0},
    {"1234567890123456789012345678901234567890123456789012345678901234", true, 0},
    {"12345678901234567890123456789012345678901234567890123456789012345", false, 0},
    {"a\tb", false, 1},
    {"a\xe2\x80\xae", false, 1},
    {"=1", false, 0},
    {"-x", false, 0},
    {"x-", true, 0},
    {"../x", false, 0},
    {"a\\b", false, 0},
    {" a", false, 0},
    {"a ", false, 0},
};

int main(int argc, char **argv)
{
	static par_schema s;
	tap_begin(&argc, &argv);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		par_err e = par_schema_parse(&s, "s.ini", cases[i].text, strlen(cases[i].text));
		bool fine = *cases[i].why == 0;
		ok((e == PAR_OK) == fine &&
			(fine || (e == PAR_E_CONFIG && strncmp(par_err_why(), cases[i].why,
							   strlen(cases[i].why)) == 0)),
		    "schema %d: %s", (int)i, fine ? "fine" : cases[i].why);
	}
	static const char lengths[] = "[a]\ntype = text\nlength = 1 64\n[b]\ntype = text\n[c]\n";
	par_schema_parse(&s, "s.ini", lengths, sizeof lengths - 1);
	ok(s.column[0].longest == 64 && s.column[1].longest == 4096 && s.column[2].longest == 64,
	    "a text column's own limit stands, others have the usual ones");
	par_schema_parse(&s, "s.ini", cases[1].text, strlen(cases[1].text));
	ok(s.column[0].lo == -1005 && s.column[0].hi == 2000 && s.column[0].round,
	    "bounds of money are minor units");
	par_schema_parse(&s, "s.ini", cases[0].text, strlen(cases[0].text));
	ok(s.keys == 2 && s.key[1] == 1 && par_schema_find(&s, "b") == 1 &&
		par_schema_find(&s, "c") == -1,
	    "keys and columns are found by name");
	for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
		size_t at = 99;
		const char *why = par_schema_refuses(&s.column[0], ids[i].s, strlen(ids[i].s), &at);
		ok((why == NULL) == ids[i].fine && (ids[i].fine || at == ids[i].at), "id %d is %s",
		    (int)i,
		    ids[i].fine ? "fine"
		    : why       ? why
				: "not refused");
	}
	ok(par_codes_has(PAR_CODES_COUNTRY, "ZW", 2) &&
		!par_codes_has(PAR_CODES_COUNTRY, "ZZ", 2) &&
		!par_codes_has(PAR_CODES_COUNTRY, "D ", 2) &&
		par_codes_has(PAR_CODES_CURRENCY, "EUR", 3) &&
		!par_codes_has(PAR_CODES_CURRENCY, "EU1", 3) &&
		!par_codes_has(PAR_CODES_CURRENCY, "UR ", 3),
	    "codes are known whole");
	return tap_end();
}
