#include "io/json.h"

#include "base/text.h"
#include "io/file.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static par_err fail_at(const char *name, const char *text, size_t at, const char *what)
{
	int line = 1, column = 1;
	for (size_t i = 0; i < at; i++) {
		column = text[i] == '\n' ? 1 : column + 1;
		line += text[i] == '\n';
	}
	return par_fail(
	    PAR_E_CONFIG, "%s:%d:%d: %s; wanted JSON (RFC 8259)", name, line, column, what);
}

/* brackets outside strings: how deep, and whether all are closed at the end */
static par_err check_nesting(const char *name, const char *text, size_t n)
{
	long depth = 0;
	size_t deepest_at = 0;
	bool in_string = false;
	char what[96];
	for (size_t i = 0; i < n; i++) {
		if (in_string && text[i] == '\\')
			i++;
		else if (text[i] == '"')
			in_string = !in_string;
		else if (!in_string && (text[i] == '[' || text[i] == '{')) {
			if (++depth == PAR_JSON_DEPTH + 1 && !deepest_at)
				deepest_at = i;
		} else if (!in_string && (text[i] == ']' || text[i] == '}'))
			depth--;
	}
	if (depth > PAR_JSON_DEPTH) {
		snprintf(what, sizeof what, "%ld brackets are never closed; at most %d levels",
		    depth, PAR_JSON_DEPTH);
		return fail_at(name, text, n, what);
	}
	snprintf(what, sizeof what, "more than %d levels of brackets", PAR_JSON_DEPTH);
	return deepest_at ? fail_at(name, text, deepest_at, what) : PAR_OK;
}

par_err par_json_parse(json_t **out, const char *name, const char *text, size_t n)
{
	json_error_t error;
	*out = NULL;
	PAR_TRY(check_nesting(name, text, n));
	*out = json_loadb(text, n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
	if (*out)
		return PAR_OK;
	if (json_error_code(&error) == json_error_out_of_memory)
		return par_fail(PAR_E_MEMORY, "%s: no memory to read it", name);
	size_t at = error.position > 0 && (size_t)error.position <= n ? (size_t)error.position : 0;
	return fail_at(name, text, at, par_shows(error.text));
}

static par_err slurp(int fd, const char *path, char **text, size_t n)
{
	if (n > PAR_JSON_BYTES)
		return par_fail(PAR_E_CONFIG,
		    "%s: more than %zu bytes; no such document is that long", path, PAR_JSON_BYTES);
	*text = malloc(n + 1);
	if (!*text)
		return par_fail(PAR_E_MEMORY, "%s: no memory to read it", path);
	return par_file_read(fd, *text, n, 0, path);
}

par_err par_json_read(json_t **out, const char *path)
{
	char *text = NULL;
	int fd;
	int64_t n;
	*out = NULL;
	PAR_TRY(par_file_open(path, &fd, &n));
	par_err e = slurp(fd, path, &text, (size_t)n);
	close(fd);
	if (e == PAR_OK)
		e = par_json_parse(out, path, text, (size_t)n);
	free(text);
	return e;
}
