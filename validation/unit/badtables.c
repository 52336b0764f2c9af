/* np: 1 3 */
/* The corpora of bad tables: our own beside validation/badinput, and the large one of DATA_DIR. A
 * manifest row tells what must happen to a file; manifests are read by the reader under test. */
#include "../tap.h"
#include "base/text.h"
#include "io/csv.h"
#include "io/table.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
	char *text;
	size_t n;
} loaded;

static loaded load(const char *path)
{
	loaded f = {0};
	FILE *in = fopen(path, "rb");
	if (!in)
		return f;
	fseek(in, 0, SEEK_END);
	f.n = (size_t)ftell(in);
	rewind(in);
	f.text = calloc(f.n + PAR_CSV_PAD, 1);
	f.n = fread(f.text, 1, f.n, in);
	fclose(in);
	return f;
}

static par_err ignore(void *ctx, const par_batch *b)
{
	(void)ctx, (void)b;
	return PAR_OK;
}

typedef struct {
	char file[256], verdict[16];
	int line, column;
} expected;

/* read one table; the story must begin with file:line:column: and end with status 65 */
static void check_table(const par_world *w, const char *folder, const expected *x, size_t block)
{
	par_schema *schema = malloc(sizeof *schema);
	par_table *t = malloc(sizeof *t);
	char path[4096], place[4200];
	snprintf(path, sizeof path, "%s/%s", folder, x->file);
	par_table_options o = {.block = block, .scratch = "/tmp", .keys = true};
	par_err e = par_agree(w, par_schema_read(schema, "validation/badinput/corpus.ini"));
	if (e == PAR_OK)
		e = par_table_open(t, w, path, schema, &o);
	bool opened = e == PAR_OK;
	if (opened)
		e = par_table_read(t, ignore, NULL);
	if (strcmp(x->verdict, "accept") == 0) {
		ok(e == PAR_OK, "%s is accepted%s%s", x->file, e ? ", not: " : "",
		    e ? par_err_why() : "");
		if (opened && e == PAR_OK && strstr(x->file, "mixed_eol"))
			ok(t->returns > 0 && t->returns < t->lines,
			    "and its mixed line ends are seen");
	} else {
		snprintf(place, sizeof place, "%s:%d:%d: ", path, x->line, x->column);
		bool right = e == PAR_E_DATA && strncmp(par_err_why(), place, strlen(place)) == 0;
		const char *why = par_err_why();
		ok(right, "%s is refused at %d:%d by blocks of %d%s%s", x->file, x->line, x->column,
		    (int)block, right ? "" : ", not: ", right ? "" : why);
		ok(strlen(why) < 4096 && par_text_control(why, strlen(why)) == strlen(why),
		    "and its message is fit for a terminal");
	}
	if (opened)
		par_table_close(t);
	free(t);
	free(schema);
}

/* rows as the JSON beside the file has them */
static void check_tokens(const char *folder, const expected *x)
{
	char path[4096];
	snprintf(path, sizeof path, "%s/%s", folder, x->file);
	loaded csv = load(path);
	snprintf(path, sizeof path, "%s/%.*sjson", folder, (int)strlen(x->file) - 3, x->file);
	json_t *root = json_load_file(path, 0, NULL);
	par_csv_span head[PAR_CSV_COLUMNS], f[PAR_CSV_COLUMNS];
	par_csv_record h = par_csv_read(csv.text, csv.n, true, 0, head);
	bool same = root != NULL && h.fault == PAR_CSV_FINE;
	size_t at = h.length, row = 0;
	if (strstr(x->file, "location_coordinates")) {
		/* its JSON names another number than its CSV, which has quotes in unquoted fields:
		 * csv/quote_in_unquoted.csv of the same corpus wants those refused */
		par_csv_record r = par_csv_read(csv.text + at, csv.n - at, true, h.fields, f);
		ok(r.fault == PAR_CSV_BARE_QUOTE, "%s is refused for its bare quotes", x->file);
		json_decref(root);
		free(csv.text);
		return;
	}
	for (; same && at < csv.n; row++) {
		par_csv_record r = par_csv_read(csv.text + at, csv.n - at, true, h.fields, f);
		json_t *want = json_is_array(root) ? json_array_get(root, row) : root;
		same = r.fault == PAR_CSV_FINE && json_object_size(want) == (size_t)h.fields;
		for (int c = 0; same && c < h.fields; c++) {
			char name[PAR_CSV_FIELD + 1], value[PAR_CSV_FIELD + 1];
			name[par_csv_unquote(name, csv.text + head[c].at, head[c].n)] = 0;
			value[par_csv_unquote(value, csv.text + at + f[c].at, f[c].n)] = 0;
			const char *wanted = json_string_value(json_object_get(want, name));
			same = wanted && strcmp(wanted, value) == 0;
		}
		at += r.length;
	}
	same = same && (!json_is_array(root) || json_array_size(root) == row);
	ok(same, "%s gives the rows of its JSON", x->file);
	json_decref(root);
	free(csv.text);
}

static void copy(char *out, size_t size, const loaded *f, size_t at, par_csv_span s)
{
	size_t n = s.n < size - 1 ? s.n : size - 1;
	memcpy(out, f->text + at + s.at, n);
	out[n] = 0;
}

static void check_corpus(const par_world *w, const char *folder, const char *manifest)
{
	char path[4096];
	snprintf(path, sizeof path, "%s/%s", folder, manifest);
	loaded m = load(path);
	par_csv_span f[PAR_CSV_COLUMNS];
	size_t at = par_csv_read(m.text, m.n, true, 0, f).length;
	while (at < m.n) {
		par_csv_record r = par_csv_read(m.text + at, m.n - at, true, 0, f);
		char line[16], column[16];
		expected x;
		if (r.fault != PAR_CSV_FINE)
			break;
		copy(x.file, sizeof x.file, &m, at, f[0]);
		copy(x.verdict, sizeof x.verdict, &m, at, f[1]);
		copy(line, sizeof line, &m, at, f[3]);
		copy(column, sizeof column, &m, at, f[4]);
		x.line = atoi(line);
		x.column = atoi(column);
		at += r.length;
		if (strncmp(x.file, "csv_spectrum/", 13) == 0)
			check_tokens(folder, &x);
		else if (strncmp(x.file, "csv/", 4) == 0)
			for (int k = 0; k < 3; k++)
				check_table(w, folder, &x, (size_t[]){0, 16, 64}[k]);
	}
	ok(at == m.n && m.n > 0, "the manifest of %s was read to its end", folder);
	free(m.text);
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	par_world w;
	ok(par_world_open(&w, MPI_COMM_WORLD) == PAR_OK, "a world opens");
	check_corpus(&w, "validation/badinput", "csv/manifest.csv");
	const char *data = getenv("DATA_DIR");
	char folder[4096];
	snprintf(folder, sizeof folder, "%s/badinput", data ? data : "");
	if (data && *data)
		check_corpus(&w, folder, "manifest.csv");
	else
		skip("the large corpus: DATA_DIR is not set");
	par_world_close(&w);
	return tap_end();
}
