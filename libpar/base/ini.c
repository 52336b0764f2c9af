#include "base/ini.h"

#include "base/text.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define VALUE_MAX_BYTES 4096
#define FILE_MAX_BYTES (1 << 20)

typedef struct name {
	struct name *next;
	int line;
	char section[PAR_INI_NAME + 1], key[PAR_INI_NAME + 1];
} name;

typedef struct {
	const char *file;
	int line;
	char section[PAR_INI_NAME + 1];
	name *seen; /* every section and key so far, to refuse the second of a pair */
	par_ini_fn fn;
	void *ctx;
} parser;

typedef struct {
	const char *s;
	size_t n;
	int column; /* of s[0] */
} span;

static span trim(span x)
{
	while (x.n > 0 && (x.s[0] == ' ' || x.s[0] == '\t')) {
		x.s++;
		x.n--;
		x.column++;
	}
	while (x.n > 0 && (x.s[x.n - 1] == ' ' || x.s[x.n - 1] == '\t'))
		x.n--;
	return x;
}

static par_err refuse_second(parser *p, const char *section, const char *key, int column)
{
	for (const name *old = p->seen; old; old = old->next)
		if (strcmp(old->section, section) == 0 && strcmp(old->key, key) == 0)
			return par_fail(PAR_E_CONFIG,
			    "%s:%d:%d: %s %s stands on line %d already; keep one", p->file, p->line,
			    column, *key ? "key" : "section", par_shows(*key ? key : section),
			    old->line);
	name *fresh = malloc(sizeof *fresh);
	if (!fresh)
		return par_fail(PAR_E_MEMORY, "no memory for the names of %s", p->file);
	*fresh = (name){.next = p->seen, .line = p->line};
	memcpy(fresh->section, section, strlen(section) + 1);
	memcpy(fresh->key, key, strlen(key) + 1);
	p->seen = fresh;
	return PAR_OK;
}

/* a section's or key's name goes into out */
static par_err take_name(const parser *p, span x, const char *what, char *out)
{
	if (x.n == 0)
		return par_fail(
		    PAR_E_CONFIG, "%s:%d:%d: no %s name", p->file, p->line, x.column, what);
	if (x.n > PAR_INI_NAME || par_text_control(x.s, x.n) != x.n)
		return par_fail(PAR_E_CONFIG,
		    "%s:%d:%d: %s is no %s name; wanted 1 to %d plain bytes", p->file, p->line,
		    x.column, par_show(x.s, x.n), what, PAR_INI_NAME);
	memcpy(out, x.s, x.n);
	out[x.n] = 0;
	return PAR_OK;
}

static par_err section_line(parser *p, span x)
{
	if (x.s[x.n - 1] != ']')
		return par_fail(PAR_E_CONFIG, "%s:%d:%d: section %s has no closing ]", p->file,
		    p->line, x.column + (int)x.n, par_show(x.s, x.n));
	span inner = trim((span){x.s + 1, x.n - 2, x.column + 1});
	PAR_TRY(take_name(p, inner, "section", p->section));
	PAR_TRY(refuse_second(p, p->section, "", x.column));
	par_ini_item item = {p->file, p->section, NULL, NULL, p->line, inner.column, inner.column};
	return p->fn(p->ctx, &item);
}

static par_err key_line(parser *p, span x)
{
	if (!*p->section)
		return par_fail(PAR_E_CONFIG,
		    "%s:%d:%d: %s stands before any [section]; there are no includes either",
		    p->file, p->line, x.column, par_show(x.s, x.n));
	const char *equals = memchr(x.s, '=', x.n);
	if (!equals) {
		size_t word = 0, at;
		while (word < x.n && x.s[word] != ' ' && x.s[word] != '\t')
			word++;
		for (at = word; at < x.n && (x.s[at] == ' ' || x.s[at] == '\t');)
			at++;
		return par_fail(PAR_E_CONFIG, "%s:%d:%d: no = after %s; wanted key = value",
		    p->file, p->line, x.column + (int)at, par_show(x.s, word));
	}
	size_t at = (size_t)(equals - x.s);
	span key = trim((span){x.s, at, x.column});
	span value = trim((span){equals + 1, x.n - at - 1, x.column + (int)at + 1});
	char word[PAR_INI_NAME + 1];
	PAR_TRY(take_name(p, key, "key", word));
	PAR_TRY(refuse_second(p, p->section, word, key.column));
	if (value.n > VALUE_MAX_BYTES)
		return par_fail(PAR_E_CONFIG,
		    "%s:%d:%d: the value of %s has %zu bytes; at most %d fit", p->file, p->line,
		    value.column, word, value.n, VALUE_MAX_BYTES);
	char text[VALUE_MAX_BYTES + 1];
	memcpy(text, value.s, value.n);
	text[value.n] = 0;
	par_ini_item item = {p->file, p->section, word, text, p->line, key.column, value.column};
	return p->fn(p->ctx, &item);
}

static par_err one_line(parser *p, const char *s, size_t n)
{
	if (n > 0 && s[n - 1] == '\r')
		n--;
	const char *nul = memchr(s, 0, n);
	if (nul)
		return par_fail(PAR_E_CONFIG, "%s:%d:%d: a NUL byte; wanted text", p->file, p->line,
		    (int)(nul - s) + 1);
	size_t bad = par_text_utf8_valid(s, n);
	if (bad < n)
		return par_fail(PAR_E_CONFIG, "%s:%d:%d: byte %s is not UTF-8", p->file, p->line,
		    (int)bad + 1, par_show(s + bad, 1));
	span x = trim((span){s, n, 1});
	if (x.n == 0 || x.s[0] == '#' || x.s[0] == ';')
		return PAR_OK;
	return x.s[0] == '[' ? section_line(p, x) : key_line(p, x);
}

par_err par_ini_needs_value(const par_ini_item *item)
{
	if (!item->value || *item->value)
		return PAR_OK;
	return par_fail(PAR_E_CONFIG, "%s:%d:%d: %s has no value; leave the line out instead",
	    item->file, item->line, item->value_column, item->key);
}

par_err par_ini_parse(const char *file, const char *text, size_t n, par_ini_fn fn, void *ctx)
{
	parser p = {.file = file, .fn = fn, .ctx = ctx};
	par_err e = PAR_OK;
	size_t at = n >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
	while (at < n && e == PAR_OK) {
		const char *end = memchr(text + at, '\n', n - at);
		size_t length = end ? (size_t)(end - text) - at : n - at;
		p.line++;
		e = one_line(&p, text + at, length);
		at += length + 1;
	}
	while (p.seen) {
		name *next = p.seen->next;
		free(p.seen);
		p.seen = next;
	}
	return e;
}

static par_err cannot(const char *path, const char *why)
{
	return par_fail(PAR_E_INPUT, "%s: cannot read: %s", path, why);
}

par_err par_ini_read(const char *path, par_ini_fn fn, void *ctx)
{
	struct stat info;
	FILE *f = fopen(path, "rb");
	if (!f)
		return cannot(path, strerror(errno));
	if (fstat(fileno(f), &info) != 0 || !S_ISREG(info.st_mode)) {
		fclose(f);
		return cannot(path, "not a regular file");
	}
	char *text = info.st_size <= FILE_MAX_BYTES ? malloc((size_t)info.st_size + 1) : NULL;
	size_t n = text ? fread(text, 1, (size_t)info.st_size, f) : 0;
	fclose(f);
	if (!text)
		return par_fail(PAR_E_CONFIG,
		    "%s:1:1: %lld bytes are too many for an ini file; at most %d", path,
		    (long long)info.st_size, FILE_MAX_BYTES);
	par_err e = par_ini_parse(path, text, n, fn, ctx);
	free(text);
	return e;
}
