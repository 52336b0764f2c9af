/* The inside of convolutions: what their files share, seen by nobody else. */
#ifndef PAR_TENSOR_CONV_INSIDE_H
#define PAR_TENSOR_CONV_INSIDE_H

#include "tensor/conv.h"
#include "tensor/gemm_tile.h"

#define PAR_CONV_GROUP 32768 /* floats of input pictures that are worked on together */
#define PAR_CONV_TAPS 256    /* of a kernel that goes up to few channels */

/* Pictures with zero columns to their left and right (conv_border.c). Rows of zeros are never needed:
 * what they would add is left out. */
typedef struct {
	int64_t h, w, channels;
	int64_t left, right;
} par_border;

par_border par_fine_border(const par_conv_map *m);
int64_t par_border_row(const par_border *b);    /* floats of one row with its border */
int64_t par_border_floats(const par_border *b); /* of one picture */
bool par_border_none(const par_border *b);
/* zeros everywhere, once; then the pictures' own rows, as often as there are new ones */
void par_border_clear(const par_border *b, int64_t pictures, float *to);
void par_border_copy(const par_border *b, int64_t pictures, const float *from, float *to);

/* Sweep: one matrix product over all cells of a grid, tile by tile (conv_sweep.c).
 * Cell (y, x) of rows x cols sees runs x taps cells of a picture of a_rows x a_cols, from
 * (y step + first_y, x step + first_x) on; those that are not there add nothing and are left out.
 * Taps that all cells of a row have come last and together, the others one by one before them; the
 * chain goes through these groups, in each through the runs, taps and the `depth` floats of a cell.
 * C's strides count floats. */
typedef struct {
	int64_t rows, cols, n; /* n results a cell */
	int64_t runs, taps, depth;
	int64_t step, first_y, first_x;
	int64_t a_rows, a_cols;
	int64_t c_picture, c_row, c_col;
} par_sweep;

static inline int64_t par_sweep_picture(const par_sweep *s)
{
	return s->a_rows * s->a_cols * s->depth;
}

/* the second factor: the depth x n matrix of run u and tap v begins at first + u run + v tap, its
 * rows ld apart, or is stored turned, n x depth */
typedef struct {
	const float *first;
	int64_t run, tap, ld;
	bool turned;
} par_sweep_factor;

void par_sweep_pack(const par_sweep *s, const par_sweep_factor *w, float *panels);
size_t par_sweep_packed_floats(const par_sweep *s);
/* c of all cells of all pictures */
void par_sweep_run(const par_sweep *s, int64_t pictures, const float *a, const float *panels,
    const par_finish *finish, float *c);

/* the part of [lo, hi) that lies in [0, n), moved so that it is not turned around */
static inline void par_conv_clip(int64_t at, int64_t n, int64_t *lo, int64_t *hi)
{
	*lo = at + *lo < 0 ? -at : *lo;
	*hi = at + *hi > n ? n - at : *hi;
	*hi = *hi < *lo ? *lo : *hi;
}

/* Going up: fine cells p, p + stride, ... of one axis see the same taps,
 * tap, tap + stride, ...; the q-th of them sees coarse cells from q + shift on, the last
 * tap first. */
typedef struct {
	int64_t tap, taps, shift, cells;
} par_residue;

par_residue par_residue_of(const par_conv_map *m, int64_t p, int64_t fine);
/* few fine channels: the lanes of a tile would be empty going up */
static inline bool par_conv_is_thin(const par_conv_map *m)
{
	return m->fine <= 4 && m->kernel * m->kernel <= PAR_CONV_TAPS;
}

/* par_conv_up for those (conv_thin.c) */
void par_conv_up_thin(const par_conv_map *m, int64_t pictures, const float *coarse, const float *w,
    par_turn turn, const par_finish *finish, float *fine, float *scratch);
int64_t par_conv_thin_floats(const par_conv_map *m); /* of scratch */

/* how many pictures of so many floats make a group: at least 1 */
static inline int64_t par_conv_group(int64_t floats)
{
	return floats < PAR_CONV_GROUP ? PAR_CONV_GROUP / floats : 1;
}

/* n columns rounded up to whole vectors of any kernel set */
static inline int64_t par_conv_wide(int64_t n)
{
	return (n + 15) / 16 * 16;
}

static inline int64_t par_conv_least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static inline int64_t par_conv_most(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

#endif
