/* pack SPEC OUT: one of our files from raw little-endian arrays, for tests that bring their own
 * numbers. Each line of SPEC does one thing; FILEs hold elements one after another, last axis fastest:
 *
 *     file FORMAT VERSION                  first line
 *     text NAME N WIDTH FILE               a dimension of ids, NUL-padded
 *     dim NAME N [TYPE FILE]               a dimension; without FILE its entries are 0, 1, 2 ...
 *     note NAME DIM N WIDTH FILE           text beside a dimension
 *     var NAME TYPE DIM[,DIM...] FILE      TYPE: u8 i16 i32 i64 f32 f64
 *     attr VAR NAME text|int VALUE
 */
#include "io/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *slurp(const char *path, size_t *bytes)
{
	FILE *f = fopen(path, "rb");
	PAR_MUST(f, "%s cannot be opened", path);
	fseek(f, 0, SEEK_END);
	*bytes = (size_t)ftell(f);
	rewind(f);
	void *data = malloc(*bytes + 1);
	PAR_MUST(data && fread(data, 1, *bytes, f) == *bytes, "%s cannot be read", path);
	fclose(f);
	return data;
}

static par_dtype type_of(const char *name)
{
	static const char *const names[] = {"char", "u8", "i16", "i32", "i64", "u64", "f32", "f64"};
	for (int t = 0; t < 8; t++)
		if (strcmp(name, names[t]) == 0)
			return (par_dtype)t;
	PAR_MUST(0, "%s is no type", name);
}

static par_err put_var(par_store *s, char **word, const par_world *w)
{
	par_store_var v = {.name = word[1], .type = type_of(word[2])};
	size_t bytes, row = par_dtype_bytes(v.type);
	char *data = slurp(word[4], &bytes), *rest = NULL;
	int64_t extent[PAR_STORE_RANK] = {0};
	int dims = 0;
	for (char *d = strtok_r(word[3], ",", &rest); d; d = strtok_r(NULL, ",", &rest)) {
		PAR_MUST(dims < PAR_STORE_RANK, "%s has too many dimensions", v.name);
		extent[dims] = par_store_extent(s, d);
		row *= dims > 0 ? (size_t)extent[dims] : 1;
		v.dims[dims++] = d;
	}
	PAR_MUST(bytes == row * (size_t)extent[0], "%s has %zu bytes", word[4], bytes);
	int64_t lo = extent[0] * w->rank / w->size, hi = extent[0] * (w->rank + 1) / w->size;
	par_err e = par_store_put(s, &v, lo, hi - lo, data + (size_t)lo * row);
	free(data);
	return e;
}

static par_err put_dim(par_store *s, char **word)
{
	size_t bytes;
	if (!*word[3])
		return par_store_dim(s, word[1], atoll(word[2]), PAR_I64, NULL);
	void *data = slurp(word[4], &bytes);
	par_err e = par_store_dim(s, word[1], atoll(word[2]), type_of(word[3]), data);
	free(data);
	return e;
}

static par_err put_text(par_store *s, char **word, int note)
{
	size_t bytes;
	char **w = word + note, *data = slurp(w[4], &bytes);
	int64_t n = atoll(w[2]);
	int width = atoi(w[3]);
	PAR_MUST(bytes == (size_t)n * (size_t)width, "%s has %zu bytes", w[4], bytes);
	par_err e = note ? par_store_put_text(s, word[1], word[2], n, width, data, NULL)
			 : par_store_dim_text(s, word[1], n, width, data);
	free(data);
	return e;
}

static par_err put_attr(par_store *s, char **word)
{
	if (strcmp(word[3], "int") == 0)
		return par_store_attr_int(s, word[1], word[2], atoll(word[4]));
	return par_store_attr_text(s, word[1], word[2], word[4]);
}

static par_err do_line(par_store **s, char **word, const char *out, const par_world *w)
{
	if (strcmp(word[0], "file") == 0)
		return par_store_create(s, w, out, word[1], atoi(word[2]), 0);
	if (strcmp(word[0], "dim") == 0)
		return put_dim(*s, word);
	if (strcmp(word[0], "text") == 0 || strcmp(word[0], "note") == 0)
		return put_text(*s, word, word[0][0] == 'n');
	if (strcmp(word[0], "var") == 0)
		return put_var(*s, word, w);
	PAR_MUST(strcmp(word[0], "attr") == 0, "%s is nothing to do", word[0]);
	return put_attr(*s, word);
}

static par_err pack(const par_world *w, const char *spec, const char *out)
{
	par_store *s = NULL;
	size_t bytes;
	char *text = slurp(spec, &bytes), *rest = NULL;
	text[bytes] = 0;
	par_err e = PAR_OK;
	for (char *line = strtok_r(text, "\n", &rest); line && e == PAR_OK;
	     line = strtok_r(NULL, "\n", &rest)) {
		char none[] = "", *left = NULL;
		char *word[8] = {none, none, none, none, none, none, none, none};
		int n = 0;
		for (char *x = strtok_r(line, " ", &left); x && n < 7;
		     x = strtok_r(NULL, " ", &left))
			word[n++] = x;
		e = do_line(&s, word, out, w);
	}
	free(text);
	return s ? par_store_publish(s, e) : e;
}

int main(int argc, char **argv)
{
	par_world w;
	PAR_MUST(argc == 3, "usage: pack SPEC OUT");
	MPI_Init(&argc, &argv);
	if (par_world_open(&w, MPI_COMM_WORLD) != PAR_OK)
		return 1;
	par_err e = pack(&w, argv[1], argv[2]);
	if (e != PAR_OK && w.rank == 0)
		fprintf(stderr, "pack: %s\n", par_err_why());
	par_world_close(&w);
	MPI_Finalize();
	return par_err_status(e);
}
