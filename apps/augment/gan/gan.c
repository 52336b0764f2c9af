#include "augment/gan/gan.h"

#include "augment/gan/parts.h"

static par_value changed(const gan *g, par_value pictures, par_value labels)
{
	const par_augment_spec *c = &g->spec.change;
	bool any = c->shift || c->cut || c->flip || c->flips;
	return any ? par_augment(g->graph, pictures, labels, c) : pictures;
}

/* what the discriminator says of a real and a made picture, and of its slope at a point between them, which is of the made
 * one's category */
static par_value penalised(gan *g, par_value both)
{
	par_graph *of = g->graph;
	const gan_spec *s = &g->spec;
	int64_t one[] = {1, s->height, s->width, s->channels};
	int64_t four[] = {4, s->height, s->width, s->channels};
	par_value label = g->input[GAN_LABEL];
	par_value labels = par_concat(of, 3, (par_value[]){g->input[GAN_LABELS], label, label});
	par_value x = par_interpolate(of, par_slice(of, both, 0), par_slice(of, both, 1));
	par_value score = discriminator_build(
	    of, s, &g->rows, par_reshape(of, x, 4, one), label, 1);
	par_value slope = par_gradient(of, score, x);
	par_value all = par_reshape(of, par_stack(of, both, par_along(of, x, slope)), 4, four);
	all = discriminator_build_tangent(of, s, &g->rows, all, labels, 4);
	all = par_reshape(of, all, 3, (int64_t[]){2, 2, 1});
	return par_add_values(of, par_loss_gan_judge(of, par_slice(of, all, 0), s->loss),
	    par_loss_gradient_penalty(of, par_slice(of, all, 1), slope, s->penalty));
}

static void build_losses(gan *g)
{
	const gan_spec *s = &g->spec;
	int64_t one[] = {1, s->height, s->width, s->channels};
	par_value both = par_stack(g->graph, g->input[GAN_REAL], g->picture);
	both = changed(g, both, g->input[GAN_LABELS]);
	g->score = discriminator_build(g->graph, s, &g->rows, both, g->input[GAN_LABELS], 2);
	g->loss_judge = s->penalty > 0 ? penalised(g, both)
				       : par_loss_gan_judge(g->graph, g->score, s->loss);
	par_value made = par_reshape(g->graph, g->picture, 4, one);
	made = changed(g, made, g->input[GAN_LABEL]);
	made = discriminator_build(g->graph, s, &g->rows, made, g->input[GAN_LABEL], 1);
	g->loss_make = par_loss_gan_maker(g->graph, made, s->loss);
}

static void take_input(
    gan *g, int k, const char *name, par_dtype type, int nd, const int64_t *shape)
{
	g->input[k] = par_feed_input(&g->field[k], g->graph, name, type, nd, shape);
}

/* a shard holds one group at least, so that ranks hold whole ones */
static int shards_of(const gan_spec *s)
{
	int64_t groups = s->batch / GAN_GROUP;
	int shards = groups < GAN_SHARDS ? (int)groups : GAN_SHARDS;
	while (groups % shards != 0)
		shards--;
	return shards;
}

static par_err build(gan *g)
{
	const gan_spec *s = &g->spec;
	PAR_TRY(par_graph_open(&g->graph,
	    &(par_graph_spec){
		.world = s->world, .batch = s->batch, .shards = shards_of(s), .seed = s->seed}));
	take_input(g, GAN_NOISE, "noise", PAR_F32, 1, &s->noise);
	take_input(g, GAN_LABEL, "label", PAR_I32, 1, (int64_t[]){1});
	take_input(g, GAN_LABELS, "labels", PAR_I32, 1, (int64_t[]){2});
	take_input(g, GAN_REAL, "real", PAR_F32, 3, (int64_t[]){s->height, s->width, s->channels});
	g->picture = generator_build(
	    g->graph, s, &g->rows, g->input[GAN_NOISE], g->input[GAN_LABEL]);
	build_losses(g);
	g->judge = par_graph_pass(g->graph, g->loss_judge, DISCRIMINATOR);
	g->make = par_graph_pass(g->graph, g->loss_make, GENERATOR);
	g->draw = par_graph_answer(g->graph, 1, &g->picture);
	g->rate = par_graph_answer(g->graph, 1, &g->score);
	return par_graph_plan(g->graph);
}

static par_err check(const gan_spec *s)
{
	if (s->height % 4 != 0 || s->width % 4 != 0)
		return par_fail(PAR_E_DATA,
		    "pictures of %lld x %lld; wanted sides that 4 divides (ingest.image_size)",
		    (long long)s->height, (long long)s->width);
	PAR_MUST(s->batch > 0 && s->batch % GAN_GROUP == 0, "a batch of %lld", (long long)s->batch);
	return PAR_OK;
}

par_err gan_open(gan *g, const gan_spec *spec)
{
	par_optimizer_spec rule = {.rule = PAR_ADAM, .no_first = true, .beta2 = 0.99};
	*g = (gan){.spec = *spec};
	PAR_TRY_ALL(spec->world, check(spec));
	PAR_TRY_ALL(spec->world, category_rows_open(&g->rows, spec->categories));
	PAR_TRY(build(g));
	PAR_TRY(par_optimizer_open(&g->judges, g->graph, DISCRIMINATOR, &rule));
	rule.average = spec->average;
	rule.average_ramps = true;
	return par_optimizer_open(&g->makes, g->graph, GENERATOR, &rule);
}

void gan_close(gan *g)
{
	if (g->makes)
		par_optimizer_close(g->makes);
	if (g->judges)
		par_optimizer_close(g->judges);
	if (g->graph)
		par_graph_close(g->graph);
	category_rows_close(&g->rows);
	*g = (gan){0};
}
