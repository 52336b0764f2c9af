#include "train/deal.h"

#include "comm/gather.h"

#include <stdlib.h>
#include <string.h>

/* my samples of a split, packed */
typedef struct {
	int64_t n, first; /* here, and before them on other ranks */
	char *x;          /* owned */
	float *truth;     /* owned: an int32 or a float each */
} packed;

static par_err find_first(packed *p, const par_world *w)
{
	void *all;
	int64_t ranks;
	PAR_TRY(par_gather_rows(w, &p->n, 1, sizeof p->n, &all, &ranks));
	for (int r = 0; r < w->rank; r++)
		p->first += ((int64_t *)all)[r];
	free(all);
	return PAR_OK;
}

static void put_truth(packed *p, const samples *s, int64_t i, truth_kind kind, bool number)
{
	float *out = p->truth + p->n;
	if (kind == TRUTH_CLASS && number)
		*out = (float)((const int32_t *)s->truth)[i];
	else
		memcpy(out, (const char *)s->truth + 4 * i, 4);
}

static par_err pack(packed *p, const samples *s, int split, bool number)
{
	size_t bytes = samples_bytes(s);
	*p = (packed){0};
	p->x = malloc((size_t)s->here * bytes + 1);
	p->truth = malloc((size_t)s->here * 4 + 4);
	if (!p->x || !p->truth)
		return par_fail(PAR_E_MEMORY, "no memory for %lld samples", (long long)s->here);
	for (int64_t i = 0; i < s->here; i++) {
		if (s->split[i] != split)
			continue;
		memcpy(p->x + (size_t)p->n * bytes, (const char *)s->x + (size_t)i * bytes, bytes);
		if (s->truth)
			put_truth(p, s, i, s->kind, number);
		p->n++;
	}
	return PAR_OK;
}

par_err deal_feed(
    par_feed **out, const samples *s, const par_world *w, int split, bool number, par_sampler order)
{
	packed p;
	bool whole = s->kind == TRUTH_CLASS && !number;
	par_field field[2] = {
	    s->field, {.name = "truth", .type = whole ? PAR_I32 : PAR_F32, .nd = 1, .shape = {1}}};
	int fields = s->truth ? 2 : 1;
	par_err e = par_agree(w, pack(&p, s, split, number));
	if (e == PAR_OK)
		e = find_first(&p, w);
	order.n = s->split_n[split];
	if (e == PAR_OK)
		e = par_feed_memory(out, w, fields, field, &order);
	if (e == PAR_OK) {
		par_feed_put(*out, 0, p.first, p.n, p.x);
		if (fields == 2)
			par_feed_put(*out, 1, p.first, p.n, p.truth);
	}
	free(p.x);
	free(p.truth);
	return e;
}
