/* np: 1 3   apps: augment */
#include "augment/gan/learn.h"
#include "augment/gan/studio.h"

#include "../tap.h"
#include "base/rng.h"
#include "scratch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SIDE = 28, CELLS = SIDE * SIDE, CATEGORIES = 3, PICTURES = 60, BATCH = 32, NOISE = 8 };

/* pictures of bars that stand where their category says, 40, 15 and 5 of them */
typedef struct {
	gallery g;
	int32_t label[PICTURES];
	int64_t first[CATEGORIES + 2], items[PICTURES];
	uint8_t cell[PICTURES * CELLS];
} shop;

static void fill(shop *s)
{
	static const int64_t first[] = {0, 40, 55, 60, 60};
	memset(s, 0, sizeof *s);
	memcpy(s->first, first, sizeof first);
	for (int i = 0; i < PICTURES; i++) {
		s->label[i] = i < 40 ? 0 : i < 55 ? 1 : 2;
		s->items[i] = i;
		for (int y = 4; y < 24; y++)
			for (int x = 0; x < 4; x++)
				s->cell[i * CELLS + y * SIDE + 4 + 7 * s->label[i] + x] =
				    (uint8_t)(150 + (i * 37 + y * 11) % 100);
	}
	s->g = (gallery){.path = "shop",
	    .height = SIDE,
	    .width = SIDE,
	    .channels = 1,
	    .bytes = CELLS,
	    .pictures = PICTURES,
	    .categories = CATEGORIES,
	    .label = s->label,
	    .first = {s->first},
	    .items = {s->items}};
	s->g.shared.window.base = (char *)s->cell;
}

/* the literature's, as gan.h names them */
static const struct {
	const char *name;
	gan_spec spec;
} kinds[] = {{"spectral norm", {.loss = PAR_GAN_HINGE}},
    {"minimax", {.loss = PAR_GAN_MINIMAX, .no_spectral = true}},
    {"DCGAN", {.loss = PAR_GAN_LOGISTIC, .no_spectral = true, .transposed = true}},
    {"WGAN-GP", {.loss = PAR_GAN_WASSERSTEIN, .penalty = 10, .critic = 5}}};
enum { KINDS = sizeof kinds / sizeof *kinds };

static par_err open_of(gan *g, const par_world *w, int kind, const gallery *of)
{
	gan_spec s = kinds[kind].spec;
	s.world = w;
	s.batch = BATCH;
	s.seed = 5;
	s.height = of->height;
	s.width = of->width;
	s.channels = of->channels;
	s.categories = of->categories;
	s.noise = NOISE;
	s.average = .9;
	s.change = (par_augment_spec){.shift = 1, .cut = 4, .outside = -1};
	return gan_open(g, &s);
}

static par_err open_kind(gan *g, const par_world *w, int kind)
{
	return open_of(g, w, kind,
	    &(gallery){.height = SIDE, .width = SIDE, .channels = 1, .categories = CATEGORIES});
}

static par_err open(gan *g, const par_world *w)
{
	return open_kind(g, w, 0);
}

static par_err learn_of(
    gan *g, const gallery *of, int64_t steps, const char *checkpoint, bool resume)
{
	draws d;
	par_err e = draws_open(&d, of, NOISE, 5, .3);
	if (e == PAR_OK)
		e = gan_learn(g, &d,
		    &(gan_lesson){.steps = steps,
			.rate_discriminator = 1e-3,
			.rate_generator = 5e-4,
			.report = 100,
			.checkpoint = checkpoint,
			.note = "shop",
			.seconds = 3600,
			.resume = resume});
	draws_close(&d);
	return e;
}

static par_err learn(gan *g, const shop *s, int64_t steps, const char *checkpoint, bool resume)
{
	return learn_of(g, &s->g, steps, checkpoint, resume);
}

static bool same_weights(const gan *a, const gan *b)
{
	bool same = par_graph_params(a->graph) == par_graph_params(b->graph);
	for (int i = 0; same && i < par_graph_params(a->graph); i++) {
		const par_param *p = par_graph_param(a->graph, i);
		const par_param *q = par_graph_param(b->graph, i);
		same = memcmp(p->weights, q->weights, (size_t)p->n * sizeof(float)) == 0;
	}
	return same;
}

/* after six steps */
static void is_as_told(const gan *g)
{
	const gan_spec *s = &g->spec;
	const par_param *end = par_graph_find(g->graph, "generator.end/weight");
	const par_param *begin = par_graph_find(g->graph, "discriminator.begin/weight");
	const par_param *score = par_graph_find(g->graph, "discriminator.score/weight");
	ok(end->shape[0] == (s->transposed ? 4 : 3) && end->shape[3] == (s->transposed ? 1 : 4) &&
		begin->spectral == (!s->no_spectral && s->penalty == 0) &&
		score->shape[0] == (s->penalty > 0 ? 128 : 129),
	    "... of the layers and norms that its settings name");
	ok(par_optimizer_steps(g->judges) == 6 &&
		par_optimizer_steps(g->makes) == 6 / (s->critic > 1 ? s->critic : 1),
	    "... the generator's are %lld", (long long)par_optimizer_steps(g->makes));
}

/* the third step is no step of every generator, the fifth is */
static void moves_weights(const par_world *w, const shop *s, int kind)
{
	par_world alone = par_world_alone();
	const char *what = kinds[kind].name;
	gan all = {0}, solo = {0}, cut = {0};
	char name[4096];
	snprintf(name, sizeof name, "%s/gan%d", scratch, kind);
	bool made = open_kind(&all, w, kind) == PAR_OK &&
		    open_kind(&solo, &alone, kind) == PAR_OK && open_kind(&cut, w, kind) == PAR_OK;
	bool fresh = made && same_weights(&all, &solo);
	made = made && learn(&all, s, 6, NULL, false) == PAR_OK &&
	       learn(&solo, s, 6, NULL, false) == PAR_OK;
	ok(fresh && made && same_weights(&all, &solo),
	    "%s: six steps have the bits of one rank alone", what);
	if (made)
		is_as_told(&all);
	made = made && learn(&cut, s, 3, name, false) == PAR_OK;
	ok(made && !same_weights(&all, &cut), "%s: three are not six", what);
	gan_close(&cut);
	made = made && open_kind(&cut, w, kind) == PAR_OK &&
	       learn(&cut, s, 6, name, true) == PAR_OK;
	ok(made && same_weights(&all, &cut),
	    "%s: gone on with after three, the six have the same bits", what);
	gan_close(&cut);
	gan_close(&solo);
	gan_close(&all);
}

typedef struct {
	gan g;
	double judge[2], make[2]; /* losses in the first report and in the last */
	double made;              /* afterwards: the mean score of a made picture ... */
	double apart;             /* ... and by how much that of a real one is above it */
	int reports;
} pupil;

static void listen(void *ctx, int64_t step, const par_report *line)
{
	pupil *p = ctx;
	(void)step;
	if (!line)
		return;
	int k = p->reports++ > 0;
	p->judge[k] = line->loss;
	p->make[k] = par_graph_loss(p->g.graph, p->g.make);
}

/* of the batch of the last step */
static void rate(pupil *p, const par_world *w)
{
	const par_shards *s = par_graph_shards(p->g.graph);
	double sum[2] = {0}, all[2];
	par_graph_forward(p->g.graph, p->g.rate);
	const float *score = par_graph_at(p->g.graph, p->g.score);
	for (int64_t i = 0; i < 2 * (s->hi - s->lo); i++)
		sum[i % 2] += (double)score[i] / BATCH;
	MPI_Allreduce(sum, all, 2, MPI_DOUBLE, MPI_SUM, w->comm);
	p->made = all[1];
	p->apart = all[0] - all[1];
}

static par_err teach(pupil *p, const par_world *w, const shop *s, double judge, double make)
{
	draws d;
	p->reports = 0;
	par_err e = draws_open(&d, &s->g, NOISE, 5, .3);
	if (e == PAR_OK)
		e = gan_learn(&p->g, &d,
		    &(gan_lesson){.steps = 20,
			.rate_discriminator = judge,
			.rate_generator = make,
			.report = 5,
			.note = "shop",
			.seconds = 3600,
			.progress = listen,
			.ctx = p});
	draws_close(&d);
	/* the weights that learning goes on from, not their average */
	if (e == PAR_OK) {
		par_optimizer_swap_average(p->g.makes);
		rate(p, w);
	}
	return e;
}

/* one learns while the other is held: then what it is after falls */
static void learns(const par_world *w, const shop *s, int kind)
{
	const char *what = kinds[kind].name;
	pupil p = {0};
	bool made = open_kind(&p.g, w, kind) == PAR_OK && teach(&p, w, s, 2e-4, 0) == PAR_OK;
	ok(made && p.judge[1] < p.judge[0] && p.apart > 0,
	    "%s: the discriminator's loss falls (%.3f, %.3f) and real pictures score more (by "
	    "%.3f)",
	    what, p.judge[0], p.judge[1], p.apart);
	double before = p.made;
	made = made && teach(&p, w, s, 0, 2e-3) == PAR_OK;
	ok(made && p.make[1] < p.make[0] && p.made > before,
	    "%s: the generator's loss falls (%.3f, %.3f) and made pictures score more (%.3f, %.3f)",
	    what, p.make[0], p.make[1], before, p.made);
	gan_close(&p.g);
}

static bool finite_weights(const gan *g)
{
	bool finite = true;
	for (int i = 0; i < par_graph_params(g->graph); i++)
		for (int64_t k = 0; k < par_graph_param(g->graph, i)->n; k++)
			finite = finite && isfinite(par_graph_param(g->graph, i)->weights[k]);
	return finite;
}

/* a picture of each of two categories, in colours of their own */
static void sees_colours(const par_world *w, int kind)
{
	enum { LONG = 64, CELL = LONG * LONG * 3 };
	static uint8_t cell[2 * CELL];
	static int32_t label[] = {0, 1};
	static int64_t first[] = {0, 1, 2, 2}, items[] = {0, 1};
	for (int i = 0; i < 2 * CELL; i++)
		cell[i] = (uint8_t)(i / CELL == i % 3 ? 200 : i / 3 % 40);
	gallery of = {.path = "colours",
	    .height = LONG,
	    .width = LONG,
	    .channels = 3,
	    .bytes = CELL,
	    .pictures = 2,
	    .categories = 2,
	    .label = label,
	    .first = {first},
	    .items = {items}};
	of.shared.window.base = (char *)cell;
	par_world alone = par_world_alone();
	gan all = {0}, solo = {0};
	bool made = open_of(&all, w, kind, &of) == PAR_OK &&
		    open_of(&solo, &alone, kind, &of) == PAR_OK &&
		    learn_of(&all, &of, 5, NULL, false) == PAR_OK &&
		    learn_of(&solo, &of, 5, NULL, false) == PAR_OK;
	ok(made && same_weights(&all, &solo) && finite_weights(&all),
	    "%s: 64 x 64 pixels in colour have these bits too", kinds[kind].name);
	gan_close(&solo);
	gan_close(&all);
}

/* the same picture, four cells further: every convolution sees it as before */
static void sees_places(const par_world *w, const shop *s)
{
	gan g = {0};
	bool made = open(&g, w) == PAR_OK && learn(&g, s, 4, NULL, false) == PAR_OK;
	double apart = 0, size = 0;
	const par_shards *shards = made ? par_graph_shards(g.graph) : NULL;
	for (int moved = 0; made && moved < 2; moved++) {
		float *real = par_graph_at(g.graph, g.input[GAN_REAL]);
		int32_t *labels = par_graph_at(g.graph, g.input[GAN_LABELS]);
		for (int64_t i = 0; i < (shards->hi - shards->lo) * CELLS; i++)
			real[i] = -1;
		for (int64_t i = 0; i < shards->hi - shards->lo; i++)
			for (int k = 0; k < 16; k++)
				real[i * CELLS + (10 + k / 4) * SIDE + 10 + 4 * moved + k % 4] = 1;
		memset(labels, 0, (size_t)(2 * (shards->hi - shards->lo)) * sizeof *labels);
		par_graph_step(g.graph, 0, BATCH);
		par_graph_forward(g.graph, g.rate);
		const float *score = par_graph_at(g.graph, g.score);
		for (int64_t i = 0; i < shards->hi - shards->lo; i++)
			apart += (moved ? 1 : -1) * (double)score[2 * i];
		size += shards->hi > shards->lo ? fabs((double)score[0]) : 0;
	}
	made = made && (shards->hi == shards->lo || fabs(apart) > 1e-3 * size);
	ok(made, "the discriminator sees where things are");
	gan_close(&g);
}

/* what the studio folds into weights the graph that learns does one by one, with the same statistics */
static void draws_the_same(const par_world *w, const shop *s, int kind)
{
	gan g = {0};
	studio a = {0};
	int off = 0, most = 0, different = 0;
	bool made = open_kind(&g, w, kind) == PAR_OK && learn(&g, s, 6, NULL, false) == PAR_OK &&
		    studio_open(&a, &g) == PAR_OK;
	const par_shards *mine = made ? par_graph_shards(g.graph) : NULL;
	for (int c = 0; made && c < CATEGORIES; c++) {
		uint8_t folded[BATCH * CELLS], plain[CELLS];
		int32_t *label = par_graph_at(g.graph, g.input[GAN_LABEL]);
		for (int64_t i = mine->lo; i < mine->hi; i++)
			label[i - mine->lo] = c;
		par_rng_fill_normal((par_rng){5, 77, 1}, mine->lo * NOISE,
		    (mine->hi - mine->lo) * NOISE, par_graph_at(g.graph, g.input[GAN_NOISE]));
		par_graph_step(g.graph, 0, BATCH);
		par_graph_forward(g.graph, g.draw);
		studio_draw(&a, c, 77, 0, BATCH, folded);
		const float *picture = par_graph_at(g.graph, g.picture);
		for (int64_t i = mine->lo; i < mine->hi; i++) {
			gallery_bytes(CELLS, picture + (i - mine->lo) * CELLS, plain);
			for (int k = 0; k < CELLS; k++) {
				int apart = abs(plain[k] - folded[i * CELLS + k]);
				most = apart > most ? apart : most;
				off += apart > 0;
				different += plain[k] != plain[0];
			}
		}
	}
	int64_t all = made ? CATEGORIES * (mine->hi - mine->lo) * CELLS : 0;
	ok(made && most <= 1 && off * 1000 <= all && (all == 0 || different > 0),
	    "%s: pictures are those of the graph that learns, but for the rounding of a byte in a "
	    "thousand",
	    kinds[kind].name);
	studio_close(&a);
	gan_close(&g);
}

static void draws_alike(const par_world *w, const shop *s)
{
	enum { N = 300 };
	static uint8_t whole[N * CELLS], part[20 * CELLS], solo[N * CELLS];
	par_world alone = par_world_alone();
	gan g = {0}, h = {0};
	studio a = {0}, b = {0};
	bool made = open(&g, w) == PAR_OK && learn(&g, s, 4, NULL, false) == PAR_OK &&
		    open(&h, &alone) == PAR_OK && learn(&h, s, 4, NULL, false) == PAR_OK &&
		    studio_open(&a, &g) == PAR_OK && studio_open(&b, &h) == PAR_OK;
	if (made) {
		studio_draw(&a, 1, 77, 250, 20, part);
		studio_draw(&a, 1, 77, 0, N, whole);
		studio_draw(&b, 1, 77, 0, N, solo);
	}
	ok(made && memcmp(part, whole + 250 * CELLS, sizeof part) == 0,
	    "a picture does not depend on those that are drawn with it");
	ok(made && memcmp(whole, solo, sizeof whole) == 0, "nor on the number of ranks");
	ok(made && memcmp(whole, whole + CELLS, CELLS) != 0, "and each is one of its own");
	if (made)
		studio_draw(&a, 2, 77, 0, N, solo);
	ok(made && memcmp(whole, solo, CELLS) != 0, "its category shows in it");
	studio_close(&a);
	studio_close(&b);
	gan_close(&g);
	gan_close(&h);
}

/* counts of 40, 15 and 5 to the power .3: shares of .44, .33 and .23 */
static void draws_rare_ones(const shop *s)
{
	enum { SAMPLES = 20000 };
	draws d;
	double share[2][CATEGORIES] = {{0}}, off = 0, all = 0;
	bool fits = draws_open(&d, &s->g, NOISE, 5, .3) == PAR_OK;
	for (int64_t i = 0; fits && i < SAMPLES; i++) {
		float noise[NOISE], real[CELLS];
		int32_t label, labels[2];
		draws_make(&d, i, (void *const[]){noise, &label, labels, real});
		share[0][labels[0]] += 1. / SAMPLES;
		share[1][label] += 1. / SAMPLES;
		fits = label == labels[1] && real[10 * SIDE + 4 + 7 * labels[0]] > 0;
	}
	for (int c = 0; c < CATEGORIES; c++)
		all += pow((double)(s->first[c + 1] - s->first[c]), .3);
	for (int c = 0; c < CATEGORIES; c++)
		for (int k = 0; k < 2; k++) {
			double want = pow((double)(s->first[c + 1] - s->first[c]), .3) / all;
			off = fmax(off, fabs(share[k][c] - want));
		}
	ok(fits, "a drawn picture is of its category");
	ok(off < .01, "rare categories are drawn as often as the law says (off by %.4f)", off);
	draws_close(&d);
}

static void refuses(const par_world *w)
{
	gan g;
	par_err e = gan_open(&g, &(gan_spec){.world = w,
				     .batch = BATCH,
				     .height = 30,
				     .width = 28,
				     .channels = 1,
				     .categories = 2,
				     .noise = NOISE,
				     .average = .9});
	ok(e == PAR_E_DATA && strstr(par_err_why(), "pictures of 30 x 28"),
	    "sides that 4 does not divide are refused");
	gan_close(&g);
}

int main(int argc, char **argv)
{
	static shop s;
	tap_begin(&argc, &argv);
	par_world w;
	par_world_open(&w, MPI_COMM_WORLD);
	scratch_begin();
	fill(&s);
	for (int k = 0; k < KINDS; k++) {
		moves_weights(&w, &s, k);
		learns(&w, &s, k);
		sees_colours(&w, k);
		draws_the_same(&w, &s, k);
	}
	sees_places(&w, &s);
	draws_alike(&w, &s);
	draws_rare_ones(&s);
	refuses(&w);
	scratch_end();
	par_world_close(&w);
	return tap_end();
}
