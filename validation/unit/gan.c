/* np: 1 2 3 6   apps: augment */
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

static par_err open(gan *g, const par_world *w)
{
	return gan_open(g, &(gan_spec){.world = w,
			       .batch = BATCH,
			       .seed = 5,
			       .height = SIDE,
			       .width = SIDE,
			       .channels = 1,
			       .categories = CATEGORIES,
			       .loss = PAR_GAN_HINGE,
			       .noise = NOISE,
			       .average = .9,
			       .change = {.shift = 1, .cut = 4, .outside = -1}});
}

static par_err learn(gan *g, const shop *s, int64_t steps, const char *checkpoint, bool resume)
{
	draws d;
	par_err e = draws_open(&d, &s->g, NOISE, 5, .3);
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

static void moves_weights(const par_world *w, const shop *s)
{
	par_world alone = par_world_alone();
	gan all = {0}, solo = {0}, cut = {0};
	char name[4096];
	snprintf(name, sizeof name, "%s/gan", scratch);
	bool made = open(&all, w) == PAR_OK && open(&solo, &alone) == PAR_OK &&
		    open(&cut, w) == PAR_OK;
	bool fresh = made && same_weights(&all, &solo);
	made = made && learn(&all, s, 6, NULL, false) == PAR_OK &&
	       learn(&solo, s, 6, NULL, false) == PAR_OK;
	ok(fresh && made && same_weights(&all, &solo), "six steps have the bits of one rank alone");
	made = made && learn(&cut, s, 3, name, false) == PAR_OK;
	ok(made && !same_weights(&all, &cut), "three are not six");
	gan_close(&cut);
	made = made && open(&cut, w) == PAR_OK && learn(&cut, s, 6, name, true) == PAR_OK;
	ok(made && same_weights(&all, &cut),
	    "gone on with after three, the six have the same bits");
	gan_close(&cut);
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
	moves_weights(&w, &s);
	sees_places(&w, &s);
	draws_alike(&w, &s);
	draws_rare_ones(&s);
	refuses(&w);
	scratch_end();
	par_world_close(&w);
	return tap_end();
}
