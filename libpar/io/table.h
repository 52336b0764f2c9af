/* Table: a CSV file with a schema, read by all ranks at once.
 *
 * The file is cut into blocks of fixed size, and each rank takes a run of them: the records that begin
 * there are its records. Where quotes stand open at a cut, and so whether a line end there ends a
 * record, is known from counting the quotes before it, which all ranks do first and together.
 * Then each rank marks and types its records piece by piece and hands them on as columns. Any block
 * size from one byte up and any rank count give the same rows and, when something is wrong, the same
 * first fault in file order, told as FILE:LINE:COLUMN with physical lines and columns in bytes. */
#ifndef PAR_IO_TABLE_H
#define PAR_IO_TABLE_H

#include "io/column.h"
#include "io/source.h"

typedef struct {
	size_t block;        /* bytes a block; 0 takes PAR_TABLE_BLOCK */
	const char *scratch; /* folder for unpacking */
	int64_t most;        /* bytes an unpacked file may have; 0: 1 TiB */
	bool keys; /* hold the schema's key against all rows: 24 bytes a row while reading */
} par_table_options;

#define PAR_TABLE_BLOCK ((size_t)1 << 19)

typedef struct par_keys par_keys;

typedef struct {
	const par_world *world;   /* borrowed */
	const par_schema *schema; /* borrowed */
	par_source source;        /* owned */
	par_table_options options;
	int fields;                                   /* columns in the file */
	par_column_reader column[PAR_SCHEMA_COLUMNS]; /* field is -1 for one the file lacks */
	int in_order[PAR_SCHEMA_COLUMNS], present;    /* schema columns as the file has them */
	int64_t text, body, lo,
	    hi;                  /* file offsets: after the BOM, after the header, of my records */
	int64_t line;            /* physical line of lo, from 1 */
	bool header_return;      /* the header ends with CRLF */
	int64_t rows_here, rows; /* after reading: mine, and all */
	int64_t returns, lines;  /* after reading: lines that end with CRLF, and all; over ranks */
	int64_t rounded;         /* after reading: money fields rounded; over ranks */
	par_keys *seen;          /* owned; while keys are checked */
} par_table;

/* some of a rank's rows, in file order */
typedef struct {
	int64_t rows;
	const int64_t *at;                     /* file offset of each row's first byte */
	par_column column[PAR_SCHEMA_COLUMNS]; /* as in the schema; nothing in those absent */
} par_batch;

typedef par_err (*par_table_fn)(void *ctx, const par_batch *b);

/* collective | open a table and read its header; path and schema are borrowed until close
 * fails: as par_source_open; PAR_E_DATA about the header */
par_err par_table_open(par_table *t, const par_world *w, const char *path, const par_schema *schema,
    const par_table_options *options);

/* collective | hand all rows to fn, mine on this rank, in batches; ends in an agreement
 * fails: PAR_E_DATA with the first fault in the file; then, when keys are checked, with the first row
 * whose key stood before; what fn returned */
par_err par_table_read(par_table *t, par_table_fn fn, void *ctx);

/* local | whether the file has the schema's column */
bool par_table_has(const par_table *t, int column);

/* local | dictionary of an id, text or code column: the numbers that batches carry, on this rank */
const par_dict *par_table_dict(const par_table *t, int column);

/* local | physical line and column of the byte at a file offset in my records; reads the file again
 * from my first record on, so for messages only */
par_err par_table_place(const par_table *t, int64_t at, int64_t *line, int64_t *column);

/* collective, same argument on every rank | line of a row's first byte, whoever's row it is */
par_err par_table_line(const par_table *t, int64_t at, int64_t *line);

/* local | a failure about the row that begins at a file offset in my records: FILE:LINE:1: what */
par_err par_table_fail(const par_table *t, int64_t at, const char *what);

/* local | closes and frees; a zeroed table is fine */
void par_table_close(par_table *t);

#endif
