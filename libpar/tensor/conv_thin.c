/* Going up to a few channels: of a tile's vectors most lanes would be empty. Instead each coarse cell
 * is multiplied by all taps at once, kernel * kernel * fine columns, and a fine cell adds up the columns
 * that belong to it, kernel rows and columns in descending order. */
#include "tensor/conv_inside.h"

#define BLOCK 8 /* cells of a fine row that are added up together */

static int64_t columns(const par_conv_map *m)
{
	return m->kernel * m->kernel * m->fine;
}

/* columns of pictures; zeros where fine cells at the sides look beyond */
static par_border columns_border(const par_conv_map *m)
{
	par_border b = {m->coarse_h, m->coarse_w, columns(m), 0, 0};
	for (int64_t p = 0; p < m->stride; p++) {
		par_residue r = par_residue_of(m, p, m->fine_w);
		if (r.taps == 0 || r.cells == 0)
			continue;
		b.left = par_conv_most(b.left, -r.shift);
		b.right = par_conv_most(b.right, r.cells - 1 + r.shift + r.taps - m->coarse_w);
	}
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

/* where the fine cells of one row and remainder find what they add up: of cell q and channel c at
 * column[i][q * step + c] */
typedef struct {
	const float *column[PAR_CONV_TAPS];
	int64_t columns, step;
} sources;

static void find(sources *f, const par_conv_map *m, const par_border *b, const float *z, int64_t y,
    par_residue r, par_residue x)
{
	int64_t top = y / m->stride + r.shift, lo = 0, hi = r.taps;
	f->columns = 0;
	f->step = b->channels;
	par_conv_clip(top, m->coarse_h, &lo, &hi);
	for (int64_t u = lo; u < hi; u++)
		for (int64_t v = 0; v < x.taps; v++) {
			int64_t ky = r.tap + (r.taps - 1 - u) * m->stride;
			int64_t kx = x.tap + (x.taps - 1 - v) * m->stride;
			f->column[f->columns++] = z + (top + u) * par_border_row(b) +
						  (b->left + x.shift + v) * f->step +
						  (ky * m->kernel + kx) * m->fine;
		}
}

/* cells [q, q + BLOCK) of one channel: their sums stay in registers */
static void add_block(const sources *f, int64_t at, float *sum)
{
	float s[BLOCK] = {0};
	for (int64_t i = 0; i < f->columns; i++) {
		const float *z = f->column[i] + at;
		for (int64_t q = 0; q < BLOCK; q++)
			s[q] += z[q * f->step];
	}
	for (int64_t q = 0; q < BLOCK; q++)
		sum[q] = s[q];
}

static void add_some(const sources *f, int64_t at, int64_t cells, float *sum)
{
	for (int64_t q = 0; q < cells; q++) {
		sum[q] = 0;
		for (int64_t i = 0; i < f->columns; i++)
			sum[q] += f->column[i][at + q * f->step];
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

static void add_row(
    const par_conv_map *m, const sources *f, int64_t cells, const par_finish *finish, float *to)
{
	int64_t step = m->stride * m->fine;
	float sum[BLOCK];
	for (int64_t c = 0; c < m->fine; c++)
		for (int64_t q = 0; q < cells; q += BLOCK) {
			int64_t some = par_conv_least(BLOCK, cells - q);
			if (some == BLOCK)
				add_block(f, q * f->step + c, sum);
			else
				add_some(f, q * f->step + c, some, sum);
			finish_cells(some, sum, c, finish, to + q * step + c, step);
		}
}

static void add_picture(const par_conv_map *m, const par_border *b, const float *z,
    const par_finish *finish, float *fine)
{
	sources f;
	for (int64_t p = 0; p < par_conv_least(m->stride, m->fine_h); p++)
		for (int64_t q = 0; q < par_conv_least(m->stride, m->fine_w); q++) {
			par_residue r = par_residue_of(m, p, m->fine_h);
			par_residue x = par_residue_of(m, q, m->fine_w);
			for (int64_t y = p; y < m->fine_h; y += m->stride) {
				find(&f, m, b, z, y, r, x);
				add_row(
				    m, &f, x.cells, finish, fine + (y * m->fine_w + q) * m->fine);
			}
		}
}

void par_conv_up_thin(const par_conv_map *m, int64_t pictures, const float *coarse, const float *w,
    par_turn turn, const par_finish *finish, float *fine, float *scratch)
{
	int64_t n = columns(m), group;
	par_border b = columns_border(m);
	float *panels = scratch + m->coarse * n, *z = panels + m->coarse * par_conv_wide(n);
	par_sweep s = {.rows = m->coarse_h,
	    .cols = m->coarse_w,
	    .n = n,
	    .runs = 1,
	    .taps = 1,
	    .depth = m->coarse,
	    .step = 1,
	    .a_rows = m->coarse_h,
	    .a_cols = m->coarse_w,
	    .c_picture = par_border_floats(&b),
	    .c_row = par_border_row(&b),
	    .c_col = n};
	line_up(m, w, turn, scratch);
	par_sweep_pack(&s, &(par_sweep_factor){.first = scratch, .ld = n}, panels);
	group = par_conv_group(s.c_picture);
	par_border_clear(&b, group, z);
	for (int64_t p = 0; p < pictures; p += group) {
		int64_t some = par_conv_least(group, pictures - p);
		par_sweep_run(
		    &s, some, coarse + p * par_sweep_picture(&s), panels, NULL, z + b.left * n);
		for (int64_t i = 0; i < some; i++)
			add_picture(m, &b, z + i * s.c_picture, finish,
			    fine + (p + i) * m->fine_h * m->fine_w * m->fine);
	}
}

int64_t par_conv_thin_floats(const par_conv_map *m)
{
	par_border b = columns_border(m);
	int64_t n = columns(m), z = par_border_floats(&b);
	return m->coarse * (n + par_conv_wide(n)) + par_conv_group(z) * z;
}
