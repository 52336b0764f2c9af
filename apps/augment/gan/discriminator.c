#include "augment/gan/parts.h"

#include <stdio.h>

#define NARROW 32 /* channels of the first map, twice that in the next ones */
#define FEATURES DISCRIMINATOR_FEATURES

/* what all layers go by */
typedef struct {
	par_graph *g;
	const gan_spec *spec;
	int64_t n; /* pictures of a sample */
	bool tangent;
} judge;

static bool spectral(const judge *j)
{
	return !j->spec->no_spectral && j->spec->penalty == 0;
}

/* a layer's activation, where it is not its own */
static par_value activated(const judge *j, par_value x)
{
	return j->tangent ? par_activate_tangent(j->g, x, PAR_ACT_LEAKY) : x;
}

static par_value conv(const judge *j, par_value x, const char *name, int64_t out, int64_t kernel)
{
	par_conv_spec spec = {.name = name,
	    .out = out,
	    .kernel = kernel,
	    .stride = kernel == 4 ? 2 : 1,
	    .pad = 1,
	    .act = j->tangent ? PAR_ACT_NONE : PAR_ACT_LEAKY,
	    .spectral = spectral(j)};
	return activated(j, par_conv2d(j->g, x, &spec));
}

static par_value dense(const judge *j, par_value x, const char *name, int64_t out, par_act act)
{
	par_linear_spec spec = {.name = name, .out = out, .act = act, .spectral = spectral(j)};
	return par_linear(j->g, x, &spec);
}

/* pictures [n, h, w, c] -> [n, FEATURES] */
static par_value features(const judge *j, par_value pictures)
{
	int64_t shape[PAR_AXES];
	par_value x = par_space_to_depth(j->g, pictures, 2);
	x = conv(j, x, DISCRIMINATOR ".begin", NARROW, 3);
	for (int k = 1; k < gan_doublings(j->spec); k++) {
		char name[32];
		snprintf(name, sizeof name, DISCRIMINATOR ".down%d", k);
		x = conv(j, x, name, 2 * NARROW, 4);
	}
	x = conv(j, x, DISCRIMINATOR ".end", 2 * NARROW, 3);
	if (x < 0)
		return -1;
	par_graph_shape(j->g, x, shape);
	x = par_reshape(j->g, x, 2, (int64_t[]){j->n, par_graph_elements(j->g, x) / j->n});
	x = dense(
	    j, x, DISCRIMINATOR ".features", FEATURES, j->tangent ? PAR_ACT_NONE : PAR_ACT_LEAKY);
	/* as large as a sum over the map's cells would be, whose place this layer takes */
	return par_scale(j->g, activated(j, x), (double)shape[1], 0);
}

/* features, and how much pictures of a group differ; a penalty is each sample's own */
static par_value seen(const judge *j, par_value x)
{
	if (j->spec->penalty > 0)
		return x;
	return par_concat(j->g, 2, (par_value[]){x, par_deviation(j->g, x, GAN_GROUP)});
}

static par_value scores(
    const judge *j, const category_rows *r, par_value pictures, par_value labels)
{
	par_graph *g = j->g;
	par_graph_group(g, DISCRIMINATOR);
	par_value x = features(j, pictures);
	par_value alone = dense(j, seen(j, x), DISCRIMINATOR ".score", 1, PAR_ACT_NONE);
	par_value of = category_rows_pick(
	    g, r, labels, DISCRIMINATOR ".category", FEATURES, spectral(j));
	par_value fits = par_reduce_last(g, par_multiply(g, of, x), PAR_SUM);
	return par_add_values(g, alone, par_reshape(g, fits, 2, (int64_t[]){j->n, 1}));
}

par_value discriminator_build(par_graph *g, const gan_spec *s, const category_rows *r,
    par_value pictures, par_value labels, int64_t n)
{
	return scores(&(judge){g, s, n, false}, r, pictures, labels);
}

par_value discriminator_features(par_graph *g, const gan_spec *s, par_value picture)
{
	par_value one = par_reshape(
	    g, picture, 4, (int64_t[]){1, s->height, s->width, s->channels});
	return par_reshape(g, features(&(judge){g, s, 1, false}, one), 1, (int64_t[]){FEATURES});
}

par_value discriminator_build_tangent(par_graph *g, const gan_spec *s, const category_rows *r,
    par_value pictures, par_value labels, int64_t n)
{
	return scores(&(judge){g, s, n, true}, r, pictures, labels);
}
