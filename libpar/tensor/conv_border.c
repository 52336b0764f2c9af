#include "tensor/conv_inside.h"

#include <string.h>

par_border par_fine_border(const par_conv_map *m)
{
	return (par_border){m->fine_h, m->fine_w, m->fine, m->pad, m->pad};
}

int64_t par_border_row(const par_border *b)
{
	return (b->left + b->w + b->right) * b->channels;
}

int64_t par_border_floats(const par_border *b)
{
	return b->h * par_border_row(b);
}

bool par_border_none(const par_border *b)
{
	return b->left + b->right == 0;
}

void par_border_clear(const par_border *b, int64_t pictures, float *to)
{
	memset(to, 0, (size_t)(pictures * par_border_floats(b)) * sizeof *to);
}

void par_border_copy(const par_border *b, int64_t pictures, const float *from, float *to)
{
	int64_t row = b->w * b->channels, wide = par_border_row(b);
	for (int64_t p = 0; p < pictures; p++) {
		float *at = to + p * par_border_floats(b) + b->left * b->channels;
		for (int64_t y = 0; y < b->h; y++)
			memcpy(
			    at + y * wide, from + (p * b->h + y) * row, (size_t)row * sizeof *from);
	}
}
