/* Matrices for the tests of dense algebra: known by index alone, and gathered to be looked at. */
#ifndef VALIDATION_UNIT_DENSE_H
#define VALIDATION_UNIT_DENSE_H

#include "tensor/redistribute.h"

#include <math.h>
#include <stdlib.h>

typedef double (*entry_fn)(int64_t i, int64_t j);

/* in [-1, 1) */
static inline double noise(int64_t i, int64_t j)
{
	uint64_t h = (uint64_t)(i * 1000003 + j + 17) * 0x9e3779b97f4a7c15u;
	h = (h ^ h >> 29) * 0xbf58476d1ce4e5b9u;
	h = (h ^ h >> 32) * 0x94d049bb133111ebu;
	return (double)(int64_t)h * 0x1p-63;
}

/* owned by the caller, placed in any way; failures end the test program */
static inline par_tensor matrix_of(
    const par_mesh *m, int64_t rows, int64_t cols, par_place place, entry_fn fn)
{
	par_tensor t;
	int64_t at[2];
	par_err e = par_tensor_make(&t, m, PAR_F64, 2, (const int64_t[]){rows, cols}, &place);
	PAR_MUST(e == PAR_OK, "no memory for a test");
	for (int64_t i = 0; fn && i < par_tensor_entries(&t); i++) {
		par_tensor_index(&t, i, at);
		((double *)t.data)[i] = fn(at[0], at[1]);
	}
	return t;
}

/* the whole of it, row-major, on every rank; free() */
static inline double *whole_of(const par_mesh *m, const par_tensor *t)
{
	const par_layout *l = &t->layout;
	par_tensor all;
	const par_place everywhere[] = {PAR_REPLICATED, PAR_REPLICATED};
	par_err e = par_tensor_make(&all, m, PAR_F64, l->nd, l->shape, everywhere);
	if (e == PAR_OK)
		e = par_redistribute(&all, t);
	PAR_MUST(e == PAR_OK, "a test's matrix was not gathered");
	return all.data;
}

/* a world of the first `ranks` ranks, for those; the others get none and false */
static inline bool smaller_world(par_world *small, const par_world *w, int ranks)
{
	*small = *w;
	MPI_Comm_split(w->comm, w->rank < ranks ? 0 : MPI_UNDEFINED, w->rank, &small->comm);
	small->size = ranks;
	return w->rank < ranks;
}

static inline void leave_world(par_world *small)
{
	if (small->comm != MPI_COMM_NULL)
		MPI_Comm_free(&small->comm);
}

static inline double farthest(const double *a, const double *b, int64_t n)
{
	double most = 0;
	for (int64_t i = 0; i < n; i++)
		most = fabs(a[i] - b[i]) > most || isnan(a[i]) ? fabs(a[i] - b[i]) : most;
	return most;
}

#endif
