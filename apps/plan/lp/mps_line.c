#include "plan/lp/mps_line.h"

#include "base/text.h"
#include "plan/lp/number.h"

#include <string.h>

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool is_control(char c)
{
	return (unsigned char)c < 0x20 && c != '\t';
}

/* a byte that no text holds: a control character other than a tab. The first loop does not stop at one, so
 * that it runs on whole registers. */
static const char *control(const char *s, const char *end)
{
	unsigned char any = 0;
	for (const char *c = s; c < end; c++)
		any |= is_control(*c);
	while (any && !is_control(*s))
		s++;
	return any ? s : NULL;
}

par_err mps_next(mps_lines *r, bool *found)
{
	*found = false;
	while (r->at < r->end) {
		const char *stop = memchr(r->at, '\n', (size_t)(r->end - r->at));
		r->line = r->at;
		r->at = stop ? stop + 1 : r->end;
		r->line_end = stop ? stop : r->end;
		r->number++;
		while (
		    r->line_end > r->line && (is_blank(r->line_end[-1]) || r->line_end[-1] == '\r'))
			r->line_end--;
		const char *bad = control(r->line, r->line_end);
		if (bad)
			return par_fail(PAR_E_DATA,
			    PLACE "a control character, %s; wanted the text of an MPS file",
			    AT(r, bad), par_show(bad, 1));
		const char *s = r->line;
		while (s < r->line_end && is_blank(*s))
			s++;
		if (s < r->line_end && *r->line != '*') {
			*found = true;
			return PAR_OK;
		}
	}
	r->line = r->line_end = r->at;
	r->number++;
	return PAR_OK;
}

bool mps_is_header(const mps_lines *r)
{
	return !is_blank(*r->line);
}

bool mps_is(mps_field f, const char *word)
{
	return f.n == strlen(word) && memcmp(f.s, word, f.n) == 0;
}

int mps_words(mps_lines *r)
{
	int n = 0;
	const char *s = r->line;
	for (;;) {
		while (s < r->line_end && is_blank(*s))
			s++;
		if (s == r->line_end)
			return n;
		const char *word = s;
		while (s < r->line_end && !is_blank(*s))
			s++;
		if (n < MPS_FIELDS)
			r->field[n] = (mps_field){word, (size_t)(s - word)};
		n++;
	}
}

/* columns 2-3, 5-12, 15-22, 25-36, 40-47, 50-61, counted from 1; nothing stands between them */
static par_err split_fixed(mps_lines *r)
{
	static const int from[MPS_FIELDS + 1] = {1, 4, 14, 24, 39, 49, 1 << 20};
	static const int to[MPS_FIELDS] = {3, 12, 22, 36, 47, 61};
	int length = (int)(r->line_end - r->line);
	for (int f = 0; f < MPS_FIELDS; f++) {
		int lo = from[f] < length ? from[f] : length, hi = to[f] < length ? to[f] : length;
		int next = from[f + 1] < length ? from[f + 1] : length;
		for (int i = hi; i < next; i++)
			if (r->line[i] != ' ')
				return par_fail(PAR_E_DATA,
				    PLACE "text between the fields of a fixed MPS line",
				    AT(r, r->line + i));
		while (lo < hi && r->line[lo] == ' ')
			lo++;
		while (hi > lo && r->line[hi - 1] == ' ')
			hi--;
		r->field[f] = (mps_field){r->line + lo, (size_t)(hi - lo)};
	}
	return PAR_OK;
}

static bool is_number(mps_field f)
{
	double v;
	return lp_number(f.s, f.n, &v) == PAR_NUM_OK;
}

/* a line of n words, which are not those that its section wants */
static par_err odd_line(mps_lines *r, mps_form form, int n, int want)
{
	int first = form == MPS_CODE || form == MPS_CODE_SET;
	bool too_many = n > want || (form == MPS_COLUMN && n == 4 && !is_number(r->field[2]));
	if (too_many) {
		r->blank_name = true;
		return par_fail(PAR_E_DATA,
		    PLACE
		    "%d fields, wanted %d; a name with a blank can be read in fixed MPS only, "
		    "whose fields begin in columns 2, 5, 15, 25, 40 and 50",
		    AT(r, r->field[first].s), n, want);
	}
	return par_fail(PAR_E_DATA, PLACE "the line ends after %d field%s; wanted %d, %s",
	    AT(r, r->line_end), n, n == 1 ? "" : "s", want,
	    form == MPS_CODE ? "a type and a name" : "each name with its number");
}

/* words to fields: from word w on, field f onwards */
static void place(mps_lines *r, int n, int w, int f)
{
	mps_field word[MPS_FIELDS];
	memcpy(word, r->field, sizeof word);
	memset(r->field, 0, sizeof r->field);
	for (int i = 0; i < w; i++)
		r->field[i] = word[i];
	for (int i = w; i < n; i++, f++)
		r->field[f] = word[i];
}

bool mps_is_bare(mps_field code)
{
	return mps_is(code, "FR") || mps_is(code, "MI") || mps_is(code, "PL") || mps_is(code, "BV");
}

static par_err split_bound(mps_lines *r, int n)
{
	bool bare = n > 0 && mps_is_bare(r->field[0]);
	if (n < (bare ? 2 : 3) || n > 4)
		return odd_line(r, MPS_CODE_SET, n, bare ? 3 : 4);
	place(r, n, 1, n == 2 || (n == 3 && !bare) ? 2 : 1);
	return PAR_OK;
}

par_err mps_split(mps_lines *r, mps_form form)
{
	if (r->fixed)
		return split_fixed(r);
	int n = mps_words(r);
	switch (form) {
	case MPS_CODE:
		if (n != 2)
			return odd_line(r, form, n, 2);
		place(r, n, 2, 2);
		return PAR_OK;
	case MPS_COLUMN:
		if (n != 3 && n != 5)
			return odd_line(r, form, n, n > 3 ? 5 : 3);
		place(r, n, 0, 1);
		return PAR_OK;
	case MPS_SET:
		if (n < 2 || n > 5)
			return odd_line(r, form, n, n > 3 ? 5 : 3);
		place(r, n, 0, n % 2 ? 1 : 2);
		return PAR_OK;
	case MPS_CODE_SET:
		return split_bound(r, n);
	}
	return PAR_OK;
}
