/* np: 1 2 3 4 6 */
#include "train/feed.h"

#include "../tap.h"
#include "grad/layers.h"
#include "scratch.h"

#include <math.h>
#include <string.h>

enum { PIXELS = 6, BATCH = 17 };

/* the fields of a sample are known by its number */
static unsigned char byte_of(int64_t i, int64_t j)
{
	return (unsigned char)((i * 31 + j * 7) % 256);
}

static float real_of(int64_t i)
{
	return (float)i + 0.25f;
}

static int32_t label_of(int64_t i)
{
	return (int32_t)(i % 1000);
}

typedef struct {
	par_graph *graph;
	par_value input[3];
} inputs;

/* a graph that needs no more than inputs: an answer makes them kept */
static bool open_inputs(inputs *x, const par_world *w)
{
	par_graph *g;
	if (par_graph_open(&g, &(par_graph_spec){.world = w, .batch = BATCH}) != PAR_OK)
		return false;
	x->graph = g;
	x->input[0] = par_graph_input(g, "picture", PAR_F32, 2, (int64_t[]){2, 3});
	x->input[1] = par_graph_input(g, "real", PAR_F32, 1, (int64_t[]){1});
	x->input[2] = par_graph_input(g, "label", PAR_I32, 1, (int64_t[]){1});
	return par_graph_plan(g) == PAR_OK;
}

/* do the inputs hold the samples that the sampler names, and zeros behind them? */
static bool holds(const inputs *x, const par_sampler *order, int64_t step)
{
	const par_shards *s = par_graph_shards(x->graph);
	const float *picture = par_graph_at(x->graph, x->input[0]);
	const float *real = par_graph_at(x->graph, x->input[1]);
	const int32_t *label = par_graph_at(x->graph, x->input[2]);
	bool right = true;
	for (int64_t i = s->lo; i < s->hi; i++) {
		int64_t k = i - s->lo;
		bool there = i < par_sampler_count(order, step);
		int64_t number = there ? par_sampler_at(order, step, i) : -1;
		right = right && real[k] == (there ? real_of(number) : 0) &&
			label[k] == (there ? label_of(number) : 0);
		for (int64_t j = 0; j < PIXELS; j++)
			right = right && picture[k * PIXELS + j] ==
					     (there ? (float)byte_of(number, j) * 0.5f - 1 : 0);
	}
	return right;
}

static bool epochs_hold(par_feed *f, const inputs *x, int64_t first, int64_t steps)
{
	bool right = f != NULL;
	for (int64_t step = first; step < first + steps && right; step++) {
		memset(par_graph_at(x->graph, x->input[0]), 0x55, sizeof(float));
		right = par_feed_fill(f, x->graph, x->input, step) == PAR_OK &&
			holds(x, par_feed_order(f), step);
	}
	return right;
}

static const par_field fields[] = {
    {.name = "picture", .type = PAR_U8, .nd = 2, .shape = {2, 3}, .scale = 0.5f, .shift = -1},
    {.name = "real", .type = PAR_F32, .nd = 1, .shape = {1}},
    {.name = "label", .type = PAR_I32, .nd = 1, .shape = {1}}};

typedef struct {
	unsigned char *picture;
	float *real;
	int32_t *label;
} samples;

static samples make(int64_t first, int64_t n)
{
	samples s = {calloc((size_t)n * PIXELS + 1, 1), calloc((size_t)n + 1, sizeof(float)),
	    calloc((size_t)n + 1, sizeof(int32_t))};
	for (int64_t i = 0; i < n; i++) {
		for (int64_t j = 0; j < PIXELS; j++)
			s.picture[i * PIXELS + j] = byte_of(first + i, j);
		s.real[i] = real_of(first + i);
		s.label[i] = label_of(first + i);
	}
	return s;
}

static void drop(samples s)
{
	free(s.picture);
	free(s.real);
	free(s.label);
}

static void memory(const par_world *w, const inputs *x, int64_t n)
{
	par_feed *f = NULL;
	par_sampler order = {.seed = 7, .n = n, .batch = BATCH, .shuffle = true};
	par_err e = par_feed_memory(&f, w, 3, fields, &order);
	/* the ranks bring theirs from the back, the last one everything that does not divide */
	int64_t each = n / w->size, lo = (w->size - 1 - w->rank) * each;
	int64_t rows = w->rank == 0 ? n - lo : each;
	samples s = make(lo, rows);
	par_feed_put(f, 0, lo, rows, s.picture);
	par_feed_put(f, 1, lo, rows, s.real);
	par_feed_put(f, 2, lo, rows, s.label);
	drop(s);
	ok(e == PAR_OK && epochs_hold(f, x, 0, 3 * par_sampler_steps(&order)),
	    "%lld samples in memory fill three epochs", (long long)n);
	int64_t far = 1000 * par_sampler_steps(&order) + 1;
	ok(epochs_hold(f, x, far, 2) && epochs_hold(f, x, 0, 1), "... from any step");
	par_feed_close(f);
}

/* a node of every two ranks: rows must find their way between windows */
static void nodes(const par_world *w, int64_t n)
{
	par_world odd = *w;
	inputs x;
	MPI_Comm_split(w->comm, w->rank / 2, w->rank, &odd.node);
	MPI_Comm_rank(odd.node, &odd.node_rank);
	MPI_Comm_size(odd.node, &odd.node_size);
	bool opened = open_inputs(&x, &odd);
	if (opened) {
		memory(&odd, &x, n);
		par_graph_close(x.graph);
	}
	MPI_Comm_free(&odd.node);
}

static par_err write_file(const par_world *w, const char *path, int64_t n)
{
	par_store *f;
	int64_t lo = n * w->rank / w->size, rows = n * (w->rank + 1) / w->size - lo;
	samples s = make(lo, rows);
	par_err e = par_store_create(&f, w, path, "entrepot-test", 1, 0);
	if (e == PAR_OK) {
		par_store_bare_dim(f, "sample", n);
		par_store_bare_dim(f, "row", 2);
		par_store_bare_dim(f, "column", 3);
		par_store_put(f,
		    &(par_store_var){
			.name = "picture", .type = PAR_U8, .dims = {"sample", "row", "column"}},
		    lo, rows, s.picture);
		par_store_put(f,
		    &(par_store_var){.name = "real", .type = PAR_F32, .dims = {"sample"}}, lo, rows,
		    s.real);
		e = par_store_put(f,
		    &(par_store_var){.name = "label", .type = PAR_I32, .dims = {"sample"}}, lo,
		    rows, s.label);
		e = par_store_publish(f, e);
	}
	drop(s);
	return e;
}

static void files(const par_world *w, const inputs *x, int64_t n, int64_t block, int64_t pool)
{
	const char *path = scratch_path("samples.h5");
	par_store *s = NULL;
	par_feed *f = NULL;
	par_field field[3];
	par_sampler order = {
	    .seed = 8, .n = n, .batch = BATCH, .shuffle = true, .block = block, .pool = pool};
	memcpy(field, fields, sizeof field);
	field[0].nd = field[0].shape[0] = 0; /* the file knows */
	par_err e = write_file(w, path, n);
	if (e == PAR_OK)
		e = par_store_open(&s, w, path, "entrepot-test", 1);
	if (e == PAR_OK)
		e = par_feed_load(&f, w, s, 3, field, &order);
	ok(e == PAR_OK && field[0].nd == 2 && field[0].shape[1] == 3,
	    "%lld samples are loaded from a file that knows their shape", (long long)n);
	ok(epochs_hold(f, x, 0, 2 * par_sampler_steps(&order)), "... and fill two epochs");
	if (e != PAR_OK)
		return;
	size_t whole = par_feed_bytes(f);
	par_feed_close(f);
	ok(par_feed_stream(&f, w, s, 3, field, &order) == PAR_OK &&
		(n < 1000 || par_feed_bytes(f) < whole),
	    "streamed in pools of %lld blocks of %lld they need less memory", (long long)pool,
	    (long long)block);
	ok(epochs_hold(f, x, 0, 3 * par_sampler_steps(&order)), "... and fill three epochs");
	int64_t far = 10 * par_sampler_steps(&order) + par_sampler_steps(&order) / 2;
	ok(epochs_hold(f, x, far, 3) && epochs_hold(f, x, 1, 2), "... also after a jump");
	par_feed_close(f);
	par_store_close(s);
	scratch_empty();
}

static void refuses(const par_world *w, const inputs *x)
{
	const char *path = scratch_path("samples.h5");
	par_store *s = NULL;
	par_feed *f = NULL;
	par_field field[3];
	par_sampler order = {.n = 500, .batch = BATCH, .block = 5, .pool = 4};
	memcpy(field, fields, sizeof field);
	par_err e = write_file(w, path, 500);
	if (e == PAR_OK)
		e = par_store_open(&s, w, path, "entrepot-test", 1);
	ok(e == PAR_OK && par_feed_stream(&f, w, s, 3, field, &order) == PAR_E_CONFIG,
	    "pools that a batch would overrun are refused");
	field[1].type = PAR_I32;
	order.pool = 6;
	ok(par_feed_stream(&f, w, s, 3, field, &order) == PAR_E_DATA,
	    "so is a field of another type");
	field[1].type = PAR_F32;
	order.n = 499;
	ok(par_feed_load(&f, w, s, 3, field, &order) == PAR_E_DATA && strstr(par_err_why(), path),
	    "... and another length, named with its file");
	par_store_close(s);
	if (w->rank == 0) {
		FILE *out = fopen(path, "r+b");
		for (long at = 3000; out && at < 5000; at += 8)
			if (fseek(out, at, SEEK_SET) != 0 || fputc(0xa5, out) == EOF)
				break;
		if (out)
			fclose(out);
	}
	MPI_Barrier(w->comm);
	order.n = 500;
	e = par_store_open(&s, w, path, "entrepot-test", 1);
	if (e == PAR_OK)
		e = par_feed_stream(&f, w, s, 3, field, &order);
	for (int64_t step = 0; step < par_sampler_steps(&order) && e == PAR_OK; step++)
		e = par_feed_fill(f, x->graph, x->input, step);
	ok(e == PAR_E_DATA || e == PAR_E_CHECKER, "a damaged file ends the stream on every rank");
	par_feed_close(f);
	par_store_close(s);
}

static void make_sample(void *ctx, int64_t sample, void *const field[])
{
	++*(int64_t *)ctx;
	for (int j = 0; j < PIXELS; j++)
		((float *)field[0])[j] = (float)byte_of(sample, j) * 0.5f - 1;
	*(float *)field[1] = real_of(sample);
	if (field[2])
		*(int32_t *)field[2] = label_of(sample);
}

/* made samples stand where those of memory would; an input that takes nothing is not asked for */
static void made(const par_world *w, const inputs *x)
{
	par_feed *f;
	int64_t calls = 0, fine = true;
	const par_field field[3] = {{"picture", PAR_F32, 2, {2, 3}, 0, 0},
	    {"real", PAR_F32, 1, {1}, 0, 0}, {"label", PAR_I32, 1, {1}, 0, 0}};
	const par_sampler order = {.seed = 5, .n = 100, .batch = BATCH, .shuffle = true};
	par_err e = par_feed_made(&f, w, 3, field, &order, make_sample, &calls);
	ok(e == PAR_OK, "a feed that is made opens");
	for (int64_t step = 0; e == PAR_OK && step < 2 * par_sampler_steps(&order); step++)
		fine &= par_feed_fill(f, x->graph, x->input, step) == PAR_OK &&
			holds(x, &order, step);
	ok(fine, "its samples are those that the sampler names");
	const par_value some[3] = {x->input[0], x->input[1], -1};
	int64_t before = calls;
	ok(par_feed_fill(f, x->graph, some, 0) == PAR_OK &&
		calls - before == par_graph_shards(x->graph)->hi - par_graph_shards(x->graph)->lo,
	    "each rank makes those of its own places");
	par_feed_close(f);
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	par_world w;
	inputs x;
	bool opened = par_world_open(&w, MPI_COMM_WORLD) == PAR_OK && open_inputs(&x, &w);
	ok(opened, "a world opens");
	if (!opened)
		return tap_end();
	scratch_begin();
	static const int64_t sizes[] = {1, 2, 17, 100, 1003};
	for (int i = 0; i < 5; i++)
		memory(&w, &x, sizes[i]);
	nodes(&w, 1003);
	files(&w, &x, 1003, 10, 4);
	files(&w, &x, 100, 16, 3);
	files(&w, &x, 1, 4, 2);
	made(&w, &x);
	refuses(&w, &x);
	scratch_end();
	par_graph_close(x.graph);
	par_world_close(&w);
	return tap_end();
}
