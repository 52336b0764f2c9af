#include "tensor/spectral.h"

#include "tensor/map.h"
#include "tensor/rows.h"

#include <math.h>

static float at_least(float norm)
{
	return norm < 1e-12f ? 1e-12f : norm;
}

static float dot(int64_t n, const float *a, const float *b)
{
	float sum;
	par_rows_dot(1, n, a, b, &sum);
	return sum;
}

float par_spectral_step(
    int64_t rows, int64_t cols, const float *w, float *left, bool move, float *right)
{
	par_columns_sum_weighed(rows, cols, left, w, right);
	float length = at_least(sqrtf(dot(cols, right, right)));
	par_map_scale(cols, 1 / length, 0, right, right);
	double squares = 0;
	for (int64_t i = 0; i < rows; i++) {
		float along = dot(cols, w + i * cols, right);
		squares += (double)along * (double)along;
		if (move)
			left[i] = along;
	}
	float sigma = at_least((float)sqrt(squares));
	if (move && squares > 0)
		par_map_scale(rows, 1 / sigma, 0, left, left);
	else if (move)
		par_map_fill(rows, 1, left);
	return sigma;
}
