#include "ingest/blob.h"

#include "comm/gather.h"

#include <stdlib.h>
#include <string.h>

static par_err append(blob *b, const void *bytes, size_t n)
{
	if (b->used + n > b->room) {
		size_t room = 2 * (b->used + n) + 1024;
		char *p = realloc(b->bytes, room);
		if (!p)
			return par_fail(PAR_E_MEMORY, "no memory for %zu bytes of texts", room);
		b->bytes = p;
		b->room = room;
	}
	memcpy(b->bytes + b->used, bytes, n);
	b->used += n;
	return PAR_OK;
}

par_err blob_put(blob *b, int64_t number)
{
	return append(b, &number, sizeof number);
}

par_err blob_put_text(blob *b, const par_dict *d, int32_t i)
{
	size_t n = 0;
	const char *s = d && i >= 0 ? par_dict_text(d, i, &n) : "";
	PAR_TRY(blob_put(b, (int64_t)n));
	return append(b, s, n);
}

int64_t blob_get(blob *b)
{
	int64_t x;
	memcpy(&x, b->bytes + b->at, sizeof x);
	b->at += sizeof x;
	return x;
}

const char *blob_get_text(blob *b, size_t *n)
{
	*n = (size_t)blob_get(b);
	b->at += *n;
	return b->bytes + b->at - *n;
}

par_err blob_unite(blob *b, const par_world *w)
{
	void *all;
	int64_t bytes;
	PAR_TRY(par_gather_rows(w, b->bytes, (int64_t)b->used, 1, &all, &bytes));
	blob_drop(b);
	*b = (blob){.bytes = all, .used = (size_t)bytes, .room = (size_t)bytes};
	return PAR_OK;
}

void blob_drop(blob *b)
{
	free(b->bytes);
	*b = (blob){0};
}
