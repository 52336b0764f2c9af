#include "forecast/pooled/fit.h"

#include "comm/blocks.h"
#include "forecast/pooled/shrink.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCKS = 64 };                                   /* of groups */
enum { ROUNDS = 4 };                                    /* of learning variances ... */
enum { SAMPLE = 192, SAMPLE_GROUPS = 8, MEMBERS = 64 }; /* ... from so many series; of a group */
enum { LEAST_PERIODS = 8 };
#define LEAST_MEAN 3.     /* of units, for a logarithm */
#define ZEROS 0.05        /* share of periods without demand, at most */
#define FLOOR_COUNT 0.5   /* what stands for none */
#define FLOOR_AMOUNT 0.05 /* of the mean */
#define SMOOTHING 0.05
#define CUT 3. /* standard deviations of the noise */
#define MOST_VARIANCE 1.

typedef struct {
	const fit_spec *spec;
	drivers_row_kind columns;
	shrink_prior prior;
	shrink_work work;
	moments m;
	double x[DRIVERS_MOST], b[DRIVERS_MOST];
	double *log_of; /* owned: [length] of the series at hand, NaN missing */
	float *mean;    /* owned: my groups' series */
	int64_t first;  /* place of the first of them */
	int64_t stride; /* every so-manieth group is asked */
	moments all;
} fitting;

static void drop(fitting *f)
{
	shrink_work_close(&f->work);
	shrink_prior_close(&f->prior);
	moments_close(&f->m);
	moments_close(&f->all);
	free(f->log_of);
	free(f->mean);
}

static par_err make(fitting *f, const fit_spec *s)
{
	*f = (fitting){.spec = s, .stride = 1};
	f->columns = drivers_columns(s->of, s->season, s->length);
	PAR_TRY(shrink_prior_open(&f->prior, f->columns.columns, f->columns.kind));
	PAR_TRY(shrink_work_open(&f->work, &f->prior));
	PAR_TRY(moments_open(&f->m, f->columns.columns));
	PAR_TRY(moments_open(&f->all, f->columns.columns));
	f->log_of = malloc((size_t)s->length * sizeof *f->log_of + 1);
	return f->log_of ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for a regression");
}

/* logarithms of a series' demand, NaN missing; false: it has none worth a regression */
static bool take_logs(fitting *f, const history_series *s)
{
	double sum = 0, n = 0, zeros = 0;
	for (int64_t t = f->spec->first; t < f->spec->length; t++)
		if (isfinite(s->units[t])) {
			sum += (double)s->units[t];
			zeros += s->units[t] <= 0;
			n++;
		}
	double least = f->spec->counts ? LEAST_MEAN : 0;
	if (n < LEAST_PERIODS || !(sum / n > least) || zeros > ZEROS * n)
		return false;
	double floor_at = f->spec->counts ? FLOOR_COUNT : FLOOR_AMOUNT * sum / n;
	for (int64_t t = f->spec->first; t < f->spec->length; t++)
		f->log_of[t] = isfinite(s->units[t]) ? log(fmax((double)s->units[t], floor_at))
						     : NAN;
	return true;
}

/* the moments of a series; false: it takes no part */
static bool take_series(fitting *f, const history_series *s)
{
	if (!take_logs(f, s))
		return false;
	moments_clear(&f->m);
	for (int64_t t = f->spec->first; t < f->spec->length; t++) {
		if (isnan(f->log_of[t]))
			continue;
		drivers_row(&f->columns, s, t, f->x);
		moments_add(&f->m, f->x, f->log_of[t]);
	}
	moments_centre(&f->m);
	return true;
}

static history_series member(const fitting *f, int64_t place)
{
	return history_at(f->spec->of->h, f->spec->groups->member[place]);
}

/* ---- all series together ---- */

static int sums_of_all(int columns)
{
	return columns + columns * (columns + 1) / 2;
}

static par_err add_to_all(void *ctx, int64_t lo, int64_t hi, double *sums)
{
	fitting *f = ctx;
	const groups *g = f->spec->groups;
	int n = f->columns.columns;
	for (int64_t p = g->first[lo]; p < g->first[hi]; p++) {
		history_series s = member(f, p);
		if (!take_series(f, &s))
			continue;
		double over = 1 / shrink_noise(&f->prior, &f->m), *out = sums;
		for (int i = 0; i < n; i++)
			*out++ += f->m.right[i] * over;
		for (int i = 0; i < n; i++)
			for (int j = 0; j <= i; j++)
				*out++ += f->m.gram[i * n + j] * over;
	}
	return PAR_OK;
}

static par_err fit_all(fitting *f, const par_blocks *b)
{
	int n = f->columns.columns;
	double *sums = calloc((size_t)sums_of_all(n) + 1, sizeof *sums), *at = sums;
	par_err e = par_agree(
	    b->world, sums ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for a regression"));
	if (e == PAR_OK)
		e = par_blocks_run(b, add_to_all, f, sums, sums_of_all(n));
	if (e == PAR_OK) {
		for (int i = 0; i < n; i++)
			f->all.right[i] = *at++;
		for (int i = 0; i < n; i++)
			for (int j = 0; j <= i; j++)
				f->all.gram[i * n + j] = *at++;
		e = par_agree(b->world, shrink_all(&f->prior, &f->all));
	}
	free(sums);
	return e;
}

/* ---- groups ---- */

/* a group's coefficients from every step-th of its series; taking: how many took part */
static par_err fit_group(fitting *f, int64_t group, int64_t step, int64_t *taking)
{
	const int64_t *first = f->spec->groups->first;
	*taking = 0;
	shrink_group_begin(&f->work);
	for (int64_t p = first[group]; p < first[group + 1]; p += step) {
		history_series s = member(f, p);
		if (!take_series(f, &s))
			continue;
		PAR_TRY(shrink_group_add(&f->work, &f->m));
		++*taking;
	}
	return shrink_group_end(&f->work);
}

static par_err learn_groups(void *ctx, int64_t lo, int64_t hi, double *sums)
{
	fitting *f = ctx;
	const int64_t *first = f->spec->groups->first;
	int64_t taking;
	for (int64_t g = (lo + f->stride - 1) / f->stride * f->stride; g < hi; g += f->stride) {
		int64_t step = (first[g + 1] - first[g]) / MEMBERS + 1;
		PAR_TRY(fit_group(f, g, step, &taking));
		for (int64_t p = first[g]; taking > 0 && p < first[g + 1]; p += step) {
			history_series s = member(f, p);
			if (!take_series(f, &s))
				continue;
			PAR_TRY(shrink_series(&f->work, &f->m, f->b));
			PAR_TRY(shrink_learn_series(&f->work, &f->m, f->b, sums));
		}
		if (taking > 0)
			PAR_TRY(shrink_learn_group(&f->work, sums));
	}
	return PAR_OK;
}

/* the variances, from groups here and there */
static par_err learn(fitting *f, const par_blocks *b)
{
	double sums[SHRINK_SUMS];
	int64_t asked = SAMPLE * b->n / (f->spec->of->h->kept + 1) + 1;
	asked = asked < SAMPLE_GROUPS ? SAMPLE_GROUPS : asked;
	f->stride = b->n / asked > 1 ? b->n / asked : 1;
	for (int k = 0; k < ROUNDS; k++) {
		PAR_TRY(par_blocks_run(b, learn_groups, f, sums, SHRINK_SUMS));
		shrink_take(&f->prior, sums);
	}
	return PAR_OK;
}

/* ---- answers ---- */

static double fitted(fitting *f, const history_series *s, int64_t t)
{
	double sum = f->m.mean_y;
	drivers_row(&f->columns, s, t, f->x);
	for (int j = 0; j < f->columns.columns; j++)
		sum += (f->x[j] - f->m.mean_x[j]) * f->b[j];
	return sum;
}

/* the level at the end, and the variance of the errors on the way there but for its first quarter */
static double smooth(fitting *f, const history_series *s, double *variance)
{
	double level = 0, squares = 0, n = 0;
	double cut = CUT * sqrt(shrink_noise(&f->prior, &f->m));
	for (int64_t t = f->spec->first; t < f->spec->length; t++) {
		if (isnan(f->log_of[t]))
			continue;
		double e = fmax(fmin(f->log_of[t] - fitted(f, s, t) - level, cut), -cut);
		level += SMOOTHING * e;
		if (t - f->spec->first > (f->spec->length - f->spec->first) / 4) {
			squares += e * e;
			n++;
		}
	}
	*variance = n > 0 ? fmin(squares / n, MOST_VARIANCE) : 0;
	return level;
}

static par_err answer(fitting *f, const history_series *s, float *mean)
{
	double variance;
	PAR_TRY(shrink_series(&f->work, &f->m, f->b));
	double level = smooth(f, s, &variance);
	for (int h = 0; h < f->spec->horizon; h++)
		mean[h] = (float)exp(fitted(f, s, f->spec->length + h) + level + variance / 2);
	return PAR_OK;
}

static par_err answer_groups(void *ctx, int64_t lo, int64_t hi, double *sums)
{
	fitting *f = ctx;
	const int64_t *first = f->spec->groups->first;
	int64_t taking;
	(void)sums;
	for (int64_t g = lo; g < hi; g++) {
		PAR_TRY(fit_group(f, g, 1, &taking));
		for (int64_t p = first[g]; p < first[g + 1]; p++) {
			history_series s = member(f, p);
			float *mean = f->mean + (p - f->first) * f->spec->horizon;
			for (int h = 0; h < f->spec->horizon; h++)
				mean[h] = NAN;
			if (take_series(f, &s))
				PAR_TRY(answer(f, &s, mean));
		}
	}
	return PAR_OK;
}

static par_err answer_all(fitting *f, const par_blocks *b, par_shared *mean)
{
	const int64_t *first = f->spec->groups->first;
	int64_t here = first[b->hi] - first[b->lo];
	size_t row = (size_t)f->spec->horizon * sizeof *f->mean;
	f->first = first[b->lo];
	f->mean = malloc((size_t)here * row + 1);
	PAR_TRY(par_agree(b->world,
	    f->mean ? PAR_OK
		    : par_fail(PAR_E_MEMORY, "no memory for %lld means", (long long)here)));
	PAR_TRY(par_blocks_run(b, answer_groups, f, NULL, 0));
	par_shared_put(mean, (size_t)f->first * row, (size_t)here * row, f->mean);
	return PAR_OK;
}

/* ---- why ---- */

static int driver_of(int kind)
{
	return kind == DRIVERS_PRICE   ? WHY_PRICE
	       : kind == DRIVERS_PROMO ? WHY_PROMOTION
				       : WHY_CALENDAR;
}

/* the parts of a series whose coefficients were just found; as answer */
static void take_parts(fitting *f, const history_series *s, float *usual, float *part)
{
	int64_t horizon = f->spec->horizon;
	double variance, level = smooth(f, s, &variance);
	for (int64_t h = 0; h < horizon; h++) {
		double sum[WHY_DRIVERS] = {[WHY_HISTORY] = level};
		drivers_row(&f->columns, s, f->spec->length + h, f->x);
		for (int j = 0; j < f->columns.columns; j++)
			sum[driver_of(f->columns.kind[j])] += (f->x[j] - f->m.mean_x[j]) * f->b[j];
		usual[h] = (float)(f->m.mean_y + variance / 2);
		for (int d = 0; d < WHY_DRIVERS; d++)
			part[d * horizon + h] = (float)sum[d];
	}
}

static int64_t group_at(const groups *g, int64_t place)
{
	int64_t k = 0;
	while (g->first[k + 1] <= place)
		k++;
	return k;
}

/* few are asked for: every rank fits their groups again */
static par_err explain(fitting *f)
{
	why_parts *w = f->spec->why;
	const groups *g = f->spec->groups;
	int64_t taking;
	for (int64_t k = 0; w && k < w->count; k++) {
		int64_t place = g->place[w->series[k]];
		history_series s = member(f, place);
		PAR_TRY(fit_group(f, group_at(g, place), 1, &taking));
		if (!take_series(f, &s))
			continue;
		PAR_TRY(shrink_series(&f->work, &f->m, f->b));
		take_parts(f, &s, w->usual + k * w->horizon, w->part + k * WHY_PARTS * w->horizon);
	}
	return PAR_OK;
}

par_err fit_forecast(const fit_spec *s, par_shared *mean)
{
	const par_world *w = s->of->h->of->world;
	fitting f;
	par_blocks b;
	par_blocks_deal(&b, w, s->groups->groups, (s->groups->groups + BLOCKS - 1) / BLOCKS);
	par_err e = par_agree(w, make(&f, s));
	if (e == PAR_OK)
		e = fit_all(&f, &b);
	if (e == PAR_OK)
		e = learn(&f, &b);
	if (e == PAR_OK)
		e = answer_all(&f, &b, mean);
	if (e == PAR_OK)
		e = par_agree(w, explain(&f));
	drop(&f);
	return e;
}
