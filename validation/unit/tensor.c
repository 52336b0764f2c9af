/* np: 1 2 3 4 */
#include "tensor/tensor.h"

#include "../tap.h"

#include <stdlib.h>

/* every entry of the global array stands where its index says, on the ranks that hold it */
static void indices(const par_world *w, const par_mesh *m, par_place place, const char *how)
{
	const int64_t shape[] = {3, 5, 2};
	par_tensor t;
	ok(par_tensor_make(&t, m, PAR_I64, 3, shape, &place) == PAR_OK, "a tensor %s", how);
	int64_t *data = t.data, index[3], here = 0;
	int zero = 1, back = 1;
	for (int64_t i = 0; i < par_tensor_entries(&t); i++) {
		zero &= data[i] == 0;
		par_tensor_index(&t, i, index);
		back &= par_tensor_at(&t, index) == &data[i];
	}
	for (index[0] = 0; index[0] < 3; index[0]++)
		for (index[1] = 0; index[1] < 5; index[1]++)
			for (index[2] = 0; index[2] < 2; index[2]++)
				here += par_tensor_at(&t, index) != NULL;
	ok(zero && (uintptr_t)t.data % 64 == 0, "... begins at 0, aligned");
	ok(back, "... an entry is found by the index it gives");
	int copies = place.kind == PAR_PLACE_REPLICATED ? m->ranks : 1;
	ok(here == par_tensor_entries(&t) && par_world_sum(w, here) == 30 * copies &&
		par_tensor_bytes(&t) == 8 * (size_t)here,
	    "... and all of them are held");
	par_tensor_free(&t);
}

static void views(const par_mesh *m)
{
	double data[6] = {0, 1, 2, 3, 4, 5};
	par_tensor t;
	par_tensor_view(&t, m, PAR_F64, 2, (const int64_t[]){2, 3}, &PAR_REPLICATED, data);
	const double *at = par_tensor_at(&t, (const int64_t[]){1, 1});
	ok(m->idle ? !at : at == data + 4, "a view is row-major over memory that stands already");
	par_tensor_free(&t);
	ok(data[5] == 5 && !t.data, "and leaves it alone");
	par_tensor_free(&t);
}

static void too_large(const par_world *w)
{
#ifdef __SANITIZE_ADDRESS__
	(void)w;
	skip("the address sanitizer ends a program that asks for so much");
#else
	par_mesh m;
	par_tensor t;
	const int64_t huge[] = {(int64_t)1 << 40, (int64_t)1 << 19};
	par_err e = par_mesh_line(&m, w, 1, "one");
	PAR_MUST(e == PAR_OK, "no line");
	e = par_tensor_make(&t, &m, PAR_F64, 2, huge, &PAR_REPLICATED);
	ok(e == (w->rank == 0 ? PAR_E_MEMORY : PAR_OK),
	    "a tensor larger than memory is a failure where it would be");
	par_tensor_free(&t);
	par_mesh_free(&m);
#endif
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	par_world w;
	par_mesh m;
	ok(par_world_open(&w, MPI_COMM_WORLD) == PAR_OK, "a world opens");
	for (int idle = 0; idle < 2 && idle < w.size; idle++) {
		ok(par_mesh_line(&m, &w, w.size - idle, "data") == PAR_OK, "%d ranks idle", idle);
		indices(&w, &m, PAR_REPLICATED, "replicated");
		indices(&w, &m, PAR_SHARDED(0), "sharded");
		indices(&w, &m, PAR_SHARDED(2), "sharded along its last axis");
		indices(&w, &m, PAR_CYCLIC(1, 2), "cyclic");
		views(&m);
		par_mesh_free(&m);
	}
	too_large(&w);
	par_world_close(&w);
	return tap_end();
}
