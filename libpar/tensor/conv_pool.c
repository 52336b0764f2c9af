/* A convolution and the maxima of its windows in one go: pictures between the two stay in the second
 * cache and are never stored. */
#include "tensor/conv_inside.h"

static int64_t coarse_floats(const par_conv_map *m)
{
	return m->coarse_h * m->coarse_w * m->coarse;
}

static int64_t group_of(const par_conv_map *m)
{
	return par_conv_most(1, 2 * PAR_CONV_GROUP / coarse_floats(m));
}

void par_conv_down_pool(const par_conv_map *m, const par_pool_map *pool, int64_t pictures,
    const float *fine, const float *w, par_turn turn, const par_finish *finish, float *y,
    uint8_t *which, float *scratch)
{
	int64_t group = group_of(m), each = par_pool_floats(pool);
	float *rest = scratch + group * coarse_floats(m) + 16;
	for (int64_t p = 0; p < pictures; p += group) {
		int64_t some = par_conv_least(group, pictures - p);
		par_conv_down(m, some, fine + p * m->fine_h * m->fine_w * m->fine, w, turn, finish,
		    scratch, rest);
		par_pool_max(pool, some, scratch, y + p * each, which + p * each);
	}
}

void par_conv_up_pooled(const par_conv_map *m, int64_t pictures, const par_conv_pooled *coarse,
    const float *w, par_turn turn, float *fine, float *scratch)
{
	int64_t group = group_of(m), each = par_pool_floats(&coarse->map);
	float *rest = scratch + group * coarse_floats(m) + 16;
	for (int64_t p = 0; p < pictures; p += group) {
		int64_t some = par_conv_least(group, pictures - p);
		par_pool_max_back(
		    &coarse->map, some, coarse->y + p * each, coarse->which + p * each, scratch);
		par_conv_up(m, some, scratch, w, turn, NULL,
		    fine + p * m->fine_h * m->fine_w * m->fine, rest);
	}
}

size_t par_conv_pool_scratch(const par_conv_map *m)
{
	return par_conv_scratch(m) + (size_t)(group_of(m) * coarse_floats(m)) + 16;
}
