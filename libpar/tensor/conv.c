#include "tensor/conv_inside.h"

static const float *tap_at(const par_conv_map *m, const float *w, int64_t ky, int64_t kx)
{
	return w + (ky * m->kernel + kx) * m->fine * m->coarse;
}

/* chain of a coarse cell: kernel rows, in each kernel columns, in each fine channels */
static void pack_down(const par_conv_map *m, float *panels, const float *w, par_turn turn)
{
	int64_t taps = m->kernel * m->kernel;
	if (turn == PAR_AS_IS)
		par_conv_pack(
		    panels, taps * m->fine, 0, taps * m->fine, m->coarse, w, m->coarse, false);
	for (int64_t t = 0; turn == PAR_TRANSPOSED && t < taps; t++)
		par_conv_pack(panels, taps * m->fine, t * m->fine, m->fine, m->coarse,
		    tap_at(m, w, 0, t), m->fine, true);
}

void par_conv_down(const par_conv_map *m, int64_t pictures, const float *fine, const float *w,
    par_turn turn, const par_finish *finish, float *coarse, float *scratch)
{
	par_border b = par_fine_border(m);
	par_sweep s = {.rows = m->coarse_h,
	    .cols = m->coarse_w,
	    .n = m->coarse,
	    .runs = m->kernel,
	    .steps = m->kernel * m->fine,
	    .step = m->stride,
	    .first = -m->pad,
	    .a_rows = m->fine_h,
	    .a_picture = par_border_floats(&b),
	    .a_row = par_border_row(&b),
	    .a_col = m->stride * m->fine,
	    .c_picture = m->coarse_h * m->coarse_w * m->coarse,
	    .c_row = m->coarse_w * m->coarse,
	    .c_col = m->coarse};
	int64_t group = par_conv_group(s.a_picture);
	float *inside = scratch + m->kernel * m->kernel * m->fine * par_conv_wide(m->coarse);
	pack_down(m, scratch, w, turn);
	if (!par_border_none(&b))
		par_border_clear(&b, group, inside);
	for (int64_t p = 0; p < pictures; p += group) {
		int64_t some = par_conv_least(group, pictures - p);
		const float *a = fine + p * s.a_picture;
		if (!par_border_none(&b)) {
			a = inside;
			par_border_copy(
			    &b, some, fine + p * m->fine_h * m->fine_w * m->fine, inside);
		}
		par_sweep_run(&s, some, a, scratch, finish, coarse + p * s.c_picture);
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

par_border par_residue_border(const par_conv_map *m)
{
	par_border b = {m->coarse_h, m->coarse_w, m->coarse, 0, 0};
	for (int64_t p = 0; p < m->stride; p++) {
		par_residue r = par_residue_of(m, p, m->fine_w);
		if (r.taps == 0 || r.cells == 0)
			continue;
		b.left = par_conv_most(b.left, -r.shift);
		b.right = par_conv_most(b.right, r.cells - 1 + r.shift + r.taps - m->coarse_w);
	}
	return b;
}

/* chain of a fine cell: coarse rows it is seen from, in each columns, in each coarse channels */
static void pack_up(const par_conv_map *m, par_residue y, par_residue x, float *panels,
    const float *w, par_turn turn)
{
	int64_t all = y.taps * x.taps * m->coarse, at = 0;
	for (int64_t i = y.taps - 1; i >= 0; i--)
		for (int64_t j = x.taps - 1; j >= 0; j--, at += m->coarse)
			par_conv_pack(panels, all, at, m->coarse, m->fine,
			    tap_at(m, w, y.tap + i * m->stride, x.tap + j * m->stride),
			    turn == PAR_AS_IS ? m->coarse : m->fine, turn == PAR_AS_IS);
}

static par_sweep residue_sweep(
    const par_conv_map *m, par_residue y, par_residue x, const par_border *b)
{
	int64_t row = m->fine_w * m->fine;
	return (par_sweep){.rows = y.cells,
	    .cols = x.cells,
	    .n = m->fine,
	    .runs = x.taps > 0 ? y.taps : 0,
	    .steps = x.taps * m->coarse,
	    .step = 1,
	    .first = y.shift,
	    .a_rows = m->coarse_h,
	    .a_picture = par_border_floats(b),
	    .a_row = par_border_row(b),
	    .a_col = m->coarse,
	    .c_picture = m->fine_h * row,
	    .c_row = m->stride * row,
	    .c_col = m->stride * m->fine};
}

/* all fine cells of a group of pictures, those of one remainder after the other */
static void up_group(const par_conv_map *m, const par_border *b, int64_t pictures,
    const float *coarse, const float *panels, const par_finish *finish, float *fine)
{
	for (int64_t p = 0; p < m->stride; p++)
		for (int64_t q = 0; q < m->stride; q++) {
			par_residue y = par_residue_of(m, p, m->fine_h);
			par_residue x = par_residue_of(m, q, m->fine_w);
			par_sweep s = residue_sweep(m, y, x, b);
			int64_t left = s.runs > 0 ? (b->left + x.shift) * s.a_col : 0;
			par_sweep_run(&s, pictures, coarse + left, panels, finish,
			    fine + p * m->fine_w * m->fine + q * m->fine);
			panels += s.runs * s.steps * par_conv_wide(m->fine);
		}
}

static void pack_all_up(const par_conv_map *m, float *panels, const float *w, par_turn turn)
{
	for (int64_t p = 0; p < m->stride; p++)
		for (int64_t q = 0; q < m->stride; q++) {
			par_residue y = par_residue_of(m, p, m->fine_h);
			par_residue x = par_residue_of(m, q, m->fine_w);
			pack_up(m, y, x, panels, w, turn);
			panels += y.taps * x.taps * m->coarse * par_conv_wide(m->fine);
		}
}

void par_conv_up(const par_conv_map *m, int64_t pictures, const float *coarse, const float *w,
    par_turn turn, const par_finish *finish, float *fine, float *scratch)
{
	if (par_conv_is_thin(m)) {
		par_conv_up_thin(m, pictures, coarse, w, turn, finish, fine, scratch);
		return;
	}
	par_border b = par_residue_border(m);
	int64_t group = par_conv_group(par_border_floats(&b));
	float *inside = scratch + m->kernel * m->kernel * m->coarse * par_conv_wide(m->fine);
	int64_t coarse_picture = m->coarse_h * m->coarse_w * m->coarse;
	pack_all_up(m, scratch, w, turn);
	par_border_clear(&b, group, inside);
	for (int64_t p = 0; p < pictures; p += group) {
		int64_t some = par_conv_least(group, pictures - p);
		par_border_copy(&b, some, coarse + p * coarse_picture, inside);
		up_group(m, &b, some, inside, scratch, finish,
		    fine + p * m->fine_h * m->fine_w * m->fine);
	}
}

size_t par_conv_scratch(const par_conv_map *m)
{
	par_border down = par_fine_border(m), up = par_residue_border(m);
	int64_t taps = m->kernel * m->kernel, a = par_border_floats(&down),
		c = par_border_floats(&up);
	int64_t most = par_conv_most(
	    taps * m->fine * par_conv_wide(m->coarse) + par_conv_group(a) * a,
	    taps * m->coarse * par_conv_wide(m->fine) + par_conv_group(c) * c);
	size_t thin = par_conv_is_thin(m) ? par_conv_thin_scratch(m) : 0;
	return (size_t)most > thin ? (size_t)most : thin;
}
