/* Ini text, read strictly: the grammar under configuration files, table schemas and hierarchies.
 *
 * [section] lines, key = value lines, blank lines, and comment lines that begin with # or ;. Blanks
 * around names and values do not count. LF or CRLF. No includes, no continuation lines, no
 * expansion, no NUL, valid UTF-8, no section or key twice, values of at most 4096 bytes. An empty
 * value is handed on: a hierarchy's level may have no columns; most others need a value. */
#ifndef PAR_BASE_INI_H
#define PAR_BASE_INI_H

#include "base/err.h"

#include <stddef.h>

#define PAR_INI_NAME 96 /* bytes of a section's or key's name, at most */

typedef struct {
	const char *file;                   /* what messages call the text */
	const char *section, *key;          /* key is NULL for the section's own line */
	const char *value;                  /* NULL for the section's own line */
	int line, key_column, value_column; /* from 1, in bytes */
} par_ini_item;

/* local | what a reader says first when empty values mean nothing to it; fails: PAR_E_CONFIG */
par_err par_ini_needs_value(const par_ini_item *item);

/* what is done with each item, in file order; strings live until it returns */
typedef par_err (*par_ini_fn)(void *ctx, const par_ini_item *item);

/* local | hand every section line and every key to fn
 * fails: PAR_E_CONFIG "name:line:column: ...", or what fn returned */
par_err par_ini_parse(const char *file, const char *text, size_t n, par_ini_fn fn, void *ctx);

/* local | the same for a file of at most 1 MiB; fails: PAR_E_INPUT when it cannot be read */
par_err par_ini_read(const char *path, par_ini_fn fn, void *ctx);

#endif
