/* np: 8 */
#include "train/trainer.h"

#include "../tap.h"
#include "base/rng.h"
#include "grad/layers.h"
#include "io/checkpoint.h"
#include "scratch.h"

#include <math.h>
#include <string.h>
#include <xxhash.h>

/* An MLP on a problem known by sample number, trained by worlds of 1 to 8 of the ranks in turn: the
 * same weights to the last bit, also by runs that one world began and another ended. */
enum { SAMPLES = 1000, BATCH = 96, IN = 20, HIDDEN = 33, OUT = 5, STEPS = 200 };

static float noise(uint32_t stream, int64_t i)
{
	return (float)par_rng_normal((par_rng){23, stream, 0}, i);
}

static void sample(int64_t i, float *x, float *y)
{
	for (int64_t j = 0; j < IN; j++)
		x[j] = noise(1, i * IN + j);
	for (int64_t j = 0; j < OUT; j++)
		y[j] = x[j] + x[j + 1] * x[j + 2] + 0.1f * noise(2, i * OUT + j);
}

typedef struct {
	par_graph *graph;
	par_optimizer *optimizer;
	par_feed *train, *check;
	par_value input[2], loss;
	int pass, answer;
} model;

static par_feed *feed_of(const par_world *w, int64_t first, par_sampler order)
{
	static const par_field field[] = {{.name = "x", .type = PAR_F32, .nd = 1, .shape = {IN}},
	    {.name = "y", .type = PAR_F32, .nd = 1, .shape = {OUT}}};
	par_feed *f;
	int64_t lo = order.n * w->rank / w->size, rows = order.n * (w->rank + 1) / w->size - lo;
	float *x = calloc((size_t)rows * IN + 1, sizeof *x);
	float *y = calloc((size_t)rows * OUT + 1, sizeof *y);
	for (int64_t i = 0; i < rows; i++)
		sample(first + lo + i, x + i * IN, y + i * OUT);
	if (par_feed_memory(&f, w, 2, field, &order) == PAR_OK) {
		par_feed_put(f, 0, lo, rows, x);
		par_feed_put(f, 1, lo, rows, y);
	}
	free(x);
	free(y);
	return f;
}

static par_graph *mlp(model *m, const par_world *w)
{
	par_graph *g;
	if (par_graph_open(&g, &(par_graph_spec){.world = w, .batch = BATCH, .seed = 3}) != PAR_OK)
		return NULL;
	par_value x = par_graph_input(g, "x", PAR_F32, 1, (int64_t[]){IN});
	par_value y = par_graph_input(g, "y", PAR_F32, 1, (int64_t[]){OUT});
	par_value h = par_linear(
	    g, x, &(par_linear_spec){.name = "first", .out = HIDDEN, .act = PAR_ACT_RELU});
	h = par_linear(
	    g, h, &(par_linear_spec){.name = "second", .out = HIDDEN, .act = PAR_ACT_LEAKY});
	h = par_linear(g, h, &(par_linear_spec){.name = "last", .out = OUT});
	*m = (model){.graph = g, .input = {x, y}, .loss = par_loss_mse(g, h, y)};
	m->pass = par_graph_pass(g, m->loss, "model");
	m->answer = par_graph_answer(g, 1, &m->loss);
	return g;
}

static const par_optimizer_spec adam = {
    .rule = PAR_ADAM, .l2 = 1e-4, .clip = 1, .average = 0.99, .bucket_bytes = 4096};

static bool open_model(model *m, const par_world *w)
{
	par_graph *g = mlp(m, w);
	if (!g || par_graph_plan(g) != PAR_OK)
		return false;
	m->train = feed_of(
	    w, 0, (par_sampler){.seed = 3, .n = SAMPLES, .batch = BATCH, .shuffle = true});
	m->check = feed_of(w, SAMPLES, (par_sampler){.n = 250, .batch = BATCH});
	return m->train && m->check &&
	       par_optimizer_open(&m->optimizer, g, "model", &adam) == PAR_OK;
}

static void close_model(model *m)
{
	par_feed_close(m->train);
	par_feed_close(m->check);
	par_optimizer_close(m->optimizer);
	par_graph_close(m->graph);
}

static void measure_loss(void *ctx, int64_t samples, par_exact *sum)
{
	const model *m = ctx;
	const float *loss = par_graph_at(m->graph, m->loss);
	for (int64_t i = 0; i < samples; i++)
		par_exact_add(sum, (double)loss[i]);
}

/* the first step told of */
static void note_first(void *ctx, int64_t step, const par_report *line)
{
	int64_t *first = ctx;
	(void)line;
	if (*first == 0)
		*first = step;
}

typedef struct {
	uint64_t weights, history; /* hashes */
	double first, last;        /* validation */
	int64_t steps, from;       /* done in all; the first one of this start */
	par_err err;
} outcome;

static uint64_t weights_of(const model *m)
{
	XXH3_state_t *s = XXH3_createState();
	XXH3_64bits_reset(s);
	for (int i = 0; i < par_graph_params(m->graph); i++) {
		const par_param *p = par_graph_param(m->graph, i);
		XXH3_64bits_update(s, p->weights, (size_t)p->n * sizeof(float));
	}
	uint64_t hash = XXH3_64bits_digest(s);
	XXH3_freeState(s);
	return hash;
}

static outcome train(const par_world *w, int64_t steps, const char *checkpoint, bool resume)
{
	model m;
	outcome x = {.err = PAR_E_BUG};
	if (!open_model(&m, w))
		return x;
	par_evaluation check = {.graph = m.graph,
	    .answer = m.answer,
	    .feed = m.check,
	    .input = m.input,
	    .metrics = 1,
	    .measure = measure_loss,
	    .ctx = &m};
	par_training t = {.graph = m.graph,
	    .turns = 1,
	    .turn = {{m.pass, m.loss, m.optimizer,
		{PAR_RATE_COSINE, .rate = 5e-3, .warmup = 10, .steps = STEPS}}},
	    .feed = m.train,
	    .input = m.input,
	    .steps = steps,
	    .validation = &check,
	    .average = true,
	    .checkpoint = checkpoint,
	    .note = "mlp",
	    .seconds = resume ? 3600 : 0, /* 0: after every step */
	    .resume = resume,
	    .progress = note_first,
	    .ctx = &x.from};
	par_history h;
	x.err = par_train(&t, &h);
	x.steps = h.step;
	x.weights = weights_of(&m);
	if (h.lines > 0) {
		x.history = XXH3_64bits(h.line, (size_t)h.lines * sizeof *h.line);
		x.first = h.line[0].validation[0];
		x.last = h.line[h.lines - 1].validation[0];
	}
	par_history_drop(&h);
	close_model(&m);
	return x;
}

/* the first `ranks` of all train; everyone learns what rank 0 got */
static outcome trained_by(int ranks, int64_t steps, const char *checkpoint, bool resume)
{
	MPI_Comm some;
	outcome x = {.err = PAR_OK};
	int part = tap_rank < ranks;
	MPI_Comm_split(MPI_COMM_WORLD, part, tap_rank, &some);
	if (part) {
		par_world w;
		x.err = par_world_open(&w, some);
		if (x.err == PAR_OK) {
			x = train(&w, steps, checkpoint, resume);
			par_world_close(&w);
		}
	}
	MPI_Comm_free(&some);
	outcome first = x;
	MPI_Bcast(&first, (int)sizeof first, MPI_BYTE, 0, MPI_COMM_WORLD);
	first.err = part ? x.err : first.err;
	if (part && (x.weights != first.weights || x.history != first.history))
		first.err = PAR_E_BUG; /* my weights are not rank 0's */
	return first;
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	scratch_begin();
	static const int ranks[] = {1, 2, 3, 4, 6, 8};
	outcome alone = trained_by(1, STEPS, NULL, false);
	ok(alone.err == PAR_OK && alone.steps == STEPS && alone.last < 0.5 * alone.first,
	    "%d steps on one rank bring the validation loss from %.3f to %.3f", STEPS, alone.first,
	    alone.last);
	for (int i = 1; i < 6; i++) {
		outcome x = trained_by(ranks[i], STEPS, NULL, false);
		ok(x.err == PAR_OK && x.weights == alone.weights, "%d ranks get the same weights",
		    ranks[i]);
		ok(x.history == alone.history, "... and the same history of losses");
	}
	static const int cuts[][3] = {{1, 3, 14}, {4, 8, 3}, {6, 2, 2}};
	for (int i = 0; i < 3; i++) {
		int first = cuts[i][0], then = cuts[i][1];
		const char *name = scratch_path("mlp");
		outcome cut = trained_by(first, cuts[i][2], name, false);
		outcome x = trained_by(then, STEPS, name, true);
		ok(cut.err == PAR_OK && x.err == PAR_OK && x.from == cut.steps,
		    "begun on %d ranks and cut off, resumed on %d from step %lld", first, then,
		    (long long)x.from - 1);
		ok(x.weights == alone.weights && x.history == alone.history,
		    "... weights and history are the same");
		scratch_empty();
	}
	scratch_end();
	return tap_end();
}
