#include "train/names.h"

#include "comm/gather.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
	char text[NAMES_BYTES];
	int64_t count;
} met;

static int by_text(const void *a, const void *b)
{
	return memcmp(((const met *)a)->text, ((const met *)b)->text, NAMES_BYTES);
}

static int by_count(const void *a, const void *b)
{
	const met *x = a, *y = b;
	if (x->count != y->count)
		return x->count < y->count ? 1 : -1;
	return by_text(a, b);
}

static met *list_mine(const par_dict *d, const int64_t *counts)
{
	met *list = calloc((size_t)d->count + 1, sizeof *list);
	for (int32_t i = 0; list && i < d->count; i++) {
		size_t n;
		const char *s = par_dict_text(d, i, &n);
		memcpy(list[i].text, s, n < NAMES_BYTES ? n : NAMES_BYTES);
		list[i].count = counts ? counts[i] : 0;
	}
	return list;
}

/* sorts by text and adds up equal ones; returns how many differ */
static int64_t merge(met *list, int64_t n)
{
	int64_t kept = 0;
	qsort(list, (size_t)n, sizeof *list, by_text);
	for (int64_t i = 0; i < n; i++)
		if (kept > 0 && by_text(&list[kept - 1], &list[i]) == 0)
			list[kept - 1].count += list[i].count;
		else
			list[kept++] = list[i];
	return kept;
}

par_err names_unite(
    names *out, const par_world *w, const par_dict *mine, const int64_t *counts, int32_t most)
{
	void *all = NULL;
	int64_t n = 0;
	met *list = list_mine(mine, counts);
	par_err e = par_agree(w, list ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for names"));
	if (e == PAR_OK)
		e = par_gather_rows(w, list, mine->count, sizeof *list, &all, &n);
	free(list);
	PAR_TRY(e);
	n = merge(all, n);
	if (counts)
		qsort(all, (size_t)n, sizeof(met), by_count);
	n = counts && n > most ? most : n;
	e = par_agree(w, names_take(out, all, n, (int)sizeof(met)));
	free(all);
	return e;
}

par_err names_take(names *out, const char *text, int64_t n, int stride)
{
	*out = (names){.n = (int32_t)n, .width = 1};
	for (int64_t i = 0; i < n; i++) {
		int length = (int)strnlen(text + i * stride, NAMES_BYTES);
		out->width = length > out->width ? length : out->width;
	}
	/* the dictionary reads 16 bytes beyond a text */
	out->text = calloc((size_t)n * (size_t)out->width + 16, 1);
	for (int64_t i = 0; out->text && i < n; i++) {
		char *to = out->text + i * out->width;
		size_t length = strnlen(text + i * stride, NAMES_BYTES);
		memcpy(to, text + i * stride, length);
		if (par_dict_put(&out->dict, to, length) != i)
			return par_fail(PAR_E_MEMORY, "no memory for %lld names", (long long)n);
	}
	return out->text ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for names");
}

int32_t names_find(const names *x, const char *s, size_t n)
{
	return par_dict_find(&x->dict, s, n);
}

const char *names_text(const names *x, int32_t i, char *out)
{
	memcpy(out, x->text + (size_t)i * (size_t)x->width, (size_t)x->width);
	out[x->width] = 0;
	return out;
}

void names_drop(names *x)
{
	par_dict_free(&x->dict);
	free(x->text);
	*x = (names){0};
}
