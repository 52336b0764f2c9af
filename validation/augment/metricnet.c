/* apps: judge
 * metricnet FOLDER CATALOG: distances of Fashion-MNIST's test pictures, as they are and damaged, from its training pictures in
 * the features of the network whose weights are in FOLDER; lines "name value ...", for test-metricnet.
 * metricnet FOLDER CATALOG AUGMENT: the same of 1,000 made pictures of each category: fid, right labels, precision, recall,
 * density and coverage among the first 10,000 training pictures. */
#include "common/gallery.h"
#include "common/judge/classifier.h"
#include "common/judge/neighbours.h"

#include "judge/synthetic.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIDE = 28, CELLS = SIDE * SIDE, CATEGORIES = 10, WIDTH = CLASSIFIER_FEATURES };
enum { TRAIN = 60000, N = 10000 }; /* pictures to learn from, and of a set that is compared */

typedef struct {
	par_world w;
	gallery g;
	classifier c;
	moments real;
} bench;

/* ---- the network ---- */

static float *read_floats(const char *folder, const char *name, size_t n)
{
	char path[4096];
	float *x = malloc(n * sizeof *x);
	snprintf(path, sizeof path, "%s/%s", folder, name);
	FILE *f = fopen(path, "rb");
	if (!f || !x || fread(x, sizeof *x, n, f) != n) {
		fprintf(stderr, "metricnet: %s cannot be read\n", path);
		exit(66);
	}
	fclose(f);
	return x;
}

static void set(bench *b, const char *name, const float *value)
{
	par_optimizer_set(b->c.optimizer, par_graph_find(b->c.graph, name), value);
}

/* from [out][in][cells] to [cells][in][out]: kernels, and with cells of a map in order of rows the dense layers */
static void turn(int out, int in, int cells, bool cells_first, const float *from, float *to)
{
	for (int o = 0; o < out; o++)
		for (int i = 0; i < in; i++)
			for (int k = 0; k < cells; k++) {
				int at = cells_first ? k * in + i : i * cells + k;
				to[at * out + o] = from[(o * in + i) * cells + k];
			}
}

static void load(bench *b, const char *folder)
{
	static const struct {
		const char *name;
		int out, in, cells;
	} layer[] = {{"conv1", 32, 1, 9}, {"conv2", 64, 32, 9}, {"features", 128, 64, 49},
	    {"scores", CATEGORIES, 128, 1}};
	float *all = read_floats(folder, "weights.f32", 421642), *at = all;
	float *turned = malloc(421642 * sizeof *turned);
	for (int k = 0; turned && k < 4; k++) {
		char name[64];
		int n = layer[k].out * layer[k].in * layer[k].cells;
		turn(layer[k].out, layer[k].in, layer[k].cells, true, at, turned);
		snprintf(name, sizeof name, "%s/weight", layer[k].name);
		set(b, name, turned);
		snprintf(name, sizeof name, "%s/bias", layer[k].name);
		set(b, name, at + n);
		at += n + layer[k].out;
	}
	par_optimizer_restored(b->c.optimizer, 0);
	free(turned);
	free(all);
}

/* ---- pictures ---- */

typedef struct {
	const gallery *g;
	const made_set *made; /* these, not those of the gallery; NULL: the gallery's */
	int64_t first;        /* picture of the first sample */
	const int64_t *item;  /* or which pictures; NULL: as they come */
	void (*damage)(float *picture);
	int64_t again; /* after so many the first comes again; 0: never */
} pictures;

static void shift(float *x, int by)
{
	for (int row = 0; row < SIDE; row++)
		for (int col = 0; col < SIDE; col++)
			x[row * SIDE + col] = col + by < SIDE ? x[row * SIDE + col + by] : -1;
}

static void shift1(float *x)
{
	shift(x, 1);
}

static void shift4(float *x)
{
	shift(x, 4);
}

static void blur(float *x)
{
	float y[CELLS];
	for (int i = 0; i < CELLS; i++) {
		y[i] = 0;
		for (int dy = -1; dy <= 1; dy++)
			for (int dx = -1; dx <= 1; dx++) {
				int row = i / SIDE + dy, col = i % SIDE + dx;
				bool in = row >= 0 && row < SIDE && col >= 0 && col < SIDE;
				y[i] += (in ? x[row * SIDE + col] : -1) / 9;
			}
	}
	memcpy(x, y, sizeof y);
}

static void invert(float *x)
{
	for (int i = 0; i < CELLS; i++)
		x[i] = -x[i];
}

static void make(void *ctx, int64_t sample, void *const field[])
{
	const pictures *p = ctx;
	int64_t i = p->again ? sample % p->again : sample;
	if (p->made) {
		gallery_floats(p->made->bytes, made_cells(p->made, i), field[CLASSIFIER_PICTURE]);
		return;
	}
	gallery_picture(p->g, p->item ? p->item[i] : p->first + i, field[CLASSIFIER_PICTURE]);
	if (p->damage)
		p->damage(field[CLASSIFIER_PICTURE]);
}

static float *features_of(bench *b, pictures *p, int64_t n, float *scores)
{
	float *row = malloc((size_t)(n * WIDTH) * sizeof *row);
	if (!row || classifier_ask(&b->c, n, make, p, row, scores) != PAR_OK) {
		fprintf(stderr, "metricnet: %s\n", par_err_why());
		exit(70);
	}
	return row;
}

static double distance_to(bench *b, const moments *real, const float *row, int64_t n)
{
	moments m;
	double d = -1;
	if (moments_of(&m, &b->w, &(features){n, WIDTH, row}) != PAR_OK ||
	    frechet_distance(&d, &b->w, real, &m) != PAR_OK)
		fprintf(stderr, "metricnet: %s\n", par_err_why());
	moments_drop(&m);
	return d;
}

static void tell(const bench *b, const char *name, int n, const double *value)
{
	if (b->w.rank != 0)
		return;
	printf("%s", name);
	for (int i = 0; i < n; i++)
		printf(" %.9g", value[i]);
	printf("\n");
}

static void measure(bench *b, const char *name, pictures p, int64_t n)
{
	p.g = &b->g;
	float *row = features_of(b, &p, n, NULL);
	double d = distance_to(b, &b->real, row, n);
	tell(b, name, 1, &d);
	free(row);
}

static int best_of(const float *score)
{
	int best = 0;
	for (int k = 1; k < CATEGORIES; k++)
		best = score[k] > score[best] ? k : best;
	return best;
}

/* of N rows; some: the first training pictures' */
static void tell_likeness(bench *b, const char *name, const float *row, const features *some)
{
	likeness l;
	float *reach = malloc((size_t)some->n * sizeof *reach);
	if (reach && neighbours_reach(reach, &b->w, some, NEIGHBOURS_K) == PAR_OK &&
	    neighbours_likeness(&l, &b->w, some, reach, &(features){N, WIDTH, row}) == PAR_OK)
		tell(b, name, 4, (double[]){l.precision, l.recall, l.density, l.coverage});
	free(reach);
}

static void measure_test(bench *b, const float *train)
{
	pictures p = {.g = &b->g, .first = TRAIN};
	float *scores = malloc((size_t)N * CATEGORIES * sizeof *scores);
	float *row = features_of(b, &p, N, scores);
	double right = 0, d = distance_to(b, &b->real, row, N), first[12];
	for (int64_t i = 0; i < N; i++)
		right +=
		    (best_of(scores + i * CATEGORIES) == b->g.in_catalog[b->g.label[TRAIN + i]]) /
		    (double)N;
	for (int i = 0; i < 12; i++)
		first[i] = (double)row[i / 4 * WIDTH + i % 4];
	tell(b, "fid_test10k_vs_train60k", 1, &d);
	tell(b, "test_acc", 1, &right);
	tell(b, "feature0_first3_test_images", 12, first);
	tell_likeness(b, "prdc_test_vs_train10k(k=5)", row, &(features){N, WIDTH, train});
	free(scores);
	free(row);
}

static void measure_made(bench *b, const char *path)
{
	synthetic x;
	if (synthetic_open(&x, &b->w, &b->g, path, N / CATEGORIES) != PAR_OK ||
	    x.made.first[CATEGORIES] != N) {
		fprintf(stderr, "metricnet: %s: wanted %d pictures a category: %s\n", path,
		    N / CATEGORIES, par_err_why());
		exit(65);
	}
	float *train = features_of(b, &(pictures){.g = &b->g}, TRAIN, NULL);
	float *scores = malloc((size_t)N * CATEGORIES * sizeof *scores);
	float *row = features_of(b, &(pictures){.made = &x.made}, N, scores);
	moments_of(&b->real, &b->w, &(features){TRAIN, WIDTH, train});
	double right = 0, d = distance_to(b, &b->real, row, N);
	for (int64_t i = 0; i < N; i++)
		right += (best_of(scores + i * CATEGORIES) ==
			     b->g.in_catalog[made_category(&x.made, i)]) /
			 (double)N;
	tell(b, "fid", 1, &d);
	tell(b, "right", 1, &right);
	tell_likeness(b, "prdc", row, &(features){N, WIDTH, train});
	moments_drop(&b->real);
	free(scores);
	free(row);
	free(train);
	synthetic_close(&x);
}

/* the test pictures of a category against its training pictures */
static void measure_categories(bench *b)
{
	double floor[CATEGORIES];
	for (int c = 0; c < CATEGORIES; c++) {
		moments m;
		const int64_t *item = b->g.items[GALLERY_TRAIN] + b->g.first[GALLERY_TRAIN][c];
		int64_t n = gallery_count(&b->g, GALLERY_TRAIN, c);
		float *row = features_of(b, &(pictures){.g = &b->g, .item = item}, n, NULL);
		moments_of(&m, &b->w, &(features){n, WIDTH, row});
		free(row);
		item = b->g.items[GALLERY_TEST] + b->g.first[GALLERY_TEST][c];
		n = gallery_count(&b->g, GALLERY_TEST, c);
		row = features_of(b, &(pictures){.g = &b->g, .item = item}, n, NULL);
		floor[b->g.in_catalog[c]] = distance_to(b, &m, row, n);
		free(row);
		moments_drop(&m);
	}
	tell(b, "intra_class_fid_floor", CATEGORIES, floor);
}

static void without_sandals(bench *b)
{
	static int64_t item[N];
	int64_t n = 0;
	for (int64_t i = TRAIN; i < TRAIN + N; i++)
		if (b->g.label[i] != 5)
			item[n++] = i;
	measure(b, "fid_test_without_class5(9000)", (pictures){.item = item}, n);
}

static void measure_all(bench *b)
{
	pictures p = {.g = &b->g};
	float *train = features_of(b, &p, TRAIN, NULL);
	double trace = 0;
	moments_of(&b->real, &b->w, &(features){TRAIN, WIDTH, train});
	for (int i = 0; i < WIDTH; i++)
		trace += b->real.covariance[i * WIDTH + i];
	tell(b, "trace_cov_ref", 1, &trace);
	measure_test(b, train);
	free(train);
	measure(b, "fid_test10k_shifted_left_1px", (pictures){.first = TRAIN, .damage = shift1}, N);
	measure(b, "fid_test10k_shifted_left_4px", (pictures){.first = TRAIN, .damage = shift4}, N);
	measure(b, "fid_test10k_blur3x3", (pictures){.first = TRAIN, .damage = blur}, N);
	measure(b, "fid_test10k_inverted", (pictures){.first = TRAIN, .damage = invert}, N);
	measure(b, "fid_first100_test_repeated100x", (pictures){.first = TRAIN, .again = 100}, N);
	without_sandals(b);
	measure_categories(b);
	moments_drop(&b->real);
}

int main(int argc, char **argv)
{
	bench b = {0};
	MPI_Init(&argc, &argv);
	par_world_open(&b.w, MPI_COMM_WORLD);
	if (argc < 3 || argc > 4 || gallery_open(&b.g, &b.w, argv[2]) != PAR_OK ||
	    classifier_open(&b.c, &(classifier_spec){.world = &b.w,
				      .batch = 500,
				      .seed = 1,
				      .height = SIDE,
				      .width = SIDE,
				      .channels = 1,
				      .categories = CATEGORIES}) != PAR_OK) {
		fprintf(stderr, "metricnet: %s\n",
		    argc >= 3 ? par_err_why() : "FOLDER CATALOG [AUGMENT]");
		return 64;
	}
	load(&b, argv[1]);
	if (argc == 4)
		measure_made(&b, argv[3]);
	else
		measure_all(&b);
	classifier_close(&b.c);
	gallery_close(&b.g);
	par_world_close(&b.w);
	MPI_Finalize();
	return 0;
}
