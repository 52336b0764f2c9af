/* np: 1 2 3 6 */
#include "grad/layers.h"
#include "opcheck.h"

enum { IDS = 5, OUT = 7, ROWS = 6, COLUMNS = 9 };

/* a row of three entries, an empty one, one that names a column twice */
static const int64_t first[ROWS + 1] = {0, 3, 3, 5, 6, 10, 11};
static const int32_t column[] = {0, 4, 8, 2, 2, 7, 1, 3, 4, 5, 0};
static const float value[] = {1, -0.5f, 2, 0.25f, 3, 1, 1, 1, 1, 1, -1};

static const par_sparse_rows days = {ROWS, COLUMNS, first, column, value};

static par_value build(par_graph *g, const par_value *in, const void *ctx)
{
	(void)ctx;
	return par_linear_rows(
	    g, in[0], &(par_linear_rows_spec){.name = "days", .of = days, .out = OUT});
}

/* the dense product; ids from ROWS on are no rows */
static void reference(
    int64_t samples, double *const *x, double *const *p, double *y, const void *ctx)
{
	(void)ctx;
	for (int64_t i = 0; i < samples * IDS; i++) {
		double row[COLUMNS] = {0};
		int id = (int)x[0][i];
		for (int64_t e = id < ROWS ? first[id] : 0; id < ROWS && e < first[id + 1]; e++)
			row[column[e]] += (double)value[e];
		for (int k = 0; k < OUT; k++) {
			y[i * OUT + k] = 0;
			for (int c = 0; c < COLUMNS; c++)
				y[i * OUT + k] += row[c] * p[0][c * OUT + k];
		}
	}
}

static void check(const par_world *w, const char *what, int64_t batch, int64_t count)
{
	opcheck_all(&(opcheck){.what = what,
			.batch = batch,
			.count = count,
			.inputs = 1,
			.input = {{PAR_I32, 1, {IDS}, ROWS + 2, 0}},
			.build = build,
			.reference = reference},
	    w);
}

/* a matrix of one entry has itself for a norm: what comes out is its sign, whatever it is */
static void divided(const par_world *w)
{
	static const int64_t ends[] = {0, 1};
	static const int32_t none[] = {0};
	static const float one[] = {1};
	float weight[] = {-3.5F};
	par_graph *g;
	par_graph_open(&g, &(par_graph_spec){.world = w, .batch = 3});
	par_value id = par_graph_input(g, "id", PAR_I32, 1, (int64_t[]){1});
	par_value y = par_linear_rows(g, id,
	    &(par_linear_rows_spec){
		.name = "one", .of = {1, 1, ends, none, one}, .out = 1, .spectral = true});
	int pass = par_graph_answer(g, 1, &y);
	bool made = par_graph_plan(g) == PAR_OK;
	ok(made, "rows by weights over their norm are planned");
	if (made) {
		const par_shards *s = par_graph_shards(g);
		par_graph_find(g, "one/weight")->weights = weight;
		par_graph_step(g, 0, 3);
		par_graph_forward(g, pass);
		const float *out = par_graph_at(g, y);
		ok(s->hi == s->lo || fabsf(out[0] + 1) < 1e-6F, "and are divided by it");
	}
	par_graph_close(g);
}

static par_value built(par_graph *g, par_value ids, par_sparse_rows of, int64_t out)
{
	return par_linear_rows(
	    g, ids, &(par_linear_rows_spec){.name = "days", .of = of, .out = out});
}

static void refused(const par_world *w)
{
	static const int64_t falling[ROWS + 1] = {0, 3, 2, 5, 6, 10, 11};
	static const int32_t beyond[] = {0, 4, 8, 2, 2, 7, 1, 3, 4, COLUMNS, 0};
	par_graph *g;
	par_graph_open(&g, &(par_graph_spec){.world = w, .batch = 3});
	par_value x = par_graph_input(g, "x", PAR_F32, 1, (int64_t[]){IDS});
	par_value id = par_graph_input(g, "id", PAR_I32, 1, (int64_t[]){IDS});
	par_sparse_rows ends = days, columns = days;
	ends.first = falling;
	columns.column = beyond;
	ok(built(g, x, days, OUT) < 0 && built(g, id, days, 0) < 0 && built(g, id, ends, OUT) < 0 &&
		built(g, id, columns, OUT) < 0,
	    "ids that are no integers and matrices that are none are refused");
	ok(par_graph_plan(g) == PAR_E_CONFIG && strstr(par_err_why(), "linear rows days"),
	    "and planning tells");
	par_graph_close(g);
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	par_world w;
	par_world_open(&w, MPI_COMM_WORLD);
	check(&w, "rows", 13, 0);
	check(&w, "one sample", 1, 0);
	check(&w, "a short batch", 11, 4);
	divided(&w);
	refused(&w);
	par_world_close(&w);
	return tap_end();
}
