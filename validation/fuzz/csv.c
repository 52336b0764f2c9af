/* The two CSV readers against each other, and the typing of columns, on any bytes.
 *
 * As a program it replays the files it is given. With libFuzzer (clang), from the root of the tree:
 *	clang -g -O1 -DFUZZING -fsanitize=fuzzer,address,undefined -D_GNU_SOURCE -Ilibpar \
 *	    validation/fuzz/csv.c libpar/io/{csv,csv_mark,column,schema,codes}.c \
 *	    libpar/base/{text,dict,date,ini,err}.c -lxxhash -lm -o fuzz-csv
 *	./fuzz-csv -max_len=4096 validation/badinput/csv */
#include "io/csv.h"
#include "io/column.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const par_column_type types[] = {PAR_COLUMN_ID, PAR_COLUMN_TEXT, PAR_COLUMN_CODE,
    PAR_COLUMN_FLAG, PAR_COLUMN_DATE, PAR_COLUMN_INT, PAR_COLUMN_MONEY, PAR_COLUMN_REAL};

static void must(int fine, const char *what)
{
	if (!fine) {
		fprintf(stderr, "%s\n", what);
		abort();
	}
}

/* the records that the bulk reader accepts are those that the slow one finds without fault */
static void compare(
    const char *s, size_t n, const par_csv_marks *m, size_t rows, int columns, int faulty)
{
	size_t at = 0, r = 0;
	par_csv_record rec = {.fault = PAR_CSV_MORE};
	while (at < n) {
		rec = par_csv_read(s + at, n - at, true, columns, NULL);
		if (rec.fault != PAR_CSV_FINE)
			break;
		at += rec.length;
		r++;
		must(r > rows || m->ends[r * (size_t)columns - 1] + (size_t)1 >= at, "record ends");
	}
	must(r == rows, "number of records");
	must(faulty == (at < n), "whether a fault follows");
}

static void type_all(const char *s, const par_csv_marks *m, size_t rows, int columns)
{
	static par_schema_column column;
	const par_rows text = {s, m->ends, columns};
	char why[512];
	size_t at;
	memset(&column, 0, sizeof column);
	column.scale = 2;
	column.lo = -1000000;
	column.hi = 1000000;
	column.least = -1e6;
	column.most = 1e6;
	column.longest = 64;
	column.empty = column.round = rows % 2;
	column.list = PAR_CODES_COUNTRY;
	memset(column.first, 1, sizeof column.first);
	memset(column.chars, 1, sizeof column.chars);
	snprintf(column.column, sizeof column.column, "x");
	for (size_t t = 0; t < sizeof types / sizeof types[0]; t++)
		for (int f = 0; f < columns; f++) {
			par_column got;
			column.type = types[t];
			par_column_reader c = {.schema = &column, .field = f};
			size_t fine = par_column_read(&c, &text, rows, &got);
			if (fine < rows)
				must(par_column_explain(&c, &text, fine, why, sizeof why, &at) ==
					 PAR_E_DATA,
				    "a field that is refused can be explained");
			par_column_close(&c);
		}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 1 || size > 1 << 20)
		return 0;
	int columns = 1 + data[0] % 4, faulty;
	size_t n = size - 1;
	char *s = calloc(n + PAR_CSV_PAD, 1);
	par_csv_marks m = {.ends = malloc((n + PAR_CSV_PAD) * sizeof(uint32_t)),
	    .quotes = malloc((n + PAR_CSV_PAD) * sizeof(uint32_t))};
	must(s && m.ends && m.quotes, "memory");
	memcpy(s, data + 1, n);
	bool bad;
	par_csv_mark(&m, s, n);
	size_t rows = par_csv_rows(&m, s, n, true, columns, &bad);
	faulty = bad;
	type_all(s, &m, rows, columns);
	s[n] = 0;
	compare(s, n, &m, rows, columns, faulty);
	free(m.ends);
	free(m.quotes);
	free(s);
	return 0;
}

#ifndef FUZZING
int main(int argc, char **argv)
{
	static uint8_t bytes[(1 << 20) + 1];
	for (int i = 1; i < argc; i++) {
		FILE *f = fopen(argv[i], "rb");
		if (!f)
			return 66;
		LLVMFuzzerTestOneInput(bytes, fread(bytes, 1, sizeof bytes, f));
		fclose(f);
	}
	printf("%d inputs without a finding\n", argc - 1);
	return 0;
}
#endif
