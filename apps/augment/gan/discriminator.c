#include "augment/gan/parts.h"

#include <stdio.h>

#define NARROW 32 /* channels of the first map, twice that in the next ones */
#define FEATURES 128

static par_value conv(par_graph *g, par_value x, const char *name, int64_t out, int64_t kernel)
{
	return par_conv2d(g, x,
	    &(par_conv_spec){.name = name,
		.out = out,
		.kernel = kernel,
		.stride = kernel == 4 ? 2 : 1,
		.pad = 1,
		.act = PAR_ACT_LEAKY,
		.spectral = true});
}

static par_value dense(par_graph *g, par_value x, const char *name, int64_t out, par_act act)
{
	return par_linear(
	    g, x, &(par_linear_spec){.name = name, .out = out, .act = act, .spectral = true});
}

/* pictures [n, h, w, c] -> [n, FEATURES] */
static par_value features(par_graph *g, const gan_spec *s, par_value pictures, int64_t n)
{
	int64_t shape[PAR_AXES];
	par_value x = par_space_to_depth(g, pictures, 2);
	x = conv(g, x, DISCRIMINATOR ".begin", NARROW, 3);
	for (int k = 1; k < gan_doublings(s); k++) {
		char name[32];
		snprintf(name, sizeof name, DISCRIMINATOR ".down%d", k);
		x = conv(g, x, name, 2 * NARROW, 4);
	}
	x = conv(g, x, DISCRIMINATOR ".end", 2 * NARROW, 3);
	if (x < 0)
		return -1;
	par_graph_shape(g, x, shape);
	x = par_reshape(g, x, 2, (int64_t[]){n, par_graph_elements(g, x) / n});
	x = dense(g, x, DISCRIMINATOR ".features", FEATURES, PAR_ACT_LEAKY);
	/* as large as a sum over the map's cells would be, whose place this layer takes */
	return par_scale(g, x, (double)shape[1], 0);
}

par_value discriminator_build(par_graph *g, const gan_spec *s, const category_rows *r,
    par_value pictures, par_value labels, int64_t n)
{
	par_graph_group(g, DISCRIMINATOR);
	par_value x = features(g, s, pictures, n);
	par_value all = par_concat(g, 2, (par_value[]){x, par_deviation(g, x, GAN_GROUP)});
	par_value alone = dense(g, all, DISCRIMINATOR ".score", 1, PAR_ACT_NONE);
	par_value of = category_rows_pick(g, r, labels, DISCRIMINATOR ".category", FEATURES, true);
	par_value fits = par_reduce_last(g, par_multiply(g, of, x), PAR_SUM);
	return par_add_values(g, alone, par_reshape(g, fits, 2, (int64_t[]){n, 1}));
}
