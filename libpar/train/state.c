#include "train/state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME 128

/* this rank's part of one array of the state */
typedef struct {
	char name[NAME];
	par_param *param;
	const char *part; /* as in par_optimizer_part; of a buffer "" */
	int64_t n, lo, hi;
	float *here;
} piece;

static int parts_of(const par_state *t, const par_param *p, par_optimizer_part *part)
{
	int n = 0;
	for (int i = 0; i < t->optimizers && n == 0; i++)
		n = par_optimizer_parts(t->optimizer[i], p, part);
	return n;
}

/* every array of the state, in one order on all ranks */
static int list_pieces(const par_state *t, piece *out)
{
	int n = 0;
	for (int i = 0; i < par_graph_params(t->graph); i++) {
		par_param *p = par_graph_param(t->graph, i);
		par_optimizer_part part[PAR_OPTIMIZER_PARTS];
		int parts = parts_of(t, p, part);
		for (int k = 0; k < parts; k++) {
			const par_optimizer_part *x = &part[k];
			piece *q = &out[n++];
			*q = (piece){.param = p,
			    .part = x->part,
			    .n = p->n,
			    .lo = x->lo,
			    .hi = x->hi,
			    .here = x->here};
			snprintf(q->name, NAME, "%d.%s", i, *x->part ? x->part : "weights");
		}
	}
	return n;
}

static par_err new_pieces(const par_state *t, piece **out, int *n)
{
	size_t most = (size_t)par_graph_params(t->graph) * PAR_OPTIMIZER_PARTS + 1;
	*out = calloc(most, sizeof **out);
	PAR_TRY_ALL(par_graph_shards(t->graph)->world,
	    *out ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory to list a model's state"));
	*n = list_pieces(t, *out);
	return PAR_OK;
}

/* ---- checkpoints ---- */

static par_err save_all(const par_state *t, const char *name, int64_t step, const char *note,
    const piece *p, int pieces, const par_checkpoint_array *more, int n)
{
	const par_world *w = par_graph_shards(t->graph)->world;
	par_checkpoint_array *all = calloc((size_t)(pieces + n) + 1, sizeof *all);
	int64_t *steps = calloc((size_t)t->optimizers + 1, sizeof *steps);
	par_err e = all && steps ? PAR_OK
				 : par_fail(PAR_E_MEMORY, "no memory to list a checkpoint");
	e = par_agree(w, e);
	if (e == PAR_OK) {
		for (int i = 0; i < pieces; i++)
			all[i] = (par_checkpoint_array){
			    p[i].name, PAR_F32, p[i].n, 1, p[i].lo, p[i].hi - p[i].lo, p[i].here};
		for (int i = 0; i < n; i++)
			all[pieces + i] = more[i];
		for (int i = 0; i < t->optimizers; i++)
			steps[i] = par_optimizer_steps(t->optimizer[i]);
		bool first = w->rank == 0;
		all[pieces + n] = (par_checkpoint_array){"steps", PAR_I64, t->optimizers, 1,
		    first ? 0 : t->optimizers, first ? t->optimizers : 0, steps};
		e = par_checkpoint_save(w, name, step, note, all, pieces + n + 1);
	}
	free(all);
	free(steps);
	return e;
}

par_err par_state_save(const par_state *t, const char *name, int64_t step, const char *note,
    const par_checkpoint_array *more, int n)
{
	piece *p;
	int pieces = 0;
	par_err e = new_pieces(t, &p, &pieces);
	if (e == PAR_OK)
		e = save_all(t, name, step, note, p, pieces, more, n);
	free(p);
	return e;
}

static par_err check_size(const par_store *s, const char *name, int64_t want)
{
	int64_t extent[PAR_STORE_RANK];
	int rank = par_store_shape(s, name, extent);
	if (rank == 2 && extent[0] == want && extent[1] == 1)
		return PAR_OK;
	return par_fail(PAR_E_DATA,
	    "%s:/%s: %lld elements; wanted %lld; was it saved by another model?", par_store_path(s),
	    name, rank > 0 ? (long long)extent[0] : 0, (long long)want);
}

static par_err load_all(const par_state *t, par_store *s, const piece *p, int pieces)
{
	int64_t steps[16];
	PAR_MUST(t->optimizers <= 16, "%d optimizers", t->optimizers);
	for (int i = 0; i < pieces; i++) {
		bool buffer = p[i].param->kind == PAR_PARAM_BUFFER;
		int64_t lo = buffer ? 0 : p[i].lo;
		PAR_TRY(check_size(s, p[i].name, p[i].n));
		PAR_TRY(par_checkpoint_get(s, p[i].name, PAR_F32, lo, p[i].hi - lo, p[i].here));
	}
	PAR_TRY(check_size(s, "steps", t->optimizers));
	PAR_TRY(par_checkpoint_get(s, "steps", PAR_I64, 0, t->optimizers, steps));
	for (int i = 0; i < t->optimizers; i++)
		par_optimizer_restored(t->optimizer[i], steps[i]);
	return PAR_OK;
}

par_err par_state_resume(
    const par_state *t, const char *name, const char *note, par_store **s, int64_t *step)
{
	piece *p;
	int pieces = 0;
	PAR_TRY(par_checkpoint_open(s, par_graph_shards(t->graph)->world, name, note, step));
	if (!*s)
		return PAR_OK;
	par_err e = new_pieces(t, &p, &pieces);
	if (e == PAR_OK)
		e = load_all(t, *s, p, pieces);
	free(p);
	if (e != PAR_OK) {
		par_store_close(*s);
		*s = NULL;
	}
	return e;
}

/* ---- finished models ---- */

/* "dense1/weight" is dense1.weight in the file, its first moment dense1.weight.first */
static void name_in_file(const piece *p, char *name)
{
	snprintf(name, NAME, "%s%s%s", p->param->name, *p->part ? "." : "", p->part);
	for (char *c = name; *c; c++)
		if (*c == '/')
			*c = '.';
}

static par_err declare_axes(par_store *s, const par_param *p, char dim[][32])
{
	for (int i = 0; i < p->nd; i++) {
		snprintf(dim[i], 32, "size%lld", (long long)p->shape[i]);
		if (par_store_extent(s, dim[i]) < 0)
			PAR_TRY(par_store_bare_dim(s, dim[i], p->shape[i]));
	}
	return PAR_OK;
}

static par_err put_piece(par_store *s, const piece *p)
{
	char name[NAME], dim[PAR_PARAM_AXES][32];
	par_store_var v = {.name = name, .type = PAR_F32};
	if (strcmp(p->part, "best") == 0)
		return PAR_OK;
	name_in_file(p, name);
	PAR_TRY(declare_axes(s, p->param, dim));
	for (int i = 0; i < p->param->nd; i++)
		v.dims[i] = dim[i];
	return par_store_put_elements(s, &v, p->lo, p->hi - p->lo, p->here);
}

par_err par_state_put(const par_state *t, par_store *s, int64_t step)
{
	piece *p;
	int pieces = 0;
	par_err e = new_pieces(t, &p, &pieces);
	if (e == PAR_OK)
		e = par_store_attr_int(s, NULL, "step", step);
	for (int i = 0; i < pieces && e == PAR_OK; i++)
		e = put_piece(s, &p[i]);
	free(p);
	return e;
}

static par_err check_shape(const par_store *s, const char *name, const par_param *p)
{
	int64_t extent[PAR_STORE_RANK] = {0};
	const char *path = par_store_path(s);
	int rank = par_store_shape(s, name, extent);
	if (rank < 0)
		return par_fail(PAR_E_DATA,
		    "%s:/%s: is missing; was the model trained with the same layers?", path, name);
	if (rank != p->nd)
		return par_fail(PAR_E_DATA, "%s:/%s: %d axes; wanted %d", path, name, rank, p->nd);
	for (int i = 0; i < rank; i++)
		if (extent[i] != p->shape[i])
			return par_fail(PAR_E_DATA, "%s:/%s: axis %d is %lld long; wanted %lld",
			    path, name, i, (long long)extent[i], (long long)p->shape[i]);
	return PAR_OK;
}

/* weights and buffers; an average begins where the weights stand */
static par_err get_piece(par_store *s, const piece *p, const piece *weights)
{
	char name[NAME];
	bool buffer = p->param->kind == PAR_PARAM_BUFFER;
	if (strcmp(p->part, "average") == 0 && p->hi > p->lo)
		memcpy(p->here, weights->here, (size_t)(p->hi - p->lo) * sizeof(float));
	if (*p->part)
		return PAR_OK;
	name_in_file(p, name);
	PAR_TRY(check_shape(s, name, p->param));
	int64_t lo = buffer ? 0 : p->lo;
	return par_store_get_elements(s, name, PAR_F32, lo, p->hi - lo, p->here);
}

par_err par_state_get(const par_state *t, par_store *s)
{
	piece *p;
	int pieces = 0, weights = 0;
	par_err e = new_pieces(t, &p, &pieces);
	for (int i = 0; i < pieces && e == PAR_OK; i++) {
		weights = *p[i].part ? weights : i;
		e = get_piece(s, &p[i], &p[weights]);
	}
	free(p);
	for (int i = 0; i < t->optimizers && e == PAR_OK; i++)
		par_optimizer_restored(t->optimizer[i], 0);
	return e;
}
