#include "augment/kept.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FORMAT "entrepot-augment-model"
#define VERSION 1
#define NAME 128

static const char *name_in_file(char out[NAME], const par_param *p)
{
	snprintf(out, NAME, "%s", p->name);
	for (char *c = out; *c; c++)
		if (*c == '/')
			*c = '.';
	return out;
}

/* has it a row for each category? */
static bool by_category(const par_param *p)
{
	bool norm = strstr(p->name, ".norm") && p->nd == 2;
	return norm || strstr(p->name, ".category/");
}

/* ---- writing ---- */

static par_err put(par_store *s, const par_param *p)
{
	char name[NAME], dim[PAR_PARAM_AXES][32];
	par_store_var v = {.name = name_in_file(name, p), .type = PAR_F32};
	for (int a = 0; a < p->nd; a++) {
		snprintf(dim[a], sizeof dim[a], "size%lld", (long long)p->shape[a]);
		if (a == 0 && by_category(p))
			snprintf(dim[a], sizeof dim[a], "category");
		else if (par_store_extent(s, dim[a]) < 0)
			PAR_TRY(par_store_bare_dim(s, dim[a], p->shape[a]));
		v.dims[a] = dim[a];
	}
	return par_store_put_whole(s, &v, p->shape[0], p->weights);
}

/* pictures of no category have an empty name */
static par_err put_names(par_store *s, const gan *n, const gallery *g)
{
	size_t stride = (size_t)g->stride;
	char *names = calloc((size_t)n->spec.categories, stride);
	par_err e = par_agree(n->spec.world,
	    names ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for names of categories"));
	if (e == PAR_OK) {
		memcpy(names, g->category, (size_t)g->categories * stride);
		e = par_store_dim_text(s, "category", n->spec.categories, g->stride, names);
	}
	free(names);
	return e;
}

static par_err put_all(par_store *s, const gan *n, app *a, const gallery *g)
{
	PAR_TRY(app_put_attributes(a, s));
	PAR_TRY(put_names(s, n, g));
	for (int i = 0; i < par_graph_params(n->graph); i++)
		PAR_TRY(put(s, par_graph_param(n->graph, i)));
	return PAR_OK;
}

par_err kept_write(const gan *n, app *a, const gallery *g)
{
	char path[4096];
	par_store *s;
	int64_t bytes = 1 << 20;
	app_beside(a, ".model.h5", path, sizeof path);
	for (int i = 0; i < par_graph_params(n->graph); i++)
		bytes += par_graph_param(n->graph, i)->n * (int64_t)sizeof(float);
	PAR_TRY(par_store_create(&s, &a->world, path, FORMAT, VERSION, bytes));
	par_err e = put_all(s, n, a, g);
	if (e != PAR_OK) {
		par_store_discard(s);
		return e;
	}
	PAR_TRY(par_store_publish(s, PAR_OK));
	return app_output(a, path);
}

/* ---- reading ---- */

typedef struct {
	const char *path;
	par_store *s;
	int64_t *from; /* owned: [categories] the row of a category in the file, -1: it is new */
	int64_t categories, known;
} passage;

static par_err match(passage *g, const gallery *of, int64_t categories, const par_world *w)
{
	char *text;
	int64_t n;
	int stride;
	g->categories = of->categories;
	g->from = calloc((size_t)categories + 1, sizeof *g->from);
	PAR_TRY_ALL(
	    w, g->from ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory to compare categories"));
	PAR_TRY(par_store_get_text(g->s, "category", &text, &n, &stride));
	for (int64_t c = 0; c < categories; c++) {
		const char *name = c < of->categories ? gallery_name(of, c) : "";
		g->from[c] = -1;
		for (int64_t k = 0; k < n && g->from[c] < 0; k++)
			if (strcmp(text + k * stride, name) == 0)
				g->from[c] = k;
		g->known += c < of->categories && g->from[c] >= 0;
	}
	free(text);
	return PAR_OK;
}

static par_err check(const passage *g, const par_param *p, const char *name, int64_t *rows)
{
	int64_t extent[PAR_STORE_RANK];
	bool same = par_store_shape(g->s, name, extent) == p->nd;
	for (int a = by_category(p) ? 1 : 0; same && a < p->nd; a++)
		same = extent[a] == p->shape[a];
	if (!same)
		return par_fail(PAR_E_DATA,
		    "%s:/%s: missing, or of another shape; it was kept by another kind of GAN, or "
		    "of "
		    "pictures of another size",
		    g->path, name);
	*rows = extent[0];
	return PAR_OK;
}

static void move(const passage *g, const par_param *p, const float *file, float *value)
{
	size_t each = (size_t)(p->n / p->shape[0]);
	memcpy(value, p->weights, (size_t)p->n * sizeof *value);
	for (int64_t i = 0; i < p->shape[0]; i++) {
		int64_t from = by_category(p) ? g->from[i] : i;
		if (from >= 0)
			memcpy(value + (size_t)i * each, file + (size_t)from * each,
			    each * sizeof *value);
	}
}

static par_err take(const passage *g, gan *n, const par_param *p)
{
	char name[NAME];
	int64_t rows = 0;
	PAR_TRY_ALL(n->spec.world, check(g, p, name_in_file(name, p), &rows));
	float *file = calloc((size_t)(rows * (p->n / p->shape[0])) + 1, sizeof *file);
	float *value = calloc((size_t)p->n + 1, sizeof *value);
	par_err e = par_agree(n->spec.world,
	    file && value ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for %s", name));
	if (e == PAR_OK)
		e = par_store_get(g->s, name, PAR_F32, NULL, 0, rows, file);
	if (e == PAR_OK) {
		move(g, p, file, value);
		par_optimizer_set(n->judges, p, value);
		par_optimizer_set(n->makes, p, value);
	}
	free(file);
	free(value);
	return e;
}

static par_err take_all(passage *g, gan *n)
{
	for (int i = 0; i < par_graph_params(n->graph); i++)
		PAR_TRY(take(g, n, par_graph_param(n->graph, i)));
	par_optimizer_restored(n->judges, 0);
	par_optimizer_restored(n->makes, 0);
	return PAR_OK;
}

par_err kept_read(gan *n, app *a, const gallery *of)
{
	passage g = {.path = app_text(a, "warm")};
	PAR_TRY(par_store_open(&g.s, &a->world, g.path, FORMAT, VERSION));
	par_err e = match(&g, of, n->spec.categories, &a->world);
	if (e == PAR_OK)
		e = take_all(&g, n);
	if (e == PAR_OK)
		app_log(a, "%lld of %lld categories are known from %s", (long long)g.known,
		    (long long)g.categories, g.path);
	par_store_close(g.s);
	free(g.from);
	return e;
}
