/* Going up to a few channels: of a tile's vectors most lanes would be empty. Instead each coarse cell
 * is multiplied by all taps at once, kernel * kernel * fine columns, and a fine cell adds up the columns
 * that belong to it, kernel rows and columns in descending order. */
#include "tensor/conv_inside.h"

#define CELLS 64 /* of a fine row that are added up together */

static int64_t columns(const par_conv_map *m)
{
	return m->kernel * m->kernel * m->fine;
}

static par_border columns_border(const par_conv_map *m)
{
	par_border b = par_residue_border(m);
	b.channels = columns(m);
	return b;
}

/* all taps side by side: coarse x (ky, kx, fine) */
static void line_up(const par_conv_map *m, const float *w, par_turn turn, float *to)
{
	int64_t taps = m->kernel * m->kernel;
	int64_t i_step = turn == PAR_AS_IS ? 1 : m->fine,
		j_step = turn == PAR_AS_IS ? m->coarse : 1;
	for (int64_t i = 0; i < m->coarse; i++)
		for (int64_t t = 0; t < taps; t++)
			for (int64_t j = 0; j < m->fine; j++)
				*to++ = w[t * m->fine * m->coarse + i * i_step + j * j_step];
}

/* where a channel of the fine cells of one remainder finds its columns: of cell q at z + q * step */
typedef struct {
	const par_conv_map *map;
	par_residue y, x;
	int64_t row, step;
} finder;

static void add_cells(const finder *f, const float *z, int64_t cells, float *sum)
{
	const par_conv_map *m = f->map;
	for (int64_t q = 0; q < cells; q++)
		sum[q] = 0;
	for (int64_t u = 0; u < f->y.taps; u++)
		for (int64_t v = 0; v < f->x.taps; v++) {
			int64_t ky = f->y.tap + (f->y.taps - 1 - u) * m->stride;
			int64_t kx = f->x.tap + (f->x.taps - 1 - v) * m->stride;
			const float *at = z + u * f->row + v * f->step +
					  (ky * m->kernel + kx) * m->fine;
			for (int64_t q = 0; q < cells; q++)
				sum[q] += at[q * f->step];
		}
}

static void finish_cells(int64_t cells, const float *sum, int64_t channel, const par_finish *finish,
    float *to, int64_t step)
{
	float bias = finish && finish->bias ? finish->bias[channel] : 0;
	float slope = finish ? finish->slope : 1;
	for (int64_t q = 0; q < cells; q++) {
		float c = sum[q] + bias;
		to[q * step] = c < 0 ? c * slope : c;
	}
}

static void add_row(const finder *f, const float *z, const par_finish *finish, float *to)
{
	const par_conv_map *m = f->map;
	float sum[CELLS];
	for (int64_t q = 0; q < f->x.cells; q += CELLS)
		for (int64_t c = 0; c < m->fine; c++) {
			int64_t cells = par_conv_least(CELLS, f->x.cells - q);
			add_cells(f, z + q * f->step + c, cells, sum);
			finish_cells(cells, sum, c, finish, to + q * m->stride * m->fine + c,
			    m->stride * m->fine);
		}
}

static void add_picture(const par_conv_map *m, const par_border *b, const float *z,
    const par_finish *finish, float *fine)
{
	int64_t row = par_border_row(b);
	for (int64_t y = 0; y < m->fine_h; y++)
		for (int64_t q = 0; q < par_conv_least(m->stride, m->fine_w); q++) {
			finder f = {m, par_residue_of(m, y % m->stride, m->fine_h),
			    par_residue_of(m, q, m->fine_w), row, b->channels};
			bool any = f.y.taps > 0 && f.x.taps > 0;
			int64_t at = (b->above + y / m->stride + f.y.shift) * row +
				     (b->left + f.x.shift) * f.step;
			add_row(&f, any ? z + at : z, finish, fine + (y * m->fine_w + q) * m->fine);
		}
}

void par_conv_up_thin(const par_conv_map *m, int64_t pictures, const float *coarse, const float *w,
    par_turn turn, const par_finish *finish, float *fine, float *scratch)
{
	int64_t n = columns(m), group;
	par_border b = columns_border(m);
	float *panels = scratch + m->coarse * n, *z = panels + m->coarse * par_conv_wide(n);
	par_sweep s = {m->coarse_h, m->coarse_w, n, 1, m->coarse,
	    m->coarse_h * m->coarse_w * m->coarse, m->coarse_w * m->coarse, m->coarse, 0,
	    par_border_floats(&b), par_border_row(&b), n};
	line_up(m, w, turn, scratch);
	par_conv_pack(panels, m->coarse, 0, m->coarse, n, scratch, n, false);
	group = par_conv_group(s.c_picture);
	par_border_clear(&b, group, z);
	for (int64_t p = 0; p < pictures; p += group) {
		int64_t some = par_conv_least(group, pictures - p);
		par_sweep_run(&s, some, coarse + p * s.a_picture, panels, NULL,
		    z + b.above * s.c_row + b.left * n);
		for (int64_t i = 0; i < some; i++)
			add_picture(m, &b, z + i * s.c_picture, finish,
			    fine + (p + i) * m->fine_h * m->fine_w * m->fine);
	}
}

size_t par_conv_thin_scratch(const par_conv_map *m)
{
	par_border b = columns_border(m);
	int64_t n = columns(m), z = par_border_floats(&b);
	return (size_t)(m->coarse * (n + par_conv_wide(n)) + par_conv_group(z) * z);
}
