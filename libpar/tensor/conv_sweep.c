#include "tensor/conv_inside.h"

#include <string.h>

#define PANEL 8192 /* floats of a panel that the first cache keeps while the rows pass */

/* all cells of one row of the grid; by columns where the cells of a row follow each other */
static void sweep_row(
    const par_sweep *s, const par_gemm_kernels *kernels, par_gemm_tile t, const float *a, float *c)
{
	int64_t parts = par_gemm_parts(s->cols, kernels->rows);
	for (int64_t i = 0; i < parts; i++) {
		int64_t x = par_gemm_part(s->cols, parts, i);
		t.m = (int)(par_gemm_part(s->cols, parts, i + 1) - x);
		t.a = a + x * s->a_col;
		t.c = c + x * s->c_col;
		(s->a_col == 1 ? kernels->by_columns : kernels->by_rows)(&t);
	}
}

/* runs [from, from + runs) of the chains of columns [j, j + t.n); panel: of run 0 */
static void sweep_panel(const par_sweep *s, const par_gemm_kernels *kernels, int64_t pictures,
    int64_t from, const par_gemm_tile *part, const float *panel, const float *a, float *c)
{
	for (int64_t p = 0; p < pictures; p++)
		for (int64_t y = 0; y < s->rows; y++) {
			par_gemm_tile t = *part;
			int64_t at = y * s->step + s->first, lo = from, hi = from + part->runs;
			par_conv_clip(at, s->a_rows, &lo, &hi);
			t.runs = hi - lo;
			t.b = panel + lo * s->steps * t.ldb;
			sweep_row(s, kernels, t, a + p * s->a_picture + (at + lo) * s->a_row,
			    c + p * s->c_picture + y * s->c_row);
		}
}

void par_sweep_run(const par_sweep *s, int64_t pictures, const float *a, const float *panels,
    const par_finish *finish, float *c)
{
	const par_gemm_kernels *kernels = par_gemm_kernels_now();
	int64_t each = s->steps * kernels->cols, most = each > 0 && each < PANEL ? PANEL / each : 1;
	int64_t parts = s->runs > 0 ? par_gemm_parts(s->runs, most) : 1;
	for (int64_t j = 0; j < s->n; j += kernels->cols)
		for (int64_t i = 0; i < parts; i++) {
			int64_t u = par_gemm_part(s->runs, parts, i);
			bool last = i == parts - 1;
			par_gemm_tile t = {.n = (int)par_conv_least(s->n - j, kernels->cols),
			    .runs = par_gemm_part(s->runs, parts, i + 1) - u,
			    .steps = s->steps,
			    .lda = s->a_col,
			    .run_a = s->a_row,
			    .ldc = s->c_col,
			    .add = i > 0,
			    .bias = last && finish && finish->bias ? finish->bias + j : NULL,
			    .slope = last && finish ? finish->slope : 1};
			t.ldb = (t.n + kernels->lanes - 1) / kernels->lanes * kernels->lanes;
			sweep_panel(
			    s, kernels, pictures, u, &t, panels + s->runs * s->steps * j, a, c + j);
		}
}

par_border par_fine_border(const par_conv_map *m)
{
	return (par_border){m->fine_h, m->fine_w, m->fine, m->pad, m->pad};
}

int64_t par_border_row(const par_border *b)
{
	return (b->left + b->w + b->right) * b->channels;
}

void par_conv_pack(float *panels, int64_t k_all, int64_t k_at, int64_t k, int64_t n, const float *b,
    int64_t ldb, bool turned)
{
	const par_gemm_kernels *kernels = par_gemm_kernels_now();
	for (int64_t j = 0; j < n; j += kernels->cols) {
		int64_t some = par_conv_least(n - j, kernels->cols);
		int64_t wide = (some + kernels->lanes - 1) / kernels->lanes * kernels->lanes;
		kernels->pack(panels + k_all * j + k_at * wide, k, some, b + (turned ? j * ldb : j),
		    ldb, turned);
	}
}

int64_t par_border_floats(const par_border *b)
{
	return b->h * par_border_row(b);
}

bool par_border_none(const par_border *b)
{
	return b->left + b->right == 0;
}

void par_border_clear(const par_border *b, int64_t pictures, float *to)
{
	memset(to, 0, (size_t)(pictures * par_border_floats(b)) * sizeof *to);
}

void par_border_copy(const par_border *b, int64_t pictures, const float *from, float *to)
{
	int64_t row = b->w * b->channels, wide = par_border_row(b);
	for (int64_t p = 0; p < pictures; p++) {
		float *at = to + p * par_border_floats(b) + b->left * b->channels;
		for (int64_t y = 0; y < b->h; y++)
			memcpy(
			    at + y * wide, from + (p * b->h + y) * row, (size_t)row * sizeof *from);
	}
}
