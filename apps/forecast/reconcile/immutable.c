#include "forecast/reconcile/immutable.h"

#include "base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MOST 4096 /* immutable nodes: whether one follows from others takes a matrix of them */

typedef struct {
	immutable *m;
	const hierarchy *h;
	const levels_sums *of;
	int64_t series;
	const char *origin; /* of the setting */
	int32_t *node;      /* owned: [count] in the order they are named */
	int nodes;
} reader;

static const char *label_of(const hierarchy_level *l, int64_t k)
{
	return l->label + k * l->stride;
}

/* the node of a level that has this name, -1: none */
static int64_t node_called(const hierarchy_level *l, const char *name)
{
	for (int64_t k = 0; k < l->nodes; k++)
		if (strcmp(label_of(l, k), name) == 0)
			return k;
	return -1;
}

static par_err unknown(const reader *r, const char *name)
{
	const char *names[256], *near;
	int n = 0;
	for (int l = 0; l < hierarchy_levels(r->h); l++)
		for (int64_t k = 0; k < hierarchy_at(r->h, l)->nodes && n < 256; k++)
			names[n++] = label_of(hierarchy_at(r->h, l), k);
	near = par_text_nearest(name, names, n);
	return par_fail(PAR_E_CONFIG,
	    "%s: the hierarchy has no node %s%s%s; wanted level/value/value", r->origin,
	    par_shows(name), near ? "; did you mean " : "", near ? near : "");
}

/* a level that adds up has a node, another renames series */
static void take_node(reader *r, const hierarchy_level *level, int64_t k)
{
	for (int l = 0; l < r->of->count; l++)
		if (r->of->level[l] == level) {
			int64_t node = r->of->first[l] + k;
			if (!r->m->node[node])
				r->node[r->nodes++] = (int32_t)node;
			r->m->node[node] = 1;
			return;
		}
	for (int64_t i = 0; i < r->series; i++)
		r->m->series[i] |= level->node_of[i] == k;
}

static par_err take_name(reader *r, const char *word, size_t n)
{
	char name[1024];
	while (n > 0 && word[n - 1] == ' ')
		n--;
	if (n >= sizeof name || r->nodes == MOST)
		return par_fail(PAR_E_CONFIG, "%s: %s: more than %d nodes, or a name too long",
		    r->origin, par_show(word, n), MOST);
	memcpy(name, word, n);
	name[n] = 0;
	for (int l = 0; l < hierarchy_levels(r->h); l++) {
		int64_t k = node_called(hierarchy_at(r->h, l), name);
		if (k < 0)
			continue;
		take_node(r, hierarchy_at(r->h, l), k);
		r->m->count++;
		return PAR_OK;
	}
	return unknown(r, name);
}

static par_err take_names(reader *r, const char *text)
{
	for (const char *at = text + strspn(text, ", "); *at; at += strspn(at, ", ")) {
		size_t n = strcspn(at, ",");
		PAR_TRY(take_name(r, at, n));
		at += n;
	}
	return PAR_OK;
}

/* gram[a][b]: series that may move and are of both; C C' of the immutable nodes */
static void count_shared(const levels_sums *of, int64_t series, const uint8_t *fixed,
    const int32_t *slot, int n, double *gram)
{
	for (int64_t i = 0; i < series; i++) {
		if (fixed[i])
			continue;
		for (int a = 0; a < of->count; a++) {
			int32_t at = slot[of->first[a] + of->level[a]->node_of[i]];
			for (int b = 0; b < of->count && at >= 0; b++) {
				int32_t other = slot[of->first[b] + of->level[b]->node_of[i]];
				if (other >= 0)
					gram[(int64_t)at * n + other] += 1;
			}
		}
	}
}

/* the first pivot of a Cholesky factor that vanishes */
static int first_vanishing(double *a, int n)
{
	for (int j = 0; j < n; j++) {
		double whole = a[(int64_t)j * n + j];
		for (int k = 0; k < j; k++) {
			double v = a[(int64_t)j * n + k];
			for (int i = 0; i < k; i++)
				v -= a[(int64_t)j * n + i] * a[(int64_t)k * n + i];
			v /= a[(int64_t)k * n + k];
			a[(int64_t)j * n + k] = v;
			a[(int64_t)j * n + j] -= v * v;
		}
		if (!(a[(int64_t)j * n + j] > 1e-9 * whole))
			return j;
		a[(int64_t)j * n + j] = sqrt(a[(int64_t)j * n + j]);
	}
	return -1;
}

par_err immutable_dependent(const levels_sums *of, int64_t series, const uint8_t *fixed,
    const int32_t *node, int n, int *which)
{
	int64_t nodes = of->first[of->count];
	int32_t *slot = malloc(sizeof *slot * (size_t)(nodes + 1));
	double *gram = calloc((size_t)n * (size_t)n + 1, sizeof *gram);
	if (slot && gram) {
		memset(slot, -1, sizeof *slot * (size_t)(nodes + 1));
		for (int k = 0; k < n; k++)
			slot[node[k]] = k;
		count_shared(of, series, fixed, slot, n, gram);
		*which = first_vanishing(gram, n);
	}
	par_err e = slot && gram ? PAR_OK
				 : par_fail(PAR_E_MEMORY, "no memory for %d immutable nodes", n);
	free(slot);
	free(gram);
	return e;
}

static par_err refuse_dependent(const reader *r)
{
	int which, l = 0;
	PAR_TRY(immutable_dependent(r->of, r->series, r->m->series, r->node, r->nodes, &which));
	if (which < 0)
		return PAR_OK;
	while (r->node[which] >= r->of->first[l + 1])
		l++;
	return par_fail(PAR_E_CONFIG,
	    "%s: %s contradicts the nodes before it: its forecast would follow from theirs; let "
	    "one of "
	    "them move",
	    r->origin, label_of(r->of->level[l], r->node[which] - r->of->first[l]));
}

par_err immutable_read(
    immutable *m, const app *a, const hierarchy *h, const levels_sums *of, int64_t series)
{
	const char *text = app_text(a, "immutable");
	int64_t nodes = of->first[of->count];
	reader r = {m, h, of, series, par_conf_origin(a->conf, a->section, "immutable"), NULL, 0};
	*m = (immutable){0};
	m->node = calloc((size_t)nodes + 1, sizeof *m->node);
	m->series = calloc((size_t)series + 1, sizeof *m->series);
	r.node = malloc(sizeof *r.node * (MOST + 1));
	par_err e = m->node && m->series && r.node
			? PAR_OK
			: par_fail(PAR_E_MEMORY, "no memory for immutable nodes");
	if (e == PAR_OK && text)
		e = take_names(&r, text);
	if (e == PAR_OK && r.nodes > 0)
		e = refuse_dependent(&r);
	free(r.node);
	return e;
}

void immutable_drop(immutable *m)
{
	free(m->node);
	free(m->series);
	*m = (immutable){0};
}
