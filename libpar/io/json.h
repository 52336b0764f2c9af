/* JSON read strictly: RFC 8259, no name twice in an object, at most PAR_JSON_DEPTH levels deep, at most
 * PAR_JSON_BYTES long, no NUL in strings. jansson parses; nesting is judged before it, so that no
 * file can exhaust the stack. */
#ifndef PAR_IO_JSON_H
#define PAR_IO_JSON_H

#include "base/err.h"

#include <jansson.h>
#include <stddef.h>

#define PAR_JSON_DEPTH 64
#define PAR_JSON_BYTES ((size_t)64 << 20)

/* local | the document in n bytes; name is what messages call it. Hands over a new reference.
 * fails: PAR_E_CONFIG with name:line:column (bytes, from 1), PAR_E_MEMORY */
par_err par_json_parse(json_t **out, const char *name, const char *text, size_t n);
/* local | the same from a file; fails: also PAR_E_INPUT */
par_err par_json_read(json_t **out, const char *path);

#endif
