#include "plan/solve/dlanes.h"
#include "plan/solve/products_kernels.h"

/* S += V'V in tiles of PANEL_STRIP rows and up to 6 columns. An element of a tile is one chain of
 * multiply-adds of eights along groups and rows, whose lanes are added at the end as
 *	((0 + 4) + (2 + 6)) + ((1 + 5) + (3 + 7)).
 * Two columns of a tile are eight elements, and their sums one eight of S. */
#define STRIP PANEL_STRIP
#define UNROLL _Pragma("GCC unroll 24")
#define FIRST_CACHE 28000 /* bytes of columns that leave room for a strip in it */

typedef double eight __attribute__((vector_size(64), may_alias));

#if KERNEL_LEVEL == 2
/* the sums of eight elements, in order */
INLINE eight across(const dvec *a)
{
	eight t[4], u[2];
	UNROLL
	for (int k = 0; k < 4; k++)
		t[k] = __builtin_shufflevector(a[k], a[k + 4], 0, 1, 2, 3, 8, 9, 10, 11) +
		       __builtin_shufflevector(a[k], a[k + 4], 4, 5, 6, 7, 12, 13, 14, 15);
	UNROLL
	for (int k = 0; k < 2; k++)
		u[k] = __builtin_shufflevector(t[k], t[k + 2], 0, 1, 8, 9, 4, 5, 12, 13) +
		       __builtin_shufflevector(t[k], t[k + 2], 2, 3, 10, 11, 6, 7, 14, 15);
	return __builtin_shufflevector(u[0], u[1], 0, 8, 2, 10, 4, 12, 6, 14) +
	       __builtin_shufflevector(u[0], u[1], 1, 9, 3, 11, 5, 13, 7, 15);
}

INLINE void tile(
    int n, int64_t depth, int64_t stride, const double *a, const double *b, double *sums)
{
	dvec c[6 * STRIP];
	UNROLL
	for (int i = 0; i < n * STRIP; i++)
		c[i] = (dvec){0};
	const double *a2 = a + 2 * stride, *b2 = b + 2 * stride, *b4 = b + 4 * stride;
	for (int64_t d = 0; d < depth * EIGHT; d += EIGHT) {
		dvec x[STRIP] = {*(const dvec *)(a + d), *(const dvec *)(a + stride + d),
		    *(const dvec *)(a2 + d), *(const dvec *)(a2 + stride + d)};
		UNROLL
		for (int j = 0; j < n; j++) {
			const double *at = j < 2 ? b : j < 4 ? b2 : b4;
			dvec y = *(const dvec *)(at + j % 2 * stride + d);
			UNROLL
			for (int i = 0; i < STRIP; i++)
				c[j * STRIP + i] = d_fma(x[i], y, c[j * STRIP + i]);
		}
	}
	UNROLL
	for (int p = 0; p < n / 2; p++)
		*(eight *)(sums + p * EIGHT) += across(c + p * EIGHT);
}
#else
INLINE void pair_of_columns(
    int64_t depth, int64_t stride, const double *a, const double *b, double *sums)
{
	double c[EIGHT][EIGHT];
	EACH_PART(lane)
	{
		dvec k[EIGHT] = {{0}};
		for (int64_t d = lane; d < depth * EIGHT; d += EIGHT) {
			dvec y = *(const dvec *)(b + d), z = *(const dvec *)(b + stride + d);
			UNROLL
			for (int i = 0; i < STRIP; i++) {
				dvec x = *(const dvec *)(a + i * stride + d);
				k[i] = d_fma(x, y, k[i]);
				k[STRIP + i] = d_fma(x, z, k[STRIP + i]);
			}
		}
		for (int i = 0; i < EIGHT; i++)
			memcpy(&c[i][lane], &k[i], sizeof k[i]);
	}
	for (int i = 0; i < EIGHT; i++)
		sums[i] += ((c[i][0] + c[i][4]) + (c[i][2] + c[i][6])) +
			   ((c[i][1] + c[i][5]) + (c[i][3] + c[i][7]));
}

INLINE void tile(
    int n, int64_t depth, int64_t stride, const double *a, const double *b, double *sums)
{
	for (int j = 0; j < n; j += 2)
		pair_of_columns(depth, stride, a, b + j * stride, sums + j * STRIP);
}
#endif

/* columns [j, end) of a strip, a tile at a time */
static void strip_product(
    int j, int end, int64_t stride, int64_t depth, const double *v, const double *a, double *sums)
{
	for (; j + 6 <= end; j += 6)
		tile(6, depth, stride, a, v + j * stride, sums + (int64_t)j * STRIP);
	if (end - j == 4)
		tile(4, depth, stride, a, v + j * stride, sums + (int64_t)j * STRIP);
	else if (end - j == 2)
		tile(2, depth, stride, a, v + j * stride, sums + (int64_t)j * STRIP);
}

/* Some columns at a time, which stay in the first cache while all strips below pass by. Strips before `at`
 * are triangle numbers of STRIP x STRIP squares. */
static void panel_product(
    const panel *p, int64_t stride, int64_t depth, const double *v, double *sums)
{
	const int64_t column = depth * EIGHT * (int64_t)sizeof *v;
	const int wide = column * 12 > FIRST_CACHE ? 6 : (int)(FIRST_CACHE / column / 6) * 6;
	for (int j = 0; j < p->padded; j += wide)
		for (int at = j / STRIP * STRIP; at < p->padded; at += STRIP) {
			int end = at + STRIP < j + wide ? at + STRIP : j + wide, n = at / STRIP;
			strip_product(j, end, stride, depth, v, v + at * stride,
			    sums + (int64_t)n * (n + 1) / 2 * STRIP * STRIP);
		}
}

void KERNEL(plan_rank)(const symbolic *s, int groups, const double *v, double *sums)
{
	for (const panel *p = s->panel; p < s->panel + s->panels; p++)
		panel_product(p, (int64_t)s->batch * p->rows * EIGHT, (int64_t)groups * p->rows,
		    v + p->v_first * EIGHT, sums + p->s_first);
}
