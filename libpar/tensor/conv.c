#include "tensor/conv_inside.h"

/* where a cell of the fine picture has so few floats that its taps must stand together */
#define FEW 16

static par_sweep down_sweep(const par_conv_map *m, const par_border *b)
{
	return (par_sweep){.rows = m->coarse_h,
	    .cols = m->coarse_w,
	    .n = m->coarse,
	    .runs = m->kernel,
	    .taps = m->kernel,
	    .depth = m->fine,
	    .step = m->stride,
	    .first_y = -m->pad,
	    .first_x = b->left - m->pad,
	    .a_rows = m->fine_h,
	    .a_cols = b->left + m->fine_w + b->right,
	    .c_picture = m->coarse_h * m->coarse_w * m->coarse,
	    .c_row = m->coarse_w * m->coarse,
	    .c_col = m->coarse};
}

static par_border down_border(const par_conv_map *m)
{
	par_border none = {m->fine_h, m->fine_w, m->fine, 0, 0};
	return m->fine < FEW ? par_fine_border(m) : none;
}

static par_sweep_factor down_factor(const par_conv_map *m, const float *w, par_turn turn)
{
	int64_t tap = m->fine * m->coarse;
	return (par_sweep_factor){w, m->kernel * tap, tap, turn == PAR_AS_IS ? m->coarse : m->fine,
	    turn == PAR_TRANSPOSED};
}

void par_conv_down(const par_conv_map *m, int64_t pictures, const float *fine, const float *w,
    par_turn turn, const par_finish *finish, float *coarse, float *scratch)
{
	par_border b = down_border(m);
	par_sweep s = down_sweep(m, &b);
	par_sweep_factor f = down_factor(m, w, turn);
	float *inside = scratch + par_sweep_packed_floats(&s);
	int64_t group = par_conv_group(par_sweep_picture(&s));
	bool copy = !par_border_none(&b);
	par_sweep_pack(&s, &f, scratch);
	if (copy)
		par_border_clear(&b, group, inside);
	for (int64_t p = 0; p < pictures; p += group) {
		int64_t some = par_conv_least(group, pictures - p);
		const float *from = fine + p * m->fine_h * m->fine_w * m->fine;
		if (copy)
			par_border_copy(&b, some, from, inside);
		par_sweep_run(
		    &s, some, copy ? inside : from, scratch, finish, coarse + p * s.c_picture);
	}
}

par_residue par_residue_of(const par_conv_map *m, int64_t p, int64_t fine)
{
	int64_t tap = (p + m->pad) % m->stride;
	int64_t taps = tap < m->kernel ? (m->kernel - tap + m->stride - 1) / m->stride : 0;
	return (par_residue){.tap = tap,
	    .taps = taps,
	    .shift = (p + m->pad - tap) / m->stride - (taps - 1),
	    .cells = fine > p ? (fine - p + m->stride - 1) / m->stride : 0};
}

/* the fine cells of one remainder */
static par_sweep up_sweep(const par_conv_map *m, int64_t p, int64_t q)
{
	par_residue y = par_residue_of(m, p, m->fine_h), x = par_residue_of(m, q, m->fine_w);
	int64_t row = m->fine_w * m->fine;
	return (par_sweep){.rows = y.cells,
	    .cols = x.cells,
	    .n = m->fine,
	    .runs = y.taps,
	    .taps = x.taps,
	    .depth = m->coarse,
	    .step = 1,
	    .first_y = y.shift,
	    .first_x = x.shift,
	    .a_rows = m->coarse_h,
	    .a_cols = m->coarse_w,
	    .c_picture = m->fine_h * row,
	    .c_row = m->stride * row,
	    .c_col = m->stride * m->fine};
}

/* of its taps the last one comes first */
static par_sweep_factor up_factor(
    const par_conv_map *m, int64_t p, int64_t q, const float *w, par_turn turn)
{
	par_residue y = par_residue_of(m, p, m->fine_h), x = par_residue_of(m, q, m->fine_w);
	int64_t tap = m->fine * m->coarse, ky = y.tap + (y.taps - 1) * m->stride;
	int64_t kx = x.tap + (x.taps - 1) * m->stride;
	return (par_sweep_factor){w + (ky * m->kernel + kx) * tap, -m->stride * m->kernel * tap,
	    -m->stride * tap, turn == PAR_AS_IS ? m->coarse : m->fine, turn == PAR_AS_IS};
}

static void pack_up(const par_conv_map *m, const float *w, par_turn turn, float *panels)
{
	for (int64_t p = 0; p < m->stride; p++)
		for (int64_t q = 0; q < m->stride; q++) {
			par_sweep s = up_sweep(m, p, q);
			par_sweep_factor f = up_factor(m, p, q, w, turn);
			par_sweep_pack(&s, &f, panels);
			panels += par_sweep_packed_floats(&s);
		}
}

/* a group of pictures, the cells of one remainder after the other */
static void up_group(const par_conv_map *m, int64_t pictures, const float *coarse,
    const float *panels, const par_finish *finish, float *fine)
{
	for (int64_t p = 0; p < m->stride; p++)
		for (int64_t q = 0; q < m->stride; q++) {
			par_sweep s = up_sweep(m, p, q);
			par_sweep_run(&s, pictures, coarse, panels, finish,
			    fine + (p * m->fine_w + q) * m->fine);
			panels += par_sweep_packed_floats(&s);
		}
}

void par_conv_up(const par_conv_map *m, int64_t pictures, const float *coarse, const float *w,
    par_turn turn, const par_finish *finish, float *fine, float *scratch)
{
	if (par_conv_is_thin(m)) {
		par_conv_up_thin(m, pictures, coarse, w, turn, finish, fine, scratch);
		return;
	}
	int64_t each = m->coarse_h * m->coarse_w * m->coarse, group = par_conv_group(each);
	pack_up(m, w, turn, scratch);
	for (int64_t p = 0; p < pictures; p += group)
		up_group(m, par_conv_least(group, pictures - p), coarse + p * each, scratch, finish,
		    fine + p * m->fine_h * m->fine_w * m->fine);
}

size_t par_conv_scratch(const par_conv_map *m)
{
	par_border b = par_fine_border(m);
	int64_t taps = m->kernel * m->kernel, inside = par_border_floats(&b);
	int64_t down = taps * m->fine * par_conv_wide(m->coarse) + par_conv_group(inside) * inside;
	int64_t up = par_conv_is_thin(m) ? par_conv_thin_floats(m)
					 : taps * m->coarse * par_conv_wide(m->fine);
	return (size_t)par_conv_most(down, up);
}
