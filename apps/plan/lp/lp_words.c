#include "plan/lp/lp_words.h"

#include "base/text.h"
#include "plan/lp/number.h"

#include <string.h>
#include <strings.h>

static bool is_digit(char c)
{
	return (unsigned)(c - '0') < 10;
}

static bool is_name(char c)
{
	return is_digit(c) || (unsigned)((c | 32) - 'a') < 26 ||
	       (c && strchr("!\"#$%&(),.;?@_'`{}~[]/|", c)) || (unsigned char)c >= 128;
}

/* over blanks, line ends and comments */
static void skip(lp_words *w)
{
	for (; w->at < w->end; w->at++) {
		if (*w->at == '\n') {
			w->line = w->at + 1;
			w->number++;
			w->begins_line = true;
		} else if (*w->at == '\\') {
			const char *stop = memchr(w->at, '\n', (size_t)(w->end - w->at));
			w->at = stop ? stop - 1 : w->end - 1;
		} else if (*w->at != ' ' && *w->at != '\t' && *w->at != '\r') {
			return;
		}
	}
}

static size_t digits(const lp_words *w, const char *s)
{
	size_t n = 0;
	while (s + n < w->end && is_digit(s[n]))
		n++;
	return n;
}

static par_err read_number(lp_words *w)
{
	const char *s = w->at + digits(w, w->at);
	if (s < w->end && *s == '.')
		s += 1 + digits(w, s + 1);
	if (s < w->end && (*s | 32) == 'e') {
		const char *e = s + 1 + (s + 1 < w->end && (s[1] == '-' || s[1] == '+'));
		if (digits(w, e) > 0)
			s = e + digits(w, e);
	}
	w->n = (size_t)(s - w->s);
	w->kind = WORD_NUMBER;
	if (lp_number(w->s, w->n, &w->value) != PAR_NUM_OK)
		return par_fail(
		    PAR_E_DATA, PLACE "%s is no finite number", AT_WORD(w), lp_shown(w));
	return PAR_OK;
}

static part part_of(const lp_words *w)
{
	static const struct {
		const char *word;
		part part;
	} known[] = {{"minimize", PART_MINIMIZE}, {"minimise", PART_MINIMIZE},
	    {"minimum", PART_MINIMIZE}, {"min", PART_MINIMIZE}, {"maximize", PART_MAXIMIZE},
	    {"maximise", PART_MAXIMIZE}, {"maximum", PART_MAXIMIZE}, {"max", PART_MAXIMIZE},
	    {"subject", PART_ROWS}, {"such", PART_ROWS}, {"st", PART_ROWS}, {"s.t.", PART_ROWS},
	    {"st.", PART_ROWS}, {"bounds", PART_BOUNDS}, {"bound", PART_BOUNDS},
	    {"general", PART_GENERAL}, {"generals", PART_GENERAL}, {"gen", PART_GENERAL},
	    {"integer", PART_GENERAL}, {"integers", PART_GENERAL}, {"int", PART_GENERAL},
	    {"binary", PART_BINARY}, {"binaries", PART_BINARY}, {"bin", PART_BINARY},
	    {"end", PART_END}, {"semi-continuous", PART_OTHER}, {"semis", PART_OTHER},
	    {"semi", PART_OTHER}, {"sos", PART_OTHER}, {"sos1", PART_OTHER}, {"sos2", PART_OTHER}};
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (lp_word_is(w, known[i].word))
			return known[i].part;
	return PART_NONE;
}

static void read_name(lp_words *w)
{
	const char *s = w->at;
	while (s < w->end && is_name(*s))
		s++;
	w->n = (size_t)(s - w->s);
	w->kind = WORD_NAME;
	while (s < w->end && (*s == ' ' || *s == '\t'))
		s++;
	w->label = s < w->end && *s == ':';
	w->part = w->begins_line && !w->label ? part_of(w) : PART_NONE;
}

static par_err read_sign(lp_words *w)
{
	char c = *w->at, next = w->at + 1 < w->end ? w->at[1] : 0;
	bool two = (c == '=' && (next == '<' || next == '>')) ||
		   ((c == '<' || c == '>') && next == '=');
	w->n = two ? 2 : 1;
	if (c == '+')
		w->kind = WORD_PLUS;
	else if (c == '-')
		w->kind = WORD_MINUS;
	else if (c == ':')
		w->kind = WORD_COLON;
	else if (c == '<' || (two && next == '<'))
		w->kind = WORD_LESS;
	else if (c == '>' || (two && next == '>'))
		w->kind = WORD_MORE;
	else if (c == '=')
		w->kind = WORD_EQUAL;
	else
		return par_fail(PAR_E_DATA,
		    PLACE
		    "character %s; wanted a name, a number, a sign or a relation (products and "
		    "powers are not linear)",
		    AT_WORD(w), par_show(w->s, 1));
	return PAR_OK;
}

par_err lp_next(lp_words *w)
{
	w->begins_line = w->at == w->line;
	skip(w);
	w->s = w->at;
	w->n = 0;
	w->label = false;
	w->part = PART_NONE;
	w->kind = WORD_END;
	if (w->at == w->end)
		return PAR_OK;
	bool dot_number = *w->at == '.' && w->at + 1 < w->end && is_digit(w->at[1]);
	if (is_digit(*w->at) || dot_number)
		PAR_TRY(read_number(w));
	else if (is_name(*w->at))
		read_name(w);
	else
		PAR_TRY(read_sign(w));
	w->at = w->s + w->n;
	return PAR_OK;
}

const char *lp_shown(const lp_words *w)
{
	return w->kind == WORD_END ? "the end of the file" : par_show(w->s, w->n);
}

bool lp_word_is(const lp_words *w, const char *word)
{
	return w->kind == WORD_NAME && w->n == strlen(word) && strncasecmp(w->s, word, w->n) == 0;
}
