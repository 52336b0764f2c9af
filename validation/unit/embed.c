/* np: 1 2 3 4 6 */
#include "grad/layers.h"
#include "opcheck.h"

typedef struct {
	int64_t batch, count, ids, rows, width;
} shape;

/* most ids come again, some are out of range */
static int32_t id_at(const shape *s, int64_t i)
{
	int32_t id = (int32_t)par_rng_below((par_rng){1, 0, 0}, i, s->rows + 1);
	return id == s->rows ? (i % 2 ? -1 : INT32_MAX) : id;
}

static float weight_at(int64_t row, int64_t col)
{
	return (float)par_rng_normal((par_rng){2, 0, 0}, row * 1000 + col);
}

typedef struct {
	par_graph *g;
	par_value ids, y;
	int pass;
	par_param *table;
	const par_shards *shards;
} setting;

static par_err set_up(setting *t, const par_world *w, const shape *s)
{
	par_graph_open(&t->g, &(par_graph_spec){.world = w, .batch = s->batch, .seed = 3});
	t->ids = par_graph_input(t->g, "ids", PAR_I32, 1, &s->ids);
	t->y = par_embed(
	    t->g, t->ids, &(par_embed_spec){.name = "embed", .rows = s->rows, .width = s->width});
	t->pass = par_graph_pass(t->g, opcheck_probe(t->g, t->y), "model");
	par_graph_answer(t->g, 1, &t->y);
	par_err e = par_graph_plan(t->g);
	t->shards = par_graph_shards(t->g);
	t->table = par_graph_find(t->g, "embed/weight");
	int64_t mine = t->table->row_hi - t->table->row_lo;
	t->table->weights = calloc((size_t)(mine * s->width) + 1, sizeof(float));
	for (int64_t i = 0; i < mine * s->width; i++)
		t->table->weights[i] = weight_at(t->table->row_lo + i / s->width, i % s->width);
	int32_t *ids = par_graph_at(t->g, t->ids);
	for (int64_t i = t->shards->lo * s->ids; i < t->shards->hi * s->ids; i++)
		*ids++ = id_at(s, i);
	return e;
}

static int looked_up(const setting *t, const shape *s)
{
	const float *y = par_graph_at(t->g, t->y);
	for (int64_t i = t->shards->lo * s->ids; i < t->shards->hi * s->ids; i++)
		for (int64_t j = 0; j < s->width; j++, y++) {
			int32_t id = id_at(s, i);
			bool there = id >= 0 && id < s->rows && i < s->count * s->ids;
			if (*y != (there ? weight_at(id, j) : 0))
				return 0;
		}
	return 1;
}

/* the oracle: for each row the whole batch from front to back */
static int summed(const setting *t, const shape *s)
{
	const par_grad_rows *got = &t->table->rows;
	float each = (float)(1.0 / (double)s->count) * (float)s->count;
	int64_t k = 0;
	int same = 1;
	for (int64_t row = t->table->row_lo; row < t->table->row_hi; row++) {
		int met = 0;
		for (int64_t j = 0; j < s->width; j++) {
			float sum = 0;
			for (int64_t i = 0; i < s->count * s->ids; i++)
				if (id_at(s, i) == row) {
					sum += each * opcheck_weight(i * s->width + j);
					met = 1;
				}
			same &= !met || (k < got->n && got->id[k] == row &&
					    got->row[k * s->width + j] == sum);
		}
		k += met;
	}
	return same && k == got->n;
}

static void check(const par_world *w, shape s)
{
	setting t;
	par_err e = set_up(&t, w, &s);
	int64_t mine = t.table->row_hi - t.table->row_lo;
	ok(e == PAR_OK && par_world_sum(w, mine) == s.rows,
	    "%lld of %lld samples of %lld ids, %lld rows: planned", (long long)s.count,
	    (long long)s.batch, (long long)s.ids, (long long)s.rows);
	par_graph_step(t.g, 0, s.count);
	int rows = 1, sums = 1;
	for (int again = 0; again < 2; again++) {
		par_graph_forward(t.g, t.pass);
		rows &= looked_up(&t, &s);
		par_graph_backward(t.g, t.pass);
		sums &= summed(&t, &s);
	}
	ok(rows, "... rows where there are any, zeros where not");
	ok(sums, "... gradients of one id added in order of the batch's positions");
	free(t.table->weights);
	par_graph_close(t.g);
}

static void refusals(const par_world *w)
{
	par_graph *g;
	par_graph_open(&g, &(par_graph_spec){.world = w, .batch = 2, .seed = 3});
	par_value x = par_graph_input(g, "x", PAR_F32, 1, (int64_t[]){3});
	ok(par_embed(g, x, &(par_embed_spec){.name = "embed", .rows = 10, .width = 4}) < 0,
	    "numbers that are no integers name no rows");
	ok(par_graph_plan(g) == PAR_E_CONFIG, "... and the plan says so");
	par_graph_close(g);
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	par_world w;
	par_world_open(&w, MPI_COMM_WORLD);
	check(&w, (shape){11, 11, 5, 100, 7});
	check(&w, (shape){1, 1, 1, 1, 1});
	check(&w, (shape){2, 2, 30, 5, 16});
	check(&w, (shape){9, 4, 3, 200, 33});
	check(&w, (shape){9, 1, 3, 65, 4});
	refusals(&w);
	par_world_close(&w);
	return tap_end();
}
