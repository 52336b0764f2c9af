#include "ingest/ids.h"

#include "comm/gather.h"

#include <stdlib.h>
#include <string.h>

static par_err no_memory(void)
{
	return par_fail(PAR_E_MEMORY, "no memory for identifiers");
}

/* the distinct texts of some dictionaries, each after its length */
static par_err pack(const par_dict *const *dicts, int k, char **out, size_t *bytes)
{
	par_dict all = {0};
	par_err e = PAR_OK;
	for (int d = 0; d < k && e == PAR_OK; d++)
		for (int32_t i = 0; i < dicts[d]->count && e == PAR_OK; i++) {
			size_t n;
			const char *s = par_dict_text(dicts[d], i, &n);
			if (par_dict_put(&all, s, n) < 0)
				e = no_memory();
		}
	*bytes = all.used + (size_t)all.count * sizeof(uint32_t);
	*out = malloc(*bytes + 1);
	char *to = *out;
	for (int32_t i = 0; i < all.count && to && e == PAR_OK; i++) {
		size_t n;
		const char *s = par_dict_text(&all, i, &n);
		uint32_t n32 = (uint32_t)n;
		memcpy(to, &n32, sizeof n32);
		memcpy(to + sizeof n32, s, n);
		to += sizeof n32 + n;
	}
	par_dict_free(&all);
	return e == PAR_OK && !*out ? no_memory() : e;
}

static par_err sort_all(ids *u)
{
	u->n = u->dict.count;
	u->width = 1;
	for (int32_t i = 0; i < u->dict.count; i++)
		if ((int)u->dict.entries[i].n > u->width)
			u->width = (int)u->dict.entries[i].n;
	int32_t *order = malloc((size_t)(u->n + 1) * sizeof *order);
	u->place = malloc((size_t)(u->n + 1) * sizeof *u->place);
	u->chars = calloc((size_t)u->n + 1, (size_t)u->width);
	if (!order || !u->place || !u->chars) {
		free(order);
		return no_memory();
	}
	par_dict_sort(&u->dict, order);
	for (int32_t at = 0; at < u->dict.count; at++) {
		size_t n;
		const char *s = par_dict_text(&u->dict, order[at], &n);
		memcpy(u->chars + (size_t)at * (size_t)u->width, s, n);
		u->place[order[at]] = at;
	}
	free(order);
	return PAR_OK;
}

static par_err unpack(ids *u, const char *all, size_t total)
{
	for (size_t at = 0; at < total;) {
		uint32_t n;
		memcpy(&n, all + at, sizeof n);
		if (par_dict_put(&u->dict, all + at + sizeof n, n) < 0)
			return no_memory();
		at += sizeof n + n;
	}
	return sort_all(u);
}

par_err ids_unite(ids *u, const par_world *w, const par_dict *const *dicts, int k)
{
	char *mine = NULL;
	void *all = NULL;
	size_t bytes = 0;
	int64_t total = 0;
	*u = (ids){0};
	par_err e = par_agree(w, pack(dicts, k, &mine, &bytes));
	if (e == PAR_OK)
		e = par_gather_rows(w, mine, (int64_t)bytes, 1, &all, &total);
	if (e == PAR_OK)
		e = par_agree(w, unpack(u, all, (size_t)total));
	free(mine);
	free(all);
	return e;
}

int32_t ids_place(const ids *u, const char *s, size_t n)
{
	int32_t i = par_dict_find(&u->dict, s, n);
	return i < 0 ? -1 : u->place[i];
}

par_err ids_map(const ids *u, const par_dict *d, int32_t **map)
{
	*map = malloc(((size_t)d->count + 1) * sizeof **map);
	if (!*map)
		return no_memory();
	for (int32_t i = 0; i < d->count; i++) {
		size_t n;
		const char *s = par_dict_text(d, i, &n);
		(*map)[i] = ids_place(u, s, n);
	}
	return PAR_OK;
}

void ids_drop(ids *u)
{
	par_dict_free(&u->dict);
	free(u->place);
	free(u->chars);
	*u = (ids){0};
}
