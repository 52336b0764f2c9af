/* np: 1 2 3 6 */
#include "tensor/pool.h"
#include "grad/layers.h"
#include "opcheck.h"

typedef struct {
	int64_t h, w, channels, size, stride;
	bool mean;
} pool;

static par_value build_pool(par_graph *g, const par_value *in, const void *ctx)
{
	const pool *p = ctx;
	return par_pool2d(g, in[0], p->mean ? PAR_POOL_MEAN : PAR_POOL_MAX, p->size, p->stride);
}

static double window(const pool *p, const double *x)
{
	double top = -INFINITY, sum = 0;
	for (int64_t k = 0; k < p->size * p->size; k++) {
		double c = x[(k / p->size * p->w + k % p->size) * p->channels];
		top = c > top ? c : top;
		sum += c;
	}
	return p->mean ? sum / (double)(p->size * p->size) : top;
}

static void reference_pool(
    int64_t samples, double *const *x, double *const *params, double *y, const void *ctx)
{
	const pool *p = ctx;
	(void)params;
	for (int64_t i = 0; i < samples; i++)
		for (int64_t oy = 0; oy + p->size <= p->h; oy += p->stride)
			for (int64_t ox = 0; ox + p->size <= p->w; ox += p->stride)
				for (int64_t c = 0; c < p->channels; c++)
					*y++ = window(p,
					    x[0] + ((i * p->h + oy) * p->w + ox) * p->channels + c);
}

static void check_pool(const par_world *w, const char *what, pool p)
{
	for (int mean = 0; mean < 2; mean++) {
		char name[100];
		snprintf(name, sizeof name, "%s of %s", mean ? "mean" : "max", what);
		p.mean = mean;
		opcheck c = {.what = name,
		    .batch = 7,
		    .inputs = 1,
		    .input = {{PAR_F32, 3, {p.h, p.w, p.channels}, 0, 0}},
		    .build = build_pool,
		    .reference = reference_pool,
		    .ctx = &p};
		opcheck_all(&c, w);
	}
}

/* two windows side by side: equal maxima, and a NaN among numbers */
static void ties(void)
{
	par_pool_map m = {2, 4, 1, 2, 2};
	float x[8] = {1, 3, 5, NAN, 3, 3, 7, 6}, y[2], dx[8];
	uint8_t which[2];
	par_pool_max(&m, 1, x, y, which);
	ok(y[0] == 3 && which[0] == 1, "of equal maxima the first is remembered");
	ok(isnan(y[1]) && which[1] == 1, "a NaN is the maximum");
	par_pool_max_back(&m, 1, (float[]){10, 20}, which, dx);
	ok(dx[1] == 10 && dx[3] == 20 && dx[0] + dx[2] + dx[4] + dx[5] + dx[6] + dx[7] == 0,
	    "... and takes the gradient alone");
}

typedef struct {
	int64_t h, w, c, block; /* of the deep picture, c channels of the wide one */
	bool to_depth;
} space;

static par_value build_space(par_graph *g, const par_value *in, const void *ctx)
{
	const space *s = ctx;
	return (s->to_depth ? par_space_to_depth : par_depth_to_space)(g, in[0], s->block);
}

static void reference_space(
    int64_t samples, double *const *x, double *const *params, double *y, const void *ctx)
{
	const space *s = ctx;
	int64_t b = s->block, n = s->h * s->w * s->c * b * b;
	(void)params;
	for (int64_t i = 0; i < samples * n; i++) {
		int64_t k = i % s->c, dx = i / s->c % b, dy = i / s->c / b % b;
		int64_t cell = i % n / (s->c * b * b), row = cell / s->w, col = cell % s->w;
		int64_t wide = i / n * n + ((b * row + dy) * s->w * b + b * col + dx) * s->c + k;
		y[s->to_depth ? i : wide] = x[0][s->to_depth ? wide : i];
	}
}

static void check_space(const par_world *w, const char *what, space s)
{
	for (int to_depth = 0; to_depth < 2; to_depth++) {
		int64_t b = s.block, deep[3] = {s.h, s.w, s.c * b * b};
		int64_t wide[3] = {s.h * b, s.w * b, s.c};
		opcheck c = {.what = what,
		    .batch = 5,
		    .inputs = 1,
		    .input = {{.type = PAR_F32, .nd = 3}},
		    .build = build_space,
		    .reference = reference_space,
		    .ctx = &s};
		s.to_depth = to_depth;
		memcpy(c.input[0].shape, to_depth ? wide : deep, sizeof deep);
		opcheck_all(&c, w);
	}
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	par_world w;
	par_world_open(&w, MPI_COMM_WORLD);
	check_pool(&w, "2 x 2, a row and a column left over", (pool){5, 7, 19, 2, 2, false});
	check_pool(&w, "3 x 3 windows that overlap", (pool){7, 6, 3, 3, 2, false});
	check_pool(&w, "2 x 2 windows with gaps", (pool){8, 7, 16, 2, 3, false});
	check_pool(&w, "1 x 1 and one channel", (pool){3, 2, 1, 1, 1, false});
	for (int k = PAR_KERNELS_PLAIN; k <= (int)par_cpu_best(); k++) {
		par_cpu_use((par_kernels)k);
		ties();
	}
	check_space(&w, "blocks of 2, 3 channels", (space){2, 3, 3, 2, false});
	check_space(&w, "blocks of 3, 1 channel", (space){1, 2, 1, 3, false});
	par_world_close(&w);
	return tap_end();
}
