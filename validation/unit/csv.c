/* np: 1 */
#include "io/csv.h"
#include "../tap.h"

#include <stdlib.h>
#include <string.h>

enum { ROOM = 1 << 15 };

static char text[ROOM + PAR_CSV_PAD];
static uint32_t ends[ROOM + PAR_CSV_PAD], quotes[ROOM + PAR_CSV_PAD];
static par_csv_span spans[PAR_CSV_COLUMNS];
static uint64_t state = 88172645463325252u;

static unsigned draw(unsigned below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (unsigned)((state >> 33) % below);
}

/* pieces that make quoting, line ends and encodings go wrong often, and right often enough */
static size_t make_text(size_t want, int kind)
{
	static const char *const hostile[] = {",", "\n", "\"", "\"\"", "\r\n", "\r", "a", "bc", ",",
	    "\n", "\xc3\xa9", "\xe4\xb8", "\x01", "\t", "\",\"", "\"x,y\n\""};
	static const char *const mild[] = {"a,b\n", "1,2\n", "\"x\",y\r\n", "u,\"a\"\"b\"\n",
	    "\"p\nq\",\"\"\n", "\xc3\xa9,long long long long\n", ",\n", "a,\"\r\n,\"\r\n", "a\n",
	    "a,b,c\n", "\"a\"b,c\n"};
	size_t n = 0;
	while (n < want) {
		const char *piece = kind == 0 ? hostile[draw(16)] : mild[draw(kind == 1 ? 8 : 11)];
		n += (size_t)snprintf(text + n, sizeof text - n, "%s", piece);
	}
	return n;
}

/* the fast way must accept exactly the records that the slow one finds without fault */
static bool same_as_slow(size_t n, bool last, int columns)
{
	char copy[PAR_CSV_PAD];
	memcpy(copy, text + n, PAR_CSV_PAD);
	par_csv_marks m = {.ends = ends, .quotes = quotes};
	bool faulty;
	par_csv_mark(&m, text, n);
	size_t rows = par_csv_rows(&m, text, n, last, columns, &faulty), at = 0, r = 0;
	bool same = true;
	par_csv_record rec = {.fault = PAR_CSV_MORE};
	while (at < n) {
		rec = par_csv_read(text + at, n - at, last, columns, spans);
		if (rec.fault != PAR_CSV_FINE)
			break;
		for (int c = 0; c < columns && r < rows; c++) {
			size_t end = ends[r * (size_t)columns + (size_t)c];
			end -= c == columns - 1 && end > 0 && text[end] == '\n' &&
			       text[end - 1] == '\r';
			same &= at + spans[c].at + spans[c].n == end;
		}
		at += rec.length;
		r++;
	}
	memcpy(text + n, copy, PAR_CSV_PAD);
	bool fault = at < n && rec.fault != PAR_CSV_MORE;
	return same && r == rows && (last ? faulty == fault : !faulty || fault);
}

static void fast_and_slow(void)
{
	static const char *const what[] = {"hostile", "good", "ragged"};
	for (int kind = 0; kind < 3; kind++) {
		bool same = true, cut = true;
		for (int i = 0; i < 20000; i++) {
			size_t n = make_text(1 + draw(i % 100 == 0 ? 2000 : 200), kind);
			int columns = 1 + (int)draw(3);
			same &= same_as_slow(n, true, columns);
			cut &= same_as_slow(draw((unsigned)n + 1), false, columns);
		}
		ok(same, "20,000 %s texts: the same records as read byte by byte", what[kind]);
		ok(cut, "and the same when the text is cut anywhere");
	}
}

static void long_fields(void)
{
	static const struct {
		const char *before, *after;
		int n;
		par_csv_fault fault;
	} cases[] = {{"", ",b\n", 4096, PAR_CSV_FINE}, {"", ",b\n", 4097, PAR_CSV_LONG},
	    {"b,", "\r\n", 4096, PAR_CSV_FINE}, {"b,", "\r\n", 4097, PAR_CSV_LONG},
	    {"\"", "\",b\n", 4094, PAR_CSV_FINE}, {"\"", "\",b\n", 4095, PAR_CSV_LONG}};
	for (int i = 0; i < 6; i++) {
		size_t n = strlen(cases[i].before), tail = strlen(cases[i].after);
		memcpy(text, cases[i].before, n);
		memset(text + n, 'x', (size_t)cases[i].n);
		n += (size_t)cases[i].n;
		memcpy(text + n, cases[i].after, tail);
		n += tail;
		ok(par_csv_read(text, n, true, 2, NULL).fault == cases[i].fault &&
			same_as_slow(n, true, 2),
		    "a field of %d bytes before %s", cases[i].n,
		    cases[i].after[0] == '\r' ? "CRLF" : "a comma");
	}
}

/* text, columns, fault, the byte it is at */
static const struct {
	const char *s;
	int columns;
	par_csv_fault fault;
	size_t at;
} faults[] = {
    {"a,b\n", 2, PAR_CSV_FINE, 0},
    {"a,b", 2, PAR_CSV_FINE, 0},
    {"\"a\"\"b\",\"\n\"\r\n", 2, PAR_CSV_FINE, 0},
    {"a\"b,c\n", 2, PAR_CSV_BARE_QUOTE, 1},
    {"x,\"a\"b\n", 2, PAR_CSV_AFTER_QUOTE, 5},
    {"x,\"ab\n", 2, PAR_CSV_OPEN_QUOTE, 2},
    {"ab\rc,d\n", 2, PAR_CSV_BARE_CR, 2},
    {"a,b\r", 2, PAR_CSV_BARE_CR, 3},
    {"\n", 2, PAR_CSV_BLANK, 0},
    {"\r\n", 1, PAR_CSV_BLANK, 0},
    {"a,\xff\n", 2, PAR_CSV_NOT_UTF8, 2},
    {"a,\xe4\xb8", 2, PAR_CSV_NOT_UTF8, 2},
    {"a,b\x1b\n", 2, PAR_CSV_CONTROL, 3},
    {"a,b\n", 3, PAR_CSV_FEW, 3},
    {"a,b\r\n", 3, PAR_CSV_FEW, 3},
    {"a,b,c,d\n", 2, PAR_CSV_MANY, 4},
};

static void places(void)
{
	for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
		size_t n = strlen(faults[i].s);
		par_csv_record r = par_csv_read(faults[i].s, n, true, faults[i].columns, NULL);
		ok(r.fault == faults[i].fault && (!r.fault || r.at == faults[i].at),
		    "case %d: fault %d at byte %d", (int)i, (int)faults[i].fault,
		    (int)faults[i].at);
	}
	char out[16];
	ok(par_csv_unquote(out, "\"a\"\"b\"", 6) == 3 && memcmp(out, "a\"b", 3) == 0 &&
		par_csv_unquote(out, "ab", 2) == 2 && par_csv_unquote(out, "\"\"", 2) == 0,
	    "quotes come off");
}

static void counts(void)
{
	bool same = true;
	for (int i = 0; i < 1000; i++) {
		size_t n = make_text(draw(300), 0);
		par_csv_counts c = {0}, slow = {0};
		par_csv_count(&c, text, n);
		for (size_t j = 0; j < n; j++) {
			slow.quotes += text[j] == '"';
			slow.lines += text[j] == '\n';
			slow.returns += text[j] == '\r';
		}
		same &= memcmp(&c, &slow, sizeof c) == 0;
	}
	ok(same, "quotes and line ends are counted");
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	fast_and_slow();
	long_fields();
	places();
	counts();
	return tap_end();
}
