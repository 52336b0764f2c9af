#include "tensor/tensor.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

static void check_type(par_dtype type)
{
	PAR_MUST(type == PAR_F32 || type == PAR_F64 || type == PAR_I32 || type == PAR_I64,
	    "no tensors of type %d", (int)type);
}

par_err par_tensor_make(par_tensor *t, const par_mesh *m, par_dtype type, int nd,
    const int64_t shape[], const par_place place[])
{
	check_type(type);
	*t = (par_tensor){.type = type, .owns = true};
	par_layout_make(&t->layout, m, nd, shape, place);
	t->data = par_memory(par_tensor_bytes(t));
	if (t->data)
		return PAR_OK;
	return par_fail(PAR_E_MEMORY, "no memory for %lld of a tensor's entries (%zu MiB)",
	    (long long)par_tensor_entries(t), par_tensor_bytes(t) >> 20);
}

void par_tensor_free(par_tensor *t)
{
	if (t->owns)
		free(t->data);
	*t = (par_tensor){0};
}

void par_tensor_view(par_tensor *t, const par_mesh *m, par_dtype type, int nd,
    const int64_t shape[], const par_place place[], void *data)
{
	check_type(type);
	*t = (par_tensor){.type = type, .data = data};
	par_layout_make(&t->layout, m, nd, shape, place);
}

int64_t par_tensor_entries(const par_tensor *t)
{
	return par_layout_entries(&t->layout);
}

size_t par_tensor_bytes(const par_tensor *t)
{
	return (size_t)par_tensor_entries(t) * par_dtype_bytes(t->type);
}

void *par_tensor_at(const par_tensor *t, const int64_t index[])
{
	int64_t at = 0;
	for (int k = 0; k < t->layout.nd; k++) {
		int64_t i = par_held_local(&t->layout.held[k], index[k]);
		if (i < 0)
			return NULL;
		at = at * t->layout.held[k].n + i;
	}
	return (char *)t->data + (size_t)at * par_dtype_bytes(t->type);
}

void par_tensor_index(const par_tensor *t, int64_t i, int64_t index[])
{
	for (int k = t->layout.nd - 1; k >= 0; k--) {
		const par_held *h = &t->layout.held[k];
		index[k] = par_held_global(h, i % h->n);
		i /= h->n;
	}
}
