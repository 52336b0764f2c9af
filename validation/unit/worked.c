/* np: 1 */
/* Two least squares problems that much teaching material prints with wrong answers, solved by the
 * normal equations X'X b = X'y. */
#include "../tap.h"

#include <math.h>
#include <string.h>

enum { ROWS = 4, COLS = 2 };

/* gradient of half the sum of squares at b: X' (X b - y) */
static void gradient(double x[ROWS][COLS], const double *y, const double *b, double *g)
{
	memset(g, 0, COLS * sizeof *g);
	for (int i = 0; i < ROWS; i++)
		for (int j = 0; j < COLS; j++)
			g[j] += x[i][j] * (x[i][0] * b[0] + x[i][1] * b[1] - y[i]);
}

static void least_squares(double x[ROWS][COLS], const double *y, double *b)
{
	double a[COLS][COLS] = {{0}}, r[COLS] = {0};
	for (int i = 0; i < ROWS; i++)
		for (int j = 0; j < COLS; j++) {
			r[j] += x[i][j] * y[i];
			for (int k = 0; k < COLS; k++)
				a[j][k] += x[i][j] * x[i][k];
		}
	double det = a[0][0] * a[1][1] - a[0][1] * a[1][0];
	b[0] = (r[0] * a[1][1] - a[0][1] * r[1]) / det;
	b[1] = (a[0][0] * r[1] - a[1][0] * r[0]) / det;
}

/* through (1,2) (2,4) (3,6) (4,8) */
static void line(void)
{
	double x[ROWS][COLS] = {{1, 1}, {1, 2}, {1, 3}, {1, 4}}, y[ROWS] = {2, 4, 6, 8};
	double origin[COLS] = {0}, b[COLS], g[COLS];
	gradient(x, y, origin, g);
	ok(g[0] == -20 && g[1] == -60,
	    "at the origin the gradient is -20 (intercept), -60 (slope)");
	least_squares(x, y, b);
	ok(b[0] == 0 && b[1] == 2, "the line has intercept 0 and slope 2");
	ok(b[0] + 5 * b[1] == 10, "and predicts 10 at 5");
	gradient(x, y, b, g);
	ok(g[0] == 0 && g[1] == 0, "where its gradient vanishes");
}

/* demand of products 1001, 1001, 1002, 1002, one column a product */
static void one_hot(void)
{
	double x[ROWS][COLS] = {{1, 0}, {1, 0}, {0, 1}, {0, 1}}, y[ROWS] = {10, 5, 7, 3};
	double b[COLS], sse = 0;
	least_squares(x, y, b);
	ok(b[0] == 7.5 && b[1] == 5, "one-hot products are predicted by their means, 7.5 and 5");
	for (int i = 0; i < ROWS; i++)
		sse += pow(y[i] - x[i][0] * b[0] - x[i][1] * b[1], 2);
	ok(sse == 20.5, "with a sum of squared errors of 20.5");
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	line();
	one_hot();
	return tap_end();
}
