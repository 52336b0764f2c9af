#include "train/words.h"

#include <stdbool.h>
#include <string.h>

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (unsigned char)c >= 0x80;
}

static bool inside(const char *s, size_t n, size_t i)
{
	return is_letter(s[i]) || (s[i] == '\'' && i + 1 < n && is_letter(s[i + 1]));
}

size_t words_next(const char *s, size_t n, size_t *at, char out[NAMES_BYTES + 16])
{
	size_t length = 0, i = *at;
	bool full = false;
	while (i < n && !is_letter(s[i]))
		i++;
	for (; i < n && inside(s, n, i); i++) {
		/* a character of up to four bytes is kept whole or left out */
		bool begins = ((unsigned char)s[i] & 0xc0) != 0x80;
		full = full || (begins && length + 4 > NAMES_BYTES);
		if (!full)
			out[length++] = s[i] >= 'A' && s[i] <= 'Z' ? (char)(s[i] - 'A' + 'a')
								   : s[i];
	}
	*at = i;
	memset(out + length, 0, 16);
	return length;
}

void words_number(const names *vocabulary, const char *s, size_t n, int length, int32_t *out)
{
	char word[NAMES_BYTES + 16];
	int found = 0;
	size_t at = 0, bytes;
	while (found < length && (bytes = words_next(s, n, &at, word)) > 0)
		out[found++] = names_find(vocabulary, word, bytes) + 1;
	memmove(out + length - found, out, (size_t)found * sizeof *out);
	for (int i = 0; i < length - found; i++)
		out[i] = WORDS_NONE;
}
