#include "common/svg.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

static void put(FILE *out, char c)
{
	switch (c) {
	case '&':
		fputs("&amp;", out);
		break;
	case '<':
		fputs("&lt;", out);
		break;
	case '>':
		fputs("&gt;", out);
		break;
	case '"':
		fputs("&quot;", out);
		break;
	default:
		fputc(c, out);
	}
}

void svg_text(FILE *out, const char *text)
{
	for (; *text; text++)
		put(out, *text);
}

/* bytes that continue a character count with the one that began it */
static int characters(const char *text)
{
	int n = 0;
	for (; *text; text++)
		n += (*text & 0xc0) != 0x80;
	return n;
}

void svg_text_cut(FILE *out, const char *text, int n)
{
	bool cut = characters(text) > n;
	int shown = 0;
	for (; *text; text++) {
		shown += (*text & 0xc0) != 0x80;
		if (cut && shown == n)
			break;
		put(out, *text);
	}
	if (cut)
		fputs("\xe2\x80\xa6", out);
}

/* after DejaVu Sans, the widest of them; ideographs are square */
static double width_of(char c)
{
	if ((c & 0xc0) == 0x80)
		return 0;
	if (c & 0x80)
		return (c & 0xf0) >= 0xe0 ? 11.5 : 8;
	if (strchr("WM%@mw", c))
		return 10.7;
	if (strchr(" .,:;|!'/iljI-()[]", c))
		return 4.3;
	return c >= 'A' && c <= 'Z' ? 8 : 7;
}

double svg_width(const char *text)
{
	double sum = 0;
	for (; *text; text++)
		sum += width_of(*text);
	return sum;
}

double svg_tick(double range)
{
	double unit = pow(10, floor(log10(range)));
	double n = range / unit;
	return n < 2 ? unit / 2 : n < 5 ? unit : 2 * unit;
}
