#include "tensor/pool.h"

#include "base/cpu.h"
#include "tensor/pool_kernels.h"

#include <string.h>

static const par_pool_kernels *kernels(void)
{
	static const par_pool_kernels *const set[] = {
	    &par_pool_set_plain, &par_pool_set_avx2, &par_pool_set_avx512};
	return set[par_cpu_kernels()];
}

/* the rows of windows of all pictures, one after the other */
typedef struct {
	par_pool_row row;
	int64_t rows, x_row, x_picture, y_row;
} walk;

static walk walk_of(const par_pool_map *m)
{
	int64_t windows = par_pool_windows(m->w, m->size, m->stride), row = m->w * m->channels;
	return (walk){.row = {windows, m->size, m->stride, m->channels, row},
	    .rows = par_pool_windows(m->h, m->size, m->stride),
	    .x_row = m->stride * row,
	    .x_picture = m->h * row,
	    .y_row = windows * m->channels};
}

static int64_t x_at(const walk *k, int64_t i)
{
	return i / k->rows * k->x_picture + i % k->rows * k->x_row;
}

void par_pool_max(const par_pool_map *m, int64_t pictures, const float *x, float *y, uint8_t *which)
{
	walk k = walk_of(m);
	for (int64_t i = 0; i < pictures * k.rows; i++)
		kernels()->max(&k.row, x + x_at(&k, i), y + i * k.y_row, which + i * k.y_row);
}

void par_pool_mean(const par_pool_map *m, int64_t pictures, const float *x, float *y)
{
	walk k = walk_of(m);
	for (int64_t i = 0; i < pictures * k.rows; i++)
		kernels()->mean(&k.row, x + x_at(&k, i), y + i * k.y_row);
}

/* zeros where the windows do not write: everywhere, when they do not cover the picture side by side,
 * else in the columns and rows that are left over */
static void clear(const par_pool_map *m, const walk *k, float *picture)
{
	int64_t row = k->row.x_row, used = k->row.windows * m->size * m->channels;
	if (m->stride != m->size) {
		memset(picture, 0, (size_t)k->x_picture * sizeof *picture);
		return;
	}
	for (int64_t y = 0; used < row && y < k->rows * m->size; y++)
		memset(picture + y * row + used, 0, (size_t)(row - used) * sizeof *picture);
	int64_t rows = k->rows * m->size * row;
	memset(picture + rows, 0, (size_t)(k->x_picture - rows) * sizeof *picture);
}

void par_pool_max_back(
    const par_pool_map *m, int64_t pictures, const float *dy, const uint8_t *which, float *dx)
{
	walk k = walk_of(m);
	for (int64_t i = 0; i < pictures * k.rows; i++) {
		if (i % k.rows == 0)
			clear(m, &k, dx + x_at(&k, i));
		kernels()->max_back(
		    &k.row, dy + i * k.y_row, which + i * k.y_row, dx + x_at(&k, i));
	}
}

void par_pool_mean_back(const par_pool_map *m, int64_t pictures, const float *dy, float *dx)
{
	walk k = walk_of(m);
	for (int64_t i = 0; i < pictures * k.rows; i++) {
		if (i % k.rows == 0)
			clear(m, &k, dx + x_at(&k, i));
		kernels()->mean_back(&k.row, dy + i * k.y_row, dx + x_at(&k, i));
	}
}
