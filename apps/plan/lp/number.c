#include "plan/lp/number.h"

#include <float.h>
#include <stdbool.h>

static const double tens[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12,
    1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/* digits from s on, at most 18 of them together with those before; their number */
static size_t digits(const char *s, const char *end, int64_t *mantissa)
{
	size_t k = 0;
	for (; s + k < end && k < 18 && (unsigned)(s[k] - '0') < 10; k++)
		*mantissa = 10 * *mantissa + (s[k] - '0');
	return k;
}

/* the exponent after e or E; false when it is not of one to three digits */
static bool exponent(const char **s, const char *end, int *e)
{
	bool down = *s < end && **s == '-';
	*s += *s < end && (**s == '-' || **s == '+');
	int64_t v = 0;
	size_t k = digits(*s, end, &v);
	*s += k;
	*e += (int)(down ? -v : v);
	return k > 0 && k < 4;
}

par_num lp_number(const char *s, size_t n, double *v)
{
	const char *at = s + (n > 0 && (*s == '-' || *s == '+')), *end = s + n;
	int64_t mantissa = 0;
	int e = 0;
	size_t whole = digits(at, end, &mantissa), part = 0;
	if (whole < 16 && (at += whole) < end && *at == '.') {
		part = digits(at + 1, end, &mantissa);
		at += 1 + part;
		e = -(int)part;
	}
	bool easy = whole + part > 0 && whole + part < 16;
	if (easy && at < end && (*at == 'e' || *at == 'E')) {
		at++;
		easy = exponent(&at, end, &e);
	}
	if (!easy || at != end || e < -22 || e > 22)
		return par_text_real(s + (n > 1 && *s == '+' && s[1] != '-'),
		    n - (n > 1 && *s == '+' && s[1] != '-'), -DBL_MAX, DBL_MAX, v);
	double x = e < 0 ? (double)mantissa / tens[-e] : (double)mantissa * tens[e];
	*v = *s == '-' ? -x : x;
	return PAR_NUM_OK;
}
