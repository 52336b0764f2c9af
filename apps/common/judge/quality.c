#include "common/judge/quality.h"

#include "common/judge/neighbours.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define WIDTH CLASSIFIER_FEATURES
#define COMPARED \
	10000    /* pictures of a set among whose neighbours all together are looked for, at most */
#define FEWEST 8 /* pictures, of which a measure tells something */
#define FIFTH .05

const quality_word quality_words[QUALITY_METRICS] = {
    {"fid", "Frechet distance of features from the training pictures; lower is better"},
    {"fid_holdout", "the same of real pictures held out"},
    {"precision", "share that lies among the training pictures"},
    {"recall", "share of training pictures that lie among the made ones"},
    {"density", "how many training pictures' neighbourhoods hold a made one, over the usual"},
    {"coverage", "share of training pictures near which a made one lies"},
    {"coverage_holdout", "the same of real pictures held out"},
    {"label_accuracy", "share that the network takes for their category"},
    {"label_accuracy_holdout", "the same of real pictures held out"},
    {"spread", "distance between pictures, over that between training pictures; 1 is alike"},
    {"copies", "share nearer to a training picture than to any held out; 0.5 is none copied"},
    {"nndr",
	"5th percentile of nearest over second nearest distance to training pictures, over that of "
	"pictures held out; below 1: nearer to single pictures"},
};

/* ---- features ---- */

typedef struct {
	const gallery *g;
	const int64_t *item; /* real pictures by number, or ... */
	const made_set *m;   /* ... all of these */
} pictures;

static void make(void *ctx, int64_t sample, void *const field[])
{
	const pictures *p = ctx;
	const uint8_t *cell = p->m ? made_cells(p->m, sample)
				   : gallery_cells(p->g, p->item[sample]);
	gallery_floats(p->g->bytes, cell, field[CLASSIFIER_PICTURE]);
}

/* of n pictures, and scores where they are wanted; owned by the caller */
static par_err look(quality *q, pictures *p, int64_t n, float **row, float **score)
{
	size_t each = (size_t)q->g->categories;
	*row = malloc((size_t)n * WIDTH * sizeof **row + 1);
	if (score)
		*score = malloc((size_t)n * each * sizeof **score + 1);
	bool room = *row && (!score || *score);
	PAR_TRY_ALL(q->world,
	    room ? PAR_OK
		 : par_fail(PAR_E_MEMORY, "no memory for features of %lld pictures", (long long)n));
	return classifier_ask(q->net, n, make, p, *row, score ? *score : NULL);
}

par_err quality_open(quality *q, const par_world *w, const gallery *g, classifier *net, int holdout)
{
	*q = (quality){.world = w, .g = g, .net = net, .holdout = holdout};
	q->train_first = g->first[GALLERY_TRAIN];
	q->held_first = g->first[holdout];
	pictures train = {.g = g, .item = g->items[GALLERY_TRAIN]};
	pictures held = {.g = g, .item = g->items[holdout]};
	PAR_TRY(look(q, &train, q->train_first[g->categories], &q->train, NULL));
	return look(q, &held, q->held_first[g->categories], &q->held, &q->held_score);
}

void quality_close(quality *q)
{
	free(q->train);
	free(q->held);
	free(q->held_score);
	*q = (quality){0};
}

static features rows(const float *row, const int64_t *first, int64_t c)
{
	return (features){first[c + 1] - first[c], WIDTH, row + first[c] * WIDTH};
}

/* share of pictures of category c whose highest score is its own */
static double label_accuracy(
    const float *score, int64_t categories, const int64_t *first, int64_t c)
{
	int64_t right = 0, n = first[c + 1] - first[c];
	for (int64_t i = first[c]; i < first[c + 1]; i++) {
		const float *of = score + i * categories;
		int64_t best = 0;
		for (int64_t k = 1; k < categories; k++)
			best = of[k] > of[best] ? k : best;
		right += best == c;
	}
	return n > 0 ? (double)right / (double)n : NAN;
}

/* ---- laws ---- */

/* distance of made ones from training pictures, and how their spreads compare */
static par_err compare_laws(
    quality *q, const features *train, const features *made, double *fid, double *spread)
{
	moments a = {0}, b = {0};
	double trace[2] = {0, 0};
	*fid = NAN;
	if (train->n < FEWEST || made->n < FEWEST)
		return PAR_OK;
	par_err e = moments_of(&a, q->world, train);
	if (e == PAR_OK)
		e = moments_of(&b, q->world, made);
	if (e == PAR_OK)
		e = frechet_distance(fid, q->world, &a, &b);
	for (int i = 0; i < WIDTH && e == PAR_OK; i++) {
		trace[0] += a.covariance[i * WIDTH + i];
		trace[1] += b.covariance[i * WIDTH + i];
	}
	if (spread)
		*spread = sqrt(trace[1] / trace[0]);
	moments_drop(&a);
	moments_drop(&b);
	return e;
}

/* ---- neighbours ---- */

static par_err compare_neighbours(
    quality *q, const features *train, const features *made, const features *held, double *out)
{
	likeness l = {NAN, NAN, NAN, NAN}, of_held = {.coverage = NAN};
	if (train->n < FEWEST || made->n < FEWEST)
		return PAR_OK;
	float *reach = malloc((size_t)train->n * sizeof *reach);
	par_err e = par_agree(
	    q->world, reach ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for neighbours"));
	if (e == PAR_OK)
		e = neighbours_reach(reach, q->world, train, NEIGHBOURS_K);
	if (e == PAR_OK)
		e = neighbours_likeness(&l, q->world, train, reach, made);
	if (e == PAR_OK && held->n >= FEWEST)
		e = neighbours_likeness(&of_held, q->world, train, reach, held);
	free(reach);
	out[QUALITY_PRECISION] = l.precision;
	out[QUALITY_RECALL] = l.recall;
	out[QUALITY_DENSITY] = l.density;
	out[QUALITY_COVERAGE] = l.coverage;
	out[QUALITY_COVERAGE_HOLDOUT] = of_held.coverage;
	return e;
}

/* ---- copies ---- */

/* room for the distances to the nearest two of a set, and which these are */
typedef struct {
	float *to_train, *to_held;
	int64_t *which;
} nearest;

static par_err nearest_open(nearest *x, const par_world *w, int64_t n)
{
	size_t two = (size_t)n * 2;
	*x = (nearest){malloc(two * sizeof(float) + 1), malloc(two * sizeof(float) + 1),
	    malloc(two * sizeof(int64_t) + 1)};
	bool room = x->to_train && x->to_held && x->which;
	return par_agree(w, room ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for neighbours"));
}

static void nearest_close(nearest *x)
{
	free(x->to_train);
	free(x->to_held);
	free(x->which);
}

static int ascending(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;
	return (x > y) - (x < y);
}

/* the 5th percentile of nearest over second nearest; overwrites the distances */
static double low_ratio(float *distance, int64_t n)
{
	for (int64_t i = 0; i < n; i++)
		distance[i] = distance[2 * i + 1] > 0 ? distance[2 * i] / distance[2 * i + 1] : 0;
	qsort(distance, (size_t)n, sizeof *distance, ascending);
	return (double)distance[(int64_t)(FIFTH * (double)(n - 1))];
}

/* as many training pictures as are held out */
static par_err compare_nearest(quality *q, nearest *x, const features *train, const features *made,
    const features *held, double *share)
{
	int64_t n = train->n < held->n ? train->n : held->n;
	features some = {n, WIDTH, train->row}, other = {n, WIDTH, held->row};
	double nearer = 0;
	PAR_TRY(neighbours_nearest(x->to_train, x->which, q->world, made, &some));
	PAR_TRY(neighbours_nearest(x->to_held, x->which, q->world, made, &other));
	for (int64_t i = 0; i < made->n; i++) {
		float a = x->to_train[2 * i], b = x->to_held[2 * i];
		nearer += a < b ? 1 : a > b ? 0 : .5;
	}
	*share = nearer / (double)made->n;
	return PAR_OK;
}

static par_err compare_ratios(quality *q, nearest *x, const features *train, const features *made,
    const features *held, double *ratio)
{
	PAR_TRY(neighbours_nearest(x->to_train, x->which, q->world, made, train));
	PAR_TRY(neighbours_nearest(x->to_held, x->which, q->world, held, train));
	*ratio = low_ratio(x->to_train, made->n) / low_ratio(x->to_held, held->n);
	return PAR_OK;
}

static par_err compare_copies(
    quality *q, const features *train, const features *made, const features *held, double *out)
{
	nearest x;
	int64_t most = made->n > held->n ? made->n : held->n;
	if (train->n < FEWEST || made->n < FEWEST || held->n < FEWEST)
		return PAR_OK;
	par_err e = nearest_open(&x, q->world, most);
	if (e == PAR_OK)
		e = compare_nearest(q, &x, train, made, held, &out[QUALITY_COPIES]);
	if (e == PAR_OK)
		e = compare_ratios(q, &x, train, made, held, &out[QUALITY_NNDR]);
	nearest_close(&x);
	return e;
}

/* ---- categories ---- */

static par_err compare_category(
    quality *q, const made_set *m, const float *row, const float *score, int64_t c, double *out)
{
	features train = rows(q->train, q->train_first, c), held = rows(q->held, q->held_first, c);
	features of = rows(row, m->first, c);
	double *fid = &out[QUALITY_FID_HOLDOUT];
	PAR_TRY(compare_laws(q, &train, &of, &out[QUALITY_FID], &out[QUALITY_SPREAD]));
	PAR_TRY(compare_laws(q, &train, &held, fid, NULL));
	PAR_TRY(compare_neighbours(q, &train, &of, &held, out));
	PAR_TRY(compare_copies(q, &train, &of, &held, out));
	out[QUALITY_LABEL] = label_accuracy(score, q->g->categories, m->first, c);
	out[QUALITY_LABEL_HOLDOUT] = label_accuracy(
	    q->held_score, q->g->categories, q->held_first, c);
	par_world_alive();
	return PAR_OK;
}

/* of the pictures whose features are `of` */
static par_err nearest_items(
    quality *q, nearest *x, const features *of, int64_t category, int64_t *item)
{
	features train = rows(q->train, q->train_first, category);
	PAR_TRY(neighbours_nearest(x->to_train, x->which, q->world, of, &train));
	for (int64_t i = 0; i < of->n && train.n > 0; i++)
		item[i] = gallery_item(q->g, GALLERY_TRAIN, category, x->which[2 * i]);
	return PAR_OK;
}

par_err quality_nearest(quality *q, const made_set *m, int64_t n, int64_t *item)
{
	nearest x = {0};
	float *row = NULL;
	pictures p = {.g = q->g, .m = m};
	par_err e = look(q, &p, m->first[m->categories], &row, NULL);
	if (e == PAR_OK)
		e = nearest_open(&x, q->world, n);
	for (int64_t i = 0; i < n * m->categories; i++)
		item[i] = -1;
	for (int64_t c = 0; c < m->categories && e == PAR_OK; c++) {
		features of = rows(row, m->first, c);
		of.n = of.n < n ? of.n : n;
		e = nearest_items(q, &x, &of, c, item + c * n);
	}
	nearest_close(&x);
	free(row);
	return e;
}

/* ---- all together ---- */

/* the rows of each category in proportion to its training pictures; owned by the caller */
static par_err mixed(
    quality *q, const float *row, const int64_t *first, features *out, float **kept)
{
	int64_t most = 1, at = 0, categories = q->g->categories;
	for (int64_t c = 0; c < categories; c++)
		if (rows(q->train, q->train_first, c).n > most)
			most = rows(q->train, q->train_first, c).n;
	*kept = malloc((size_t)(first[categories] * WIDTH) * sizeof **kept + 1);
	PAR_TRY_ALL(q->world, *kept ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for features"));
	for (int64_t c = 0; c < categories; c++) {
		features f = rows(row, first, c);
		int64_t n = f.n * rows(q->train, q->train_first, c).n / most;
		memcpy(*kept + at * WIDTH, f.row, (size_t)(n * WIDTH) * sizeof **kept);
		at += n;
	}
	*out = (features){at, WIDTH, *kept};
	return PAR_OK;
}

/* every so manieth row, that at most COMPARED stay; owned by the caller */
static par_err thinned(quality *q, features *f, float **kept)
{
	int64_t every = (f->n + COMPARED - 1) / COMPARED, at = 0;
	*kept = malloc((size_t)f->n * WIDTH * sizeof **kept + 1);
	PAR_TRY_ALL(q->world, *kept ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for features"));
	for (int64_t i = 0; i < f->n; i += every, at++)
		memcpy(*kept + at * WIDTH, f->row + i * WIDTH, WIDTH * sizeof **kept);
	*f = (features){at, WIDTH, *kept};
	return PAR_OK;
}

static par_err neighbours_thinned(
    quality *q, features train, features of, features held, double *out)
{
	float *kept[3] = {0};
	par_err e = thinned(q, &train, &kept[0]);
	if (e == PAR_OK)
		e = thinned(q, &of, &kept[1]);
	if (e == PAR_OK)
		e = thinned(q, &held, &kept[2]);
	if (e == PAR_OK)
		e = compare_neighbours(q, &train, &of, &held, out);
	for (int k = 0; k < 3; k++)
		free(kept[k]);
	return e;
}

static features all_of(const float *row, const int64_t *first, int64_t categories)
{
	return (features){first[categories], WIDTH, row};
}

static par_err compare_all(quality *q, const made_set *m, const float *row, double *out)
{
	int64_t categories = q->g->categories;
	features train = all_of(q->train, q->train_first, categories), of = {0}, held = {0};
	float *kept = NULL, *kept_held = NULL;
	par_err e = mixed(q, row, m->first, &of, &kept);
	if (e == PAR_OK)
		e = mixed(q, q->held, q->held_first, &held, &kept_held);
	if (e == PAR_OK)
		e = compare_laws(q, &train, &of, &out[QUALITY_FID], &out[QUALITY_SPREAD]);
	if (e == PAR_OK)
		e = compare_laws(q, &train, &held, &out[QUALITY_FID_HOLDOUT], NULL);
	if (e == PAR_OK)
		e = neighbours_thinned(q, train, of, held, out);
	free(kept);
	free(kept_held);
	return e;
}

/* the mean over categories */
static void take_mean(double (*out)[QUALITY_METRICS], int64_t categories, quality_metric k)
{
	double sum = 0;
	int64_t n = 0;
	for (int64_t c = 0; c < categories; c++)
		if (!isnan(out[c][k])) {
			sum += out[c][k];
			n++;
		}
	out[categories][k] = n > 0 ? sum / (double)n : NAN;
}

static void clear(double *out)
{
	for (int k = 0; k < QUALITY_METRICS; k++)
		out[k] = NAN;
}

par_err quality_of(quality *q, const made_set *m, double (*out)[QUALITY_METRICS])
{
	static const quality_metric means[] = {
	    QUALITY_LABEL, QUALITY_LABEL_HOLDOUT, QUALITY_COPIES, QUALITY_NNDR};
	int64_t categories = q->g->categories;
	float *row = NULL, *score = NULL;
	pictures p = {.g = q->g, .m = m};
	par_err e = look(q, &p, m->first[categories], &row, &score);
	for (int64_t c = 0; c < categories && e == PAR_OK; c++) {
		clear(out[c]);
		e = compare_category(q, m, row, score, c, out[c]);
	}
	clear(out[categories]);
	if (e == PAR_OK)
		e = compare_all(q, m, row, out[categories]);
	for (int k = 0; k < 4 && e == PAR_OK; k++)
		take_mean(out, categories, means[k]);
	free(row);
	free(score);
	return e;
}

par_err quality_glance(quality *q, const made_set *m, double out[QUALITY_METRICS])
{
	int64_t categories = q->g->categories, some = 0;
	features train = all_of(q->train, q->train_first, categories), of;
	float *row = NULL, *score = NULL, *kept = NULL;
	pictures p = {.g = q->g, .m = m};
	clear(out);
	par_err e = look(q, &p, m->first[categories], &row, &score);
	if (e == PAR_OK)
		e = mixed(q, row, m->first, &of, &kept);
	if (e == PAR_OK)
		e = compare_laws(q, &train, &of, &out[QUALITY_FID], &out[QUALITY_SPREAD]);
	out[QUALITY_LABEL] = 0;
	for (int64_t c = 0; c < categories && e == PAR_OK; c++)
		if (made_count(m, c) > 0) {
			out[QUALITY_LABEL] += label_accuracy(score, categories, m->first, c);
			some++;
		}
	out[QUALITY_LABEL] /= (double)some;
	free(row);
	free(score);
	free(kept);
	return e;
}

/* ---- the verdict ---- */

typedef struct {
	quality_metric metric;
	double least, most;
} bound;

static double fewest(double a, double b, double c)
{
	return fmin(a, fmin(b, c));
}

bool quality_passes(const quality *q, const made_set *m, int64_t category,
    const double v[QUALITY_METRICS], quality_metric *why)
{
	double n = fewest((double)made_count(m, category),
	    (double)gallery_count(q->g, GALLERY_TRAIN, category),
	    (double)gallery_count(q->g, q->holdout, category));
	/* beside what is allowed, two standard errors of a share of one half */
	double chance = .05 + 1 / sqrt(fmax(n, 1));
	const bound bounds[] = {{QUALITY_LABEL, v[QUALITY_LABEL_HOLDOUT] - .05, INFINITY},
	    {QUALITY_COVERAGE, .6 * v[QUALITY_COVERAGE_HOLDOUT], INFINITY},
	    {QUALITY_SPREAD, .7, 1.3}, {QUALITY_COPIES, 0, .5 + chance},
	    {QUALITY_NNDR, .9, INFINITY}};
	for (size_t i = 0; i < sizeof bounds / sizeof *bounds; i++) {
		const bound *b = &bounds[i];
		if (v[b->metric] < b->least || v[b->metric] > b->most || isnan(v[b->metric])) {
			*why = b->metric;
			return false;
		}
	}
	return true;
}
