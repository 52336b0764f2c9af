/* np: 1 */
#include "base/conf.h"
#include "../tap.h"
#include "base/ini.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* the settings that the corpus of bad ini files assumes (its README) */
static const par_conf_key keys[] = {
    {"job", "name", PAR_CONF_TEXT, NULL, 0, 0, NULL, "name", "name of the run"},
    {"job", "epochs", PAR_CONF_INT, "10", 1, 10000, NULL, "epochs", "passes over the data"},
    {"job", "verify", PAR_CONF_BOOL, "yes", 0, 0, NULL, NULL, "check twice"},
    {"job", "mode", PAR_CONF_CHOICE, "fast", 0, 0, "fast faster slow", NULL, "speed"},
    {"train", "lr", PAR_CONF_REAL, "0.1", 0, 10, NULL, NULL, "learning rate"},
    {"input", "sales", PAR_CONF_INPUT, NULL, 0, 0, NULL, "sales", "sales table"},
    {"output", "path", PAR_CONF_OUTPUT, NULL, 0, 0, NULL, "out", "result"},
    {"model", "*", PAR_CONF_LINES, NULL, 0, 0, NULL, NULL, "layers"},
};
enum { KEYS = sizeof keys / sizeof keys[0] };
static const char *const sections[] = {"job", "train", "input", "output"};

/* ini text, the status it must end with, and where the message must point ("" for anywhere) */
static const struct {
	const char *text;
	int status;
	const char *place;
} cases[] = {
    {"[job]\nname = nightly\nepochs = 3\n", 0, ""},
    {"[job]\r\nname = nightly\r\n", 0, ""},
    {"\xef\xbb\xbf# hello\n; hello\n\n[job]\n  epochs=7", 0, ""},
    {"[job]\nverify = maybe\n", 78, ":2:10: "},
    {"[job]\nepochs = 3\nepochs = 5\n", 78, ":3:1: "},
    {"[job]\nepochs = 3\n[job]\nname = x\n", 78, ":3:1: "},
    {"[train]\nlr = nan\n", 78, ":2:6: "},
    {"[train]\nlr = 0x1p3\n", 78, ":2:6: "},
    {"include = other.ini\n", 78, ":1:1: "},
    {"[job]\nepochs = 0\n", 78, ":2:10: "},
    {"[job]\nepochs = 99999999999999999999\n", 78, ":2:10: "},
    {"[job]\nepochs = 3 \n", 0, ""},
    {"[job]\nepochs = 3x\n", 78, ":2:10: "},
    {"[job]\nepochs 3\n", 78, ":2:8: "},
    {"[job\n", 78, ":1:5: "},
    {"[job]\nepoch = 3\n", 78, ":2:1: "},
    {"[jbo]\n", 78, ":1:2: "},
    {"[job]\nname =\n", 78, ":2:7: "},
    {"[job]\nmode = fast\n", 0, ""},
    {"[job]\nmode = fas\n", 78, ":2:8: "},
    {"[job]\nname = a\xff\n", 78, ":2:9: "},
    {"[output]\npath = $(rm x)\n", 78, ":2:8: "},
    {"[output]\npath = /nonexistent/x.h5\n", 73, ":2:8: "},
    {"[input]\nsales = /nonexistent/x.csv\n", 66, ":2:9: "},
    {"[input]\nsales = /\n", 66, ":2:9: "},
    {"[input]\nsales = a.csv\n[output]\npath = ./a.csv\n", 78, ":4:8: "},
};

static int verdict(const char *name, const char *text, size_t n, const char *place)
{
	par_conf *c = par_conf_new(keys, KEYS);
	par_err e = par_conf_parse(c, name, text, n);
	if (e == PAR_OK)
		e = par_conf_check_paths(c, sections, 4);
	char want[4200];
	snprintf(want, sizeof want, "%s%s", *place ? name : "", place);
	int status = par_err_status(e);
	if (e != PAR_OK && strncmp(par_err_why(), want, strlen(want)) != 0)
		status = -status;
	par_conf_free(c);
	return status;
}

static void own_cases(void)
{
	FILE *f = fopen("a.csv", "w");
	fclose(f);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int want = cases[i].status;
		int got = verdict("t.ini", cases[i].text, strlen(cases[i].text), cases[i].place);
		ok(got == want, "case %zu ends with %d at \"%s\" (%d: %s)", i, want, cases[i].place,
		    got, got ? par_err_why() : "");
	}
	ok(verdict("t.ini", "[job]\nname = a\0b\n", 18, ":2:9: ") == 78, "a NUL byte is named");
	char *line;
	int bytes = asprintf(&line, "[job]\nname = %070000d", 0);
	ok(verdict("t.ini", line, (size_t)bytes, ":2:8: ") == 78, "a line of 70 kB is refused");
	free(line);
	unlink("a.csv");
}

static void values(void)
{
	par_conf *c = par_conf_new(keys, KEYS);
	ok(par_conf_int(c, "job", "epochs") == 10 && par_conf_real(c, "train", "lr") == 0.1,
	    "defaults stand until something is said");
	ok(!par_conf_is_set(c, "job", "name") && !par_conf_text(c, "job", "name"), "or are unset");
	ok(par_conf_set(c, "job.epochs=12") == PAR_OK && par_conf_int(c, "job", "epochs") == 12,
	    "--set changes a value");
	ok(strcmp(par_conf_origin(c, "job", "epochs"), "--set job.epochs") == 0,
	    "and is remembered");
	ok(par_conf_set(c, "job.epochz=12") == PAR_E_CONFIG &&
		strstr(par_err_why(), "did you mean epochs?"),
	    "an unknown key names the nearest: %s", par_err_why());
	ok(par_conf_set(c, "job.epochs") == PAR_E_USAGE, "--set without a value is a usage error");
	ok(par_conf_assign(c, "output", "path", "/tmp/x.h5") == PAR_OK &&
		strcmp(par_conf_origin(c, "output", "path"), "--out") == 0,
	    "an option changes a value");
	char *text = par_conf_resolved(c, sections, 4, true);
	par_conf *d = par_conf_new(keys, KEYS);
	ok(par_conf_parse(d, "echo", text, strlen(text)) == PAR_OK &&
		par_conf_int(d, "job", "epochs") == 12,
	    "the resolved settings can be read back");
	free(text);
	text = par_conf_resolved(c, sections, 4, false);
	ok(!strstr(text, "/tmp"), "and leave out paths where results carry them");
	free(text);
	par_conf_free(c);
	par_conf_free(d);
}

/* every line as "key=value;" */
static const char *joined(const par_conf *c, char *out, size_t size)
{
	par_conf_line l;
	size_t n = 0;
	*out = 0;
	for (int i = 0; par_conf_line_at(c, "model", i, &l); i++)
		n += (size_t)snprintf(out + n, size - n, "%s=%s;", l.key, l.value);
	return out;
}

/* a name of so many bytes as --set and a file bring it */
static bool named(int bytes)
{
	char set[256], text[256];
	par_conf *c = par_conf_new(keys, KEYS);
	par_conf_line l;
	snprintf(set, sizeof set, "model.a%0*d=x", bytes - 1, 0);
	snprintf(text, sizeof text, "[model]\nb%0*d = y\n", bytes - 1, 0);
	par_err first = par_conf_set(c, set), second = par_conf_parse(c, "t", text, strlen(text));
	bool both = par_conf_line_at(c, "model", 1, &l) && (int)strlen(l.key) == bytes;
	par_conf_free(c);
	return first == PAR_OK && second == PAR_OK && both;
}

static void lines(void)
{
	static const char text[] = "[model]\nzeta = dense 8\n\n[job]\nname = x\n";
	static const char again[] = "[model]\nalpha = relu\nzeta = dense 9\n";
	static const char *const model[] = {"model"};
	par_conf *c = par_conf_new(keys, KEYS), *d = par_conf_new(keys, KEYS);
	par_conf_line l;
	char all[256];
	ok(!par_conf_line_at(c, "model", 0, &l), "a section of lines begins empty");
	par_err e = par_conf_parse(c, "a.ini", text, sizeof text - 1);
	if (e == PAR_OK)
		e = par_conf_parse(c, "b.ini", again, sizeof again - 1);
	ok(e == PAR_OK && strcmp(joined(c, all, sizeof all), "zeta=dense 9;alpha=relu;") == 0,
	    "takes any keys in the order they were first said: %s", all);
	ok(par_conf_line_at(c, "model", 0, &l) && strcmp(l.origin, "b.ini:3:8") == 0,
	    "and says where a value stands");
	ok(par_conf_set(c, "model.alpha=tanh") == PAR_OK && par_conf_line_at(c, "model", 1, &l) &&
		strcmp(l.value, "tanh") == 0 && strcmp(l.origin, "--set model.alpha") == 0,
	    "--set changes a line in its place");
	char *resolved = par_conf_resolved(c, model, 1, false);
	ok(par_conf_parse(d, "echo", resolved, strlen(resolved)) == PAR_OK &&
		strcmp(joined(d, all, sizeof all), "zeta=dense 9;alpha=tanh;") == 0,
	    "the resolved lines can be read back");
	free(resolved);
	ok(named(PAR_INI_NAME) && !named(PAR_INI_NAME + 1),
	    "a key may have %d bytes, the longest name of a limit and more", PAR_INI_NAME);
	par_conf_free(c);
	par_conf_free(d);
}

static char *read_all(const char *path, size_t *n)
{
	FILE *f = fopen(path, "rb");
	char *text = malloc(1 << 20);
	*n = f ? fread(text, 1, 1 << 20, f) : 0;
	if (f)
		fclose(f);
	return text;
}

/* every config_ini row of the corpus' manifest: file, verdict, status, line, column */
static void corpus(const char *data)
{
	char path[4096], row[1024];
	snprintf(path, sizeof path, "%s/badinput/manifest.csv", data);
	FILE *manifest = fopen(path, "r");
	int rows = 0;
	while (manifest && fgets(row, sizeof row, manifest)) {
		char file[256], word[32], place[64] = "";
		int status, line, column;
		int got = sscanf(
		    row, "%255[^,],%31[^,],%d,%d,%d", file, word, &status, &line, &column);
		if (got < 3 || strncmp(file, "config_ini/", 11) != 0)
			continue;
		if (got == 5)
			snprintf(place, sizeof place, ":%d:%d: ", line, column);
		snprintf(path, sizeof path, "%s/badinput/%s", data, file);
		size_t n;
		char *text = read_all(path, &n);
		int seen = verdict(path, text, n, place);
		ok(seen == status, "%s ends with %d at %d:%d (%d: %s)", file, status, line, column,
		    seen, seen ? par_err_why() : "");
		free(text);
		rows++;
	}
	ok(rows >= 20, "the corpus has its ini rows");
	if (manifest)
		fclose(manifest);
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	own_cases();
	values();
	lines();
	const char *data = getenv("DATA_DIR");
	if (data && *data)
		corpus(data);
	else
		skip("the bad-input corpus: DATA_DIR is not set");
	return tap_end();
}
