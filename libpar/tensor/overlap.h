/* Overlap: the entries that two blocks of one array have in common, and where they stand in each.
 * Inside of tensor/redistribute.c.
 *
 * In every axis the common entries are stretches that are contiguous in both blocks. Trailing axes
 * that both hold whole make larger entries. */
#ifndef PAR_TENSOR_OVERLAP_H
#define PAR_TENSOR_OVERLAP_H

#include "tensor/tensor.h"

typedef struct {
	int64_t from, to; /* where it begins in the axis of each block */
	int64_t n;        /* at most 2^30, so that MPI can count it */
} par_stretch;

typedef struct {
	int nd;
	size_t entry; /* bytes */
	par_stretch *stretch[PAR_LAYOUT_AXES];
	int stretches[PAR_LAYOUT_AXES]; /* 0 in some axis: nothing in common */
	int64_t from_n[PAR_LAYOUT_AXES], to_n[PAR_LAYOUT_AXES]; /* the blocks' sizes in entries */
	int room[PAR_LAYOUT_AXES];
} par_overlap;

/* local | room for the overlap of any two ranks' blocks; fails: PAR_E_MEMORY */
par_err par_overlap_open(
    par_overlap *o, const par_layout *from, const par_layout *to, par_dtype type);
void par_overlap_close(par_overlap *o);

/* local | what a block of `from` shares with a block of `to`; returns whether there is anything */
bool par_overlap_find(par_overlap *o, const par_held from[], const par_held to[]);

/* local | copy it from one block to the other */
void par_overlap_copy(const par_overlap *o, const void *from, void *to);

/* local | its place in one of the two blocks, entries in the order of the whole array; committed,
 * MPI_Type_free. fails: PAR_E_MEMORY */
typedef enum { PAR_OVERLAP_FROM, PAR_OVERLAP_TO } par_overlap_side;
par_err par_overlap_type(const par_overlap *o, par_overlap_side side, MPI_Datatype *type);

#endif
