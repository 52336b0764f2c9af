#include "forecast/net/keep.h"

#include <stdlib.h>
#include <string.h>

#define FORMAT "entrepot-forecast-model"
#define VERSION 1
#define NAME 128
#define READ_BYTES ((int64_t)1 << 26) /* a parameter of the file, at most */

static const char *const set_name[KEEP_SETS] = {"held", "all"};

void keep_drop(keep *k)
{
	for (int i = 0; i < KEEP_SETS; i++)
		free(k->set[i]);
	*k = (keep){0};
}

static const par_world *world_of(const learner *l)
{
	return l->kind->h->of->world;
}

/* "place/weight" of the set "held" is held.place.weight, of its second member held.2.place.weight */
static const char *name_in_file(char *out, int set, int member, const par_param *p)
{
	char number[16] = "";
	if (member > 0)
		snprintf(number, sizeof number, "%d.", member + 1);
	snprintf(out, NAME, "%s.%s%s", set_name[set], number, p->name);
	for (char *c = out; *c; c++)
		if (*c == '/')
			*c = '.';
	return out;
}

/* ---- names ---- */

/* what rows of a parameter are called */
typedef struct {
	const char *scale, *text;
	int stride;
	int64_t n;
} names;

enum { MARKETS, SKUS, AREAS, EVENTS, SCALES };

static void names_of(const learner *l, names out[SCALES])
{
	const history *h = l->kind->h;
	const catalog *c = h->of;
	const day_table *d = l->kind->c;
	bool skus = par_graph_find(l->net.graph, "sku/weight") != NULL;
	out[MARKETS] = (names){"market", c->market, c->market_stride, c->markets};
	out[SKUS] = (names){"sku", c->sku, c->sku_stride, skus ? c->skus : 0};
	out[AREAS] = (names){"area", h->area, h->area_stride, h->area ? h->areas : 0};
	out[EVENTS] = (names){"event", d->event, d->event_stride, d->events};
}

static const char *name_at(const void *ctx, int64_t i)
{
	const names *n = ctx;
	return n->text + i * n->stride;
}

/* ---- writing ---- */

static par_err put_member(par_store *s, const learner *l, int set, int member, const float *value)
{
	for (int i = 0; i < par_graph_params(l->net.graph); i++) {
		const par_param *p = par_graph_param(l->net.graph, i);
		char name[NAME], dim[PAR_PARAM_AXES][32];
		par_store_var v = {.name = name_in_file(name, set, member, p), .type = PAR_F32};
		for (int a = 0; a < p->nd; a++) {
			snprintf(dim[a], sizeof dim[a], "size%lld", (long long)p->shape[a]);
			if (par_store_extent(s, dim[a]) < 0)
				PAR_TRY(par_store_bare_dim(s, dim[a], p->shape[a]));
			v.dims[a] = dim[a];
		}
		PAR_TRY(par_store_put_whole(s, &v, p->shape[0], value));
		value += p->n;
	}
	return PAR_OK;
}

static par_err put_number(par_store *s, const char *name, par_dtype type, const void *value)
{
	par_store_var v = {.name = name, .type = type, .dims = {"one"}};
	return par_store_put_whole(s, &v, 1, value);
}

static par_err put_all(par_store *s, const learner *l, const keep *k)
{
	names of[SCALES];
	int64_t better = k->better, horizon = l->kind->horizon, members = l->members;
	PAR_TRY(par_store_bare_dim(s, "one", 1));
	PAR_TRY(put_number(s, "nights", PAR_I64, &k->nights));
	PAR_TRY(put_number(s, "better", PAR_I64, &better));
	PAR_TRY(put_number(s, "error", PAR_F64, &k->error));
	PAR_TRY(put_number(s, "error_models", PAR_F64, &k->error_models));
	PAR_TRY(put_number(s, "horizon", PAR_I64, &horizon));
	PAR_TRY(put_number(s, "members", PAR_I64, &members));
	if (l->net.levels > 0)
		PAR_TRY(par_store_dim(s, "quantile", l->net.levels, PAR_F64, l->net.level));
	names_of(l, of);
	for (int i = 0; i < SCALES; i++)
		if (of[i].n > 0)
			PAR_TRY(catalog_put_names(
			    s, world_of(l), of[i].scale, of[i].n, name_at, &of[i]));
	for (int i = 0; k->better && i < KEEP_SETS; i++)
		for (int m = 0; m < l->members; m++)
			PAR_TRY(put_member(s, l, i, m, k->set[i] + m * learn_weights(l)));
	return PAR_OK;
}

par_err keep_write(app *a, const learner *l, const keep *k)
{
	char path[4096];
	par_store *s;
	app_beside(a, ".model.h5", path, sizeof path);
	PAR_TRY(par_store_create(&s, &a->world, path, FORMAT, VERSION,
	    KEEP_SETS * l->members * learn_weights(l) * (int64_t)sizeof(float) + (1 << 20)));
	par_err e = app_put_attributes(a, s);
	if (e == PAR_OK)
		e = put_all(s, l, k);
	if (e != PAR_OK) {
		par_store_discard(s);
		return e;
	}
	PAR_TRY(par_store_publish(s, PAR_OK));
	return app_output(a, path);
}

/* ---- reading ---- */

/* a file seen from a new catalog */
typedef struct {
	const learner *l;
	par_store *file;
	names now[SCALES];
	int64_t *old[SCALES];  /* owned: [now.n] the place of a name in the file, or -1 */
	int64_t count[SCALES]; /* names in the file */
} passage;

/* rows of a parameter: where each stood, or -1, and of which kind it is, -1 none */
typedef struct {
	int64_t *from;
	int32_t *kind;
	int32_t kinds;
} rows;

/* by bisection where the names are sorted, one by one where they are not */
static int64_t find(const char *text, int64_t n, int stride, bool sorted, const char *name)
{
	int64_t lo = 0, hi = n;
	if (!text)
		return -1;
	while (sorted && lo < hi) {
		int64_t middle = lo + (hi - lo) / 2;
		if (strcmp(text + middle * stride, name) < 0)
			lo = middle + 1;
		else
			hi = middle;
	}
	while (!sorted && lo < n && strcmp(text + lo * stride, name) != 0)
		lo++;
	return lo < n && strcmp(text + lo * stride, name) == 0 ? lo : -1;
}

static par_err match(passage *g, int scale)
{
	const names *now = &g->now[scale];
	char *text = NULL;
	int stride = 0;
	g->old[scale] = malloc((size_t)(now->n > 0 ? now->n : 0) * sizeof **g->old + 1);
	PAR_TRY_ALL(world_of(g->l),
	    g->old[scale] ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory to compare names"));
	if (par_store_extent(g->file, now->scale) > 0)
		PAR_TRY(par_store_get_text(g->file, now->scale, &text, &g->count[scale], &stride));
	for (int64_t i = 0; i < now->n; i++)
		g->old[scale][i] = find(text, g->count[scale], stride,
		    scale == MARKETS || scale == SKUS, now->text + i * now->stride);
	free(text);
	return PAR_OK;
}

static void match_places(const passage *g, rows *r)
{
	const history *h = g->l->kind->h;
	int64_t markets = h->of->markets;
	r->kinds = 2;
	for (int64_t m = 0; m < markets; m++)
		r->from[m] = g->old[MARKETS][m];
	for (int64_t a = 0; a < h->areas; a++) {
		int64_t old = h->area ? g->old[AREAS][a] : g->count[AREAS] == 0 ? 0 : -1;
		r->from[markets + a] = old < 0 ? -1 : g->count[MARKETS] + old;
		r->kind[markets + a] = 1;
	}
}

static void match_skus(const passage *g, rows *r)
{
	const history *h = g->l->kind->h;
	r->kinds = (int32_t)h->areas;
	for (int64_t i = 0; i < h->of->skus; i++) {
		r->from[i] = g->old[SKUS][i];
		r->kind[i] = h->area_of[i];
	}
}

static void match_days(const passage *g, rows *r)
{
	const day_table *d = g->l->kind->c;
	int64_t at = 0, first = d->dates;
	for (; at < d->dates; at++)
		r->from[at] = at;
	for (int offset = 0; offset < d->offsets; offset++, first += g->count[EVENTS])
		for (int e = 0; e < d->events; e++, at++) {
			int64_t old = g->old[EVENTS][e];
			r->from[at] = old < 0 ? -1 : first + old;
			r->kind[at] = -1;
		}
}

/* rows of a parameter that names stand for; returns how many the file must have, -1: it has the same */
static int64_t match_rows(const passage *g, const par_param *p, rows *r)
{
	const day_table *d = g->l->kind->c;
	if (strcmp(p->name, "place/weight") == 0) {
		match_places(g, r);
		return g->count[MARKETS] + (g->count[AREAS] > 0 ? g->count[AREAS] : 1);
	}
	if (strcmp(p->name, "sku/weight") == 0) {
		match_skus(g, r);
		return g->count[SKUS];
	}
	if (strcmp(p->name, "day/weight") == 0) {
		match_days(g, r);
		return d->dates + d->offsets * g->count[EVENTS];
	}
	for (int64_t i = 0; i < p->shape[0]; i++)
		r->from[i] = i;
	return -1;
}

/* rows that came are the mean of their kind; sum[kinds][width], count[kinds] arrive zeroed */
static void carry(const rows *r, int64_t n, int64_t width, const float *old, double *sum,
    int64_t *count, float *out)
{
	for (int64_t i = 0; i < n; i++) {
		if (r->from[i] < 0)
			continue;
		memcpy(out + i * width, old + r->from[i] * width, (size_t)width * sizeof *out);
		if (r->kind[i] < 0 || r->kinds == 0)
			continue;
		for (int64_t j = 0; j < width; j++)
			sum[r->kind[i] * width + j] += (double)out[i * width + j];
		count[r->kind[i]]++;
	}
	for (int64_t i = 0; i < n; i++)
		for (int64_t j = 0; r->from[i] < 0 && j < width; j++) {
			int64_t seen = r->kind[i] < 0 ? 0 : count[r->kind[i]];
			out[i * width + j] =
			    seen > 0 ? (float)(sum[r->kind[i] * width + j] / (double)seen) : 0;
		}
}

/* does the file have the parameter as it stands, but for rows that names stand for? */
static bool fits(const passage *g, const char *name, const par_param *p, int64_t want)
{
	int64_t extent[PAR_STORE_RANK];
	int rank = par_store_shape(g->file, name, extent);
	if (rank != p->nd || par_store_type(g->file, name) != PAR_F32)
		return false;
	for (int a = 1; a < rank; a++)
		if (extent[a] != p->shape[a])
			return false;
	return extent[0] == (want < 0 ? p->shape[0] : want) &&
	       extent[0] * (p->n / (p->shape[0] > 0 ? p->shape[0] : 1)) <= READ_BYTES;
}

static par_err read_carried(
    passage *g, const char *name, const par_param *p, int64_t stored, const rows *r, float *out)
{
	int64_t width = p->n / p->shape[0], kinds = r->kinds > 0 ? r->kinds : 1;
	float *old = malloc((size_t)(stored * width) * sizeof *old + 1);
	double *sum = calloc((size_t)(kinds * width) + 1, sizeof *sum);
	int64_t *count = calloc((size_t)kinds + 1, sizeof *count);
	par_err e = par_agree(world_of(g->l),
	    old && sum && count ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for %s", name));
	if (e == PAR_OK)
		e = par_store_get_elements(g->file, name, PAR_F32, 0, stored * width, old);
	if (e == PAR_OK)
		carry(r, p->shape[0], width, old, sum, count, out);
	free(count);
	free(sum);
	free(old);
	return e;
}

static par_err read_param(
    passage *g, int set, int member, const par_param *p, float *out, bool *fit)
{
	char name[NAME];
	rows r = {.from = calloc((size_t)p->shape[0] + 1, sizeof *r.from),
	    .kind = calloc((size_t)p->shape[0] + 1, sizeof *r.kind)};
	par_err e = par_agree(world_of(g->l),
	    r.from && r.kind ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for names"));
	name_in_file(name, set, member, p);
	if (e == PAR_OK) {
		int64_t want = match_rows(g, p, &r);
		*fit = fits(g, name, p, want);
		if (*fit)
			e = read_carried(g, name, p, want < 0 ? p->shape[0] : want, &r, out);
	}
	free(r.from);
	free(r.kind);
	return e;
}

static par_err read_member(passage *g, int set, int member, float *out, bool *fit)
{
	*fit = true;
	for (int i = 0; *fit && i < par_graph_params(g->l->net.graph); i++) {
		const par_param *p = par_graph_param(g->l->net.graph, i);
		PAR_TRY(read_param(g, set, member, p, out, fit));
		out += p->n;
	}
	return PAR_OK;
}

static par_err get_number(par_store *s, const char *name, par_dtype type, void *out)
{
	return par_store_get(s, name, type, (const char *const[]){"one", NULL}, 0, 1, out);
}

/* does the file's network answer with the quantiles that are wanted? */
static par_err same_levels(const passage *g, bool *same)
{
	int n = g->l->net.levels;
	*same = n == 0 && !par_store_has(g->file, "quantile");
	if (n == 0 || !par_store_has(g->file, "quantile") ||
	    par_store_extent(g->file, "quantile") != n)
		return PAR_OK;
	double *level = malloc(sizeof *level * (size_t)n);
	par_err e = par_agree(world_of(g->l),
	    level ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for quantile levels"));
	if (e == PAR_OK)
		e = par_store_get_elements(g->file, "quantile", PAR_F64, 0, n, level);
	*same = e == PAR_OK && memcmp(level, g->l->net.level, sizeof *level * (size_t)n) == 0;
	free(level);
	return e;
}

static par_err read_story(passage *g, keep *k, const char **why)
{
	int64_t better, horizon, members = 1;
	bool same;
	PAR_TRY(get_number(g->file, "nights", PAR_I64, &k->nights));
	PAR_TRY(get_number(g->file, "better", PAR_I64, &better));
	PAR_TRY(get_number(g->file, "error", PAR_F64, &k->error));
	PAR_TRY(get_number(g->file, "error_models", PAR_F64, &k->error_models));
	PAR_TRY(get_number(g->file, "horizon", PAR_I64, &horizon));
	if (par_store_has(g->file, "members"))
		PAR_TRY(get_number(g->file, "members", PAR_I64, &members));
	PAR_TRY(same_levels(g, &same));
	k->better = better != 0;
	if (k->nights < 0 || horizon < 1)
		return par_fail(PAR_E_DATA, "%s:/%s is not what a forecast leaves behind",
		    par_store_path(g->file), k->nights < 0 ? "nights" : "horizon");
	*why = horizon != g->l->kind->horizon ? "it looks another horizon ahead"
	       : members != g->l->members     ? "it has other members (forecast.members)"
	       : !same                        ? "it has other quantiles (forecast.quantiles)"
					      : NULL;
	return PAR_OK;
}

static par_err read_weights(passage *g, keep *k, const char **why)
{
	int64_t n = learn_weights(g->l);
	bool fit = true;
	names_of(g->l, g->now);
	for (int i = 0; i < SCALES; i++)
		PAR_TRY(match(g, i));
	for (int i = 0; fit && i < KEEP_SETS; i++) {
		k->set[i] = malloc((size_t)(g->l->members * n) * sizeof *k->set[i] + 1);
		PAR_TRY_ALL(world_of(g->l),
		    k->set[i] ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for a network"));
		for (int m = 0; fit && m < g->l->members; m++)
			PAR_TRY(read_member(g, i, m, k->set[i] + m * n, &fit));
	}
	*why = fit ? NULL : "it sees other things of a series";
	return PAR_OK;
}

par_err keep_read(keep *k, const learner *l, const char *path, const char **why)
{
	passage g = {.l = l};
	*k = (keep){0};
	PAR_TRY(par_store_open(&g.file, world_of(l), path, FORMAT, VERSION));
	par_err e = read_story(&g, k, why);
	if (e == PAR_OK && !*why && k->better)
		e = read_weights(&g, k, why);
	for (int i = 0; i < SCALES; i++)
		free(g.old[i]);
	par_store_close(g.file);
	return e;
}

par_err keep_nights(const par_world *w, const char *path, int64_t *nights)
{
	par_store *s;
	int64_t better = 0;
	PAR_TRY(par_store_open(&s, w, path, FORMAT, VERSION));
	par_err e = get_number(s, "nights", PAR_I64, nights);
	if (e == PAR_OK)
		e = get_number(s, "better", PAR_I64, &better);
	*nights = better ? *nights : -1;
	par_store_close(s);
	return e;
}
