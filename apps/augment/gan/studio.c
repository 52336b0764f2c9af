#include "augment/gan/studio.h"

#include "augment/gan/parts.h"
#include "base/rng.h"
#include "common/gallery.h"

#include <stdlib.h>
#include <string.h>

#define BATCH 64
#define MEASURED 8192 /* pictures that tell batch norms their statistics */

enum { OF_MEASURED = 0x67616e10 }; /* streams of noise; after it one for each picture's category */

/* ---- statistics ---- */

/* in turn all categories */
static void give_measured(gan *g, int64_t batch)
{
	const par_shards *s = par_graph_shards(g->graph);
	float *noise = par_graph_at(g->graph, g->input[GAN_NOISE]);
	int32_t *label = par_graph_at(g->graph, g->input[GAN_LABEL]);
	int64_t first = batch * g->spec.batch + s->lo, here = s->hi - s->lo, n = g->spec.noise;
	par_rng_fill_normal((par_rng){g->spec.seed, OF_MEASURED, 0}, first * n, here * n, noise);
	for (int64_t i = 0; i < here; i++)
		label[i] = (int32_t)((first + i) % g->spec.categories);
}

static void measure(gan *g)
{
	int64_t batches = (MEASURED + g->spec.batch - 1) / g->spec.batch;
	for (int64_t k = 0; k < batches; k++) {
		give_measured(g, k);
		par_graph_measure(g->graph, 1.0 / (double)(k + 1));
		par_graph_step(g->graph, k, g->spec.batch);
		par_graph_forward(g->graph, g->draw);
		par_world_alive();
	}
	par_graph_measure(g->graph, 0);
}

/* ---- a generator of this rank ---- */

static par_err build(studio *s, const gan_spec *spec)
{
	PAR_TRY(par_graph_open(
	    &s->graph, &(par_graph_spec){.world = &s->alone, .batch = BATCH, .seed = spec->seed}));
	s->noise = par_graph_input(s->graph, "noise", PAR_F32, 1, &spec->noise);
	s->picture = generator_build_folded(s->graph, spec, s->noise);
	s->pass = par_graph_answer(s->graph, 1, &s->picture);
	return par_graph_plan(s->graph);
}

static par_err make_room(studio *s)
{
	for (int i = 0; i < par_graph_params(s->graph); i++) {
		par_param *p = par_graph_param(s->graph, i);
		if (!(p->weights = malloc((size_t)p->n * sizeof(float))))
			return par_fail(PAR_E_MEMORY, "no memory for a generator");
	}
	/* and for what a category takes */
	return generator_fold(&s->of, 0, s->graph);
}

par_err studio_open(studio *s, gan *g)
{
	*s = (studio){.alone = par_world_alone(), .category = -1};
	measure(g);
	par_err e = generator_weights_take(&s->of, g);
	if (e == PAR_OK)
		e = build(s, &g->spec);
	if (e == PAR_OK)
		e = make_room(s);
	return par_agree(g->spec.world, e);
}

void studio_close(studio *s)
{
	for (int i = 0; s->graph && i < par_graph_params(s->graph); i++)
		free(par_graph_param(s->graph, i)->weights);
	if (s->graph)
		par_graph_close(s->graph);
	generator_weights_drop(&s->of);
	*s = (studio){0};
}

/* ---- pictures ---- */

static void take_category(studio *s, int64_t category)
{
	if (category == s->category)
		return;
	par_err e = generator_fold(&s->of, category, s->graph);
	PAR_MUST(e == PAR_OK, "%s", par_err_why());
	s->category = category;
}

void studio_draw(
    studio *s, int64_t category, uint32_t stream, int64_t first, int64_t n, uint8_t *out)
{
	const gan_spec *spec = &s->of.spec;
	int64_t each = spec->height * spec->width * spec->channels;
	float *noise = par_graph_at(s->graph, s->noise);
	take_category(s, category);
	for (int64_t at = 0; at < n; at += BATCH) {
		int64_t count = n - at < BATCH ? n - at : BATCH;
		par_rng_fill_normal((par_rng){spec->seed, stream, 1}, (first + at) * spec->noise,
		    count * spec->noise, noise);
		par_graph_step(s->graph, 0, count);
		par_graph_forward(s->graph, s->pass);
		gallery_bytes(count * each, par_graph_at(s->graph, s->picture), out + at * each);
		par_world_alive();
	}
}
