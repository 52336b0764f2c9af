/* Tensor: an array of any global shape, spread over a mesh.
 *
 * A rank has one block, dense and row-major, of the entries that the layout gives it; an idle rank
 * and one that holds nothing have an empty block. Nothing here communicates: tensor/redistribute.h
 * moves a tensor into another placement, and that is all the communication there is. */
#ifndef PAR_TENSOR_TENSOR_H
#define PAR_TENSOR_TENSOR_H

#include "base/dtype.h"
#include "comm/layout.h"

typedef struct {
	par_layout layout;
	par_dtype type; /* PAR_F32, PAR_F64, PAR_I32 or PAR_I64 */
	void *data;     /* this rank's block, aligned to 64 bytes when owned; never NULL */
	bool owns;
} par_tensor;

/* local | a tensor of zeros in memory of its own; par_tensor_free. A tensor that owns nothing (as
 * {0}) may be freed too. fails: PAR_E_MEMORY */
par_err par_tensor_make(par_tensor *t, const par_mesh *m, par_dtype type, int nd,
    const int64_t shape[], const par_place place[]);
void par_tensor_free(par_tensor *t);

/* local | a view: the same, over a block that the caller has and that outlives the tensor */
void par_tensor_view(par_tensor *t, const par_mesh *m, par_dtype type, int nd,
    const int64_t shape[], const par_place place[], void *data);

/* local | entries and bytes of this rank's block */
int64_t par_tensor_entries(const par_tensor *t);
size_t par_tensor_bytes(const par_tensor *t);
/* local | where the entry with this global index stands, NULL when another rank holds it */
void *par_tensor_at(const par_tensor *t, const int64_t index[]);
/* local | the global index of the i-th entry of this rank's block */
void par_tensor_index(const par_tensor *t, int64_t i, int64_t index[]);

#endif
