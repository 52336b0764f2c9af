/* np: 1 */
#include "base/text.h"
#include "../tap.h"

#include <string.h>

#define LONG "abcdefghijklmnopqrstuvwxyz"

static void showing(void)
{
	char out[512];
	ok(strcmp(par_text_show(out, sizeof out, "a\x1b[31m", 6), "a\\x1b[31m") == 0,
	    "an escape sequence is shown, not sent");
	ok(strcmp(par_text_show(out, sizeof out, "a\0b", 3), "a\\x00b") == 0, "so is NUL");
	ok(strcmp(par_text_show(out, sizeof out, "K\xc3\xa4se", 5), "K\xc3\xa4se") == 0,
	    "letters stay letters");
	ok(strcmp(par_text_show(out, sizeof out, "\xff\xe2\x80\xae", 4), "\\xff\\xe2\\x80\\xae") ==
		0,
	    "broken bytes and bidi controls are shown");
	ok(strcmp(par_text_show(out, sizeof out, "%s%n", 4), "%s%n") == 0, "formats stay text");
	par_text_show(out, sizeof out, LONG LONG LONG LONG, 104);
	ok(strlen(out) == 83 && strcmp(out + 80, "...") == 0, "long text is cut at 80");
	ok(strlen(par_text_show(out, 16, LONG, 26)) < 16, "and at the room there is");
}

static void encodings(void)
{
	static const struct {
		const char *s;
		size_t n, valid;
	} t[] = {
	    {"", 0, 0}, {LONG, 26, 26}, {"12345678\x80", 9, 8}, {"\xc3\xa4", 2, 2}, {"\xc3", 1, 0},
	    {"\xc0\xaf", 2, 0},         /* overlong slash */
	    {"\xe0\x80\xaf", 3, 0},     /* overlong again */
	    {"\xed\xa0\x80", 3, 0},     /* surrogate */
	    {"\xed\x9f\xbf", 3, 3},     /* last before them */
	    {"\xf0\x9f\x8d\x8a", 4, 4}, /* a tangerine */
	    {"\xf4\x90\x80\x80", 4, 0}, /* beyond Unicode */
	    {"ab\xe4\xbd", 4, 2},       /* cut in a character */
	};
	for (size_t i = 0; i < sizeof t / sizeof t[0]; i++)
		ok(par_text_utf8_valid(t[i].s, t[i].n) == t[i].valid, "UTF-8 case %zu", i);
	ok(par_text_control("A-1\xc2\x85", 5) == 3 && par_text_control("ab\x7f", 3) == 2 &&
		par_text_control("x\xe2\x80\xaey", 5) == 1 &&
		par_text_control("K\xc3\xa4se", 5) == 5,
	    "identifiers hold no C1, DEL or bidi controls");
}

static int is_int(const char *s, int64_t want)
{
	int64_t v = -77;
	par_num k = par_text_int(s, strlen(s), INT64_MIN, INT64_MAX, &v);
	return k == PAR_NUM_OK && v == want;
}

static int not_int(const char *s, par_num why)
{
	int64_t v = -77;
	return par_text_int(s, strlen(s), -100, 100, &v) == why && v == -77;
}

static void integers(void)
{
	ok(is_int("0", 0) && is_int("-7", -7) && is_int("007", 7), "whole numbers parse");
	ok(is_int("9223372036854775807", INT64_MAX) && is_int("-9223372036854775808", INT64_MIN),
	    "to both ends of the type");
	ok(not_int("9223372036854775808", PAR_NUM_RANGE) && not_int("101", PAR_NUM_RANGE),
	    "overflow and range are told apart from form");
	ok(not_int("", PAR_NUM_EMPTY) && not_int("-", PAR_NUM_MALFORMED) &&
		not_int("+1", PAR_NUM_MALFORMED) && not_int(" 1", PAR_NUM_MALFORMED) &&
		not_int("1 ", PAR_NUM_MALFORMED) && not_int("0x1", PAR_NUM_MALFORMED) &&
		not_int("1e2", PAR_NUM_MALFORMED) && not_int("nan", PAR_NUM_MALFORMED) &&
		not_int("\xef\xbc\x91", PAR_NUM_MALFORMED),
	    "what strtol and atoi let through is refused");
}

static int decimal(const char *s, int scale, par_num kind, int64_t want)
{
	int64_t v = -77;
	return par_text_decimal(s, strlen(s), scale, &v) == kind && v == want;
}

static void decimals(void)
{
	ok(decimal("12.50", 2, PAR_NUM_OK, 1250) && decimal("12", 2, PAR_NUM_OK, 1200) &&
		decimal("0.05", 2, PAR_NUM_OK, 5) && decimal("-3.1", 2, PAR_NUM_OK, -310) &&
		decimal("7.000", 2, PAR_NUM_OK, 700),
	    "money is exact in minor units");
	ok(decimal("0.125", 2, PAR_NUM_DIGITS, 12) && decimal("0.135", 2, PAR_NUM_DIGITS, 14) &&
		decimal("0.1251", 2, PAR_NUM_DIGITS, 13) &&
		decimal("-0.125", 2, PAR_NUM_DIGITS, -12),
	    "lost digits are told, and rounded half to even for who asks");
	ok(decimal("1.2.3", 2, PAR_NUM_MALFORMED, -77) &&
		decimal("1,5", 2, PAR_NUM_MALFORMED, -77) &&
		decimal(".5", 2, PAR_NUM_MALFORMED, -77) &&
		decimal("5.", 2, PAR_NUM_MALFORMED, -77) &&
		decimal("-0", 2, PAR_NUM_MALFORMED, -77) &&
		decimal("1e3", 2, PAR_NUM_MALFORMED, -77) &&
		decimal("$5", 2, PAR_NUM_MALFORMED, -77),
	    "other ways to write money are refused");
	ok(decimal("92233720368547758.08", 2, PAR_NUM_RANGE, -77) &&
		decimal("92233720368547758.079", 2, PAR_NUM_RANGE, -77),
	    "overflow is refused, also by rounding");
}

static int real(const char *s, double want)
{
	double v = -77;
	return par_text_real(s, strlen(s), -1e300, 1e300, &v) == PAR_NUM_OK && v == want;
}

static int not_real(const char *s)
{
	double v = -77;
	return par_text_real(s, strlen(s), -1e300, 1e300, &v) != PAR_NUM_OK && v == -77;
}

static void reals(void)
{
	ok(real("0.1", 0.1) && real("-2.5e-3", -2.5e-3) && real(".5", .5) && real("5.", 5) &&
		real("1E+5", 1e5),
	    "real numbers are correctly rounded");
	ok(not_real("nan") && not_real("inf") && not_real("0x1p3") && not_real("1e999") &&
		not_real("") && not_real(".") && not_real("1e") && not_real(" 1") &&
		not_real("1,5"),
	    "what strtod lets through is refused");
}

static void nearest(void)
{
	static const char *const words[] = {"horizon", "season", "units"};
	const char *w = par_text_nearest("unit", words, 3);
	ok(w && strcmp(w, "units") == 0, "unit is near units");
	w = par_text_nearest("horzion", words, 3);
	ok(w && strcmp(w, "horizon") == 0, "horzion is near horizon");
	ok(!par_text_nearest("price", words, 3), "price is near none of them");
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	showing();
	encodings();
	integers();
	decimals();
	reals();
	nearest();
	return tap_end();
}
