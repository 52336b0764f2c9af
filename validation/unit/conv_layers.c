/* np: 1 2 3 6 */
#include "conv_case.h"
#include "opcheck.h"

static void check(const par_world *w, const char *what, int64_t batch, conv_case s)
{
	s.spec.name = "conv";
	opcheck c = {.what = what,
	    .batch = batch,
	    .inputs = 1,
	    .input = {{PAR_F32, 4, {s.pictures, s.h, s.w, s.in}, 0, 0}},
	    .build = conv_case_build,
	    .reference = conv_case_reference,
	    .ctx = &s};
	opcheck_all(&c, w);
}

static void refusals(const par_world *w)
{
	static const par_conv_spec wrong[] = {{"a", .out = 3, .kernel = 6},
	    {"a", .out = 0, .kernel = 2}, {"a", .out = 1, .kernel = 0},
	    {"a", .out = 1, .kernel = 2, .pad = -1}, {"a", .out = 1, .kernel = 2, .pool = 5}};
	for (int i = 0; i < 5; i++) {
		par_graph *g;
		par_graph_open(&g, &(par_graph_spec){.world = w, .batch = 4});
		par_value x = par_graph_input(g, "x", PAR_F32, 3, (int64_t[]){5, 5, 2});
		par_value y = par_conv2d(g, x, &wrong[i]);
		ok(y < 0 && par_graph_plan(g) == PAR_E_CONFIG, "wrong setting %d is refused", i);
		par_graph_close(g);
	}
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	par_world w;
	par_world_open(&w, MPI_COMM_WORLD);
	check(&w, "3 x 3 with ReLU, one channel", 7,
	    (conv_case){1, 6, 5, 1, {.out = 18, .kernel = 3, .act = PAR_ACT_RELU}, false});
	check(&w, "4 x 4 stride 2 leaky, two pictures a sample", 5,
	    (conv_case){2, 6, 6, 3,
		{.out = 5, .kernel = 4, .stride = 2, .pad = 1, .act = PAR_ACT_LEAKY}, false});
	check(&w, "no bias, one sample", 1,
	    (conv_case){1, 3, 4, 2, {.out = 2, .kernel = 3, .pad = 1, .no_bias = true}, false});
	check(&w, "transposed 4 x 4 stride 2 to one channel, tanh", 5,
	    (conv_case){1, 3, 3, 6,
		{.out = 1, .kernel = 4, .stride = 2, .pad = 1, .act = PAR_ACT_TANH}, true});
	check(&w, "transposed 3 x 3 stride 2 with ReLU", 7,
	    (conv_case){
		1, 3, 2, 4, {.out = 6, .kernel = 3, .stride = 2, .act = PAR_ACT_RELU}, true});
	check(&w, "5 x 5 leaky with pool", 7,
	    (conv_case){
		1, 9, 11, 2, {.out = 19, .kernel = 5, .act = PAR_ACT_LEAKY, .pool = 2}, false});
	check(&w, "3 x 3 with ReLU and pool 3, padded, two pictures a sample", 3,
	    (conv_case){2, 7, 6, 6,
		{.out = 4, .kernel = 3, .pad = 1, .act = PAR_ACT_RELU, .pool = 3}, false});
	check(&w, "1 x 1 with tanh and pool", 3,
	    (conv_case){
		1, 4, 4, 2, {.out = 3, .kernel = 1, .act = PAR_ACT_TANH, .pool = 2}, false});
	refusals(&w);
	par_world_close(&w);
	return tap_end();
}
