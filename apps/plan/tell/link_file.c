#include "plan/tell/link_file.h"

#include "common/catalog.h"
#include "plan/tell/limit_text.h"

#include <stdio.h>
#include <stdlib.h>

/* one column of numbers of each kind, filled and put in turn */
typedef struct {
	par_store *out;
	const model *m;
	int64_t n;
	double *number;
	int32_t *place;
	int16_t *kind;
	char *name;
} column;

static const char *name_of(const void *ctx, int64_t i)
{
	const column *c = ctx;
	return limit_name(c->m, i, c->name);
}

static par_err put(const column *c, const char *name, par_dtype type, const char *units,
    const char *long_name, const void *data)
{
	par_store_var var = {name, type, {"link"}, units, long_name, NULL};
	return par_store_put_whole(c->out, &var, c->n, data);
}

static par_err put_meaning(const column *c)
{
	for (int64_t i = 0; i < c->n; i++)
		c->kind[i] = (int16_t)c->m->limit[i].kind;
	PAR_TRY(put(c, "link_kind", PAR_I16, NULL, "what is limited", c->kind));
	PAR_TRY(par_store_attr_flags(
	    c->out, "link_kind", "lane space supplier budget commitment", LIMIT_KINDS));
	for (int64_t i = 0; i < c->n; i++)
		c->kind[i] = (int16_t)c->m->limit[i].measure;
	PAR_TRY(put(c, "link_measure", PAR_I16, NULL, "in what it is measured", c->kind));
	PAR_TRY(par_store_attr_flags(c->out, "link_measure", "m3 kg units hours money", MEASURES));
	for (int64_t i = 0; i < c->n; i++)
		c->place[i] = c->m->limit[i].which;
	PAR_TRY(put(c, "link_which", PAR_I32, NULL,
	    "place in lane, node or supplier; -1 for a budget", c->place));
	for (int64_t i = 0; i < c->n; i++)
		c->place[i] = c->m->limit[i].period;
	PAR_TRY(put(c, "link_period", PAR_I32, NULL, "place in period of the first", c->place));
	for (int64_t i = 0; i < c->n; i++)
		c->place[i] = c->m->limit[i].until - c->m->limit[i].period;
	return put(c, "link_periods", PAR_I32, NULL, "how many periods together", c->place);
}

/* each limit has units of its own, link_measure's: there is no word that serves all */
static par_err put_numbers(const column *c, const solution *s, const totals *t)
{
	char text[128];
	for (int64_t i = 0; i < c->n; i++)
		c->number[i] = c->m->limit[i].capacity;
	PAR_TRY(put(c, "link_capacity", PAR_F64, NULL, "the limit, in its measure", c->number));
	PAR_TRY(put(c, "link_use", PAR_F64, NULL, "what the plan takes of it", t->use));
	for (int64_t i = 0; i < c->n; i++)
		c->number[i] = c->m->limit[i].overflow_price;
	snprintf(text, sizeof text, "%s for one more above the limit; infinite where it is hard",
	    c->m->currency);
	PAR_TRY(put(c, "link_overflow_price", PAR_F64, NULL, text, c->number));
	for (int64_t i = 0; i < c->n; i++)
		c->number[i] = limit_worth(s, i);
	snprintf(text, sizeof text, "%s that one more of the limit would save", c->m->currency);
	return put(c, "link_price", PAR_F64, NULL, text, c->number);
}

static par_err put_all(column *c, const solution *s, const totals *t)
{
	size_t n = (size_t)c->n + 1;
	c->number = malloc(n * sizeof *c->number);
	c->place = malloc(n * sizeof *c->place);
	c->kind = malloc(n * sizeof *c->kind);
	c->name = malloc(LIMIT_NAME);
	bool room = c->number && c->place && c->kind && c->name;
	PAR_TRY_ALL(c->m->deal.world,
	    room ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for %lld limits", (long long)c->n));
	PAR_TRY(catalog_put_names(c->out, c->m->deal.world, "link", c->n, name_of, c));
	PAR_TRY(put_meaning(c));
	return put_numbers(c, s, t);
}

par_err link_file_put(par_store *out, const model *m, const solution *s, const totals *t)
{
	column c = {.out = out, .m = m, .n = m->problem.link.rows};
	par_err e = put_all(&c, s, t);
	free(c.name);
	free(c.kind);
	free(c.place);
	free(c.number);
	return e;
}
