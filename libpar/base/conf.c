#include "base/conf.h"

#include "base/ini.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
	char *text; /* NULL: not set */
	char origin[256];
	int64_t integer; /* also the bool */
	double real;
} setting;

/* one line of a section of PAR_CONF_LINES */
typedef struct {
	int section; /* place of its declaration in the table */
	char *key;
	setting value;
} line;

struct par_conf {
	const par_conf_key *keys;
	setting *settings;
	int n;
	line *line; /* in the order they were first said */
	int lines;
};

/* where a value was said, for messages: "night.ini:3:9", "--horizon" */
typedef struct {
	char text[256];
} source;

static const char *kind_of(const par_conf_key *k, char *out, size_t size)
{
	switch (k->type) {
	case PAR_CONF_INT:
		snprintf(out, size, "a whole number from %.0f to %.0f", k->lo, k->hi);
		break;
	case PAR_CONF_REAL:
		snprintf(out, size, "a number from %g to %g", k->lo, k->hi);
		break;
	case PAR_CONF_BOOL:
		snprintf(out, size, "yes or no");
		break;
	case PAR_CONF_CHOICE:
		snprintf(out, size, "one of: %s", k->choices);
		break;
	case PAR_CONF_TEXT:
	case PAR_CONF_INPUT:
	case PAR_CONF_OUTPUT:
	case PAR_CONF_LINES:
		snprintf(out, size, "text");
		break;
	}
	return out;
}

static bool parse_bool(const char *s, int64_t *v)
{
	static const char *const word[] = {"no", "yes", "false", "true", "off", "on", "0", "1"};
	for (int i = 0; i < 8; i++)
		if (strcmp(s, word[i]) == 0) {
			*v = i % 2;
			return true;
		}
	return false;
}

static bool is_choice(const char *choices, const char *s)
{
	size_t n = strlen(s);
	for (const char *at = choices; (at = strstr(at, s)); at += n)
		if ((at == choices || at[-1] == ' ') && (at[n] == ' ' || at[n] == 0))
			return n > 0 && !strchr(s, ' ');
	return false;
}

/* text meets the key's type and range; numbers go into s */
static bool fits(const par_conf_key *k, const char *text, setting *s)
{
	size_t n = strlen(text);
	switch (k->type) {
	case PAR_CONF_INT:
		return par_text_int(text, n, (int64_t)k->lo, (int64_t)k->hi, &s->integer) ==
		       PAR_NUM_OK;
	case PAR_CONF_REAL:
		return par_text_real(text, n, k->lo, k->hi, &s->real) == PAR_NUM_OK;
	case PAR_CONF_BOOL:
		return parse_bool(text, &s->integer);
	case PAR_CONF_CHOICE:
		return is_choice(k->choices, text);
	case PAR_CONF_TEXT:
	case PAR_CONF_INPUT:
	case PAR_CONF_OUTPUT:
	case PAR_CONF_LINES:
		return true;
	}
	return false;
}

static bool is_path(const par_conf_key *k)
{
	return k->type == PAR_CONF_INPUT || k->type == PAR_CONF_OUTPUT;
}

/* a path with $(...), ${...}, a backquote or a leading ~ looks as if a shell were to read it */
static bool wants_a_shell(const char *text)
{
	return strstr(text, "$(") || strstr(text, "${") || strchr(text, '`') || text[0] == '~';
}

static par_err check_text(const char *text, const source *from)
{
	size_t n = strlen(text);
	if (par_text_utf8_valid(text, n) == n && par_text_control(text, n) == n)
		return PAR_OK;
	return par_fail(PAR_E_CONFIG, "%s: %s holds control characters; wanted plain text",
	    from->text, par_shows(text));
}

static par_err keep(setting *s, const char *text, const source *from)
{
	char *copy = strdup(text);
	if (!copy)
		return par_fail(PAR_E_MEMORY, "no memory for settings");
	free(s->text);
	s->text = copy;
	snprintf(s->origin, sizeof s->origin, "%s", from->text);
	return PAR_OK;
}

static par_err assign(par_conf *c, int i, const char *text, const source *from)
{
	const par_conf_key *k = &c->keys[i];
	char kind[512];
	if (is_path(k) && wants_a_shell(text))
		return par_fail(PAR_E_CONFIG,
		    "%s: %s is not expanded here; write the path itself for %s.%s", from->text,
		    par_shows(text), k->section, k->key);
	PAR_TRY(check_text(text, from));
	if (!fits(k, text, &c->settings[i]))
		return par_fail(PAR_E_CONFIG, "%s: %s does not fit %s.%s; wanted %s", from->text,
		    par_shows(text), k->section, k->key, kind_of(k, kind, sizeof kind));
	return keep(&c->settings[i], text, from);
}

/* the declaration of a section of lines, -1 when it is none */
static int lines_of(const par_conf *c, const char *section)
{
	for (int i = 0; i < c->n; i++)
		if (c->keys[i].type == PAR_CONF_LINES && strcmp(c->keys[i].section, section) == 0)
			return i;
	return -1;
}

/* a line said again keeps its place */
static par_err assign_line(
    par_conf *c, int section, const char *key, const char *text, const source *from)
{
	PAR_TRY(check_text(text, from));
	for (int i = 0; i < c->lines; i++)
		if (c->line[i].section == section && strcmp(c->line[i].key, key) == 0)
			return keep(&c->line[i].value, text, from);
	line *more = realloc(c->line, sizeof *more * (size_t)(c->lines + 1));
	if (!more)
		return par_fail(PAR_E_MEMORY, "no memory for settings");
	c->line = more;
	more[c->lines] = (line){.section = section, .key = strdup(key)};
	if (!more[c->lines].key)
		return par_fail(PAR_E_MEMORY, "no memory for settings");
	return keep(&more[c->lines++].value, text, from);
}

par_conf *par_conf_new(const par_conf_key *keys, int n)
{
	par_conf *c = malloc(sizeof *c);
	setting *settings = calloc((size_t)n, sizeof *settings);
	PAR_MUST(c && settings, "no memory for %d settings", n);
	*c = (par_conf){.keys = keys, .settings = settings, .n = n};
	static const source builtin = {"the built-in default"};
	for (int i = 0; i < n; i++)
		if (keys[i].otherwise)
			PAR_MUST(assign(c, i, keys[i].otherwise, &builtin) == PAR_OK,
			    "default of %s.%s: %s", keys[i].section, keys[i].key, par_err_why());
	return c;
}

void par_conf_free(par_conf *c)
{
	if (!c)
		return;
	for (int i = 0; i < c->n; i++)
		free(c->settings[i].text);
	for (int i = 0; i < c->lines; i++) {
		free(c->line[i].value.text);
		free(c->line[i].key);
	}
	free(c->line);
	free(c->settings);
	free(c);
}

static bool knows_section(const par_conf *c, const char *section)
{
	for (int i = 0; i < c->n; i++)
		if (strcmp(c->keys[i].section, section) == 0)
			return true;
	return false;
}

static int find(const par_conf *c, const char *section, const char *key)
{
	for (int i = 0; i < c->n; i++)
		if (strcmp(c->keys[i].section, section) == 0 && strcmp(c->keys[i].key, key) == 0)
			return i;
	return -1;
}

static par_err unknown(const par_conf *c, const char *where, const char *section, const char *key)
{
	const char **words = calloc((size_t)c->n, sizeof *words);
	PAR_MUST(words, "no memory for %d names", c->n);
	int k = 0;
	for (int i = 0; i < c->n; i++)
		if (!key)
			words[k++] = c->keys[i].section;
		else if (strcmp(c->keys[i].section, section) == 0)
			words[k++] = c->keys[i].key;
	const char *near = par_text_nearest(key ? key : section, words, k);
	par_err e = par_fail(PAR_E_CONFIG, "%s: unknown %s %s%s%s%s", where,
	    key ? "key" : "section", par_shows(key ? key : section),
	    near ? "; did you mean " : "; --help lists the settings", near ? near : "",
	    near ? "?" : "");
	free(words);
	return e;
}

static par_err take(void *ctx, const par_ini_item *item)
{
	par_conf *c = ctx;
	PAR_TRY(par_ini_needs_value(item));
	int i = item->key ? find(c, item->section, item->key) : -1;
	int lines = item->key ? lines_of(c, item->section) : -1;
	int column = i < 0 && lines < 0 ? item->key_column : item->value_column;
	source from;
	snprintf(from.text, sizeof from.text, "%s:%d:%d", item->file, item->line, column);
	if (lines >= 0)
		return assign_line(c, lines, item->key, item->value, &from);
	if (i >= 0)
		return assign(c, i, item->value, &from);
	if (!item->key && knows_section(c, item->section))
		return PAR_OK;
	return unknown(c, from.text, item->section, item->key);
}

par_err par_conf_parse(par_conf *c, const char *name, const char *text, size_t n)
{
	return par_ini_parse(name, text, n, take, c);
}

par_err par_conf_read(par_conf *c, const char *path)
{
	return par_ini_read(path, take, c);
}

par_err par_conf_set(par_conf *c, const char *assignment)
{
	char section[PAR_INI_NAME + 1], key[PAR_INI_NAME + 1];
	const char *dot = strchr(assignment, '.'), *equals = strchr(assignment, '=');
	if (!dot || !equals || dot > equals || dot == assignment || equals[1] == 0 ||
	    (size_t)(dot - assignment) >= sizeof section || (size_t)(equals - dot) > sizeof key)
		return par_fail(
		    PAR_E_USAGE, "--set %s: wanted section.key=value", par_shows(assignment));
	snprintf(section, sizeof section, "%.*s", (int)(dot - assignment), assignment);
	snprintf(key, sizeof key, "%.*s", (int)(equals - dot - 1), dot + 1);
	source from;
	snprintf(from.text, sizeof from.text, "--set %s.%s", section, key);
	if (!knows_section(c, section))
		return unknown(c, from.text, section, NULL);
	int lines = lines_of(c, section);
	if (lines >= 0)
		return assign_line(c, lines, key, equals + 1, &from);
	int i = find(c, section, key);
	return i < 0 ? unknown(c, from.text, section, key) : assign(c, i, equals + 1, &from);
}

par_err par_conf_assign(par_conf *c, const char *section, const char *key, const char *value)
{
	int i = find(c, section, key);
	PAR_MUST(i >= 0, "no key %s.%s", section, key);
	source from;
	snprintf(from.text, sizeof from.text, "--%s", c->keys[i].option);
	return assign(c, i, value, &from);
}

static par_err check_input(const par_conf *c, int i)
{
	const char *path = c->settings[i].text, *origin = c->settings[i].origin;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat info;
	if (fd < 0 || fstat(fd, &info) != 0) {
		par_err e = par_fail(PAR_E_INPUT, "%s: cannot open %s: %s; %s.%s names it", origin,
		    par_shows(path), strerror(errno), c->keys[i].section, c->keys[i].key);
		if (fd >= 0)
			close(fd);
		return e;
	}
	close(fd);
	bool folder_allowed = c->keys[i].choices && strstr(c->keys[i].choices, "folder");
	if (S_ISREG(info.st_mode) || (S_ISDIR(info.st_mode) && folder_allowed))
		return PAR_OK;
	return par_fail(PAR_E_INPUT, "%s: %s is %s; wanted a file%s for %s.%s", origin,
	    par_shows(path), S_ISDIR(info.st_mode) ? "a folder" : "no regular file",
	    folder_allowed ? " or a folder" : "", c->keys[i].section, c->keys[i].key);
}

static void folder_of(const char *path, char *out, size_t size)
{
	const char *slash = strrchr(path, '/');
	if (!slash)
		snprintf(out, size, ".");
	else
		snprintf(out, size, "%.*s", slash == path ? 1 : (int)(slash - path), path);
}

static par_err check_output(const par_conf *c, int i)
{
	const char *path = c->settings[i].text, *origin = c->settings[i].origin;
	char folder[PATH_MAX];
	struct stat info;
	folder_of(path, folder, sizeof folder);
	const char *why = NULL;
	if (stat(path, &info) == 0 && S_ISDIR(info.st_mode))
		why = "it is a folder";
	else if (stat(folder, &info) != 0)
		why = strerror(errno);
	else if (!S_ISDIR(info.st_mode))
		why = "its parent is no folder";
	else if (access(folder, W_OK | X_OK) != 0)
		why = strerror(errno);
	else if (strncmp(folder, "/proc", 5) == 0 || strncmp(folder, "/sys", 4) == 0)
		why = "the kernel's own folders take no files";
	if (!why)
		return PAR_OK;
	return par_fail(PAR_E_CREATE,
	    "%s: cannot create %s: %s; give a path in a folder you can write to", origin,
	    par_shows(path), why);
}

static bool same_file(const char *a, const char *b)
{
	char x[PATH_MAX], y[PATH_MAX];
	if (strcmp(a, b) == 0)
		return true;
	return realpath(a, x) && realpath(b, y) && strcmp(x, y) == 0;
}

static bool among(const char *section, const char *const *sections, int n)
{
	for (int i = 0; i < n; i++)
		if (strcmp(section, sections[i]) == 0)
			return true;
	return false;
}

/* the first input of these sections that is the same file as this output */
static int clash(const par_conf *c, int output, const char *const *sections, int n)
{
	for (int i = 0; i < c->n; i++)
		if (c->keys[i].type == PAR_CONF_INPUT && c->settings[i].text &&
		    among(c->keys[i].section, sections, n) &&
		    same_file(c->settings[i].text, c->settings[output].text))
			return i;
	return -1;
}

par_err par_conf_check_paths(const par_conf *c, const char *const *sections, int n)
{
	for (int i = 0; i < c->n; i++) {
		if (c->keys[i].type != PAR_CONF_OUTPUT || !c->settings[i].text ||
		    !among(c->keys[i].section, sections, n))
			continue;
		int input = clash(c, i, sections, n);
		if (input >= 0)
			return par_fail(PAR_E_CONFIG,
			    "%s: %s is also the input %s.%s (%s); an output must not replace an "
			    "input",
			    c->settings[i].origin, par_shows(c->settings[i].text),
			    c->keys[input].section, c->keys[input].key, c->settings[input].origin);
		PAR_TRY(check_output(c, i));
	}
	for (int i = 0; i < c->n; i++)
		if (c->keys[i].type == PAR_CONF_INPUT && c->settings[i].text &&
		    among(c->keys[i].section, sections, n))
			PAR_TRY(check_input(c, i));
	return PAR_OK;
}

static const setting *get(const par_conf *c, const char *section, const char *key, unsigned types)
{
	int i = find(c, section, key);
	PAR_MUST(i >= 0 && (types >> c->keys[i].type & 1), "no such key %s.%s of this type",
	    section, key);
	return &c->settings[i];
}

static const setting *number(const par_conf *c, const char *section, const char *key, int type)
{
	const setting *s = get(c, section, key, 1u << type);
	PAR_MUST(s->text, "%s.%s has no value", section, key);
	return s;
}

bool par_conf_is_set(const par_conf *c, const char *section, const char *key)
{
	return get(c, section, key, ~0u)->text != NULL;
}

const char *par_conf_text(const par_conf *c, const char *section, const char *key)
{
	return get(c, section, key, ~0u)->text;
}

int64_t par_conf_int(const par_conf *c, const char *section, const char *key)
{
	return number(c, section, key, PAR_CONF_INT)->integer;
}

double par_conf_real(const par_conf *c, const char *section, const char *key)
{
	return number(c, section, key, PAR_CONF_REAL)->real;
}

bool par_conf_bool(const par_conf *c, const char *section, const char *key)
{
	return number(c, section, key, PAR_CONF_BOOL)->integer != 0;
}

const char *par_conf_origin(const par_conf *c, const char *section, const char *key)
{
	return get(c, section, key, ~0u)->origin;
}

bool par_conf_line_at(const par_conf *c, const char *section, int i, par_conf_line *out)
{
	int of = lines_of(c, section);
	PAR_MUST(of >= 0, "[%s] is no section of lines", section);
	for (int k = 0; k < c->lines; k++)
		if (c->line[k].section == of && i-- == 0) {
			const line *l = &c->line[k];
			*out = (par_conf_line){l->key, l->value.text, l->value.origin};
			return true;
		}
	return false;
}

static void write_lines(const par_conf *c, FILE *out, const char *section)
{
	for (int i = 0; i < c->lines; i++)
		if (strcmp(c->keys[c->line[i].section].section, section) == 0)
			fprintf(out, "%s = %s\n", c->line[i].key, c->line[i].value.text);
}

void par_conf_write(
    const par_conf *c, FILE *out, const char *const *sections, int n, bool with_paths)
{
	for (int s = 0; s < n; s++) {
		fprintf(out, "%s[%s]\n", s ? "\n" : "", sections[s]);
		for (int i = 0; i < c->n; i++)
			if (strcmp(c->keys[i].section, sections[s]) == 0 && c->settings[i].text &&
			    (with_paths || !is_path(&c->keys[i])))
				fprintf(out, "%s = %s\n", c->keys[i].key, c->settings[i].text);
		write_lines(c, out, sections[s]);
	}
}

char *par_conf_resolved(const par_conf *c, const char *const *sections, int n, bool with_paths)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	PAR_MUST(out, "no memory for the resolved settings");
	par_conf_write(c, out, sections, n, with_paths);
	fclose(out);
	return text;
}
