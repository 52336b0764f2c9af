#include "augment/gan/parts.h"

#include <stdio.h>

#define SMALLEST 8   /* side of the first map, at most */
#define EMBEDDING 32 /* numbers of a category beside the noise */
#define WIDE 96      /* channels of the first map, half of it in the next ones */

int gan_doublings(const gan_spec *s)
{
	int n = 2;
	while (s->height >> n > SMALLEST || s->width >> n > SMALLEST)
		n++;
	return n;
}

static par_value normed(
    par_graph *g, const gan_spec *s, par_value x, par_value label, const char *name)
{
	par_batch_norm_spec spec = {.name = name, .classes = s->categories};
	return par_activate(g, par_batch_norm(g, x, label, &spec), PAR_ACT_RELU);
}

static par_value doubled(par_graph *g, const gan_spec *s, par_value x, par_value label, int k)
{
	char name[32], norm[32];
	snprintf(name, sizeof name, GENERATOR ".up%d", k);
	snprintf(norm, sizeof norm, GENERATOR ".norm%d", k);
	par_conv_spec spec = {.name = name, .out = WIDE / 2, .kernel = 4, .stride = 2, .pad = 1};
	return normed(g, s, par_conv2d_transposed(g, x, &spec), label, norm);
}

/* to the picture's sides and channels */
static par_value doubled_last(par_graph *g, const gan_spec *s, par_value x)
{
	par_conv_spec spec = {
	    .name = GENERATOR ".end", .out = 4 * s->channels, .kernel = 3, .pad = 1};
	if (!s->transposed)
		return par_depth_to_space(g, par_conv2d(g, x, &spec), 2);
	spec.out = s->channels;
	spec.kernel = 4;
	spec.stride = 2;
	return par_conv2d_transposed(g, x, &spec);
}

/* to the picture's sides and channels, four cells of the last map but one at a time, so that few channels fill a vector */
static par_value doubled_by_fours(par_graph *g, const gan_spec *s, par_value x)
{
	par_conv_spec spec = {
	    .name = GENERATOR ".end", .out = 16 * s->channels, .kernel = 4, .stride = 2, .pad = 1};
	return par_depth_to_space(g, par_depth_to_space(g, par_conv2d(g, x, &spec), 2), 2);
}

par_value generator_build_folded(par_graph *g, const gan_spec *s, par_value noise)
{
	int n = gan_doublings(s);
	int64_t first[] = {s->height >> n, s->width >> n, WIDE};
	par_linear_spec begin = {
	    .name = GENERATOR ".begin", .out = first[0] * first[1] * first[2], .act = PAR_ACT_RELU};
	par_value x = par_reshape(g, par_linear(g, noise, &begin), 3, first);
	for (int k = 1; k < n; k++) {
		char name[32];
		snprintf(name, sizeof name, GENERATOR ".up%d", k);
		par_conv_spec up = {.name = name,
		    .out = WIDE / 2,
		    .kernel = 4,
		    .stride = 2,
		    .pad = 1,
		    .act = PAR_ACT_RELU};
		x = par_conv2d_transposed(g, x, &up);
	}
	x = s->transposed ? doubled_last(g, s, x) : doubled_by_fours(g, s, x);
	return par_activate(g, x, PAR_ACT_TANH);
}

par_value generator_build(
    par_graph *g, const gan_spec *s, const category_rows *r, par_value noise, par_value label)
{
	int n = gan_doublings(s);
	int64_t first[] = {s->height >> n, s->width >> n, WIDE};
	par_graph_group(g, GENERATOR);
	par_value of = category_rows_pick(g, r, label, GENERATOR ".category", EMBEDDING, false);
	of = par_reshape(g, of, 1, (int64_t[]){EMBEDDING});
	par_value x = par_concat(g, 2, (par_value[]){noise, of});
	x = par_linear(g, x,
	    &(par_linear_spec){.name = GENERATOR ".begin", .out = first[0] * first[1] * first[2]});
	x = normed(g, s, par_reshape(g, x, 3, first), label, GENERATOR ".norm0");
	for (int k = 1; k < n; k++)
		x = doubled(g, s, x, label, k);
	return par_activate(g, doubled_last(g, s, x), PAR_ACT_TANH);
}
