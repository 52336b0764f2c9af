#include "tensor/conv_inside.h"

#define PANEL 10240 /* floats of a panel that the first cache keeps while the rows pass */

/* taps [from, to) and the cells [lo, hi) of a row that have them */
typedef struct {
	int64_t from, to, lo, hi;
} group;

/* the taps that all cells have */
static void common_taps(const par_sweep *s, int64_t *from, int64_t *to)
{
	*from = par_conv_least(s->taps, par_conv_most(0, -s->first_x));
	*to = par_conv_least(s->taps, s->a_cols - (s->cols - 1) * s->step - s->first_x);
	*to = par_conv_most(*from, *to);
}

static int64_t groups(const par_sweep *s)
{
	int64_t from, to;
	common_taps(s, &from, &to);
	return s->taps - (to - from) + (to > from);
}

static group group_at(const par_sweep *s, int64_t i)
{
	int64_t from, to;
	common_taps(s, &from, &to);
	if (i == s->taps - (to - from))
		return (group){from, to, 0, s->cols};
	int64_t tap = i < from ? i : i - from + to, at = s->first_x + tap;
	int64_t lo = at < 0 ? (-at + s->step - 1) / s->step : 0;
	int64_t hi = at < s->a_cols ? (s->a_cols - at + s->step - 1) / s->step : 0;
	hi = par_conv_least(hi, s->cols);
	return (group){tap, tap + 1, par_conv_least(lo, s->cols), hi};
}

static int64_t panel_width(const par_gemm_kernels *kernels, int64_t n, int64_t j)
{
	int64_t some = par_conv_least(n - j, kernels->cols);
	return (some + kernels->lanes - 1) / kernels->lanes * kernels->lanes;
}

size_t par_sweep_packed_floats(const par_sweep *s)
{
	return (size_t)(s->runs * s->taps * s->depth * par_conv_wide(s->n));
}

void par_sweep_pack(const par_sweep *s, const par_sweep_factor *w, float *panels)
{
	const par_gemm_kernels *kernels = par_gemm_kernels_now();
	for (int64_t j = 0; j < s->n; j += kernels->cols)
		for (int64_t i = 0; i < groups(s); i++)
			for (int64_t u = 0; u < s->runs; u++)
				for (int64_t v = group_at(s, i).from; v < group_at(s, i).to; v++) {
					const float *b = w->first + u * w->run + v * w->tap;
					kernels->pack(panels, s->depth,
					    par_conv_least(s->n - j, kernels->cols),
					    b + (w->turned ? j * w->ld : j), w->ld, w->turned);
					panels += s->depth * panel_width(kernels, s->n, j);
				}
}

/* cells [lo, hi) of one row of the grid; by columns where the cells of a row follow each other */
static void sweep_row(const par_sweep *s, const par_gemm_kernels *kernels, par_gemm_tile t,
    const group *g, const float *a, float *c)
{
	int64_t parts = par_gemm_parts(g->hi - g->lo, kernels->rows);
	for (int64_t i = 0; i < parts; i++) {
		int64_t x = par_gemm_part(g->hi - g->lo, parts, i);
		t.m = (int)(par_gemm_part(g->hi - g->lo, parts, i + 1) - x);
		t.a = a + x * t.lda;
		t.c = c + (g->lo + x) * s->c_col;
		(t.lda == 1 ? kernels->by_columns : kernels->by_rows)(&t);
	}
}

/* runs [from, from + part->runs) of all cells; panel: of the group's run 0 */
static void sweep_panel(const par_sweep *s, int64_t pictures, const group *g, int64_t from,
    const par_gemm_tile *part, const float *panel, const float *a, float *c)
{
	const par_gemm_kernels *kernels = par_gemm_kernels_now();
	int64_t left = (g->lo * s->step + s->first_x + g->from) * s->depth;
	for (int64_t p = 0; p < pictures; p++)
		for (int64_t y = 0; y < s->rows; y++) {
			par_gemm_tile t = *part;
			int64_t at = y * s->step + s->first_y, lo = from, hi = from + part->runs;
			par_conv_clip(at, s->a_rows, &lo, &hi);
			t.runs = hi - lo;
			t.b = panel + lo * t.steps * t.ldb;
			sweep_row(s, kernels, t, g,
			    a + p * par_sweep_picture(s) + (at + lo) * t.run_a + left,
			    c + p * s->c_picture + y * s->c_row);
		}
}

/* what happens to each cell's result besides products: it becomes 0, or is finished */
static void pass_over(
    const par_sweep *s, int64_t pictures, par_gemm_tile t, const float *a, float *c)
{
	group all = {0, 0, 0, s->cols};
	t.runs = t.steps = 0;
	sweep_panel(s, pictures, &all, 0, &t, a, a, c);
}

static par_gemm_tile tile_of(const par_sweep *s, int64_t j)
{
	const par_gemm_kernels *kernels = par_gemm_kernels_now();
	return (par_gemm_tile){.n = (int)par_conv_least(s->n - j, kernels->cols),
	    .lda = s->step * s->depth,
	    .run_a = s->a_cols * s->depth,
	    .ldb = panel_width(kernels, s->n, j),
	    .ldc = s->c_col,
	    .slope = 1};
}

/* one group of taps, as many runs at a time as the first cache holds of the panel */
static void sweep_group(const par_sweep *s, int64_t pictures, const group *g, par_gemm_tile t,
    const par_gemm_tile *finished, const float *panel, const float *a, float *c)
{
	t.steps = (g->to - g->from) * s->depth;
	int64_t each = t.steps * t.ldb, most = each < PANEL ? PANEL / each : 1;
	int64_t parts = par_gemm_parts(s->runs, most);
	for (int64_t i = 0; i < parts; i++) {
		int64_t u = par_gemm_part(s->runs, parts, i);
		t.runs = par_gemm_part(s->runs, parts, i + 1) - u;
		t.add = t.add || i > 0;
		t.bias = i == parts - 1 ? finished->bias : NULL;
		t.slope = i == parts - 1 ? finished->slope : 1;
		sweep_panel(s, pictures, g, u, &t, panel, a, c);
	}
}

void par_sweep_run(const par_sweep *s, int64_t pictures, const float *a, const float *panels,
    const par_finish *finish, float *c)
{
	int64_t last = s->runs > 0 ? groups(s) : 0;
	for (int64_t j = 0; j < s->n; j += par_gemm_kernels_now()->cols) {
		par_gemm_tile t = tile_of(s, j), finished = t;
		finished.bias = finish && finish->bias ? finish->bias + j : NULL;
		finished.slope = finish ? finish->slope : 1;
		for (int64_t i = 0; i < last; i++) {
			group g = group_at(s, i);
			bool all = g.lo == 0 && g.hi == s->cols;
			if (i == 0 && !all)
				pass_over(s, pictures, t, a, c + j);
			t.add = i > 0 || !all;
			sweep_group(s, pictures, &g, t, i == last - 1 && all ? &finished : &t,
			    panels, a, c + j);
			panels += s->runs * (g.to - g.from) * s->depth * t.ldb;
			finished.add = !all;
		}
		if (last == 0 || (finished.add && finish))
			pass_over(s, pictures, finished, a, c + j);
	}
}
