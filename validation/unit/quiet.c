/* np: 1 2 3 4 */
#include "train/feed.h"
#include "train/optimizer.h"

#include "../tap.h"
#include "grad/layers.h"

#include <stdlib.h>

/* A training step allocates nothing and calls MPI only as planned. Both are counted in this program by
 * standing in for malloc and for the calls of MPI; what MPI allocates inside is its own. */
static int64_t allocations, sums, starts, others;
static int inside_mpi;
static bool counting;

extern void *__libc_malloc(size_t n);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *p, size_t n);
extern void *__libc_memalign(size_t line, size_t n);

/* the library names its arguments otherwise: NOLINTBEGIN(readability-inconsistent-declaration-*) */
void *malloc(size_t n)
{
	allocations += counting && !inside_mpi;
	return __libc_malloc(n);
}

void *calloc(size_t n, size_t size)
{
	allocations += counting && !inside_mpi;
	return __libc_calloc(n, size);
}

void *realloc(void *p, size_t n)
{
	allocations += counting && !inside_mpi;
	return __libc_realloc(p, n);
}

void *aligned_alloc(size_t line, size_t n)
{
	allocations += counting && !inside_mpi;
	return __libc_memalign(line, n);
}
/* NOLINTEND(readability-inconsistent-declaration-*) */

/* stands in for a call, counts it and makes it */
#define COUNTED(counter, name, types, values)       \
	int name types                              \
	{                                           \
		(counter) += counting;              \
		inside_mpi++;                       \
		int counted_error = P##name values; \
		inside_mpi--;                       \
		return counted_error;               \
	}

COUNTED(sums, MPI_Allreduce, (const void *a, void *b, int n, MPI_Datatype t, MPI_Op op, MPI_Comm c),
    (a, b, n, t, op, c))
COUNTED(starts, MPI_Startall, (int n, MPI_Request *r), (n, r))
COUNTED(starts, MPI_Start, (MPI_Request * r), (r))
COUNTED(starts, MPI_Waitall, (int n, MPI_Request *r, MPI_Status *s), (n, r, s))
COUNTED(
    others, MPI_Bcast, (void *a, int n, MPI_Datatype t, int root, MPI_Comm c), (a, n, t, root, c))
COUNTED(others, MPI_Barrier, (MPI_Comm c), (c))
COUNTED(others, MPI_Allgather,
    (const void *a, int n, MPI_Datatype t, void *b, int m, MPI_Datatype u, MPI_Comm c),
    (a, n, t, b, m, u, c))
COUNTED(others, MPI_Isend,
    (const void *a, int n, MPI_Datatype t, int to, int tag, MPI_Comm c, MPI_Request *r),
    (a, n, t, to, tag, c, r))
COUNTED(others, MPI_Send, (const void *a, int n, MPI_Datatype t, int to, int tag, MPI_Comm c),
    (a, n, t, to, tag, c))
COUNTED(others, MPI_Comm_dup, (MPI_Comm c, MPI_Comm *d), (c, d))

enum { BATCH = 96, IN = 30, STEPS = 10 };

typedef struct {
	par_graph *graph;
	par_optimizer *optimizer;
	par_feed *feed;
	par_value input[2];
	int pass;
} model;

static bool open_feed(model *m, const par_world *w)
{
	static const par_field field[] = {
	    {.name = "x", .type = PAR_U8, .nd = 1, .shape = {IN}, .scale = 1.0f / 255},
	    {.name = "label", .type = PAR_I32, .nd = 1, .shape = {1}}};
	par_sampler order = {.n = 500, .batch = BATCH, .shuffle = true};
	unsigned char x[500 * IN];
	int32_t label[500];
	for (int i = 0; i < 500; i++)
		label[i] = i % 4;
	for (int i = 0; i < 500 * IN; i++)
		x[i] = (unsigned char)(i * 17 % 251);
	if (par_feed_memory(&m->feed, w, 2, field, &order) != PAR_OK)
		return false;
	par_feed_put(m->feed, 0, 0, w->rank == 0 ? 500 : 0, x);
	par_feed_put(m->feed, 1, 0, w->rank == 0 ? 500 : 0, label);
	return true;
}

static bool open_model(model *m, const par_world *w, bool rests)
{
	par_graph *g;
	par_optimizer_spec adam = {
	    .rule = PAR_ADAM, .clip = 1, .average = 0.9, .l2 = 1e-4, .bucket_bytes = 4096};
	if (par_graph_open(&g, &(par_graph_spec){.world = w, .batch = BATCH}) != PAR_OK)
		return false;
	par_value x = par_graph_input(g, "x", PAR_F32, 1, (int64_t[]){IN});
	par_value y = par_graph_input(g, "label", PAR_I32, 1, (int64_t[]){1});
	par_value h = par_linear(g, x,
	    &(par_linear_spec){
		.name = "first", .out = 40, .act = PAR_ACT_RELU, .rests_sharded = rests});
	h = par_dropout(g, h, 0.2);
	h = par_linear(g, h, &(par_linear_spec){.name = "last", .out = 4});
	*m = (model){.graph = g, .input = {x, y}};
	m->pass = par_graph_pass(g, par_loss_cross_entropy(g, h, y, 0), "model");
	return par_graph_plan(g) == PAR_OK && open_feed(m, w) &&
	       par_optimizer_open(&m->optimizer, g, "model", &adam) == PAR_OK;
}

static bool step(model *m, int64_t number)
{
	bool filled = par_feed_fill(m->feed, m->graph, m->input, number) == PAR_OK;
	par_graph_step(m->graph, number, par_sampler_count(par_feed_order(m->feed), number));
	par_graph_forward(m->graph, m->pass);
	par_graph_backward(m->graph, m->pass);
	return par_optimizer_step(m->optimizer, 1e-3) && filled;
}

static void is_quiet(const par_world *w, bool rests)
{
	model m;
	bool done = open_model(&m, w, rests) && step(&m, 0);
	ok(done, "a model%s takes a step", rests ? " with weights at rest sharded" : "");
	if (!done)
		return;
	counting = true;
	allocations = sums = starts = others = 0;
	for (int64_t k = 1; k <= STEPS && done; k++)
		done = step(&m, k);
	counting = false;
	ok(done && allocations == 0, "... %d more allocate nothing (%lld)", STEPS,
	    (long long)allocations);
	ok(sums == STEPS, "... agree once a step, on the norm (%lld)", (long long)sums);
	ok(others == 0 && starts % STEPS == 0,
	    "... and start or await only planned messages, equally many a step (%lld)",
	    (long long)starts);
	par_feed_close(m.feed);
	par_optimizer_close(m.optimizer);
	par_graph_close(m.graph);
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	par_world w;
	ok(par_world_open(&w, MPI_COMM_WORLD) == PAR_OK, "a world opens");
	is_quiet(&w, false);
	is_quiet(&w, true);
	void *(*volatile take)(size_t) = malloc; /* the compiler may not leave it out */
	allocations = 0;
	counting = true;
	void *p = take(1);
	counting = false;
	ok(p && allocations == 1, "an allocation would have been counted");
	free(p);
	par_world_close(&w);
	return tap_end();
}
