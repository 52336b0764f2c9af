/* Training steps to be timed: the models of the bench, built through the public layers.
 *
 * mpirun -n R steps [shards=N] [batch=N]; then on standard input a line "CASE SECONDS" each: runs CASE
 * for at least SECONDS in five parts and prints "CASE ms_median ms_least samples"; "save:CASE" times
 * checkpoints of its state, in the working folder, instead of steps. A case's batch is
 * that of one rank, so more ranks do more work; batch=N is that of all ranks together. shards=N: the
 * cut of the global batch, PAR_SHARDS otherwise; as many as ranks is the plain path, without a promise
 * of bits. */
#include "base/clock.h"
#include "base/cpu.h"
#include "base/rng.h"
#include "grad/layers.h"
#include "train/state.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PARTS 5
#define GROUPS 2

typedef struct {
	par_world world;
	int shards;
	int64_t whole; /* batch of all ranks; 0: as the case says */
	par_graph *g;
	int pass[GROUPS];
	par_optimizer *optimizer[GROUPS];
	double rate;
	int groups;
	par_value ids, noise; /* drawn anew each step; -1: none */
	int64_t below;
	int64_t step, batch;
} model;

static void fill(const model *m, par_value v, uint32_t stream, int64_t below)
{
	const par_shards *s = par_graph_shards(m->g);
	int64_t each = par_graph_elements(m->g, v), n = (s->hi - s->lo) * each, from = s->lo * each;
	par_rng r = {11, stream, (uint32_t)m->step};
	void *at = par_graph_at(m->g, v);
	if (below == 0)
		par_rng_fill_normal(r, from, n, at);
	else
		par_rng_fill_u32(r, from, n, at);
	uint32_t *id = at;
	for (int64_t i = 0; below > 0 && i < n; i++)
		id[i] = (uint32_t)((uint64_t)id[i] * (uint64_t)below >> 32);
}

static void add_pass(model *m, par_value loss, const char *group)
{
	m->pass[m->groups++] = par_graph_pass(m->g, loss, group);
}

typedef struct {
	par_value value[3];
	int64_t below[3];
} inputs;

static inputs build_cnn(model *m)
{
	par_graph *g = m->g;
	par_value x = par_graph_input(g, "image", PAR_F32, 3, (int64_t[]){28, 28, 1});
	par_value y = par_graph_input(g, "label", PAR_I32, 1, (int64_t[]){1});
	par_value h = par_conv2d(g, x,
	    &(par_conv_spec){.name = "c1", .out = 32, .kernel = 3, .act = PAR_ACT_RELU, .pool = 2});
	h = par_conv2d(g, h,
	    &(par_conv_spec){.name = "c2", .out = 64, .kernel = 3, .act = PAR_ACT_RELU, .pool = 2});
	h = par_flatten(g, h);
	h = par_linear(g, h, &(par_linear_spec){.name = "f1", .out = 128, .act = PAR_ACT_RELU});
	h = par_linear(g, h, &(par_linear_spec){.name = "f2", .out = 10});
	add_pass(m, par_loss_cross_entropy(g, h, y, 0), "model");
	return (inputs){{x, y, -1}, {0, 10, 0}};
}

static inputs build_rnn(model *m, par_rnn_kind kind)
{
	par_graph *g = m->g;
	par_value x = par_graph_input(g, "words", PAR_I32, 1, (int64_t[]){50});
	par_value y = par_graph_input(g, "label", PAR_I32, 1, (int64_t[]){1});
	par_value h = par_embed(
	    g, x, &(par_embed_spec){.name = "words", .rows = 10000, .width = 128});
	h = par_rnn(g, h, &(par_rnn_spec){.name = "rnn", .kind = kind, .hidden = 128});
	h = par_linear(g, h, &(par_linear_spec){.name = "out", .out = 10});
	add_pass(m, par_loss_cross_entropy(g, h, y, 0), "model");
	return (inputs){{x, y, -1}, {10000, 10, 0}};
}

static inputs build_mlp(model *m)
{
	par_graph *g = m->g;
	par_value x = par_graph_input(g, "x", PAR_F32, 1, (int64_t[]){512});
	par_value y = par_graph_input(g, "y", PAR_F32, 1, (int64_t[]){512});
	par_value h = x;
	h = par_linear(g, h, &(par_linear_spec){.name = "a", .out = 1024, .act = PAR_ACT_RELU});
	h = par_linear(g, h, &(par_linear_spec){.name = "b", .out = 1024, .act = PAR_ACT_RELU});
	h = par_linear(g, h, &(par_linear_spec){.name = "c", .out = 512});
	add_pass(m, par_loss_mse(g, h, y), "model");
	return (inputs){{x, y, -1}, {0, 0, 0}};
}

static par_value build_judge(par_graph *g, par_value x)
{
	par_value h = par_conv2d(g, x,
	    &(par_conv_spec){
		.name = "d1", .out = 64, .kernel = 4, .stride = 2, .pad = 1, .act = PAR_ACT_LEAKY});
	h = par_conv2d(g, h,
	    &(par_conv_spec){.name = "d2",
		.out = 128,
		.kernel = 4,
		.stride = 2,
		.pad = 1,
		.act = PAR_ACT_LEAKY});
	int64_t shape[PAR_AXES];
	int nd = par_graph_shape(g, h, shape);
	int64_t flat = shape[nd - 3] * shape[nd - 2] * shape[nd - 1];
	h = par_reshape(g, h, nd - 2, nd == 4 ? (int64_t[]){shape[0], flat} : (int64_t[]){flat});
	return par_linear(g, h, &(par_linear_spec){.name = "d3", .out = 1});
}

static inputs build_gan(model *m)
{
	par_graph *g = m->g;
	par_value real = par_graph_input(g, "real", PAR_F32, 3, (int64_t[]){28, 28, 1});
	par_value z = m->noise = par_graph_input(g, "noise", PAR_F32, 1, (int64_t[]){100});
	par_graph_group(g, "maker");
	par_value h = par_linear(
	    g, z, &(par_linear_spec){.name = "g1", .out = 6272, .act = PAR_ACT_RELU});
	h = par_reshape(g, h, 3, (int64_t[]){7, 7, 128});
	h = par_conv2d_transposed(g, h,
	    &(par_conv_spec){
		.name = "g2", .out = 64, .kernel = 4, .stride = 2, .pad = 1, .act = PAR_ACT_RELU});
	par_value fake = par_conv2d_transposed(g, h,
	    &(par_conv_spec){
		.name = "g3", .out = 1, .kernel = 4, .stride = 2, .pad = 1, .act = PAR_ACT_TANH});
	par_graph_group(g, "judge");
	par_value both = par_stack(g, real, par_detach(g, fake));
	add_pass(m, par_loss_gan_judge(g, build_judge(g, both), PAR_GAN_LOGISTIC), "judge");
	add_pass(m, par_loss_gan_maker(g, build_judge(g, fake), PAR_GAN_LOGISTIC), "maker");
	return (inputs){{real, z, -1}, {0, 0, 0}};
}

static inputs build_transformer(model *m)
{
	par_graph *g = m->g;
	par_value x = par_graph_input(g, "x", PAR_F32, 2, (int64_t[]){128, 256});
	par_value y = par_graph_input(g, "y", PAR_F32, 2, (int64_t[]){128, 256});
	par_value h = par_attention(g, x, &(par_attention_spec){"attention", 4, false});
	par_value a = par_layer_norm(g, "n1", par_add_values(g, x, h), 0);
	h = par_linear(g, a, &(par_linear_spec){.name = "f1", .out = 1024, .act = PAR_ACT_RELU});
	h = par_linear(g, h, &(par_linear_spec){.name = "f2", .out = 256});
	h = par_layer_norm(g, "n2", par_add_values(g, a, h), 0);
	add_pass(m, par_loss_mse(g, h, y), "model");
	return (inputs){{x, y, -1}, {0, 0, 0}};
}

/* sum of (row - target)^2 over 64 columns; a sample is one lookup */
static inputs build_table(model *m)
{
	par_graph *g = m->g;
	par_value ids = m->ids = par_graph_input(g, "id", PAR_I32, 1, (int64_t[]){1});
	par_value y = par_graph_input(g, "target", PAR_F32, 2, (int64_t[]){1, 64});
	par_value h = par_embed(
	    g, ids, &(par_embed_spec){.name = "table", .rows = 1000000, .width = 64});
	par_value loss = par_scale(g, par_loss_mse(g, h, y), 64. * 8192, 0);
	add_pass(m, loss, "model");
	m->below = 1000000;
	return (inputs){{ids, y, -1}, {1000000, 0, 0}};
}

typedef struct {
	const char *name;
	int64_t batch;
	inputs (*build)(model *m);
	bool bf16;
	par_optimizer_spec optimizer;
	double rate;
} recipe;

static inputs build_simple(model *m)
{
	return build_rnn(m, PAR_RNN_SIMPLE);
}

static inputs build_gru(model *m)
{
	return build_rnn(m, PAR_RNN_GRU);
}

static inputs build_lstm(model *m)
{
	return build_rnn(m, PAR_RNN_LSTM);
}

static const recipe recipes[] = {
    {"cnn_128", 128, build_cnn, false, {.rule = PAR_ADAM}, 1e-3},
    {"cnn_32", 32, build_cnn, false, {.rule = PAR_ADAM}, 1e-3},
    {"rnn_64", 64, build_simple, false, {.rule = PAR_ADAM}, 1e-3},
    {"gru_64", 64, build_gru, false, {.rule = PAR_ADAM}, 1e-3},
    {"lstm_64", 64, build_lstm, false, {.rule = PAR_ADAM}, 1e-3},
    {"mlp_1024", 1024, build_mlp, false, {.rule = PAR_ADAM}, 1e-3},
    {"mlp_1024_bf16", 1024, build_mlp, true, {.rule = PAR_ADAM}, 1e-3},
    {"gan_128", 128, build_gan, false, {.rule = PAR_ADAM, .beta1 = .5}, 2e-4},
    {"tfm_16", 16, build_transformer, false, {.rule = PAR_ADAM}, 1e-3},
    {"emb_8192", 8192, build_table, false, {.rule = PAR_SGD, .lazy_tables = true}, .1},
};

static par_err open_model(model *m, const recipe *r)
{
	m->step = 0;
	m->groups = 0;
	m->ids = m->noise = -1;
	m->batch = m->whole ? m->whole : r->batch * m->world.size;
	m->rate = r->rate;
	PAR_TRY(par_graph_open(&m->g, &(par_graph_spec){.world = &m->world,
					  .batch = m->batch,
					  .shards = m->shards,
					  .seed = 1,
					  .bf16 = r->bf16}));
	inputs in = r->build(m);
	PAR_TRY(par_graph_plan(m->g));
	bool gan = m->groups == 2;
	for (int i = 0; i < m->groups; i++)
		PAR_TRY(par_optimizer_open(&m->optimizer[i], m->g,
		    !gan     ? "model"
		    : i == 0 ? "judge"
			     : "maker",
		    &r->optimizer));
	for (uint32_t i = 0; i < 3; i++)
		if (in.value[i] >= 0)
			fill(m, in.value[i], i, in.below[i]);
	return PAR_OK;
}

static void close_model(model *m)
{
	for (int i = 0; i < m->groups; i++)
		par_optimizer_close(m->optimizer[i]);
	par_graph_close(m->g);
}

static void one_step(model *m)
{
	if (m->ids >= 0)
		fill(m, m->ids, 0, m->below);
	if (m->noise >= 0)
		fill(m, m->noise, 1, 0);
	par_graph_step(m->g, m->step++, m->batch);
	for (int i = 0; i < m->groups; i++) {
		par_graph_learn(m->g, m->pass[i]);
		par_optimizer_step(m->optimizer[i], m->rate);
	}
}

static void save(model *m)
{
	par_state state = {m->g, m->groups, m->optimizer};
	par_err e = par_state_save(&state, "steps", ++m->step, "", NULL, 0);
	PAR_MUST(e == PAR_OK, "%s", par_err_why());
}

static double time_calls(model *m, void (*call)(model *m), int64_t n)
{
	MPI_Barrier(m->world.comm);
	double begin = par_clock_s();
	for (int64_t i = 0; i < n; i++)
		call(m);
	MPI_Barrier(m->world.comm);
	return (par_clock_s() - begin) / (double)n;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static void time_model(model *m, void (*call)(model *m), const char *name, double seconds)
{
	double part[PARTS];
	time_calls(m, call, 3);
	double once = time_calls(m, call, 1);
	int64_t n = (int64_t)(seconds / PARTS / once) + 1;
	MPI_Bcast(&n, 1, MPI_INT64_T, 0, m->world.comm);
	for (int i = 0; i < PARTS; i++)
		part[i] = 1e3 * time_calls(m, call, n);
	qsort(part, PARTS, sizeof *part, by_size);
	if (m->world.rank == 0) {
		printf("%s %.4f %.4f %lld\n", name, part[PARTS / 2], part[0], (long long)m->batch);
		fflush(stdout);
	}
}

static par_err answer(model *m, const char *name, double seconds)
{
	bool saves = strncmp(name, "save:", 5) == 0;
	const char *of = saves ? name + 5 : name;
	for (size_t i = 0; i < sizeof recipes / sizeof *recipes; i++) {
		if (strcmp(recipes[i].name, of) != 0)
			continue;
		PAR_TRY(open_model(m, &recipes[i]));
		time_model(m, saves ? save : one_step, name, seconds);
		if (saves)
			par_checkpoint_clear(&m->world, "steps");
		close_model(m);
		return PAR_OK;
	}
	return par_fail(PAR_E_USAGE, "no case called %s", name);
}

/* rank 0 reads the next case for all; false at the end */
static bool next_case(const par_world *w, char *name, double *seconds)
{
	char line[80] = "";
	*seconds = 0;
	if (w->rank == 0 &&
	    (!fgets(line, sizeof line, stdin) || sscanf(line, "%31s %lf", name, seconds) != 2))
		name[0] = 0;
	MPI_Bcast(name, 32, MPI_CHAR, 0, w->comm);
	MPI_Bcast(seconds, 1, MPI_DOUBLE, 0, w->comm);
	return name[0] != 0;
}

int main(int argc, char **argv)
{
	model m = {0};
	char name[32] = "";
	double seconds;
	for (int i = 1; i < argc; i++)
		if (sscanf(argv[i], "shards=%d", &m.shards) != 1 &&
		    sscanf(argv[i], "batch=%" SCNd64, &m.whole) != 1)
			return 64;
	par_err e = par_world_start(&m.world);
	while (e == PAR_OK && next_case(&m.world, name, &seconds))
		e = answer(&m, name, seconds);
	if (e != PAR_OK)
		fprintf(stderr, "steps: %s\n", par_err_why());
	par_world_finish(&m.world);
	return par_err_status(e);
}
