#include "tensor/overlap.h"

#include <stdlib.h>
#include <string.h>

#define MOST ((int64_t)1 << 30)

static bool is_whole(const par_layout *l, int axis)
{
	for (int d = 0; d < l->mesh->nd; d++) {
		const par_place *p = &l->place[d];
		if ((p->kind == PAR_PLACE_SHARDED || p->kind == PAR_PLACE_CYCLIC) &&
		    p->axis == axis && l->mesh->size[d] > 1)
			return false;
	}
	return true;
}

/* runs that one rank holds of an axis, at most */
static int64_t runs(const par_layout *l, int axis)
{
	for (int d = 0; d < l->mesh->nd; d++) {
		const par_place *p = &l->place[d];
		if (p->kind == PAR_PLACE_CYCLIC && p->axis == axis)
			return l->shape[axis] / p->block / l->mesh->size[d] + 1;
	}
	return 1;
}

par_err par_overlap_open(
    par_overlap *o, const par_layout *from, const par_layout *to, par_dtype type)
{
	*o = (par_overlap){.nd = from->nd, .entry = par_dtype_bytes(type)};
	while (o->nd > 1 && is_whole(from, o->nd - 1) && is_whole(to, o->nd - 1) &&
	       (int64_t)o->entry * from->shape[o->nd - 1] <= MOST)
		o->entry *= (size_t)from->shape[--o->nd];
	for (int k = 0; k < o->nd; k++) {
		int64_t room = runs(from, k) + runs(to, k) + from->shape[k] / MOST + 1;
		o->stretch[k] = room < MOST ? malloc((size_t)room * sizeof **o->stretch) : NULL;
		o->room[k] = (int)room;
		if (!o->stretch[k])
			return par_fail(PAR_E_MEMORY, "no memory to redistribute a tensor");
	}
	return PAR_OK;
}

void par_overlap_close(par_overlap *o)
{
	for (int k = 0; k < o->nd; k++)
		free(o->stretch[k]);
}

static int64_t min(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* where the i-th run of what is held ends */
static int64_t run_end(const par_held *h, int64_t i)
{
	return min(h->first + i * h->step + h->run, h->end);
}

static void add_stretch(par_overlap *o, int axis, par_stretch s)
{
	for (int64_t done = 0; done < s.n; done += MOST) {
		PAR_MUST(o->stretches[axis] < o->room[axis], "more than %d stretches in axis %d",
		    o->room[axis], axis);
		o->stretch[axis][o->stretches[axis]++] = (par_stretch){
		    s.from + done, s.to + done, min(s.n - done, MOST)};
	}
}

static void find_axis(par_overlap *o, int axis, const par_held *a, const par_held *b)
{
	o->stretches[axis] = 0;
	o->from_n[axis] = a->n;
	o->to_n[axis] = b->n;
	for (int64_t i = 0, j = 0; a->n > 0 && b->n > 0;) {
		int64_t a_lo = a->first + i * a->step, b_lo = b->first + j * b->step;
		if (a_lo >= a->end || b_lo >= b->end)
			return;
		int64_t a_hi = run_end(a, i), b_hi = run_end(b, j);
		int64_t lo = a_lo > b_lo ? a_lo : b_lo;
		add_stretch(o, axis,
		    (par_stretch){
			i * a->run + lo - a_lo, j * b->run + lo - b_lo, min(a_hi, b_hi) - lo});
		i += a_hi <= b_hi;
		j += b_hi <= a_hi;
	}
}

bool par_overlap_find(par_overlap *o, const par_held from[], const par_held to[])
{
	bool any = o->entry > 0;
	for (int k = 0; k < o->nd; k++) {
		find_axis(o, k, &from[k], &to[k]);
		any = any && o->stretches[k] > 0;
	}
	return any;
}

/* from and to: entries up to this axis */
static void copy_axis(
    const par_overlap *o, int axis, const char *from, char *to, int64_t from_at, int64_t to_at)
{
	bool last = axis == o->nd - 1 || axis == PAR_LAYOUT_AXES - 1;
	from_at *= o->from_n[axis];
	to_at *= o->to_n[axis];
	for (int i = 0; i < o->stretches[axis]; i++) {
		const par_stretch *s = &o->stretch[axis][i];
		int64_t f = from_at + s->from, t = to_at + s->to;
		if (last)
			memcpy(to + (size_t)t * o->entry, from + (size_t)f * o->entry,
			    (size_t)s->n * o->entry);
		else
			for (int64_t k = 0; k < s->n; k++)
				copy_axis(o, axis + 1, from, to, f + k, t + k);
	}
}

void par_overlap_copy(const par_overlap *o, const void *from, void *to)
{
	copy_axis(o, 0, from, to, 0, 0);
}

/* the stretches of one axis, of entries of `inner` that stand `stride` bytes apart */
static par_err axis_type(const par_overlap *o, int axis, par_overlap_side side, MPI_Aint stride,
    MPI_Datatype inner, MPI_Datatype *type)
{
	int n = o->stretches[axis];
	int *count = malloc((size_t)n * sizeof *count + 1);
	MPI_Aint *at = malloc((size_t)n * sizeof *at + 1);
	bool made = count && at;
	*type = MPI_DATATYPE_NULL;
	for (int i = 0; i < n && made; i++) {
		const par_stretch *s = &o->stretch[axis][i];
		count[i] = (int)s->n;
		at[i] = (MPI_Aint)(side == PAR_OVERLAP_FROM ? s->from : s->to) * stride;
	}
	if (made) {
		MPI_Datatype apart;
		MPI_Type_create_resized(inner, 0, stride, &apart);
		MPI_Type_create_hindexed(n, count, at, apart, type);
		MPI_Type_free(&apart);
	}
	free(count);
	free(at);
	return made ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory to redistribute a tensor");
}

par_err par_overlap_type(const par_overlap *o, par_overlap_side side, MPI_Datatype *type)
{
	MPI_Datatype inner;
	MPI_Aint stride = (MPI_Aint)o->entry;
	MPI_Type_contiguous((int)o->entry, MPI_BYTE, &inner);
	for (int k = o->nd - 1; k >= 0; k--) {
		par_err e = axis_type(o, k, side, stride, inner, type);
		MPI_Type_free(&inner);
		PAR_TRY(e);
		inner = *type;
		stride *= (MPI_Aint)(side == PAR_OVERLAP_FROM ? o->from_n[k] : o->to_n[k]);
	}
	MPI_Type_commit(type);
	return PAR_OK;
}
