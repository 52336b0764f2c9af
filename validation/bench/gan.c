/* apps: augment   The GAN's training steps and samples to be timed, on made-up pictures.
 *
 * mpirun -n R gan; then on standard input a line "CASE SECONDS" each: runs CASE for at least SECONDS in five parts and prints
 * "CASE ms_median ms_least samples" of a call:
 *
 * step_28, step_64: a training step, batch 64 over all ranks, of grey 28 x 28 or of colour 64 x 64
 * draw_28, draw_64: 1,000 and 250 pictures of a category, as bytes
 *
 * "hash:CASE" prints "hash:CASE HASH", of what some steps from first weights leave in weights and averages; "count:CASE"
 * prints "count:CASE weights generator discriminator step": how many weights are trained, flops of a picture forward through
 * either network, and those of a step. */
#include "augment/gan/learn.h"
#include "augment/gan/studio.h"
#include "base/clock.h"
#include "base/rng.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

enum { CATEGORIES = 10, EACH = 400, PICTURES = CATEGORIES * EACH };
enum { BATCH = 64, NOISE = 64, PARTS = 5, WARM = 2, HASHED = 20 };

typedef struct {
	const char *name;
	int64_t side, channels, drawn; /* pictures a call */
} sort;

static const sort sorts[] = {{"28", 28, 1, 1000}, {"64", 64, 3, 250}};

typedef struct {
	par_world world;
	const sort *of; /* NULL: nothing is open */
	gallery gallery;
	int64_t first[CATEGORIES + 2], items[PICTURES];
	uint8_t *cell, *drawn; /* owned */
	draws draws;
	gan gan;
	studio studio;
	bool drawing; /* the studio is open */
} bench;

/* ---- pictures ---- */

static void make_gallery(bench *b)
{
	const sort *of = b->of;
	for (int64_t i = 0; i < PICTURES; i++)
		b->items[i] = i;
	for (int64_t c = 0; c <= CATEGORIES + 1; c++)
		b->first[c] = c < CATEGORIES ? c * EACH : PICTURES;
	b->gallery = (gallery){.path = "made up",
	    .height = of->side,
	    .width = of->side,
	    .channels = of->channels,
	    .bytes = of->side * of->side * of->channels,
	    .pictures = PICTURES,
	    .categories = CATEGORIES,
	    .first = {b->first},
	    .items = {b->items}};
	b->gallery.shared.window.base = (char *)b->cell;
}

static par_err make_pictures(bench *b)
{
	int64_t n = b->of->side * b->of->side * b->of->channels;
	b->cell = malloc((size_t)(PICTURES * n));
	b->drawn = malloc((size_t)(b->of->drawn * n));
	if (!b->cell || !b->drawn)
		return par_fail(PAR_E_MEMORY, "no memory for pictures");
	par_rng_fill_u32((par_rng){1, 0, 0}, 0, PICTURES * n / 4, (uint32_t *)b->cell);
	make_gallery(b);
	return draws_open(&b->draws, &b->gallery, NOISE, 1, 1);
}

/* ---- what is timed ---- */

static void close_bench(bench *b)
{
	studio_close(&b->studio);
	gan_close(&b->gan);
	draws_close(&b->draws);
	free(b->cell);
	free(b->drawn);
	*b = (bench){.world = b->world};
}

static par_err open_bench(bench *b, const sort *of)
{
	close_bench(b);
	b->of = of;
	PAR_TRY_ALL(&b->world, make_pictures(b));
	return gan_open(&b->gan, &(gan_spec){.world = &b->world,
				     .batch = BATCH,
				     .seed = 1,
				     .height = of->side,
				     .width = of->side,
				     .channels = of->channels,
				     .categories = CATEGORIES,
				     .loss = PAR_GAN_HINGE,
				     .noise = NOISE,
				     .average = .998});
}

/* and take the weights back that learning goes on from */
static par_err learn(bench *b, int64_t steps)
{
	PAR_TRY(gan_learn(&b->gan, &b->draws,
	    &(gan_lesson){.steps = steps, .rate_discriminator = 1e-3, .rate_generator = 5e-4}));
	par_optimizer_swap_average(b->gan.makes);
	return PAR_OK;
}

static par_err draw(bench *b, int64_t times)
{
	int64_t n = b->of->drawn;
	for (int64_t i = 0; i < times; i++)
		studio_draw(&b->studio, 3, 1, i * n, n, b->drawn);
	return PAR_OK;
}

/* ---- time ---- */

typedef par_err work(bench *b, int64_t times);

static par_err time_calls(bench *b, work *call, int64_t n, double *ms)
{
	MPI_Barrier(b->world.comm);
	double begin = par_clock_s();
	PAR_TRY(call(b, n));
	MPI_Barrier(b->world.comm);
	*ms = 1e3 * (par_clock_s() - begin) / (double)n;
	return PAR_OK;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static par_err time_work(bench *b, work *call, const char *name, double seconds, int64_t samples)
{
	double part[PARTS], once;
	PAR_TRY(time_calls(b, call, WARM, &once));
	int64_t n = (int64_t)(1e3 * seconds / PARTS / once) + 1;
	MPI_Bcast(&n, 1, MPI_INT64_T, 0, b->world.comm);
	for (int i = 0; i < PARTS; i++)
		PAR_TRY(time_calls(b, call, n, &part[i]));
	qsort(part, PARTS, sizeof *part, by_size);
	if (b->world.rank == 0)
		printf("%s %.4f %.4f %" PRId64 "\n", name, part[PARTS / 2], part[0], samples);
	return PAR_OK;
}

static par_err time_case(bench *b, const char *name, double seconds)
{
	if (strncmp(name, "step", 4) == 0)
		return time_work(b, learn, name, seconds, BATCH);
	if (strncmp(name, "draw", 4) != 0)
		return par_fail(PAR_E_USAGE, "no case called %s", name);
	if (!b->drawing)
		PAR_TRY(studio_open(&b->studio, &b->gan));
	b->drawing = true;
	return time_work(b, draw, name, seconds, b->of->drawn);
}

/* ---- what the work is ---- */

static uint64_t hash_weights(par_graph *g, uint64_t hash)
{
	for (int i = 0; i < par_graph_params(g); i++) {
		const par_param *p = par_graph_param(g, i);
		hash = XXH3_64bits_withSeed(p->weights, (size_t)p->n * sizeof(float), hash);
	}
	return hash;
}

static par_err tell_hash(bench *b, const char *name)
{
	PAR_TRY(open_bench(b, b->of));
	PAR_TRY(learn(b, HASHED));
	uint64_t hash = hash_weights(b->gan.graph, 0);
	par_optimizer_swap_average(b->gan.makes);
	hash = hash_weights(b->gan.graph, hash);
	par_optimizer_swap_average(b->gan.makes);
	if (b->world.rank == 0)
		printf("%s %016" PRIx64 "\n", name, hash);
	return PAR_OK;
}

static void tell_counts(const bench *b, const char *name)
{
	par_graph *g = b->gan.graph;
	int64_t weights = 0;
	for (int i = 0; i < par_graph_params(g); i++)
		if (par_graph_param(g, i)->kind != PAR_PARAM_BUFFER)
			weights += par_graph_param(g, i)->n;
	double make = par_graph_flops(g, b->gan.draw);
	double judge = (par_graph_flops(g, b->gan.rate) - make) / 2;
	/* the generator's pass finds the pictures that the discriminator's has made */
	double step = par_graph_flops(g, b->gan.judge) + par_graph_flops(g, b->gan.make) - make;
	if (b->world.rank == 0)
		printf("%s %" PRId64 " %.0f %.0f %.0f\n", name, weights, make / BATCH,
		    judge / BATCH, step);
}

/* ---- requests ---- */

static par_err answer(bench *b, const char *name, double seconds)
{
	const char *end = strrchr(name, '_');
	const sort *of = NULL;
	for (size_t i = 0; end && i < sizeof sorts / sizeof *sorts; i++)
		if (strcmp(sorts[i].name, end + 1) == 0)
			of = &sorts[i];
	if (!of)
		return par_fail(PAR_E_USAGE, "no case called %s", name);
	if (b->of != of)
		PAR_TRY(open_bench(b, of));
	if (strncmp(name, "hash:", 5) == 0)
		return tell_hash(b, name);
	if (strncmp(name, "count:", 6) != 0)
		return time_case(b, name, seconds);
	tell_counts(b, name);
	return PAR_OK;
}

/* an MPI_Bcast that leaves its core to others while it waits */
static void wait_for(void *from, int bytes, MPI_Comm comm)
{
	MPI_Request r;
	int done = 0;
	MPI_Ibcast(from, bytes, MPI_BYTE, 0, comm, &r);
	MPI_Request_get_status(r, &done, MPI_STATUS_IGNORE);
	while (!done) {
		usleep(1000);
		MPI_Request_get_status(r, &done, MPI_STATUS_IGNORE);
	}
	MPI_Wait(&r, MPI_STATUS_IGNORE);
}

/* rank 0 reads the next case for all; false at the end */
static bool next_case(const par_world *w, char name[32], double *seconds)
{
	char line[80] = "";
	*seconds = 0;
	if (w->rank == 0 &&
	    (!fgets(line, sizeof line, stdin) || sscanf(line, "%31s %lf", name, seconds) != 2))
		name[0] = 0;
	wait_for(name, 32, w->comm);
	MPI_Bcast(seconds, 1, MPI_DOUBLE, 0, w->comm);
	return name[0] != 0;
}

int main(void)
{
	static bench b;
	char name[32] = "";
	double seconds;
	par_err e = par_world_start(&b.world);
	while (e == PAR_OK && next_case(&b.world, name, &seconds)) {
		e = answer(&b, name, seconds);
		fflush(stdout);
	}
	if (e != PAR_OK)
		fprintf(stderr, "gan: %s\n", par_err_why());
	close_bench(&b);
	par_world_finish(&b.world);
	return par_err_status(e);
}
