#include "base/err.h"

#include <errno.h>
#include <execinfo.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char story[2048];
static char place[128];

void (*par_must_hook)(int status);

/* "io/table.c:141": the layer and file say enough, the build's folders do not matter */
static const char *short_path(const char *file)
{
	const char *last = strrchr(file, '/'), *cut = last;
	while (cut && cut > file && cut[-1] != '/')
		cut--;
	return cut ? cut : file;
}

par_err par_fail_at(const char *file, int line, par_err code, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(story, sizeof story, fmt, ap);
	va_end(ap);
	snprintf(place, sizeof place, "%s:%d", short_path(file), line);
	return code;
}

const char *par_err_why(void)
{
	return story;
}

const char *par_err_where(void)
{
	return place;
}

void par_err_adopt(const char *why, const char *where)
{
	if (why != story)
		snprintf(story, sizeof story, "%s", why);
	if (where != place)
		snprintf(place, sizeof place, "%s", where);
}

int par_err_status(par_err code)
{
	switch (code) {
#define X(name, status, text) \
	case name:            \
		return status;
		PAR_ERR_LIST(X)
#undef X
	}
	return 70;
}

const char *par_err_text(par_err code)
{
	switch (code) {
#define X(name, status, text) \
	case name:            \
		return text;
		PAR_ERR_LIST(X)
#undef X
	}
	return "an unknown error code";
}

void par_must_failed(const char *file, int line, const char *cond, const char *fmt, ...)
{
	char why[512];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(why, sizeof why, fmt, ap);
	va_end(ap);
	fprintf(stderr, "%s: bug: %s:%d: %s does not hold: %s\n", program_invocation_short_name,
	    short_path(file), line, cond, why);
	void *frames[32];
	backtrace_symbols_fd(frames, backtrace(frames, 32), STDERR_FILENO);
	if (par_must_hook)
		par_must_hook(70);
	_exit(70);
}
