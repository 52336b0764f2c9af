/* Trains a small model on numbers made up from the step and prints a hash of all its weights.
 *
 * bits CASE STEPS [NAME EVERY]: with a NAME, checkpoints NAME.STEP.h5 every so many steps, and goes on
 * from the newest there is. The hash covers weights, tables and running statistics in global order,
 * so equal hashes at different rank counts mean equal models. */
#include "base/rng.h"
#include "comm/gather.h"
#include "grad/layers.h"
#include "train/state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#define INPUTS 3

typedef struct {
	par_world world;
	par_graph *g;
	size_t which; /* case */
	int passes, pass[2];
	par_optimizer *optimizer[2];
	int inputs;
	par_value input[INPUTS];
	int64_t below[INPUTS]; /* of labels and ids; 0: normal numbers */
} model;

static par_value input(model *m, int64_t below, int nd, const int64_t *shape)
{
	par_value v = par_graph_input(m->g, "x", below > 0 ? PAR_I32 : PAR_F32, nd, shape);
	m->below[m->inputs] = below;
	m->input[m->inputs++] = v;
	return v;
}

static par_value dense(model *m, par_value x, const char *name, int64_t out, par_act act)
{
	return par_linear(m->g, x, &(par_linear_spec){.name = name, .out = out, .act = act});
}

static void train(model *m, par_value loss, const char *group)
{
	m->pass[m->passes++] = par_graph_pass(m->g, loss, group);
}

static void classify(model *m, par_value h, int64_t classes)
{
	par_value label = input(m, classes, 1, (int64_t[]){1});
	h = dense(m, h, "out", classes, PAR_ACT_NONE);
	train(m, par_loss_cross_entropy(m->g, h, label, 0), "model");
}

static void build_mlp(model *m)
{
	par_value h = dense(m, input(m, 0, 1, (int64_t[]){20}), "hidden", 33, PAR_ACT_RELU);
	classify(m, dense(m, h, "more", 17, PAR_ACT_TANH), 7);
}

static void build_cnn(model *m)
{
	par_value h = input(m, 0, 3, (int64_t[]){12, 12, 2});
	h = par_conv2d(m->g, h, &(par_conv_spec){.name = "conv", .out = 5, .kernel = 3});
	h = par_batch_norm(m->g, h, -1, &(par_batch_norm_spec){.name = "norm"});
	h = par_activate(m->g, h, PAR_ACT_RELU);
	h = par_pool2d(m->g, h, PAR_POOL_MAX, 2, 2);
	h = par_conv2d(
	    m->g, h, &(par_conv_spec){.name = "fused", .out = 6, .kernel = 2, .act = PAR_ACT_RELU});
	h = par_pool2d(m->g, h, PAR_POOL_MAX, 2, 2);
	classify(m, par_dropout(m->g, par_flatten(m->g, h), 0.3), 4);
}

static void build_lstm(model *m)
{
	par_value h = input(m, 0, 2, (int64_t[]){7, 5});
	h = par_rnn(m->g, h, &(par_rnn_spec){.name = "lstm", .kind = PAR_RNN_LSTM, .hidden = 12});
	classify(m, h, 3);
}

static void build_table(model *m)
{
	par_value h = input(m, 300, 1, (int64_t[]){4});
	h = par_embed(m->g, h, &(par_embed_spec){.name = "table", .rows = 300, .width = 16});
	classify(m, par_flatten(m->g, h), 3);
}

static par_value judge(model *m, par_value x)
{
	par_value h = par_conv2d(m->g, x,
	    &(par_conv_spec){.name = "look",
		.out = 6,
		.kernel = 4,
		.stride = 2,
		.pad = 1,
		.act = PAR_ACT_LEAKY,
		.spectral = true});
	int64_t shape[PAR_AXES];
	int nd = par_graph_shape(m->g, h, shape);
	int64_t flat = 4 * 4 * 6;
	h = par_reshape(m->g, h, nd - 2, nd == 4 ? (int64_t[]){shape[0], flat} : (int64_t[]){flat});
	return par_linear(m->g, h, &(par_linear_spec){.name = "score", .out = 1, .spectral = true});
}

static void build_gan(model *m)
{
	par_value real = input(m, 0, 3, (int64_t[]){8, 8, 1});
	par_value noise = input(m, 0, 1, (int64_t[]){9});
	par_graph_group(m->g, "maker");
	par_value h = dense(m, noise, "seed", 4 * 4 * 5, PAR_ACT_RELU);
	h = par_reshape(m->g, h, 3, (int64_t[]){4, 4, 5});
	par_value fake = par_conv2d_transposed(m->g, h,
	    &(par_conv_spec){
		.name = "draw", .out = 1, .kernel = 4, .stride = 2, .pad = 1, .act = PAR_ACT_TANH});
	par_graph_group(m->g, "judge");
	par_value both = judge(m, par_stack(m->g, real, par_detach(m->g, fake)));
	train(m, par_loss_gan_judge(m->g, both, PAR_GAN_HINGE), "judge");
	train(m, par_loss_gan_maker(m->g, judge(m, fake), PAR_GAN_HINGE), "maker");
}

static const struct {
	const char *name;
	void (*build)(model *m);
	int64_t batch;
	const char *group[2];
	par_optimizer_spec optimizer;
	double rate;
} cases[] = {
    {"mlp", build_mlp, 53, {"model"}, {.rule = PAR_ADAM, .clip = 0.5}, 3e-3},
    {"cnn", build_cnn, 24, {"model"}, {.rule = PAR_ADAMW, .decay = 0.01}, 3e-3},
    {"lstm", build_lstm, 19, {"model"}, {.rule = PAR_MOMENTUM, .momentum = 0.9}, 1e-2},
    {"gan", build_gan, 12, {"judge", "maker"}, {.rule = PAR_ADAM, .beta1 = 0.5}, 1e-3},
    {"table", build_table, 40, {"model"}, {.rule = PAR_ADAM}, 1e-2},
};

static par_err open_model(model *m, const char *name)
{
	size_t k = 0, n = sizeof cases / sizeof *cases;
	while (k < n && strcmp(cases[k].name, name) != 0)
		k++;
	m->which = k;
	if (k == n)
		return par_fail(PAR_E_USAGE, "no case called %s", name);
	PAR_TRY(par_graph_open(
	    &m->g, &(par_graph_spec){.world = &m->world, .batch = cases[k].batch, .seed = 4}));
	cases[k].build(m);
	PAR_TRY(par_graph_plan(m->g));
	for (int i = 0; i < m->passes; i++)
		PAR_TRY(par_optimizer_open(
		    &m->optimizer[i], m->g, cases[k].group[i], &cases[k].optimizer));
	return PAR_OK;
}

static void fill(const model *m, int k, int64_t step)
{
	const par_shards *s = par_graph_shards(m->g);
	int64_t each = par_graph_elements(m->g, m->input[k]);
	par_rng r = {8, (uint32_t)k, (uint32_t)step};
	void *at = par_graph_at(m->g, m->input[k]);
	for (int64_t i = 0; i < (s->hi - s->lo) * each; i++) {
		if (m->below[k] > 0)
			((int32_t *)at)[i] = (int32_t)par_rng_below(
			    r, s->lo * each + i, m->below[k]);
		else
			((float *)at)[i] = (float)par_rng_normal(r, s->lo * each + i);
	}
}

static void one_step(model *m, int64_t step)
{
	int64_t batch = par_graph_shards(m->g)->batch;
	for (int k = 0; k < m->inputs; k++)
		fill(m, k, step);
	par_graph_step(m->g, step, step % 5 == 4 ? batch - 3 : batch); /* some batches are short */
	for (int i = 0; i < m->passes; i++) {
		par_graph_forward(m->g, m->pass[i]);
		par_graph_backward(m->g, m->pass[i]);
		par_optimizer_step(m->optimizer[i], cases[m->which].rate);
	}
}

static par_err run_steps(model *m, int64_t steps, const char *name, int64_t every)
{
	par_state state = {m->g, m->passes, m->optimizer};
	int64_t step = 0;
	par_store *s = NULL;
	if (name)
		PAR_TRY(par_state_resume(&state, name, "bits", &s, &step));
	if (s)
		par_store_close(s);
	else
		step = 0;
	for (; step < steps; step++) {
		if (name && step > 0 && step % every == 0)
			PAR_TRY(par_state_save(&state, name, step, "bits", NULL, 0));
		one_step(m, step);
	}
	if (name)
		par_checkpoint_clear(&m->world, name);
	return PAR_OK;
}

/* of the whole model, on every rank */
static par_err hash_weights(const model *m, uint64_t *hash)
{
	XXH3_state_t *h = XXH3_createState();
	par_err e = PAR_OK;
	XXH3_64bits_reset(h);
	for (int i = 0; i < par_graph_params(m->g) && e == PAR_OK; i++) {
		const par_param *p = par_graph_param(m->g, i);
		if (p->kind != PAR_PARAM_TABLE) {
			XXH3_64bits_update(h, p->weights, (size_t)p->n * sizeof(float));
			continue;
		}
		void *all = NULL;
		int64_t rows;
		e = par_gather_rows(&m->world, p->weights, p->row_hi - p->row_lo,
		    (size_t)p->shape[1] * sizeof(float), &all, &rows);
		if (e == PAR_OK)
			XXH3_64bits_update(h, all, (size_t)p->n * sizeof(float));
		free(all);
	}
	*hash = XXH3_64bits_digest(h);
	XXH3_freeState(h);
	return e;
}

static par_err run(model *m, int argc, char **argv)
{
	uint64_t hash;
	if (argc != 3 && argc != 5)
		return par_fail(PAR_E_USAGE, "bits CASE STEPS [NAME EVERY]");
	PAR_TRY(open_model(m, argv[1]));
	bool resumes = argc == 5;
	PAR_TRY(
	    run_steps(m, atoll(argv[2]), resumes ? argv[3] : NULL, resumes ? atoll(argv[4]) : 0));
	PAR_TRY(hash_weights(m, &hash));
	if (m->world.rank == 0)
		printf("%016llx\n", (unsigned long long)hash);
	return PAR_OK;
}

int main(int argc, char **argv)
{
	model m = {0};
	par_err e = par_world_start(&m.world);
	if (e == PAR_OK)
		e = run(&m, argc, argv);
	if (e != PAR_OK && m.world.rank == 0)
		fprintf(stderr, "bits: %s\n", par_err_why());
	for (int i = 0; i < m.passes; i++)
		par_optimizer_close(m.optimizer[i]);
	par_graph_close(m.g);
	par_world_finish(&m.world);
	return par_err_status(e);
}
