#include "forecast/reconcile/triangle.h"

/* `by` stands by_apart, `from` from_apart from row to row */
INLINE void take(double *restrict to, size_t n, const double *by, size_t by_apart,
    const double *restrict from, size_t from_apart, int rows)
{
	int r = 0;
	for (; r + 4 <= rows; r += 4) {
		const double *f = from + (size_t)r * from_apart, *c = by + (size_t)r * by_apart;
		const double *f1 = f + from_apart, *f2 = f1 + from_apart, *f3 = f2 + from_apart;
		double c0 = c[0], c1 = c[by_apart], c2 = c[2 * by_apart], c3 = c[3 * by_apart];
		for (size_t j = 0; j < n; j++)
			to[j] = to[j] - c0 * f[j] - c1 * f1[j] - c2 * f2[j] - c3 * f3[j];
	}
	for (; r < rows; r++) {
		const double *f = from + (size_t)r * from_apart;
		double c0 = by[(size_t)r * by_apart];
		for (size_t j = 0; j < n; j++)
			to[j] -= c0 * f[j];
	}
}

INLINE void divide(double *row, size_t m, double by)
{
	for (size_t j = 0; j < m; j++)
		row[j] /= by;
}

void KERNEL(triangle_forward)(const double *l, int n, double *b, size_t m)
{
	for (int i = 0; i < n; i++) {
		double *row = b + (size_t)i * m;
		take(row, m, l + (size_t)i * (size_t)n, 1, b, m, i);
		divide(row, m, l[i * n + i]);
	}
}

void KERNEL(triangle_backward)(const double *l, int n, double *b, size_t m)
{
	for (int i = n - 1; i >= 0; i--) {
		double *row = b + (size_t)i * m;
		take(row, m, l + (i + 1) * n + i, (size_t)n, row + m, m, n - 1 - i);
		divide(row, m, l[i * n + i]);
	}
}

void KERNEL(triangle_take)(double *to, size_t n, const double *by, size_t by_apart,
    const double *from, size_t apart, int rows)
{
	take(to, n, by, by_apart, from, apart, rows);
}

void KERNEL(triangle_products)(
    double *to, int n, const double *by, const double *from, size_t apart, int rows)
{
	for (int a = 0; a < n; a++)
		take(to + a * n + a, (size_t)(n - a), by + a, apart, from + a, apart, rows);
}
