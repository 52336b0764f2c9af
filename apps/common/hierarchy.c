#include "common/hierarchy.h"

#include "base/ini.h"
#include "base/text.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME 65

typedef struct {
	char name[NAME];
	int line, at; /* column in the line */
} word;

typedef struct {
	word name, source;
	int from, to; /* characters [from, to) of source */
} derived;

struct hierarchy {
	char *file;
	int levels, derives;
	hierarchy_level *level;
	word (*columns)[HIERARCHY_COLUMNS]; /* of each level */
	derived *derive;
};

static par_err no_memory(void)
{
	return par_fail(PAR_E_MEMORY, "no memory for the hierarchy");
}

/* make room for one more of size bytes; the new one is zero */
static int grow(void *array, int *count, size_t size)
{
	char *more = realloc(*(void **)array, (size_t)(*count + 1) * size);
	if (!more)
		return 0;
	memset(more + (size_t)*count * size, 0, size);
	*(void **)array = more;
	(*count)++;
	return 1;
}

static int blank(char c)
{
	return c == ' ' || c == '\t';
}

/* the name in s[0..n), blanks around it apart */
static par_err take_word(const par_ini_item *item, const char *s, size_t n, word *out)
{
	while (n > 0 && blank(*s))
		s++, n--;
	while (n > 0 && blank(s[n - 1]))
		n--;
	*out = (word){.line = item->line, .at = item->value_column + (int)(s - item->value)};
	if (n == 0 || n >= NAME)
		return par_fail(PAR_E_CONFIG,
		    "%s:%d:%d: a column's name has 1 to %d bytes, not %zu", item->file, out->line,
		    out->at, NAME - 1, n);
	memcpy(out->name, s, n);
	return PAR_OK;
}

static par_err take_level(hierarchy *h, const par_ini_item *item)
{
	int count = h->levels;
	if (!grow(&h->columns, &count, sizeof *h->columns) ||
	    !grow(&h->level, &h->levels, sizeof *h->level))
		return no_memory();
	hierarchy_level *l = &h->level[h->levels - 1];
	snprintf(l->name, sizeof l->name, "%s", item->key);
	for (const char *s = item->value; *item->value; s += strcspn(s, ",") + 1) {
		if (l->columns == HIERARCHY_COLUMNS)
			return par_fail(PAR_E_CONFIG, "%s:%d:%d: %s has more than %d columns",
			    item->file, item->line, item->value_column, item->key,
			    HIERARCHY_COLUMNS);
		size_t n = strcspn(s, ",");
		PAR_TRY(take_word(item, s, n, &h->columns[h->levels - 1][l->columns++]));
		if (!s[n])
			break;
	}
	return PAR_OK;
}

static par_err take_derive(hierarchy *h, const par_ini_item *item)
{
	if (!grow(&h->derive, &h->derives, sizeof *h->derive))
		return no_memory();
	derived *d = &h->derive[h->derives - 1];
	snprintf(d->name.name, NAME, "%s", item->key);
	size_t n = strcspn(item->value, "[");
	int end = 0;
	if (sscanf(item->value + n, "[%4d:%4d]%n", &d->from, &d->to, &end) != 2 || end == 0 ||
	    item->value[n + (size_t)end] || d->from < 0 || d->to <= d->from)
		return par_fail(PAR_E_CONFIG,
		    "%s:%d:%d: %s; wanted column[from:to], as market[0:2]", item->file, item->line,
		    item->value_column, par_shows(item->value));
	return take_word(item, item->value, n, &d->source);
}

static par_err take_item(void *ctx, const par_ini_item *item)
{
	hierarchy *h = ctx;
	int levels = strcmp(item->section, "levels") == 0;
	if (!levels && strcmp(item->section, "derive") != 0)
		return par_fail(PAR_E_CONFIG,
		    "%s:%d:%d: section %s; a hierarchy has levels and derive", item->file,
		    item->line, item->key_column, par_shows(item->section));
	if (!item->key)
		return PAR_OK;
	return levels ? take_level(h, item) : take_derive(h, item);
}

static par_err finish(hierarchy **out, hierarchy *h, par_err e)
{
	if (e == PAR_OK && h->levels == 0)
		e = par_fail(
		    PAR_E_CONFIG, "%s:1:1: no level; wanted [levels] and one line each", h->file);
	if (e != PAR_OK)
		hierarchy_free(h);
	else
		*out = h;
	return e;
}

static hierarchy *begin(const char *name)
{
	hierarchy *h = calloc(1, sizeof *h);
	if (h && !(h->file = strdup(name))) {
		free(h);
		h = NULL;
	}
	return h;
}

par_err hierarchy_parse(hierarchy **h, const char *name, const char *text, size_t n)
{
	hierarchy *made = begin(name);
	return made ? finish(h, made, par_ini_parse(name, text, n, take_item, made)) : no_memory();
}

par_err hierarchy_read(hierarchy **h, const char *path)
{
	hierarchy *made = begin(path);
	return made ? finish(h, made, par_ini_read(path, take_item, made)) : no_memory();
}

void hierarchy_free(hierarchy *h)
{
	if (!h)
		return;
	for (int i = 0; i < h->levels; i++) {
		free(h->level[i].node_of);
		free(h->level[i].first_series);
		free(h->level[i].label);
	}
	free(h->level);
	free(h->columns);
	free(h->derive);
	free(h->file);
	free(h);
}

int hierarchy_levels(const hierarchy *h)
{
	return h->levels;
}

const hierarchy_level *hierarchy_at(const hierarchy *h, int level)
{
	return &h->level[level];
}

static bool is_derived(const hierarchy *h, const char *name)
{
	for (int i = 0; i < h->derives; i++)
		if (strcmp(h->derive[i].name.name, name) == 0)
			return true;
	return false;
}

static int need(const char *names[HIERARCHY_NEEDS], int count, const char *name)
{
	for (int i = 0; i < count; i++)
		if (strcmp(names[i], name) == 0)
			return count;
	if (count < HIERARCHY_NEEDS)
		names[count++] = name;
	return count;
}

int hierarchy_needs(const hierarchy *h, const char *names[HIERARCHY_NEEDS])
{
	int count = 0;
	for (int l = 0; l < h->levels; l++)
		for (int i = 0; i < h->level[l].columns; i++)
			if (!is_derived(h, h->columns[l][i].name))
				count = need(names, count, h->columns[l][i].name);
	for (int i = 0; i < h->derives; i++)
		count = need(names, count, h->derive[i].source.name);
	return count;
}

static par_err find(const hierarchy *h, const hierarchy_column *columns, int count, const word *w,
    const hierarchy_column **out)
{
	const char *names[64];
	int known = 0;
	for (int i = 0; i < count; i++) {
		if (strcmp(columns[i].name, w->name) == 0) {
			*out = &columns[i];
			return PAR_OK;
		}
		if (known < 64)
			names[known++] = columns[i].name;
	}
	const char *near = par_text_nearest(w->name, names, known);
	return par_fail(PAR_E_CONFIG, "%s:%d:%d: the catalog has no column %s%s%s", h->file,
	    w->line, w->at, par_shows(w->name), near ? "; did you mean " : "", near ? near : "");
}

/* bytes of the first n characters of s */
static size_t characters(const char *s, int n)
{
	size_t at = 0;
	while (s[at] && (n > 0 || ((unsigned char)s[at] & 0xc0) == 0x80))
		n -= ((unsigned char)s[at++] & 0xc0) != 0x80;
	return at;
}

/* a column whose text the caller frees */
static par_err make_derived(const derived *d, const hierarchy_column *source, hierarchy_column *out)
{
	char *text = calloc((size_t)source->entries + 1, (size_t)source->stride);
	if (!text)
		return no_memory();
	for (int64_t i = 0; i < source->entries; i++) {
		const char *s = source->text + i * source->stride;
		size_t from = characters(s, d->from), to = characters(s, d->to);
		memcpy(text + i * source->stride, s + from, to - from);
	}
	*out = *source;
	out->name = d->name.name;
	out->text = text;
	return PAR_OK;
}

static int by_text(const void *a, const void *b, void *ctx)
{
	const hierarchy_column *c = ctx;
	return strcmp(c->text + *(const int32_t *)a * (int64_t)c->stride,
	    c->text + *(const int32_t *)b * (int64_t)c->stride);
}

/* code[entry]: the rank of its value among the column's values; equal values share one */
static int64_t rank_values(const hierarchy_column *c, int32_t *code)
{
	int32_t *order = malloc(((size_t)c->entries + 1) * sizeof *order);
	if (!order)
		return -1;
	for (int32_t i = 0; i < c->entries; i++)
		order[i] = i;
	qsort_r(order, (size_t)c->entries, sizeof *order, by_text, (void *)c);
	int64_t values = 0;
	for (int64_t i = 0; i < c->entries; i++) {
		values += i == 0 || by_text(&order[i - 1], &order[i], (void *)c) != 0;
		code[order[i]] = (int32_t)(values - 1);
	}
	free(order);
	return values;
}

static int by_number(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

/* number the distinct keys from 0 in their order; returns how many there are */
static int64_t rank_keys(int64_t *key, int64_t n, int64_t *sorted)
{
	memcpy(sorted, key, (size_t)n * sizeof *key);
	qsort(sorted, (size_t)n, sizeof *sorted, by_number);
	int64_t distinct = 0;
	for (int64_t i = 0; i < n; i++)
		if (i == 0 || sorted[i] != sorted[i - 1])
			sorted[distinct++] = sorted[i];
	for (int64_t i = 0; i < n; i++) {
		const int64_t *at = bsearch(
		    &key[i], sorted, (size_t)distinct, sizeof *sorted, by_number);
		key[i] = at ? at - sorted : 0;
	}
	return distinct;
}

/* refine key, a numbering of the series' nodes so far, by one more column */
static par_err add_column(const hierarchy_column *c, int64_t series, int64_t *key, int64_t *sorted)
{
	int32_t *code = malloc(((size_t)c->entries + 1) * sizeof *code);
	int64_t values = code ? rank_values(c, code) : -1;
	if (values >= 0) {
		for (int64_t i = 0; i < series; i++)
			key[i] = key[i] * values + code[c->entry_of[i]];
		rank_keys(key, series, sorted);
	}
	free(code);
	return values < 0 ? no_memory() : PAR_OK;
}

static par_err number_nodes(hierarchy_level *l, const int64_t *key, int64_t series)
{
	for (int64_t i = 0; i < series; i++)
		l->nodes = key[i] >= l->nodes ? key[i] + 1 : l->nodes;
	l->node_of = malloc(((size_t)series + 1) * sizeof *l->node_of);
	l->first_series = malloc(((size_t)l->nodes + 1) * sizeof *l->first_series);
	if (!l->node_of || !l->first_series)
		return no_memory();
	for (int64_t i = series - 1; i >= 0; i--) {
		l->node_of[i] = (int32_t)key[i];
		l->first_series[key[i]] = (int32_t)i;
	}
	return PAR_OK;
}

static par_err label_nodes(hierarchy_level *l, const hierarchy_column *const *columns)
{
	l->stride = (int)strlen(l->name) + 1;
	for (int c = 0; c < l->columns; c++)
		l->stride += columns[c]->stride + 1;
	l->label = malloc((size_t)(l->nodes * l->stride) + 1);
	if (!l->label)
		return no_memory();
	for (int64_t k = 0; k < l->nodes; k++) {
		char *at = stpcpy(l->label + k * l->stride, l->name);
		for (int c = 0; c < l->columns; c++) {
			const hierarchy_column *from = columns[c];
			int64_t entry = from->entry_of[l->first_series[k]];
			*at++ = '/';
			at = stpcpy(at, from->text + entry * from->stride);
		}
	}
	return PAR_OK;
}

static par_err map_level(
    hierarchy *h, int level, const hierarchy_column *columns, int count, int64_t series)
{
	hierarchy_level *l = &h->level[level];
	const hierarchy_column *from[HIERARCHY_COLUMNS];
	int64_t *key = calloc((size_t)(2 * series) + 1, sizeof *key);
	par_err e = key ? PAR_OK : no_memory();
	for (int i = 0; i < l->columns && e == PAR_OK; i++) {
		e = find(h, columns, count, &h->columns[level][i], &from[i]);
		if (e == PAR_OK)
			e = add_column(from[i], series, key, key + series);
	}
	if (e == PAR_OK)
		e = number_nodes(l, key, series);
	if (e == PAR_OK)
		e = label_nodes(l, from);
	free(key);
	return e;
}

par_err hierarchy_map(hierarchy *h, const hierarchy_column *columns, int count, int64_t series)
{
	hierarchy_column *all = calloc((size_t)(count + h->derives) + 1, sizeof *all);
	if (!all)
		return no_memory();
	memcpy(all, columns, (size_t)count * sizeof *all);
	par_err e = PAR_OK;
	int made = 0;
	for (; made < h->derives && e == PAR_OK; made += e == PAR_OK) {
		const hierarchy_column *source = NULL;
		e = find(h, columns, count, &h->derive[made].source, &source);
		if (e == PAR_OK)
			e = make_derived(&h->derive[made], source, &all[count + made]);
	}
	for (int i = 0; i < h->levels && e == PAR_OK; i++)
		e = map_level(h, i, all, count + made, series);
	for (int i = 0; i < made; i++)
		free((void *)all[count + i].text);
	free(all);
	return e;
}
