/* np: 1 */
#include "tensor/rows.h"

#include "../tap.h"
#include "base/cpu.h"
#include "base/rng.h"
#include "tensor/columns.h"

#include <math.h>
#include <string.h>

enum { ROWS = 9, MOST = 67 };

static float x[ROWS * MOST], dy[ROWS * MOST], scale[MOST], shift[MOST], weight[ROWS];

static void draw(void)
{
	par_rng r = {12, 0, 0};
	for (int i = 0; i < ROWS * MOST; i++) {
		x[i] = 3 + (float)par_rng_normal(r, i);
		dy[i] = (float)par_rng_normal(r, ROWS * MOST + i);
	}
	for (int j = 0; j < MOST; j++) {
		scale[j] = 1 + 0.1f * (float)j;
		shift[j] = 0.3f * (float)(j % 7) - 1;
	}
	for (int i = 0; i < ROWS; i++)
		weight[i] = (float)(i - 4);
}

/* everything of rows.h over rows x cols, one output behind the other; returns how many floats */
static int64_t along_rows(int64_t rows, int64_t cols, const float *from, const float *d, float *out)
{
	float *mean = out, *rstd = mean + rows, *sum = rstd + rows, *dot = sum + rows,
	      *y = dot + rows;
	int64_t n = rows * cols;
	par_rows_sum(rows, cols, 0.5f, from, sum);
	par_rows_dot(rows, cols, from, d, dot);
	par_rows_scale(rows, cols, weight, from, y);
	par_rows_softmax(rows, cols, from, y + n);
	par_rows_softmax_back(rows, cols, y + n, d, y + 2 * n);
	par_rows_normalise(rows, cols, from, scale, shift, 1e-5f, y + 3 * n, mean, rstd);
	par_rows_normalise_back(rows, cols, from, mean, rstd, scale, d, y + 4 * n);
	return 4 * rows + 5 * n;
}

static int64_t down_columns(int64_t rows, int64_t cols, float *out)
{
	float mean[ROWS], rstd[ROWS], y[ROWS * MOST];
	par_rows_normalise(rows, cols, x, scale, shift, 1e-5f, y, mean, rstd);
	par_columns_sum(rows, cols, x, out);
	par_columns_sum_weighed(rows, cols, weight, x, out + cols);
	par_columns_sum_normalised(rows, cols, x, mean, rstd, dy, out + 2 * cols);
	par_columns_apply(rows, cols, x, shift, scale, shift, out + 3 * cols);
	par_columns_back(rows, cols, x, shift, scale, shift, scale, dy, out + (3 + rows) * cols);
	return (3 + 2 * rows) * cols;
}

static int near(const float *got, int64_t step, double want)
{
	return fabs((double)got[step] - want) <= 1e-5 * (1 + fabs(want));
}

/* against plain sums in double */
static void sums(const char *set, int64_t cols)
{
	float out[4 * ROWS + 5 * ROWS * MOST], columns[(3 + 2 * ROWS) * MOST];
	double moments[2 * MOST], slopes[2 * MOST];
	int good = 1;
	along_rows(ROWS, cols, x, dy, out);
	down_columns(ROWS, cols, columns);
	par_columns_moments(ROWS, cols, x, moments);
	par_columns_slopes(ROWS, cols, x, shift, scale, dy, slopes);
	for (int64_t i = 0; i < ROWS; i++) {
		double sum = 0, dot = 0, total = 0;
		for (int64_t j = 0; j < cols; j++) {
			sum += (double)x[i * cols + j] / 2;
			dot += (double)x[i * cols + j] * (double)dy[i * cols + j];
			total += exp((double)x[i * cols + j]);
		}
		good &= near(out + 2 * ROWS, i, sum) && near(out + 3 * ROWS, i, dot);
		for (int64_t j = i * cols; j < (i + 1) * cols; j++)
			good &= near(out + 4 * ROWS + ROWS * cols, j, exp((double)x[j]) / total);
	}
	for (int64_t j = 0; j < cols; j++) {
		double sum = 0, weighed = 0, square = 0, slope = 0;
		for (int64_t i = 0; i < ROWS; i++) {
			double v = (double)x[i * cols + j];
			sum += v;
			weighed += v * (double)weight[i];
			square += v * v;
			slope += (double)dy[i * cols + j] *
				 (double)((x[i * cols + j] - shift[j]) * scale[j]);
		}
		good &= near(columns, j, sum) && near(columns + cols, j, weighed) &&
			fabs(moments[j] - sum) < 1e-12 * (1 + fabs(sum)) &&
			fabs(moments[cols + j] - square) < 1e-12 * square &&
			fabs(slopes[cols + j] - slope) < 1e-12 * (1 + fabs(slope));
	}
	ok(good, "%s: sums and softmax of %lld columns", set, (long long)cols);
}

static void one_by_one(const char *set, int64_t cols)
{
	float all[4 * ROWS + 5 * ROWS * MOST], one[4 + 5 * MOST];
	int same = 1;
	along_rows(ROWS, cols, x, dy, all);
	for (int64_t i = 0; i < ROWS; i++) {
		/* the row stands elsewhere and alone; weights are by place, so they are left out */
		along_rows(1, cols, x + i * cols, dy + i * cols, one);
		for (int64_t k = 0; k < 4; k++)
			same &= memcmp(&one[k], &all[k * ROWS + i], sizeof *one) == 0;
		for (int64_t k = 1; k < 5; k++)
			same &= memcmp(one + 4 + k * cols, all + 4 * ROWS + (k * ROWS + i) * cols,
				    (size_t)cols * sizeof *one) == 0;
	}
	ok(same, "%s: a row of %lld has the same bits alone", set, (long long)cols);
}

static void extremes(const char *set)
{
	float in[4][3] = {
	    {1000, -1000, 999}, {-INFINITY, 0, 0}, {NAN, 1, 2}, {3e38f, 3e38f, -3e38f}};
	float y[4][3];
	par_rows_softmax(4, 3, in[0], y[0]);
	ok(fabs((double)y[0][0] - 1 / (1 + exp(-1))) < 1e-6 && y[0][1] == 0 && y[1][0] == 0 &&
		y[1][1] == 0.5f && isnan(y[2][0]) && isnan(y[2][2]) && y[3][0] == 0.5f &&
		y[3][2] == 0,
	    "%s: softmax of large, infinite and missing numbers", set);
}

static void equal_sets(void)
{
	static float a[4 * ROWS + 5 * ROWS * MOST], b[4 * ROWS + 5 * ROWS * MOST];
	double sums_of[3][2 * MOST], slopes[3][2 * MOST];
	int same = 1, same_double = 1;
	if (par_cpu_best() < PAR_KERNELS_AVX512) {
		skip("no AVX-512 here to compare AVX2 with");
		return;
	}
	for (int64_t cols = 1; cols <= MOST; cols++) {
		for (int k = 0; k < 3; k++) {
			par_cpu_use((par_kernels)k);
			par_columns_moments(ROWS, cols, x, sums_of[k]);
			par_columns_slopes(ROWS, cols, x, shift, scale, dy, slopes[k]);
			size_t bytes = 2 * (size_t)cols * sizeof(double);
			same_double &= memcmp(sums_of[k], sums_of[0], bytes) == 0 &&
				       memcmp(slopes[k], slopes[0], bytes) == 0;
		}
		par_cpu_use(PAR_KERNELS_AVX2);
		int64_t n = along_rows(ROWS, cols, x, dy, a);
		par_cpu_use(PAR_KERNELS_AVX512);
		along_rows(ROWS, cols, x, dy, b);
		same &= memcmp(a, b, (size_t)n * sizeof *a) == 0;
		n = down_columns(ROWS, cols, b);
		par_cpu_use(PAR_KERNELS_AVX2);
		down_columns(ROWS, cols, a);
		same &= memcmp(a, b, (size_t)n * sizeof *a) == 0;
	}
	ok(same, "AVX2 and AVX-512 give the same bits at 1 to %d columns", MOST);
	ok(same_double, "sums in double are those of all three sets");
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	draw();
	static const int64_t cols[] = {1, 3, 16, 17, 64, 67};
	for (int k = PAR_KERNELS_PLAIN; k <= (int)par_cpu_best(); k++) {
		par_cpu_use((par_kernels)k);
		const char *set = par_kernels_name((par_kernels)k);
		for (int c = 0; c < 6; c++) {
			sums(set, cols[c]);
			one_by_one(set, cols[c]);
		}
		extremes(set);
	}
	equal_sets();
	return tap_end();
}
