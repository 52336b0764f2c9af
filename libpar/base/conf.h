/* Configuration: ini text checked against a table of known keys.
 *
 * Every key is declared once with its type, range, default and help text; the table is the
 * documentation, the checker and the source of command-line options. A value is what the last
 * source said: default, then file, then --option or --set. Each keeps where it came from, so that a
 * message can name FILE:LINE:COLUMN or the option.
 *
 * A section of PAR_CONF_LINES is declared by one entry with the key "*": it takes any keys and keeps
 * them in the order they were first said, for a program that reads them as lines of its own language
 * (the layers of a model).
 *
 * The ini form: [section], key = value, comments on their own lines with # or ;. No includes, no
 * environment expansion, no repeated section or key; at most 4096 bytes a value. Lines and columns
 * count from 1, columns in bytes. (inih reads such files too, but has no columns, no repeated-key
 * check and cuts lines at 200 bytes.) */
#ifndef PAR_BASE_CONF_H
#define PAR_BASE_CONF_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

typedef enum {
	PAR_CONF_TEXT,
	PAR_CONF_INT,    /* lo..hi */
	PAR_CONF_REAL,   /* lo..hi, finite */
	PAR_CONF_BOOL,   /* yes no true false on off 1 0 */
	PAR_CONF_CHOICE, /* one of choices, separated by blanks */
	PAR_CONF_INPUT,  /* path of a file to read, or a folder too when choices says "folder" */
	PAR_CONF_OUTPUT, /* path of a file to write; its folder must be writable */
	PAR_CONF_LINES   /* the whole section: keys and values of the program's own */
} par_conf_type;

typedef struct {
	const char *section, *key;
	par_conf_type type;
	const char *otherwise; /* the default as text; NULL: not set */
	double lo, hi;
	const char *choices;
	const char *option; /* name of its --option, or NULL when only --set and files reach it */
	const char *help;   /* one line, with the unit */
} par_conf_key;

typedef struct par_conf par_conf;

/* local | an empty configuration over a table of n keys (borrowed); owned, drop with par_conf_free
 */
par_conf *par_conf_new(const par_conf_key *keys, int n);
void par_conf_free(par_conf *c);

/* local | read ini text that stands in memory; name is what messages call it
 * fails: PAR_E_CONFIG with name:line:column */
par_err par_conf_parse(par_conf *c, const char *name, const char *text, size_t n);
/* local | read a file; fails: PAR_E_INPUT when it cannot be opened, else as par_conf_parse */
par_err par_conf_read(par_conf *c, const char *path);
/* local | "section.key=value" as --set brings it; fails: PAR_E_USAGE, PAR_E_CONFIG */
par_err par_conf_set(par_conf *c, const char *assignment);
/* local | the value that the key's own --option brings; the key must be declared */
par_err par_conf_assign(par_conf *c, const char *section, const char *key, const char *value);

/* local | inputs exist and are readable files or folders (PAR_E_INPUT), outputs can be created
 * (PAR_E_CREATE) and are none of the inputs (PAR_E_CONFIG); only keys of these sections.
 * Rank 0 asks the file system for all, so call it there and agree. */
par_err par_conf_check_paths(const par_conf *c, const char *const *sections, int n);

/* local | values; asking for an undeclared key or another type is a bug. Text is NULL when unset.
 */
bool par_conf_is_set(const par_conf *c, const char *section, const char *key);
const char *par_conf_text(const par_conf *c, const char *section, const char *key);
int64_t par_conf_int(const par_conf *c, const char *section, const char *key);
double par_conf_real(const par_conf *c, const char *section, const char *key);
bool par_conf_bool(const par_conf *c, const char *section, const char *key);
/* local | "night.ini:12:9" or "--horizon", for messages about a value; static text a key */
const char *par_conf_origin(const par_conf *c, const char *section, const char *key);

typedef struct {
	const char *key, *value;
	const char *origin; /* of the value */
} par_conf_line;
/* local | the i-th line of a section of PAR_CONF_LINES, false beyond the last; texts live as long as c
 * and until the line is set again */
bool par_conf_line_at(const par_conf *c, const char *section, int i, par_conf_line *out);

/* local | write the resolved values of these sections as ini text that par_conf_read takes;
 * with_paths false leaves inputs and outputs out (what results carry must not name a machine) */
void par_conf_write(
    const par_conf *c, FILE *out, const char *const *sections, int n, bool with_paths);
/* local | the same as one malloc'd text, owned by the caller */
char *par_conf_resolved(const par_conf *c, const char *const *sections, int n, bool with_paths);

#endif
