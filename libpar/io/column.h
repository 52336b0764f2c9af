/* Column: the fields of one column of many rows become typed values.
 *
 * The rows come from par_csv_rows, so that a field is two neighbours in the list of ends. Short
 * numbers are read eight bytes at once; identifiers are looked up in a dictionary, and only those it
 * has not seen are held against the schema. What the fast ways do not know they leave to base/text.h,
 * so the accepted forms are those of the schema's types and no others. */
#ifndef PAR_IO_COLUMN_H
#define PAR_IO_COLUMN_H

#include "base/dict.h"
#include "io/schema.h"

/* an empty field in a column of values */
#define PAR_COLUMN_NONE INT64_MIN

/* the text of some rows: row r's field c ends at ends[r * fields + c] */
typedef struct {
	const char *s; /* PAR_CSV_PAD bytes beyond the last end are readable */
	const uint32_t *ends;
	int fields;
} par_rows;

/* what a column gives: id for id, text and code (-1 empty), real for real (NaN empty), value for the
 * other types: flag 0 or 1, date in hours since 1970-01-01 00:00, int, money in minor units */
typedef struct {
	const int32_t *id;
	const int64_t *value;
	const double *real;
} par_column;

/* one column while it is read; set schema and field, the rest begins as zero */
typedef struct {
	const par_schema_column *schema;
	int field; /* its place in the file's rows */
	par_dict dict;
	int64_t rounded; /* fields of money that had more digits */
	bool timed;      /* some date had a time of day */
	void *out;
	size_t room;
} par_column_reader;

/* local | type rows [0, rows) into c->out; *got points into it. Returns how many leading rows were
 * fine; fewer than rows means that the next one has a fault (or memory ran out). */
size_t par_column_read(par_column_reader *c, const par_rows *text, size_t rows, par_column *got);

/* local | why row r was not fine, as "what; what was wanted" in out; returns the code and *at, the
 * fault's offset in the text */
par_err par_column_explain(
    par_column_reader *c, const par_rows *text, size_t row, char *out, size_t size, size_t *at);

void par_column_close(par_column_reader *c);

#endif
