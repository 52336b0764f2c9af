#include "forecast/totals/ridge.h"

#include <math.h>
#include <string.h>

/* the lower half: entry (i, j) with j <= i */
static void add_row(const ridge_rows *x, int64_t t, double weight, double *gram)
{
	for (int64_t i = x->start[t]; i < x->start[t + 1]; i++) {
		double scaled = weight * x->value[i];
		double *row = gram + (int64_t)x->column[i] * x->columns;
		for (int64_t j = x->start[t]; j <= i; j++)
			row[x->column[j]] += scaled * x->value[j];
	}
}

static double inner(const double *a, const double *b, int n)
{
	double part[4] = {0};
	int k = 0;
	for (; k + 4 <= n; k += 4)
		for (int i = 0; i < 4; i++)
			part[i] += a[k + i] * b[k + i];
	for (; k < n; k++)
		part[0] += a[k] * b[k];
	return (part[0] + part[1]) + (part[2] + part[3]);
}

/* Cholesky, row by row: a = l l^T in the lower half */
static par_err factor(double *a, int n)
{
	for (int i = 0; i < n; i++) {
		double *row = a + (int64_t)i * n;
		for (int j = 0; j < i; j++) {
			const double *other = a + (int64_t)j * n;
			row[j] = (row[j] - inner(row, other, j)) / other[j];
		}
		double pivot = row[i] - inner(row, row, i);
		if (!(pivot > 0))
			return par_fail(
			    PAR_E_NUMERIC, "column %d of a regression has no weight", i);
		row[i] = sqrt(pivot);
	}
	return PAR_OK;
}

par_err ridge_factor(const ridge_rows *x, int64_t n, const double *weight, double *gram)
{
	memset(gram, 0, sizeof *gram * (size_t)x->columns * (size_t)x->columns);
	for (int64_t t = 0; t < n; t++)
		if (weight[t] > 0)
			add_row(x, t, weight[t], gram);
	for (int i = 0; i < x->columns; i++)
		gram[(int64_t)i * x->columns + i] += x->penalty[i];
	return factor(gram, x->columns);
}

static void solve(const double *l, int n, double *b)
{
	for (int i = 0; i < n; i++)
		b[i] = (b[i] - inner(l + (int64_t)i * n, b, i)) / l[(int64_t)i * n + i];
	for (int i = n - 1; i >= 0; i--) {
		const double *row = l + (int64_t)i * n;
		b[i] /= row[i];
		for (int j = 0; j < i; j++)
			b[j] -= row[j] * b[i];
	}
}

void ridge_fit(const ridge_rows *x, int64_t n, const double *weight, const double *gram,
    const double *y, double *b, double *mean)
{
	double sum = 0, all = 0;
	for (int64_t t = 0; t < n; t++)
		if (weight[t] > 0) {
			sum += weight[t] * y[t];
			all += weight[t];
		}
	*mean = sum / all;
	memset(b, 0, sizeof *b * (size_t)x->columns);
	for (int64_t t = 0; t < n; t++) {
		double pull = weight[t] > 0 ? weight[t] * (y[t] - *mean) : 0;
		for (int64_t i = x->start[t]; pull != 0 && i < x->start[t + 1]; i++)
			b[x->column[i]] += pull * x->value[i];
	}
	solve(gram, x->columns, b);
}

double ridge_at(const ridge_rows *x, int64_t t, const double *b)
{
	double sum = 0;
	for (int64_t i = x->start[t]; i < x->start[t + 1]; i++)
		sum += x->value[i] * b[x->column[i]];
	return sum;
}
