/* Products of the layers' shapes against OpenBLAS, one core, interleaved, best of many short runs.
 * Prints a line a shape, GFLOP/s; peak is a tile whose factors stay in the first cache:
 *
 *	form m n k ours openblas peak
 *
 * nn, nt, tn: c = a b, a b^T, a^T b; packed: b laid out before, against nn
 * shards: a^T b summed over 48 shards of k rows, against tn */
#include "tensor/gemm.h"

#include "base/cpu.h"
#include "tensor/gemm_tile.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { PEAK_STEPS = 5000 };
typedef enum { NN, NT, TN, PACKED, SHARDS, FORMS } form;
static const char *const names[FORMS] = {"nn", "nt", "tn", "packed", "shards"};

typedef struct {
	form form;
	int64_t m, n, k, rows; /* rows a sample, of shards */
} shape;

static const shape shapes[] = {
    {NN, 1024, 1024, 1024, 0},
    {NT, 1024, 1024, 1024, 0},
    {TN, 1024, 1024, 1024, 0},
    {SHARDS, 1024, 1024, 1024, 1},
    {NN, 1024, 1024, 512, 0},
    {NT, 1024, 512, 1024, 0},
    {SHARDS, 512, 1024, 1024, 1},
    {NN, 128, 128, 1600, 0},
    {SHARDS, 1600, 128, 128, 1},
    {NN, 128, 10, 128, 0},
    {NN, 128, 1, 6272, 0},
    {SHARDS, 6272, 1, 128, 1},
    {PACKED, 64, 128, 128, 0},
    {PACKED, 64, 512, 128, 0},
    {NN, 64, 512, 128, 0},
    {SHARDS, 128, 512, 3200, 50},
    {NT, 128, 128, 64, 0},
    {NN, 128, 64, 128, 0},
    {NN, 2048, 1024, 256, 0},
    {NT, 2048, 256, 1024, 0},
    {SHARDS, 256, 1024, 2048, 128},
    {NN, 128, 6272, 100, 0},
    {NN, 6272, 1024, 128, 0},
    {NN, 15488, 64, 288, 0},
    {SHARDS, 288, 64, 15488, 121},
    {NN, 1, 1024, 1024, 0},
};

typedef void gemm_fn(int order, int ta, int tb, int m, int n, int k, float alpha, const float *a,
    int lda, const float *b, int ldb, float beta, float *c, int ldc);
enum { ROW_MAJOR = 101, AS_IS = 111, TRANSPOSED = 112 }; /* cblas.h's */

static float *a, *b, *c, *packed;
static gemm_fn *peer;

static double cpu_s(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void ours(const shape *s)
{
	if (s->form == SHARDS) {
		par_world alone = {.size = 1};
		par_shards shards;
		par_shards_cut(&shards, &alone, s->k / s->rows, PAR_SHARDS);
		par_gemm_shards(&shards, s->rows, s->m, s->n, a, s->m, b, s->n, (float *[]){c});
	} else if (s->form == PACKED) {
		par_gemm_packed(s->m, s->n, s->k, a, s->k, packed, c, s->n, false, NULL);
	} else {
		par_turn ta = s->form == TN ? PAR_TRANSPOSED : PAR_AS_IS;
		par_turn tb = s->form == NT ? PAR_TRANSPOSED : PAR_AS_IS;
		par_gemm(s->m, s->n, s->k, a, ta ? s->m : s->k, ta, b, tb ? s->k : s->n, tb, c,
		    s->n, false, NULL);
	}
}

static void theirs(const shape *s)
{
	bool ta = s->form == TN || s->form == SHARDS, tb = s->form == NT;
	peer(ROW_MAJOR, ta ? TRANSPOSED : AS_IS, tb ? TRANSPOSED : AS_IS, (int)s->m, (int)s->n,
	    (int)s->k, 1, a, (int)(ta ? s->m : s->k), b, (int)(tb ? s->k : s->n), 0, c, (int)s->n);
}

/* a tile whose factors stay in the first cache */
static void in_cache(const shape *s)
{
	(void)s;
	const par_gemm_kernels *kernels = par_gemm_kernels_now();
	kernels->by_rows(&(par_gemm_tile){.m = kernels->rows,
	    .n = kernels->cols,
	    .runs = 1,
	    .steps = PEAK_STEPS,
	    .a = a,
	    .b = b,
	    .c = c,
	    .ldc = kernels->cols,
	    .slope = 1});
}

static double rate(void (*run)(const shape *s), const shape *s, double flops, int times)
{
	double start = cpu_s();
	for (int i = 0; i < times; i++)
		run(s);
	return 1e-9 * flops * times / (cpu_s() - start);
}

/* best GFLOP/s of all three, in turn */
static void measure(const shape *s, double seconds, double best[3])
{
	static void (*const run[3])(const shape *s) = {ours, theirs, in_cache};
	const par_gemm_kernels *kernels = par_gemm_kernels_now();
	double flops[3];
	flops[0] = flops[1] = 2.0 * (double)(s->m * s->n * s->k);
	flops[2] = 2.0 * PEAK_STEPS * kernels->rows * kernels->cols;
	if (s->form == PACKED)
		par_gemm_pack(packed, s->k, s->n, b, s->n, PAR_AS_IS);
	double end = cpu_s() + seconds;
	for (int round = 0; round < 6 || cpu_s() < end; round++) {
		int i = round % 3;
		double now = rate(run[i], s, flops[i], 1 + (int)(2e7 / flops[i]));
		best[i] = now > best[i] ? now : best[i];
	}
}

static float *floats(size_t n)
{
	float *x = aligned_alloc(64, n * sizeof *x);
	for (size_t i = 0; i < n; i++)
		x[i] = (float)(i % 1000) * 1e-3F;
	return x;
}

/* arguments: seconds a shape; a kernel set, for ours; one form only */
int main(int argc, char **argv)
{
	par_kernels set;
	double seconds = argc > 1 ? atof(argv[1]) : 0.5;
	if (argc > 2 && par_kernels_parse(&set, argv[2]) == PAR_OK)
		par_cpu_use(set);
	void *blas = dlopen("libopenblas.so.0", RTLD_NOW);
	peer = blas ? (gemm_fn *)(uintptr_t)dlsym(blas, "cblas_sgemm") : NULL;
	if (!peer) {
		fprintf(stderr, "gemm: no cblas_sgemm in libopenblas.so.0\n");
		return 69;
	}
	enum { MOST = 8 << 20 };
	a = floats(MOST);
	b = floats(MOST);
	c = floats(MOST);
	packed = floats(MOST);
	for (int i = 0; i < (int)(sizeof shapes / sizeof *shapes); i++) {
		const shape *s = &shapes[i];
		if (argc > 3 && strcmp(argv[3], names[s->form]) != 0)
			continue;
		double best[3] = {0};
		measure(s, seconds, best);
		printf("%s %lld %lld %lld %.1f %.1f %.1f\n", names[s->form], (long long)s->m,
		    (long long)s->n, (long long)s->k, best[0], best[1], best[2]);
		fflush(stdout);
	}
	free(a);
	free(b);
	free(c);
	free(packed);
	return 0;
}
