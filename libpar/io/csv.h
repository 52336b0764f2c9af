/* CSV: RFC 4180 text in memory, taken apart by pure functions.
 *
 * Two readers of the same grammar stand here. par_csv_record walks one record byte by byte, knows
 * every fault and where it is, and serves headers and error messages. par_csv_mark finds the ends
 * of all fields of a buffer 64 bytes at a time, and par_csv_rows holds what it found against the
 * grammar in bulk: it tells how many leading records are without fault. Only a record that is not
 * goes to the slow reader. The two are tested and fuzzed against each other.
 *
 * Grammar: fields part at commas, records at LF or CRLF; the last record may lack its line end. A
 * field that begins with a quote ends with the next single quote, "" inside stands for one, and
 * commas, LF and CR inside are data. Faults: a quote inside an unquoted field, bytes after a
 * closing quote, a quote never closed, CR without LF, a blank line, bytes that are not UTF-8,
 * control characters other than tab, fields of more than PAR_CSV_FIELD bytes (quotes included),
 * more than PAR_CSV_COLUMNS columns, too few or too many fields. */
#ifndef PAR_IO_CSV_H
#define PAR_IO_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAR_CSV_FIELD 4096
#define PAR_CSV_COLUMNS 256
/* no record without fault is longer: so much lookahead always settles what is wrong */
#define PAR_CSV_RECORD ((size_t)(PAR_CSV_COLUMNS + 1) * (PAR_CSV_FIELD + 2))
/* bytes a buffer must have beyond its n, readable, and writable where a function says so */
#define PAR_CSV_PAD 64

typedef enum {
	PAR_CSV_FINE,
	PAR_CSV_MORE, /* the record goes on after the bytes given */
	PAR_CSV_NOT_UTF8,
	PAR_CSV_CONTROL,
	PAR_CSV_BARE_QUOTE,
	PAR_CSV_AFTER_QUOTE,
	PAR_CSV_OPEN_QUOTE,
	PAR_CSV_BARE_CR,
	PAR_CSV_BLANK,
	PAR_CSV_LONG,
	PAR_CSV_FEW,
	PAR_CSV_MANY
} par_csv_fault;

/* a field's bytes s[at, at + n), its quotes still on */
typedef struct {
	uint32_t at, n;
} par_csv_span;

typedef struct {
	par_csv_fault fault;
	size_t at;     /* the byte at fault; for whole fields their first */
	size_t length; /* of the record with its line end */
	int fields;
} par_csv_record;

/* local, pure | read the record that begins at s; last: the text ends at n. columns is the number
 * of fields wanted, 0 for any; fields (or NULL) has room for PAR_CSV_COLUMNS. Of several faults the
 * one met first counts, wrong numbers of fields after all others. */
par_csv_record par_csv_read(const char *s, size_t n, bool last, int columns, par_csv_span *fields);

/* local, pure | the bytes a field stands for into out (room n), without quotes; returns how many */
size_t par_csv_unquote(char *out, const char *s, size_t n);

typedef struct {
	int64_t quotes, lines; /* " and LF bytes */
	int64_t returns;       /* CR bytes */
} par_csv_counts;

/* local, pure | add up what s[0, n) holds */
void par_csv_count(par_csv_counts *c, const char *s, size_t n);

typedef struct {
	uint32_t
	    *ends; /* owned by the caller: commas and LF outside quotes; room n + PAR_CSV_PAD */
	uint32_t *quotes; /* owned by the caller: every quote; the same room */
	size_t end_count, quote_count;
	size_t lines;   /* LF outside quotes */
	size_t returns; /* CR outside quotes */
	bool high;      /* some byte is 0x80 or more */
	bool control;   /* some control character other than tab, LF, CR */
	bool open;      /* a quote is open at n */
} par_csv_marks;

/* local, pure | mark s[0, n), which begins outside quotes; n < 2^31. PAR_CSV_PAD bytes after s + n
 * are read. Takes the widest vector unit the machine has, with the same result on all. */
void par_csv_mark(par_csv_marks *m, const char *s, size_t n);

/* local, pure | how many leading records of s[0, n) are whole and without fault, given its marks;
 * record r's fields then end at m->ends[r * columns ...]. *faulty: the record after them has a
 * fault (otherwise it is only not whole yet, or there is none). last: the text ends at n; s[n] is
 * overwritten with LF when the last record lacks its own, and m gets that end. */
size_t par_csv_rows(par_csv_marks *m, char *s, size_t n, bool last, int columns, bool *faulty);

#endif
