#include "io/csv.h"

#include "base/text.h"

#include <string.h>

/* where the reader of one record stands */
typedef struct {
	const char *s;
	size_t n, at;
	bool last;
	int fields;
	size_t excess; /* where the first field too many begins */
	par_csv_span *spans;
} reader;

static par_csv_record stop(const reader *r, par_csv_fault fault, size_t at)
{
	return (par_csv_record){fault, at, r->at, r->fields};
}

/* length of the valid character at r->at, 0 when there is none */
static size_t character(const reader *r)
{
	size_t left = r->n - r->at, n = left < 4 ? left : 4;
	size_t valid = par_text_utf8_valid(r->s + r->at, n);
	if (valid == 0)
		return 0;
	size_t len = 1;
	while (len < valid && ((unsigned char)r->s[r->at + len] & 0xc0) == 0x80)
		len++;
	return len;
}

static bool is_control(char c)
{
	return ((unsigned char)c < ' ' && c != '\t' && c != '\n' && c != '\r') || c == 0x7f;
}

static bool line_end_at(const reader *r, size_t i)
{
	return r->s[i] == '\n' || (r->s[i] == '\r' && i + 1 < r->n && r->s[i + 1] == '\n');
}

/* cut inside a character: more bytes may mend it, unless there are none */
static par_csv_fault broken(const reader *r)
{
	unsigned char lead = (unsigned char)r->s[r->at];
	size_t want = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
	return !r->last && r->at + want > r->n ? PAR_CSV_MORE : PAR_CSV_NOT_UTF8;
}

/* the field that begins at r->at, up to its comma, line end or the end of the text */
static par_csv_fault field(reader *r, size_t *where)
{
	size_t first = r->at;
	bool quoted = first < r->n && r->s[first] == '"';
	bool open = quoted;
	if (quoted)
		r->at++;
	while (r->at < r->n) {
		char c = r->s[r->at];
		*where = r->at;
		if (!open && (c == ',' || line_end_at(r, r->at)))
			break;
		if (quoted && !open)
			return c == '\r' && r->at + 1 == r->n && !r->last ? PAR_CSV_MORE
									  : PAR_CSV_AFTER_QUOTE;
		if (!open && c == '\r')
			return r->at + 1 == r->n && !r->last ? PAR_CSV_MORE : PAR_CSV_BARE_CR;
		if (!open && c == '"')
			return PAR_CSV_BARE_QUOTE;
		if (is_control(c))
			return PAR_CSV_CONTROL;
		size_t len = character(r);
		if (len == 0)
			return broken(r);
		if (open && c == '"') {
			if (r->at + 1 == r->n && !r->last)
				return PAR_CSV_MORE;
			if (r->at + 1 < r->n && r->s[r->at + 1] == '"')
				len = 2;
			else
				open = false;
		}
		r->at += len;
		if (r->at - first > PAR_CSV_FIELD) {
			*where = first;
			return PAR_CSV_LONG;
		}
	}
	*where = first;
	if (r->at == r->n && !r->last)
		return PAR_CSV_MORE;
	if (open)
		return PAR_CSV_OPEN_QUOTE;
	if (r->spans && r->fields < PAR_CSV_COLUMNS)
		r->spans[r->fields] = (par_csv_span){(uint32_t)first, (uint32_t)(r->at - first)};
	return PAR_CSV_FINE;
}

par_csv_record par_csv_read(const char *s, size_t n, bool last, int columns, par_csv_span *fields)
{
	reader r = {.s = s, .n = n, .last = last, .spans = fields};
	int most = columns > 0 ? columns : PAR_CSV_COLUMNS;
	if (n > 0 && line_end_at(&r, 0)) {
		r.at = s[0] == '\r' ? 2 : 1;
		return stop(&r, PAR_CSV_BLANK, 0);
	}
	for (;;) {
		size_t where = 0, first = r.at;
		par_csv_fault f = field(&r, &where);
		if (f != PAR_CSV_FINE)
			return stop(&r, f, where);
		if (++r.fields == most + 1)
			r.excess = first;
		if (r.fields > PAR_CSV_COLUMNS)
			return stop(&r, PAR_CSV_MANY, r.excess);
		if (r.at == n || s[r.at] != ',')
			break;
		r.at++;
	}
	size_t line_end = r.at;
	r.at += r.at == n ? 0 : s[r.at] == '\r' ? 2 : 1;
	if (r.fields > most)
		return stop(&r, PAR_CSV_MANY, r.excess);
	if (r.fields < columns)
		return stop(&r, PAR_CSV_FEW, line_end);
	return stop(&r, PAR_CSV_FINE, 0);
}

size_t par_csv_unquote(char *out, const char *s, size_t n)
{
	if (n < 2 || s[0] != '"') {
		memmove(out, s, n);
		return n;
	}
	size_t used = 0;
	for (size_t i = 1; i + 1 < n; i++) {
		out[used++] = s[i];
		i += s[i] == '"';
	}
	return used;
}

/* the first of ends[from, count) that is not below at */
static size_t field_of(const par_csv_marks *m, size_t from, size_t at)
{
	size_t step = 1, lo = from, hi;
	while (lo + step < m->end_count && m->ends[lo + step] < at) {
		lo += step;
		step *= 2;
	}
	hi = lo + step < m->end_count ? lo + step : m->end_count;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (m->ends[mid] < at)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* quotes[*k ...] of the field s[first, end): one that opens at first, pairs, one that closes */
static bool quotes_fine(const par_csv_marks *m, const char *s, size_t first, size_t end, size_t *k)
{
	size_t i = *k, stop_at = end;
	while (*k < m->quote_count && m->quotes[*k] < end)
		++*k;
	if (s[end] == '\n' && end > first && s[end - 1] == '\r')
		stop_at = end - 1;
	if (m->quotes[i] != first || (*k - i) % 2 != 0 || m->quotes[*k - 1] + 1 != stop_at)
		return false;
	for (i++; i + 1 < *k; i += 2)
		if (m->quotes[i] + 1 != m->quotes[i + 1])
			return false;
	return true;
}

/* the field with the first fault of quoting, or end_count */
static size_t quote_fault(const par_csv_marks *m, const char *s)
{
	size_t f = 0;
	for (size_t k = 0; k < m->quote_count;) {
		f = field_of(m, f, m->quotes[k]);
		if (f == m->end_count)
			break;
		size_t first = f > 0 ? m->ends[f - 1] + 1 : 0;
		if (!quotes_fine(m, s, first, m->ends[f], &k))
			return f;
	}
	return m->end_count;
}

static size_t long_fault(const par_csv_marks *m, const char *s)
{
	uint32_t most = m->end_count ? m->ends[0] : 0;
	for (size_t f = 1; f < m->end_count; f++) {
		uint32_t n = m->ends[f] - m->ends[f - 1] - 1;
		most = n > most ? n : most;
	}
	if (most <= PAR_CSV_FIELD)
		return m->end_count;
	size_t first = 0;
	for (size_t f = 0; f < m->end_count; f++) {
		size_t end = m->ends[f], n = end - first;
		n -= n > 0 && s[end] == '\n' && s[end - 1] == '\r';
		if (n > PAR_CSV_FIELD)
			return f;
		first = end + 1;
	}
	return m->end_count;
}

/* the record that holds byte at, or rows */
static size_t row_of(const par_csv_marks *m, size_t rows, int columns, size_t at)
{
	return rows ? field_of(m, 0, at) / (size_t)columns : 0;
}

static size_t control_fault(const char *s, size_t n)
{
	size_t i = 0;
	while (i < n && !is_control(s[i]))
		i++;
	return i;
}

/* rows whose last field ends at a line, and no other does */
static size_t regular_rows(const par_csv_marks *m, const char *s, int columns)
{
	size_t k = (size_t)columns, rows = m->end_count / k;
	bool regular = rows <= m->lines;
	for (size_t r = 0; r < rows; r++)
		regular &= s[m->ends[r * k + k - 1]] == '\n';
	if (regular && m->lines == rows)
		return rows;
	for (size_t r = 0; r < rows; r++)
		for (size_t c = 0; c < k; c++)
			if ((s[m->ends[r * k + c]] == '\n') != (c == k - 1))
				return r;
	return rows;
}

/* CR that no LF follows: the first one outside quotes, given that the rows end regularly */
static size_t return_fault(const par_csv_marks *m, const char *s, size_t rows, int columns)
{
	size_t taken = 0, k = (size_t)columns;
	for (size_t r = 0; r < rows; r++) {
		size_t end = m->ends[r * k + k - 1];
		taken += end > 0 && s[end - 1] == '\r';
	}
	if (taken == m->returns)
		return rows;
	for (size_t r = 0; r < rows; r++)
		for (size_t c = 0; c < k; c++) {
			size_t f = r * k + c, first = f > 0 ? m->ends[f - 1] + 1 : 0,
			       end = m->ends[f];
			size_t n = end - first;
			if (n > 0 && c == k - 1 && s[end - 1] == '\r')
				n--;
			if (n > 0 && s[first] != '"' && memchr(s + first, '\r', n))
				return r;
		}
	return rows;
}

static bool blank(const par_csv_marks *m, const char *s, size_t f)
{
	size_t first = f > 0 ? m->ends[f - 1] + 1 : 0, n = m->ends[f] - first;
	return n == 0 || (n == 1 && s[first] == '\r');
}

size_t par_csv_rows(par_csv_marks *m, char *s, size_t n, bool last, int columns, bool *faulty)
{
	size_t k = (size_t)columns;
	bool ended = n == 0 || (s[n - 1] == '\n' && !m->open), cut_return = false;
	if (last && !ended && !m->open) {
		cut_return = s[n - 1] == '\r';
		s[n] = '\n';
		m->ends[m->end_count++] = (uint32_t)n;
		m->lines++;
		n++;
	}
	size_t regular = regular_rows(m, s, columns), rows = regular, bad;
	/* what is left over: a whole record of another shape, or the beginning of one */
	*faulty = m->lines > rows || (last && m->open);
	if (m->quote_count && (bad = quote_fault(m, s) / k) < rows)
		rows = bad;
	if ((bad = long_fault(m, s) / k) < rows)
		rows = bad;
	if (m->high && (bad = row_of(m, rows, columns, par_text_utf8_valid(s, n))) < rows)
		rows = bad;
	if (m->control && (bad = row_of(m, rows, columns, control_fault(s, n))) < rows)
		rows = bad;
	if (m->returns && (bad = return_fault(m, s, rows, columns)) < rows)
		rows = bad;
	for (size_t r = 0; columns == 1 && r < rows; r++)
		if (blank(m, s, r))
			rows = r;
	if (cut_return && rows * k == m->end_count)
		rows--;
	*faulty |= rows < regular;
	return rows;
}
