#include "plan/tell/csv_name.h"

#include <stdbool.h>
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
