#include "tensor/finish.h"

#include "base/cpu.h"
#include "tensor/finish_kernels.h"

static par_finish_back_kernel *kernel(void)
{
	static par_finish_back_kernel *const set[] = KERNEL_SETS(par_finish_back);
	return set[par_cpu_kernels()];
}

typedef struct {
	int64_t first, rows, n;
	float slope;
	const float *c;
	float *dc;
} array;

static void back_shard(void *ctx, int64_t lo, int64_t hi, float *out)
{
	const array *a = ctx;
	int64_t at = (lo - a->first) * a->rows * a->n;
	kernel()(
	    (hi - lo) * a->rows, a->n, a->slope, a->slope != 1 ? a->c + at : NULL, a->dc + at, out);
}

void par_finish_back(const par_shards *s, int64_t rows, int64_t n, float slope, const float *c,
    float *dc, float *const *bias, float *scratch)
{
	array a = {s->lo, rows, n, slope, c, dc};
	if (bias)
		par_shards_sum(s, back_shard, &a, n, bias, scratch);
	else if (slope != 1)
		kernel()((s->hi - s->lo) * rows, n, slope, c, dc, NULL);
}
