#include "train/sentence.h"

#include "base/text.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* words of the names in base/layers.h's order */
static const char *const activations[] = {
    "none", "relu", "leaky", "sigmoid", "tanh", "gelu", "softplus"};
static const char *const firsts[] = {"torch", "he", "glorot", "zero"};
enum { ACTIVATIONS = 7, FIRSTS = 4 };

/* words that may follow: one that stands alone sets a flag, the others take the next word */
typedef enum { FLAG, WHOLE, REAL, FIRST, NAME } says_type;
typedef struct {
	const char *word;
	unsigned bit;
	says_type type;
	size_t at; /* offset of what it sets */
	double lo, hi;
} says;

#define AT(field) offsetof(sentence, field)
static const says all_says[] = {
    {"no_bias", SAYS_NO_BIAS, FLAG, AT(no_bias), 0, 0},
    {"spectral", SAYS_SPECTRAL, FLAG, AT(spectral), 0, 0},
    {"sharded", SAYS_SHARDED, FLAG, AT(sharded), 0, 0},
    {"sequence", SAYS_SEQUENCE, FLAG, AT(sequence), 0, 0},
    {"one_bias", SAYS_ONE_BIAS, FLAG, AT(one_bias), 0, 0},
    {"causal", SAYS_CAUSAL, FLAG, AT(causal), 0, 0},
    {"stride", SAYS_STRIDE, WHOLE, AT(stride), 1, 1 << 20},
    {"pad", SAYS_PAD, WHOLE, AT(pad), 0, 1 << 20},
    {"momentum", SAYS_MOMENTUM, REAL, AT(momentum), 1e-9, 1},
    {"eps", SAYS_EPS, REAL, AT(eps), 1e-12, 1},
    {"smoothing", SAYS_SMOOTHING, REAL, AT(smoothing), 0, .999},
    {"delta", SAYS_DELTA, REAL, AT(delta), 1e-9, 1e9},
    {"scale", SAYS_SCALE, REAL, AT(scale), 1e-9, 1e9},
    {"first", SAYS_FIRST, FIRST, AT(first), 0, 0},
    {"from", SAYS_FROM, NAME, AT(from), 0, 0},
};
enum { ALL_SAYS = sizeof all_says / sizeof all_says[0] };

par_err sentence_fail(const sentence *s, const char *fmt, ...)
{
	char text[1024];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	return par_fail(PAR_E_CONFIG, "%s: %s: %s", s->line.origin, s->line.key, text);
}

par_err sentence_unknown(
    const sentence *s, const char *what, const char *word, const char *const *known, int n)
{
	char all[512] = "";
	size_t used = 0;
	const char *near = par_text_nearest(word, known, n);
	if (near)
		return sentence_fail(
		    s, "unknown %s %s; did you mean %s?", what, par_shows(word), near);
	for (int i = 0; i < n && used + 2 < sizeof all; i++)
		used += (size_t)snprintf(
		    all + used, sizeof all - used, "%s%s", i ? " " : "", known[i]);
	return sentence_fail(
	    s, "unknown %s %s; wanted%s: %s", what, par_shows(word), n > 1 ? " one of" : "", all);
}

par_err sentence_cut(sentence *s, const par_conf_line *line)
{
	*s = (sentence){.line = *line};
	snprintf(s->text, sizeof s->text, "%s", line->value);
	for (char *at = s->text; *at;) {
		while (*at == ' ' || *at == '\t')
			*at++ = 0;
		if (!*at)
			break;
		if (s->words == SENTENCE_WORDS)
			return sentence_fail(s,
			    "more than %d words; wanted a kind and its arguments", SENTENCE_WORDS);
		s->word[s->words++] = at;
		while (*at && *at != ' ' && *at != '\t')
			at++;
	}
	return s->words ? PAR_OK : sentence_fail(s, "no kind; leave the line out instead");
}

static par_err take_count(sentence *s, const char *word, int64_t *out)
{
	if (par_text_int(word, strlen(word), 1, (int64_t)1 << 40, out) != PAR_NUM_OK)
		return sentence_fail(s, "%s; wanted a whole number from 1", par_shows(word));
	return PAR_OK;
}

/* 3x3 or 3 */
static par_err take_window(sentence *s, const char *word, int64_t *out)
{
	int64_t height, width;
	size_t x = strcspn(word, "x");
	if (par_text_int(word, x, 1, 1 << 20, &height) != PAR_NUM_OK)
		return sentence_fail(s, "%s; wanted a window, as 3x3", par_shows(word));
	*out = height;
	if (!word[x])
		return PAR_OK;
	const char *rest = word + x + 1;
	if (par_text_int(rest, strlen(rest), 1, 1 << 20, &width) != PAR_NUM_OK || width != height)
		return sentence_fail(s, "%s; wanted a square window, as %lldx%lld", par_shows(word),
		    (long long)height, (long long)height);
	return PAR_OK;
}

static par_err take_real(
    sentence *s, const char *what, const char *word, double lo, double hi, double *out)
{
	if (par_text_real(word, strlen(word), lo, hi, out) == PAR_NUM_OK)
		return PAR_OK;
	return sentence_fail(
	    s, "%s%s; wanted a number from %g to %g", what, par_shows(word), lo, hi);
}

static bool is_number(const char *word)
{
	return (*word >= '0' && *word <= '9') || *word == '.' || *word == '-';
}

static int find(const char *word, const char *const *known, int n)
{
	for (int i = 0; i < n; i++)
		if (strcmp(word, known[i]) == 0)
			return i;
	return -1;
}

static par_err take_activation(sentence *s, const char *word)
{
	int i = find(word, activations, ACTIVATIONS);
	if (i < 1)
		return sentence_unknown(s, "activation", word, activations + 1, ACTIVATIONS - 1);
	s->act = (par_act)i;
	return PAR_OK;
}

static par_err take_position(sentence *s, char letter, const char *word)
{
	switch (letter) {
	case 'n':
		return take_count(s, word, &s->count[s->counts++]);
	case 'k':
		return take_window(s, word, &s->count[s->counts++]);
	case 'o':
		s->other = word;
		return PAR_OK;
	case 'p':
		return take_real(s, "", word, 0, .999, &s->level[s->levels++]);
	case 'a':
		return take_activation(s, word);
	default:
		return take_real(s, "", word, 0, 1e9, &s->level[s->levels++]);
	}
}

static const char *wanted(char letter)
{
	if (letter == 'a')
		return "an activation, as relu";
	return letter == 'k'   ? "a window, as 3x3"
	       : letter == 'o' ? "the name of a line above"
	       : letter == 'n' ? "a whole number from 1"
			       : "a number";
}

static par_err take_positions(sentence *s, const char *form, int *at)
{
	for (; *form; form++) {
		if (*at == s->words)
			return sentence_fail(
			    s, "%s ends here; wanted %s next", s->word[*at - 1], wanted(*form));
		PAR_TRY(take_position(s, *form, s->word[(*at)++]));
		if (form[1] != '*')
			continue;
		while (*at < s->words && is_number(s->word[*at]))
			PAR_TRY(take_position(s, *form, s->word[(*at)++]));
		form++;
	}
	return PAR_OK;
}

static par_err take_first(sentence *s, const char *word)
{
	int i = find(word, firsts, FIRSTS);
	if (i < 0)
		return sentence_unknown(s, "first values", word, firsts, FIRSTS);
	s->first = (par_first)i;
	return PAR_OK;
}

static par_err take_says(sentence *s, const says *what, const char *value)
{
	void *field = (char *)s + what->at;
	char lead[32];
	snprintf(lead, sizeof lead, "%s ", what->word);
	switch (what->type) {
	case FLAG:
		*(bool *)field = true;
		return PAR_OK;
	case WHOLE:
		if (par_text_int(value, strlen(value), (int64_t)what->lo, (int64_t)what->hi,
			(int64_t *)field) == PAR_NUM_OK)
			return PAR_OK;
		return sentence_fail(
		    s, "%s%s; wanted a whole number from %g", lead, par_shows(value), what->lo);
	case REAL:
		return take_real(s, lead, value, what->lo, what->hi, (double *)field);
	case FIRST:
		return take_first(s, value);
	case NAME:
		*(const char **)field = value;
		return PAR_OK;
	}
	return PAR_OK;
}

static par_err no_such_word(const sentence *s, const char *word, unsigned allowed)
{
	const char *known[ALL_SAYS + ACTIVATIONS];
	int n = 0;
	for (int i = 1; i < ACTIVATIONS && allowed & SAYS_ACTIVATION; i++)
		known[n++] = activations[i];
	for (int i = 0; i < ALL_SAYS; i++)
		if (allowed & all_says[i].bit)
			known[n++] = all_says[i].word;
	return n ? sentence_unknown(s, "word", word, known, n)
		 : sentence_fail(s, "%s; wanted nothing after that", par_shows(word));
}

par_err sentence_take(sentence *s, const char *form, unsigned allowed)
{
	int at = 1;
	PAR_TRY(take_positions(s, form, &at));
	while (at < s->words) {
		const char *word = s->word[at++];
		int act = allowed & SAYS_ACTIVATION ? find(word, activations, ACTIVATIONS) : -1, i;
		if (act >= 0) {
			s->act = (par_act)act;
			continue;
		}
		for (i = 0; i < ALL_SAYS; i++)
			if (allowed & all_says[i].bit && strcmp(word, all_says[i].word) == 0)
				break;
		if (i == ALL_SAYS)
			return no_such_word(s, word, allowed);
		bool alone = all_says[i].type == FLAG;
		if (!alone && at == s->words)
			return sentence_fail(s, "%s ends the line; wanted its value next", word);
		PAR_TRY(take_says(s, &all_says[i], alone ? "" : s->word[at++]));
	}
	return PAR_OK;
}
