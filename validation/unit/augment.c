/* np: 1 2 3 6 */
#include "grad/layers.h"
#include "opcheck.h"

enum { PICTURES = 2, H = 9, W = 7, C = 3, CLASSES = 4, BATCH = 61, STEP = 11 };

/* the first and the third may be mirrored; labels beyond are none */
static const uint8_t flips[CLASSES] = {1, 0, 1, 0};

/* The change follows from what the operator says it follows from, so the oracle finds it by looking: of all changes there are,
 * the one that makes the forward run's picture of distinct numbers. */
typedef struct {
	int down, right, top, left;
	bool flipped;
} change;

static float cell(const par_augment_spec *s, const change *c, const float *x, int y, int k, int ch)
{
	int row = y + c->down, col = (c->flipped ? W - 1 - k : k) + c->right, side = (int)s->cut;
	if (y >= c->top && y < c->top + side && k >= c->left && k < c->left + side)
		return 0;
	return row < 0 || row >= H || col < 0 || col >= W ? s->outside
							  : x[(row * W + col) * C + ch];
}

static bool explains(const par_augment_spec *s, const change *c, const float *x, const float *y)
{
	for (int i = 0; i < H * W * C; i++)
		if (cell(s, c, x, i / C / W, i / C % W, i % C) != y[i])
			return false;
	return true;
}

/* squares that are not there are all at one place */
static bool find(const par_augment_spec *s, const float *x, const float *y, change *c)
{
	int shift = (int)s->shift, side = (int)s->cut, over = side / 5;
	for (int f = 0; f < 2; f++)
		for (c->down = -shift; c->down <= shift; c->down++)
			for (c->right = -shift; c->right <= shift; c->right++)
				for (c->top = side ? -over : 0;
				     c->top <= (side ? H - side + over : 0); c->top++)
					for (c->left = side ? -over : 0;
					     c->left <= (side ? W - side + over : 0); c->left++) {
						c->flipped = f;
						if (explains(s, c, x, y))
							return true;
					}
	return false;
}

typedef struct {
	par_graph *g;
	par_value x, label, out;
	int pass;
	float *dx; /* owned, my samples */
} run;

static par_err make(run *r, const par_world *w, const par_augment_spec *s)
{
	PAR_TRY(par_graph_open(&r->g, &(par_graph_spec){.world = w, .batch = BATCH, .seed = 3}));
	r->x = par_graph_input(r->g, "x", PAR_F32, 4, (int64_t[]){PICTURES, H, W, C});
	r->label = par_graph_input(r->g, "label", PAR_I32, 1, (int64_t[]){PICTURES});
	par_value leaf = opcheck_leaf(r->g, r->x, 0, &r->dx);
	r->out = par_augment(r->g, leaf, r->label, s);
	r->pass = par_graph_pass(r->g, opcheck_probe(r->g, r->out), "model");
	par_graph_answer(r->g, 1, &r->out);
	PAR_TRY(par_graph_plan(r->g));
	par_param *none = par_graph_param(r->g, 0);
	none->weights = calloc(1, sizeof(float));
	for (int k = 0; k < PAR_NODES; k++)
		none->grad[k] = calloc(1, sizeof(float));
	return PAR_OK;
}

static void drop(run *r)
{
	par_param *none = par_graph_param(r->g, 0);
	free(none->weights);
	for (int k = 0; k < PAR_NODES; k++)
		free(none->grad[k]);
	free(r->dx);
	par_graph_close(r->g);
}

static float number(int64_t i)
{
	return (float)(i % (H * W * C) + 1);
}

static void go(run *r, int pass)
{
	const par_shards *s = par_graph_shards(r->g);
	float *x = par_graph_at(r->g, r->x);
	int32_t *label = par_graph_at(r->g, r->label);
	for (int64_t i = s->lo * PICTURES * H * W * C; i < s->hi * PICTURES * H * W * C; i++)
		*x++ = number(i);
	for (int64_t i = s->lo * PICTURES; i < s->hi * PICTURES; i++)
		*label++ = (int32_t)(i % (CLASSES + 1));
	par_graph_step(r->g, STEP, BATCH);
	par_graph_forward(r->g, pass);
	if (pass == r->pass)
		par_graph_backward(r->g, pass);
}

/* what comes back to each cell is what its copy got */
static bool returns(const run *r, const par_augment_spec *s, const change *c, int64_t picture)
{
	const par_shards *shards = par_graph_shards(r->g);
	int64_t each = (int64_t)H * W * C, first = (shards->lo * PICTURES + picture) * each;
	float want[H * W * C] = {0};
	for (int i = 0; i < H * W * C; i++) {
		int y = i / C / W, k = i / C % W, row = y + c->down;
		int col = (c->flipped ? W - 1 - k : k) + c->right;
		int side = (int)s->cut;
		bool cut = y >= c->top && y < c->top + side && k >= c->left && k < c->left + side;
		if (!cut && row >= 0 && row < H && col >= 0 && col < W)
			want[(row * W + col) * C + i % C] = opcheck_weight(first + i);
	}
	for (int i = 0; i < H * W * C; i++)
		if (fabsf(r->dx[picture * each + i] - want[i]) > 1e-6F)
			return false;
	return true;
}

static void changes(const par_world *w, const char *what, const par_augment_spec *s)
{
	par_world alone = {
	    .comm = MPI_COMM_SELF, .node = MPI_COMM_SELF, .size = 1, .node_size = 1, .nodes = 1};
	run r, solo;
	bool made = make(&r, w, s) == PAR_OK && make(&solo, &alone, s) == PAR_OK;
	ok(made, "%s: planned", what);
	if (!made)
		return;
	go(&r, r.pass);
	go(&solo, solo.pass);
	const par_shards *all = par_graph_shards(r.g);
	int64_t each = (int64_t)H * W * C, first = all->lo * PICTURES;
	const float *y = par_graph_at(r.g, r.out), *x = par_graph_at(r.g, r.x);
	const int32_t *label = par_graph_at(r.g, r.label);
	int64_t flipped[2] = {0, 0};
	bool found = true, back = true;
	for (int64_t i = 0; found && i < (all->hi - all->lo) * PICTURES; i++) {
		change c = {0};
		found = find(s, x + i * each, y + i * each, &c);
		back = back && found && returns(&r, s, &c, i);
		bool may = s->flips ? label[i] < CLASSES && flips[label[i]] : s->flip;
		flipped[may] += c.flipped;
	}
	ok(found, "%s: pictures are shifted, mirrored and cut, and nothing else", what);
	ok(back, "%s: gradients go back the way the cells came", what);
	int64_t mirrored = par_world_sum(w, flipped[1]);
	ok(flipped[0] == 0 && (mirrored > BATCH / 4) == (s->flip || s->flips),
	    "%s: %lld are mirrored, none that must not be", what, (long long)mirrored);
	ok(memcmp(y, (const float *)par_graph_at(solo.g, solo.out) + first * each,
	       (size_t)((all->hi - all->lo) * PICTURES * each) * sizeof *y) == 0,
	    "%s: the bits of one rank alone", what);
	go(&r, 1);
	ok(memcmp(par_graph_at(r.g, r.out), x,
	       (size_t)((all->hi - all->lo) * PICTURES * each) * sizeof *y) == 0,
	    "%s: answers leave pictures alone", what);
	drop(&r);
	drop(&solo);
}

static void refuses(const par_world *w)
{
	par_graph *g;
	par_err e = par_graph_open(&g, &(par_graph_spec){.world = w, .batch = 4});
	par_value x = par_graph_input(g, "x", PAR_F32, 3, (int64_t[]){H, W, C});
	par_value two = par_graph_input(g, "labels", PAR_I32, 1, (int64_t[]){2});
	ok(e == PAR_OK && par_augment(g, x, -1, &(par_augment_spec){.cut = W + 1}) < 0 &&
		par_augment(g, x, -1, &(par_augment_spec){.shift = -1}) < 0 &&
		par_augment(g, x, two, &(par_augment_spec){.flips = flips, .classes = CLASSES}) < 0,
	    "squares larger than the picture, shifts below 0 and too many labels are refused");
	par_graph_close(g);
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	par_world w;
	par_world_open(&w, MPI_COMM_WORLD);
	changes(&w, "shifts", &(par_augment_spec){.shift = 2, .outside = -1});
	changes(&w, "mirrors", &(par_augment_spec){.flip = true});
	changes(&w, "cuts", &(par_augment_spec){.cut = 5});
	changes(&w, "all by class",
	    &(par_augment_spec){
		.shift = 1, .cut = 3, .outside = -1, .flips = flips, .classes = CLASSES});
	refuses(&w);
	par_world_close(&w);
	return tap_end();
}
