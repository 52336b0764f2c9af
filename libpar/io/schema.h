/* Schema: what a table must look like, as an ini file a user can read and change.
 *
 *	[table]
 *	name = sales
 *	key = sku, market, date    ; no two rows alike in these; left out: no key
 *	extra = allow              ; columns not named here are skipped; default refuse
 *	empty = allow              ; a table without rows is fine; default refuse
 *
 *	[units]                    ; one section a column, in any order
 *	column = Quantity          ; its name in the header; default the section's
 *	type = int                 ; id text code flag date int money real ignore
 *	required = yes             ; the header must have it (default yes)
 *	empty = no                 ; a field may be empty (default: when not required)
 *	min = 0
 *	max = 2147483647
 *	scale = 2                  ; money: digits after the point that are kept
 *	round = yes                ; money: more digits are rounded half to even, not refused
 *	first = A-Z                ; id: bytes it may begin with, ranges and single ones
 *	chars = A-Z0-9-            ; id: bytes it may hold; a hyphen stands last
 *	length = 1 32              ; id, text: bytes
 *	list = iso-3166            ; code: or iso-4217, or words parted by blanks
 *
 * An id is what later becomes a name: 1 to 64 bytes, no control or bidirectional characters, no blank
 * at either end, no slash or backslash, and no beginning that a spreadsheet takes for a formula
 * (= + - @). Text is anything up to PAR_CSV_FIELD bytes. A flag is 0 or 1, no or yes, false or true.
 * A date is YYYY-MM-DD, HH:MM or HH:MM:SS may follow. Money is decimal text without exponent. */
#ifndef PAR_IO_SCHEMA_H
#define PAR_IO_SCHEMA_H

#include "base/err.h"
#include "io/codes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum {
	PAR_COLUMN_IGNORE,
	PAR_COLUMN_ID,
	PAR_COLUMN_TEXT,
	PAR_COLUMN_CODE,
	PAR_COLUMN_FLAG,
	PAR_COLUMN_DATE,
	PAR_COLUMN_INT,
	PAR_COLUMN_MONEY,
	PAR_COLUMN_REAL
} par_column_type;

enum { PAR_SCHEMA_COLUMNS = 64, PAR_SCHEMA_KEYS = 8, PAR_SCHEMA_NAME = 64 };

typedef struct {
	char name[PAR_SCHEMA_NAME + 1];   /* what programs call it */
	char column[PAR_SCHEMA_NAME + 1]; /* what the header calls it */
	par_column_type type;
	bool required, empty, round;
	int scale;
	int64_t lo, hi;     /* int; money in minor units */
	double least, most; /* real */
	int shortest, longest;
	bool first[256], chars[256]; /* id */
	par_codes list;
	char words[256]; /* a code's own list, each between blanks */
} par_schema_column;

typedef struct {
	char name[PAR_SCHEMA_NAME + 1];
	bool extra, empty;
	int columns, keys;
	par_schema_column column[PAR_SCHEMA_COLUMNS];
	int key[PAR_SCHEMA_KEYS];
} par_schema;

/* local | read a schema from text (file is what messages call it) or from a file
 * fails: PAR_E_CONFIG with file:line:column, PAR_E_INPUT */
par_err par_schema_parse(par_schema *s, const char *file, const char *text, size_t n);
par_err par_schema_read(par_schema *s, const char *path);

/* local | the number of the column that programs call name, or -1 */
int par_schema_find(const par_schema *s, const char *name);

/* local, pure | what is wrong with a field (not empty, quotes off) of an id, text or code column; NULL
 * when it is fine, else words for "...; wanted ...". *at is the byte at fault when one is, or 0. */
const char *par_schema_refuses(const par_schema_column *c, const char *s, size_t n, size_t *at);

#endif
