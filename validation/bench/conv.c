/* Convolutions of the layers that are benchmarked, batch 128, one core, best of several runs by the thread's own clock.
 * Prints a line a layer and direction:
 *
 *	layer direction ms GFLOP/s
 *
 * forward, input and weights are a layer's output, gradient of its input and gradient of its weights
 * (summed over 48 shards); "pool" layers end with maxima of 2 x 2 windows. peak is a tile of the product whose factors stay in the first cache. */
#include "tensor/conv.h"

#include "base/cpu.h"
#include "tensor/gemm_tile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { BATCH = 128, ROUNDS = 15 };

typedef struct {
	const char *name;
	bool up, pool;
	par_conv_map map;
} layer;

static const layer layers[] = {
    {"cnn1 1-32 3x3", false, false, {3, 1, 0, 28, 28, 1, 26, 26, 32}},
    {"cnn2 32-64 3x3", false, false, {3, 1, 0, 13, 13, 32, 11, 11, 64}},
    {"cnn1 1-32 3x3 pool", false, true, {3, 1, 0, 28, 28, 1, 26, 26, 32}},
    {"cnn2 32-64 3x3 pool", false, true, {3, 1, 0, 13, 13, 32, 11, 11, 64}},
    {"gan1 128-64 4x4/2 up", true, false, {4, 2, 1, 14, 14, 64, 7, 7, 128}},
    {"gan2 64-1 4x4/2 up", true, false, {4, 2, 1, 28, 28, 1, 14, 14, 64}},
    {"gan3 1-64 4x4/2", false, false, {4, 2, 1, 28, 28, 1, 14, 14, 64}},
    {"gan4 64-128 4x4/2", false, false, {4, 2, 1, 14, 14, 64, 7, 7, 128}},
};

typedef struct {
	const layer *l;
	par_shards shards;
	float *fine, *coarse, *w, *scratch;
	par_conv_pooled pooled;
	uint8_t *which;
} bench;

static double now_s(void)
{
	struct timespec t;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static float *floats(size_t n)
{
	float *x = aligned_alloc(64, (n + 32) / 16 * 64);
	for (size_t i = 0; x && i < n; i++)
		x[i] = (float)(i * 2654435761u % 1000) / 1000 - 0.5f;
	return x;
}

static void down(bench *b)
{
	par_conv_down(&b->l->map, BATCH, b->fine, b->w, b->l->up ? PAR_TRANSPOSED : PAR_AS_IS, NULL,
	    b->coarse, b->scratch);
}

static void up(bench *b)
{
	par_conv_up(&b->l->map, BATCH, b->coarse, b->w, b->l->up ? PAR_TRANSPOSED : PAR_AS_IS, NULL,
	    b->fine, b->scratch);
}

static void weights(bench *b)
{
	par_conv_shards(&b->l->map, &b->shards, 1, b->fine, b->coarse,
	    b->l->up ? PAR_TRANSPOSED : PAR_AS_IS, (float *[]){b->w}, b->scratch);
}

static void down_pool(bench *b)
{
	par_conv_down_pool(&b->l->map, &b->pooled.map, BATCH, b->fine, b->w, PAR_AS_IS, NULL,
	    b->coarse, b->which, b->scratch);
}

static void up_pooled(bench *b)
{
	par_conv_up_pooled(&b->l->map, BATCH, &b->pooled, b->w, PAR_AS_IS, b->fine, b->scratch);
}

static void weights_pooled(bench *b)
{
	par_conv_shards_pooled(&b->l->map, &b->shards, 1, b->fine, &b->pooled, PAR_AS_IS,
	    (float *[]){b->w}, b->scratch);
}

static void run(bench *b, const char *what, void (*fn)(bench *b))
{
	const par_conv_map *m = &b->l->map;
	double best = 1e9, flop = 2.0 * BATCH * (double)(m->coarse_h * m->coarse_w * m->coarse) *
				  (double)(m->kernel * m->kernel * m->fine);
	for (int i = 0; i < ROUNDS; i++) {
		double t = now_s();
		fn(b);
		t = now_s() - t;
		best = t < best ? t : best;
	}
	printf("%-22s %-8s %8.3f %7.1f\n", b->l->name, what, best * 1e3, flop / best * 1e-9);
}

static void peak(void)
{
	static float a[PAR_GEMM_ROWS * 128], b[128 * PAR_GEMM_COLS],
	    c[PAR_GEMM_ROWS * PAR_GEMM_COLS];
	const par_gemm_kernels *k = par_gemm_kernels_now();
	par_gemm_tile t = {.m = k->rows,
	    .n = k->cols,
	    .runs = 1,
	    .steps = 128,
	    .a = a,
	    .lda = 128,
	    .b = b,
	    .ldb = k->cols,
	    .c = c,
	    .ldc = k->cols,
	    .slope = 1};
	double best = 1e9;
	for (int i = 0; i < 20; i++) {
		double s = now_s();
		for (int j = 0; j < 1000; j++)
			k->by_rows(&t);
		s = now_s() - s;
		best = s < best ? s : best;
	}
	printf("%-22s %-8s %8s %7.1f\n", "tile", "peak", "-",
	    2.0 * k->rows * k->cols * 128 * 1000 / best * 1e-9);
}

int main(int argc, char **argv)
{
	par_world alone = {.size = 1};
	peak();
	for (size_t i = 0; i < sizeof layers / sizeof *layers; i++) {
		const par_conv_map *m = &layers[i].map;
		bench b = {.l = &layers[i]};
		if (argc > 1 && !strstr(layers[i].name, argv[1]))
			continue;
		par_shards_cut(&b.shards, &alone, BATCH, PAR_SHARDS);
		size_t shards = par_conv_shards_scratch(m, &b.shards);
		size_t other = par_conv_pool_scratch(m);
		size_t cells = (size_t)(BATCH * m->coarse_h * m->coarse_w * m->coarse);
		b.fine = floats((size_t)(BATCH * m->fine_h * m->fine_w * m->fine));
		b.coarse = floats(cells);
		b.w = floats((size_t)(m->kernel * m->kernel * m->fine * m->coarse));
		b.scratch = floats(shards > other ? shards : other);
		b.which = calloc(cells, 1);
		b.pooled = (par_conv_pooled){
		    {m->coarse_h, m->coarse_w, m->coarse, 2, 2}, b.coarse, b.which};
		run(&b, "forward", b.l->pool ? down_pool : b.l->up ? up : down);
		run(&b, "input", b.l->pool ? up_pooled : b.l->up ? down : up);
		run(&b, "weights", b.l->pool ? weights_pooled : weights);
		free(b.fine);
		free(b.coarse);
		free(b.w);
		free(b.scratch);
		free(b.which);
	}
	return 0;
}
