/* Text: what stands between bytes a user gave us and a message, a number or an identifier.
 *
 * Nothing here allocates or depends on the locale. Numbers are exact: no strtod leniency (hex, inf,
 * blanks, a leading plus), no silent rounding, no overflow. */
#ifndef PAR_BASE_TEXT_H
#define PAR_BASE_TEXT_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

#define PAR_TEXT_SHOWN 80

/* local | copy n bytes into out[size] fit for a terminal: control, bidi and broken bytes as \xNN,
 * at most PAR_TEXT_SHOWN characters and then "...". Returns out. */
const char *par_text_show(char *out, size_t size, const char *s, size_t n);
/* local | the same into one of eight rotating buffers: at most eight in one message */
const char *par_show(const char *s, size_t n);
const char *par_shows(const char *s);

/* local | offset of the first byte that is not valid UTF-8 (overlong forms and surrogates are not),
 * or n when all is well */
size_t par_text_utf8_valid(const char *s, size_t n);
/* local | offset of the first character an identifier may not hold (C0, DEL, C1, line and paragraph
 * separators, bidirectional controls), or n; s is valid UTF-8 */
size_t par_text_control(const char *s, size_t n);

typedef enum {
	PAR_NUM_OK,
	PAR_NUM_EMPTY, /* no bytes */
	PAR_NUM_MALFORMED /* anything but the documented form */,
	PAR_NUM_RANGE, /* outside [lo, hi] or the type */
	PAR_NUM_DIGITS /* more digits after the point than the scale holds */
} par_num;

/* local | -?[0-9]+ within [lo, hi]; *v is untouched unless PAR_NUM_OK */
par_num par_text_int(const char *s, size_t n, int64_t lo, int64_t hi, int64_t *v);
/* local | -?[0-9]+(.[0-9]+)? as an integer number of 10^-scale units, exact; "-0" is MALFORMED.
 * Zeros beyond the scale are fine, other digits there are PAR_NUM_DIGITS and *v is then the value
 * rounded half to even, for callers that allow it. 0 <= scale <= 9. */
par_num par_text_decimal(const char *s, size_t n, int scale, int64_t *v);
/* local | a finite real in decimal or exponent form, correctly rounded; no hex, inf, nan or blanks
 */
par_num par_text_real(const char *s, size_t n, double lo, double hi, double *v);

/* local | the closest of k words to s within edit distance 2 (and under half its length), or NULL
 */
const char *par_text_nearest(const char *s, const char *const *words, int k);

#endif
