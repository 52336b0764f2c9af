/* np: 1 2 3 6 */
#include "grad/arena.h"
#include "grad/layers.h"
#include "opcheck.h"

/* an operator that counts how often it runs */
static int runs_forward, runs_backward;

static void counted_forward(const par_run *r, par_op *op)
{
	runs_forward++;
	opcheck_leaf_forward(r, op);
}

static void counted_backward(const par_run *r, par_op *op)
{
	runs_backward++;
	memcpy(op->dx[0], op->dy,
	    (size_t)(r->samples * par_op_elements(op->graph, op->out)) * sizeof(float));
}

static par_value counted(par_graph *g, par_value x)
{
	static const par_op_kind kind = {
	    .name = "counted", .forward = counted_forward, .backward = counted_backward};
	par_op *op = par_op_new(g, &kind, 1, &x, 0);
	if (!op)
		return -1;
	int64_t shape[PAR_AXES];
	int nd = par_op_axes(g, x, shape);
	return par_op_done(op, PAR_F32, nd, shape);
}

static par_value dense(par_graph *g, par_value x, const char *name, int64_t out)
{
	return par_linear(g, x, &(par_linear_spec){.name = name, .out = out});
}

/* storage for parameters, as an optimizer would give it; the sums over ranks are not looked at */
static void give_storage(par_graph *g)
{
	for (int i = 0; i < par_graph_params(g); i++) {
		par_param *p = par_graph_param(g, i);
		p->weights = calloc((size_t)p->n, sizeof(float));
		par_param_fill(p, 1, 0, p->n, p->weights);
		for (int k = 0; k < par_graph_shards(g)->nodes; k++)
			p->grad[k] = calloc((size_t)p->n, sizeof(float));
	}
}

static void take_storage(par_graph *g)
{
	for (int i = 0; i < par_graph_params(g); i++) {
		par_param *p = par_graph_param(g, i);
		free(p->weights);
		for (int k = 0; k < PAR_NODES; k++)
			free(p->grad[k]);
	}
}

static void open_graph(par_graph **g, const par_world *w, int64_t batch)
{
	par_graph_open(g, &(par_graph_spec){.world = w, .batch = batch, .seed = 1});
}

/* h + h h with h = x W: three readers of h, two of them one operator */
static par_value build_readers(par_graph *g, const par_value *in, const void *ctx)
{
	(void)ctx;
	par_value h = dense(g, in[0], "a", 3);
	return par_add_values(g, h, par_multiply(g, h, h));
}

static void readers(int64_t samples, double *const *x, double *const *p, double *y, const void *ctx)
{
	(void)ctx;
	for (int64_t i = 0; i < samples; i++)
		for (int j = 0; j < 3; j++) {
			double h = p[1][j];
			for (int k = 0; k < 4; k++)
				h += x[0][i * 4 + k] * p[0][k * 3 + j];
			y[i * 3 + j] = h + h * h;
		}
}

static void check_readers(const par_world *w, int64_t batch, int64_t count, const char *what)
{
	opcheck c = {.what = what,
	    .batch = batch,
	    .count = count,
	    .inputs = 1,
	    .input = {{PAR_F32, 1, {4}, 0, 0}},
	    .build = build_readers,
	    .reference = readers};
	opcheck_all(&c, w);
}

/* maker -> judge of a copy without gradient; then maker -> judge, as a GAN's two steps */
static void check_passes(const par_world *w)
{
	par_graph *g;
	open_graph(&g, w, 7);
	par_value x = par_graph_input(g, "x", PAR_F32, 1, (int64_t[]){2});
	par_graph_group(g, "maker");
	par_value made = counted(g, dense(g, x, "m", 5));
	par_graph_group(g, "judge");
	par_graph_pass(g, dense(g, par_detach(g, made), "j", 1), "judge");
	par_graph_pass(g, dense(g, made, "j", 1), "maker");
	int third = par_graph_pass(g, dense(g, made, "k", 1), "judge");
	ok(third < 0 || par_graph_plan(g) != PAR_OK,
	    "a parameter of the group that the loss does not reach is refused");
	par_graph_close(g);

	open_graph(&g, w, 7);
	x = par_graph_input(g, "x", PAR_F32, 1, (int64_t[]){2});
	par_graph_group(g, "maker");
	made = counted(g, dense(g, x, "m", 5));
	par_graph_group(g, "judge");
	int first = par_graph_pass(g, dense(g, par_detach(g, made), "j", 1), "judge");
	int second = par_graph_pass(g, dense(g, made, "j", 1), "maker");
	third = par_graph_pass(g, dense(g, par_detach(g, made), "j", 1), "judge");
	ok(par_graph_plan(g) == PAR_OK, "three passes of two groups are planned");
	give_storage(g);
	runs_forward = runs_backward = 0;
	par_graph_forward(g, first);
	par_graph_backward(g, first);
	ok(runs_forward == 1 && runs_backward == 0, "detach keeps the first pass from the maker");
	par_graph_forward(g, second);
	ok(runs_forward == 1, "the second pass finds the maker's values");
	par_graph_backward(g, second);
	ok(runs_backward == 1, "and goes back through them");
	par_graph_forward(g, third);
	ok(runs_forward == 2, "the third runs the maker again, whose weights were updated");
	take_storage(g);
	par_graph_close(g);
}

static void check_refusals(const par_world *w)
{
	par_graph *g;
	open_graph(&g, w, 3);
	par_value x = par_graph_input(g, "x", PAR_F32, 1, (int64_t[]){2});
	par_value wrong = par_reshape(g, x, 1, (int64_t[]){3});
	par_graph_pass(g, dense(g, wrong, "a", 1), "model");
	ok(wrong < 0 && par_graph_plan(g) == PAR_E_CONFIG &&
		strstr(par_err_why(), "2 elements cannot take a shape of 3"),
	    "a shape that does not fit is told when planning: %s", par_err_why());
	par_graph_close(g);

	open_graph(&g, w, 3);
	x = par_graph_input(g, "x", PAR_F32, 1, (int64_t[]){2});
	par_value h = dense(g, dense(g, x, "a", 2), "a", 2);
	par_graph_pass(g, dense(g, h, "b", 1), "model");
	ok(par_graph_plan(g) == PAR_E_CONFIG && strstr(par_err_why(), "a/weight is trained by two"),
	    "a parameter trained twice in one pass is told: %s", par_err_why());
	par_graph_close(g);
}

static bool rooms_are_apart(const par_room *room, int n, size_t from, size_t end)
{
	for (int i = 0; i < n; i++) {
		if (room[i].bytes > 0 && (room[i].at < from || room[i].at + room[i].bytes > end))
			return false;
		for (int k = 0; k < i; k++) {
			bool together = room[i].born <= room[k].dies &&
					room[k].born <= room[i].dies;
			bool overlap = room[i].at < room[k].at + room[k].bytes &&
				       room[k].at < room[i].at + room[i].bytes;
			if (together && overlap && room[i].bytes > 0 && room[k].bytes > 0)
				return false;
		}
	}
	return true;
}

static void check_arena(void)
{
	par_room room[200];
	int order[200], bad = 0;
	for (int try = 0; try < 50; try++) {
		par_rng r = {1, 2, (uint32_t)try};
		for (int i = 0; i < 200; i++) {
			int born = (int)par_rng_below(r, 3 * i, 100);
			room[i] = (par_room){.bytes = (size_t)par_rng_below(r, 3 * i + 1, 5000),
			    .born = born,
			    .dies = born + (int)par_rng_below(r, 3 * i + 2, 30)};
		}
		size_t end = par_rooms_place(room, 200, 640, order);
		bad += !rooms_are_apart(room, 200, 640, end);
	}
	ok(bad == 0, "rooms that live together never share bytes");
	par_room chain[3] = {{1000, 0, 1, 0}, {1000, 2, 3, 0}, {1000, 4, 5, 0}};
	ok(par_rooms_place(chain, 3, 0, order) == 1024, "rooms that live apart share all of them");
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	par_world w;
	par_world_open(&w, MPI_COMM_WORLD);
	check_arena();
	check_readers(&w, 13, 0, "a value with three readers");
	check_readers(&w, 13, 8, "8 real samples in a batch of 13");
	check_readers(&w, 2, 0, "a batch smaller than the ranks");
	check_passes(&w);
	check_refusals(&w);
	par_world_close(&w);
	return tap_end();
}
