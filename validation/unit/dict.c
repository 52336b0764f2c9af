/* np: 1 */
#include "base/dict.h"
#include "../tap.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS = 60000 };

/* lengths 0 to 40, with zero bytes and long common beginnings; different for different i */
static size_t word(int i, char *out)
{
	size_t pad = (size_t)i % 37;
	memset(out, i % 3 ? 'x' : 0, pad);
	memcpy(out + pad, &i, 3);
	memset(out + pad + 3, 'z', 16); /* what follows must not matter */
	return pad + 3;
}

int main(int argc, char **argv)
{
	char s[80], t[80];
	par_dict d = {0};
	bool fresh = true, found = true, kept = true, sorted = true;
	tap_begin(&argc, &argv);
	ok(par_dict_find(&d, "x                ", 1) == -1, "an empty one holds nothing");
	ok(par_dict_put(&d, "                 ", 0) == 0 &&
		par_dict_find(&d, "yyyyyyyyyyyyyyyyy", 0) == 0,
	    "the empty text is a text");
	for (int i = 0; i < WORDS; i++) {
		size_t n = word(i, s);
		fresh &= par_dict_find(&d, s, n) == -1 && par_dict_put(&d, s, n) == i + 1;
	}
	ok(fresh && d.count == WORDS + 1, "60,000 texts get numbers in order");
	for (int i = 0; i < WORDS; i++) {
		size_t n = word(i, s), k;
		memset(s + n, i & 255, 16);
		found &= par_dict_put(&d, s, n) == i + 1;
		const char *text = par_dict_text(&d, i + 1, &k);
		kept &= k == n && memcmp(text, s, n) == 0;
	}
	ok(found && d.count == WORDS + 1, "and keep them, whatever stands behind the bytes");
	ok(kept, "and give their bytes back");
	int32_t *order = malloc((size_t)d.count * sizeof *order);
	par_dict_sort(&d, order);
	for (int32_t k = 1; k < d.count; k++) {
		size_t n, m;
		memcpy(s, par_dict_text(&d, order[k - 1], &n), 48);
		memcpy(t, par_dict_text(&d, order[k], &m), 48);
		int c = memcmp(s, t, n < m ? n : m);
		sorted &= c < 0 || (c == 0 && n < m);
	}
	ok(sorted, "and sort bytewise");
	free(order);
	par_dict_free(&d);
	return tap_end();
}
