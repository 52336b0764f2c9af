#include "plan/tell/csv.h"

#include "io/pieces.h"

#include <stdlib.h>
#include <string.h>

void csv_name(FILE *out, const char *name, char after)
{
	bool quoted = strpbrk(name, ",\"") != NULL;
	fputs(quoted ? "\"" : "", out);
	for (; *name; name++) {
		if (*name == '"')
			fputc('"', out);
		fputc(*name, out);
	}
	fputs(quoted ? "\"" : "", out);
	fputc(after, out);
}

static par_err print(char **text, size_t *size, csv_rows *rows, const void *ctx)
{
	FILE *out = open_memstream(text, size);
	if (out)
		rows(out, ctx);
	if (!out || fclose(out) != 0)
		return par_fail(PAR_E_MEMORY, "no memory for the rows of a table; use more ranks");
	return PAR_OK;
}

par_err csv_publish(app *a, const char *suffix, const char *head, csv_rows *rows, const void *ctx)
{
	char *text = NULL, path[4096];
	size_t size = 0;
	par_pieces *file;
	app_beside(a, suffix, path, sizeof path);
	par_err e = par_agree(&a->world, print(&text, &size, rows, ctx));
	if (e == PAR_OK)
		e = par_pieces_open(&file, &a->world, path, head);
	if (e == PAR_OK)
		e = par_pieces_publish(file, par_pieces_put(file, text, size));
	free(text);
	return e == PAR_OK ? app_output(a, path) : e;
}
