#include "tensor/redistribute.h"

#include "tensor/overlap.h"
#include "tensor/terms.h"

#include <stdlib.h>
#include <string.h>

static bool is_cut(const par_place *p)
{
	return p->kind == PAR_PLACE_SHARDED || p->kind == PAR_PLACE_CYCLIC;
}

/* ranks stand at the same places of both */
static bool same_mesh(const par_mesh *a, const par_mesh *b)
{
	return a->nd == b->nd && a->size[0] == b->size[0] && a->size[1] == b->size[1];
}

/* one entry goes from one rank of `from` to one rank of `to`: who serves whom */
typedef struct {
	const par_layout *from, *to;
	bool same;
} way;

/* does this rank of the target take entries, or are its terms 0? */
static bool takes(const way *v, const int at[])
{
	for (int d = 0; d < v->to->mesh->nd; d++) {
		const par_place *p = &v->from->place[d];
		bool has_own = v->same && (is_cut(p) || p->kind == PAR_PLACE_PARTIAL);
		if (v->to->place[d].kind == PAR_PLACE_PARTIAL && !has_own && at[d] != 0)
			return false;
	}
	return true;
}

/* where copies are, the nearest serves: the taker itself if it can */
static bool serves(const way *v, int giver, int taker)
{
	int at[PAR_MESH_DIMS], to_at[PAR_MESH_DIMS], own[PAR_MESH_DIMS];
	const par_mesh *m = v->from->mesh;
	if (!par_mesh_at(m, giver, at) || !par_mesh_at(v->to->mesh, taker, to_at) ||
	    !takes(v, to_at))
		return false;
	if (!par_mesh_at(m, taker, own))
		for (int d = 0; d < PAR_MESH_DIMS; d++)
			own[d] = taker % m->size[d];
	for (int d = 0; d < m->nd; d++) {
		bool any = is_cut(&v->from->place[d]) &&
			   !(v->same && v->to->place[d].kind == PAR_PLACE_PARTIAL);
		if (!any && at[d] != own[d])
			return false;
	}
	return true;
}

static bool find(const way *v, par_overlap *o, int giver, int taker)
{
	par_held from[PAR_LAYOUT_AXES], to[PAR_LAYOUT_AXES];
	if (!serves(v, giver, taker))
		return false;
	par_layout_held(v->from, giver, from);
	par_layout_held(v->to, taker, to);
	return par_overlap_find(o, from, to);
}

/* one datatype for each rank this one sends to or hears from; MPI_DATATYPE_NULL for the others */
static par_err make_types(const way *v, par_overlap *o, MPI_Datatype *send, MPI_Datatype *get)
{
	const par_world *w = v->from->mesh->world;
	for (int r = 0; r < w->size; r++) {
		if (r != w->rank && find(v, o, w->rank, r))
			PAR_TRY(par_overlap_type(o, PAR_OVERLAP_FROM, &send[r]));
		if (r != w->rank && find(v, o, r, w->rank))
			PAR_TRY(par_overlap_type(o, PAR_OVERLAP_TO, &get[r]));
	}
	return PAR_OK;
}

typedef struct {
	MPI_Datatype *type; /* owns: what goes out, then what comes in */
	int *count, *at;    /* owns */
	par_overlap overlap;
} traffic;

static par_err traffic_open(traffic *t, const way *v, par_dtype type)
{
	size_t n = (size_t)v->from->mesh->world->size;
	*t = (traffic){.type = malloc(2 * n * sizeof(MPI_Datatype)),
	    .count = calloc(2 * n, sizeof *t->count),
	    .at = calloc(n, sizeof *t->at)};
	for (size_t r = 0; t->type && r < 2 * n; r++)
		t->type[r] = MPI_DATATYPE_NULL;
	if (!t->type || !t->count || !t->at)
		return par_fail(PAR_E_MEMORY, "no memory to redistribute a tensor");
	PAR_TRY(par_overlap_open(&t->overlap, v->from, v->to, type));
	par_err e = make_types(v, &t->overlap, t->type, t->type + n);
	for (size_t r = 0; r < 2 * n; r++)
		t->count[r] = t->type[r] != MPI_DATATYPE_NULL;
	return e;
}

static void traffic_close(traffic *t, int size)
{
	for (int r = 0; t->type && r < 2 * size; r++)
		if (t->count && t->count[r])
			MPI_Type_free(&t->type[r]);
	par_overlap_close(&t->overlap);
	free(t->type);
	free(t->count);
	free(t->at);
}

static void travel(traffic *t, const way *v, par_tensor *to, const par_tensor *from)
{
	const par_world *w = v->from->mesh->world;
	if (find(v, &t->overlap, w->rank, w->rank))
		par_overlap_copy(&t->overlap, from->data, to->data);
	for (int r = 0; r < 2 * w->size; r++)
		if (!t->count[r])
			t->type[r] = MPI_BYTE;
	MPI_Alltoallw(from->data, t->count, t->at, t->type, to->data, t->count + w->size, t->at,
	    t->type + w->size, w->comm);
	par_world_alive();
}

/* a placement into another, no sum to be paid */
static par_err move(par_tensor *to, const par_tensor *from)
{
	const par_world *w = from->layout.mesh->world;
	way v = {&from->layout, &to->layout, same_mesh(from->layout.mesh, to->layout.mesh)};
	traffic t;
	for (int d = 0; d < to->layout.mesh->nd; d++)
		if (to->layout.place[d].kind == PAR_PLACE_PARTIAL)
			memset(to->data, 0, par_tensor_bytes(to));
	par_err e = par_agree(w, traffic_open(&t, &v, from->type));
	if (e == PAR_OK)
		travel(&t, &v, to, from);
	traffic_close(&t, w->size);
	return e;
}

/* a later dimension's cut of the axis would be of another run */
static bool can_shard(const par_layout *l, int dim, int axis)
{
	for (int d = 0; d < l->mesh->nd; d++)
		if (d != dim && is_cut(&l->place[d]) && l->place[d].axis == axis &&
		    (d > dim || l->place[d].kind == PAR_PLACE_CYCLIC))
			return false;
	return true;
}

/* how the sum is spread when it is paid: as the target wants it, or along the longest axis */
static par_place choose_payment(const par_layout *to, const par_layout *from, int dim)
{
	const par_place *p = &to->place[dim];
	if (same_mesh(to->mesh, from->mesh) && p->kind == PAR_PLACE_SHARDED &&
	    can_shard(from, dim, p->axis))
		return *p;
	int best = -1;
	for (int k = 0; k < from->nd; k++)
		if (can_shard(from, dim, k) && (best < 0 || from->shape[k] > from->shape[best]))
			best = k;
	return PAR_SHARDED(best);
}

/* the last dimension in which from owes what to does not; -1: none */
static int to_pay(const par_layout *to, const par_layout *from)
{
	bool same = same_mesh(to->mesh, from->mesh);
	for (int d = from->mesh->nd - 1; d >= 0; d--)
		if (from->place[d].kind == PAR_PLACE_PARTIAL &&
		    !(same && to->place[d].kind == PAR_PLACE_PARTIAL))
			return d;
	return -1;
}

static par_err redistribute(par_tensor *to, const par_tensor *from)
{
	const par_layout *l = &from->layout;
	int dim = to_pay(&to->layout, l);
	if (dim < 0)
		return move(to, from);
	par_place place[PAR_MESH_DIMS];
	memcpy(place, l->place, sizeof place);
	place[dim] = choose_payment(&to->layout, l, dim);
	par_layout paid;
	par_layout_make(&paid, l->mesh, l->nd, l->shape, place);
	if (par_layout_equal(&paid, &to->layout))
		return par_terms_sum(to, from, dim);
	par_tensor between;
	par_err e = par_agree(
	    l->mesh->world, par_tensor_make(&between, l->mesh, from->type, l->nd, l->shape, place));
	if (e == PAR_OK)
		e = par_terms_sum(&between, from, dim);
	if (e == PAR_OK)
		e = redistribute(to, &between);
	par_tensor_free(&between);
	return e;
}

/* one more axis, of length 1 */
static void widen(par_tensor *wide, const par_tensor *t)
{
	int64_t shape[PAR_LAYOUT_AXES];
	int nd = t->layout.nd;
	memcpy(shape, t->layout.shape, sizeof shape);
	shape[nd] = 1;
	par_tensor_view(wide, t->layout.mesh, t->type, nd + 1, shape, t->layout.place, t->data);
}

par_err par_redistribute(par_tensor *to, const par_tensor *from)
{
	const par_layout *a = &from->layout, *b = &to->layout;
	PAR_MUST(to->type == from->type && a->nd == b->nd && a->mesh->world == b->mesh->world,
	    "types %d and %d, %d and %d axes", (int)from->type, (int)to->type, a->nd, b->nd);
	for (int k = 0; k < a->nd; k++)
		PAR_MUST(a->shape[k] == b->shape[k], "axis %d has %lld and %lld entries", k,
		    (long long)a->shape[k], (long long)b->shape[k]);
	if (a->nd > 1)
		return redistribute(to, from);
	/* a line's only axis may be cut already where a sum is owed: there is another to shard */
	par_tensor wide_to, wide_from;
	widen(&wide_to, to);
	widen(&wide_from, from);
	return redistribute(&wide_to, &wide_from);
}
