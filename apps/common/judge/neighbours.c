#include "common/judge/neighbours.h"

#include "comm/shared.h"
#include "tensor/gemm.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ROWS 64 /* of one set against all of the other, at a time */

/* all distances between rows of one set and those of another */
typedef struct {
	const features *f, *among;
	float *norm;   /* owned: [among->n] squared lengths */
	float *square; /* owned: [ROWS][among->n] squared distances of the rows at hand */
} distances;

static float squared(const float *x, int n)
{
	double sum = 0;
	for (int i = 0; i < n; i++)
		sum += (double)x[i] * (double)x[i];
	return (float)sum;
}

static par_err distances_open(distances *d, const features *f, const features *among)
{
	size_t n = (size_t)among->n;
	*d = (distances){
	    f, among, malloc(n * sizeof(float) + 1), malloc(ROWS * n * sizeof(float) + 1)};
	if (!d->norm || !d->square)
		return par_fail(
		    PAR_E_MEMORY, "no memory for distances to %lld pictures", (long long)among->n);
	for (int64_t i = 0; i < among->n; i++)
		d->norm[i] = squared(among->row + i * among->width, among->width);
	return PAR_OK;
}

static void distances_close(distances *d)
{
	free(d->norm);
	free(d->square);
}

/* |x - y|^2 = |x|^2 + |y|^2 - 2 x y; of rows [lo, hi) */
static void distances_of(const distances *d, int64_t lo, int64_t hi)
{
	int64_t n = d->among->n;
	int width = d->f->width;
	const float *x = d->f->row + lo * width;
	par_gemm(hi - lo, n, width, x, width, PAR_AS_IS, d->among->row, width, PAR_TRANSPOSED,
	    d->square, n, false, NULL);
	for (int64_t i = 0; i < hi - lo; i++) {
		float own = squared(x + i * width, width), *row = d->square + i * n;
		for (int64_t j = 0; j < n; j++)
			row[j] = fmaxf(own + d->norm[j] - 2 * row[j], 0);
	}
}

/* ---- a result for each row, put together on every rank ---- */

typedef struct {
	distances d;
	int k;
	bool same; /* a row is no neighbour of itself */
	void (*take)(void *job, int64_t row, const float *square);
	void *ctx;
} row_job;

static par_err run_rows(void *ctx, int64_t lo, int64_t hi, double *sums)
{
	const row_job *j = ctx;
	(void)sums;
	distances_of(&j->d, lo, hi);
	for (int64_t i = lo; i < hi; i++)
		j->take(j->ctx, i, j->d.square + (i - lo) * j->d.among->n);
	return PAR_OK;
}

/* each rank's rows of `each` bytes reach all */
static par_err share_rows(const par_world *w, const par_blocks *b, size_t each, void *rows)
{
	par_shared all;
	par_err e = par_shared_open(&all, w, (size_t)b->n * each + 1);
	if (e == PAR_OK) {
		par_shared_put(&all, (size_t)b->lo * each, (size_t)(b->hi - b->lo) * each,
		    (const char *)rows + (size_t)b->lo * each);
		memcpy(rows, all.window.base, (size_t)b->n * each);
		par_window_meet(&all.window);
	}
	par_shared_close(&all);
	return e;
}

static par_err over_rows(
    row_job *j, const par_world *w, const features *f, const features *among, par_blocks *b)
{
	par_err e = par_agree(w, distances_open(&j->d, f, among));
	par_blocks_deal(b, w, f->n, ROWS);
	if (e == PAR_OK)
		e = par_blocks_run(b, run_rows, j, NULL, 0);
	distances_close(&j->d);
	return e;
}

/* the smallest of n numbers without number `skip`, ascending: best[k], and whose they are */
static void smallest(int k, int64_t n, const float *x, int64_t skip, float *best, int64_t *whose)
{
	for (int i = 0; i < k; i++) {
		best[i] = INFINITY;
		whose[i] = -1;
	}
	for (int64_t j = 0; j < n; j++) {
		if (j == skip || !(x[j] < best[k - 1]))
			continue;
		int at = k - 1;
		for (; at > 0 && x[j] < best[at - 1]; at--) {
			best[at] = best[at - 1];
			whose[at] = whose[at - 1];
		}
		best[at] = x[j];
		whose[at] = j;
	}
}

enum { K_MOST = 16 };

typedef struct {
	const features *f;
	int k;
	float *out;
} reaching;

static void take_reach(void *ctx, int64_t row, const float *square)
{
	const reaching *r = ctx;
	float best[K_MOST];
	int64_t whose[K_MOST];
	smallest(r->k, r->f->n, square, row, best, whose);
	r->out[row] = sqrtf(best[r->k - 1]);
}

par_err neighbours_reach(float *out, const par_world *w, const features *f, int k)
{
	reaching r = {f, k, out};
	row_job j = {.take = take_reach, .ctx = &r};
	par_blocks b;
	PAR_MUST(k > 0 && k <= K_MOST, "%d neighbours", k);
	PAR_TRY(over_rows(&j, w, f, f, &b));
	return share_rows(w, &b, sizeof *out, out);
}

typedef struct {
	const features *among;
	float *distance;
	int64_t *which;
} nearing;

static void take_nearest(void *ctx, int64_t row, const float *square)
{
	const nearing *n = ctx;
	float *to = n->distance + 2 * row;
	smallest(2, n->among->n, square, -1, to, n->which + 2 * row);
	to[0] = sqrtf(to[0]);
	to[1] = sqrtf(to[1]);
}

par_err neighbours_nearest(
    float *distance, int64_t *which, const par_world *w, const features *f, const features *among)
{
	nearing n = {among, distance, which};
	row_job j = {.take = take_nearest, .ctx = &n};
	par_blocks b;
	PAR_TRY(over_rows(&j, w, f, among, &b));
	PAR_TRY(share_rows(w, &b, 2 * sizeof *distance, distance));
	return share_rows(w, &b, 2 * sizeof *which, which);
}

/* ---- likeness ---- */

typedef struct {
	distances d;
	const float *own, *other; /* reach of the rows and of those they are held against */
} among;

/* of made rows: how many lie in a real ball, and in how many */
static par_err count_made(void *ctx, int64_t lo, int64_t hi, double *sums)
{
	const among *a = ctx;
	int64_t n = a->d.among->n;
	distances_of(&a->d, lo, hi);
	for (int64_t i = 0; i < hi - lo; i++) {
		const float *square = a->d.square + i * n;
		int64_t balls = 0;
		for (int64_t j = 0; j < n; j++)
			balls += sqrtf(square[j]) < a->other[j];
		sums[0] += balls > 0;
		sums[1] += (double)balls;
	}
	return PAR_OK;
}

/* of real rows: how many lie in a made ball, and how many have a made one in theirs */
static par_err count_real(void *ctx, int64_t lo, int64_t hi, double *sums)
{
	const among *a = ctx;
	int64_t n = a->d.among->n;
	distances_of(&a->d, lo, hi);
	for (int64_t i = lo; i < hi; i++) {
		const float *square = a->d.square + (i - lo) * n;
		bool in = false, has = false;
		for (int64_t j = 0; j < n; j++) {
			float distance = sqrtf(square[j]);
			in = in || distance < a->other[j];
			has = has || distance < a->own[i];
		}
		sums[0] += in;
		sums[1] += has;
	}
	return PAR_OK;
}

static par_err count(const par_world *w, const features *f, const float *own, const features *other,
    const float *reach, par_block_fn fn, double *sums)
{
	par_blocks b;
	among a = {.own = own, .other = reach};
	par_blocks_deal(&b, w, f->n, ROWS);
	par_err e = par_agree(w, distances_open(&a.d, f, other));
	if (e == PAR_OK)
		e = par_blocks_run(&b, fn, &a, sums, 2);
	distances_close(&a.d);
	return e;
}

par_err neighbours_likeness(likeness *out, const par_world *w, const features *real,
    const float *real_reach, const features *made)
{
	double in_real[2], in_made[2];
	float *reach = malloc((size_t)made->n * sizeof *reach + 1);
	par_err e = par_agree(
	    w, reach ? PAR_OK
		     : par_fail(PAR_E_MEMORY, "no memory for %lld pictures", (long long)made->n));
	if (e == PAR_OK)
		e = neighbours_reach(reach, w, made, NEIGHBOURS_K);
	if (e == PAR_OK)
		e = count(w, made, reach, real, real_reach, count_made, in_real);
	if (e == PAR_OK)
		e = count(w, real, real_reach, made, reach, count_real, in_made);
	free(reach);
	PAR_TRY(e);
	*out = (likeness){in_real[0] / (double)made->n, in_made[0] / (double)real->n,
	    in_real[1] / NEIGHBOURS_K / (double)made->n, in_made[1] / (double)real->n};
	return PAR_OK;
}
