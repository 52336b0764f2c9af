#include "forecast/pooled/shrink.h"

#include "dist/factor.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* to begin with; of logarithms of demand */
#define FIRST_OWN 0.02
#define FIRST_GROUP 0.1
#define FIRST_NOISE 0.5
#define ALL 1.           /* variance of all's coefficients */
#define LEAST_NOISE 1e-4 /* of logarithms, a percent */
#define LEAST 1e-8

enum { OWN, OWN_COUNT = SHRINK_KINDS, GROUP = 2 * SHRINK_KINDS, GROUP_COUNT = 3 * SHRINK_KINDS };
enum { NOISE = 4 * SHRINK_KINDS, NOISE_COUNT };

par_err shrink_prior_open(shrink_prior *p, int columns, const int *kind)
{
	*p = (shrink_prior){.columns = columns, .kind = kind, .noise = FIRST_NOISE};
	for (int k = 0; k < SHRINK_KINDS; k++) {
		p->own[k] = FIRST_OWN;
		p->group[k] = FIRST_GROUP;
	}
	p->all = calloc((size_t)columns + 1, sizeof *p->all);
	return p->all ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for %d coefficients", columns);
}

void shrink_prior_close(shrink_prior *p)
{
	free(p->all);
	*p = (shrink_prior){0};
}

double shrink_noise(const shrink_prior *p, const moments *m)
{
	return fmax(p->noise * m->yy / fmax(m->n, 1), LEAST_NOISE);
}

static par_err factor(double *a, int n)
{
	return par_factor(a, n)
		   ? par_fail(PAR_E_NUMERIC, "a regression's matrix is not positive definite")
		   : PAR_OK;
}

par_err shrink_all(shrink_prior *p, moments *of_all)
{
	for (int j = 0; j < p->columns; j++)
		of_all->gram[j * p->columns + j] += 1 / ALL;
	PAR_TRY(factor(of_all->gram, p->columns));
	memcpy(p->all, of_all->right, (size_t)p->columns * sizeof *p->all);
	par_factor_solve(of_all->gram, p->columns, p->all);
	return PAR_OK;
}

par_err shrink_work_open(shrink_work *w, const shrink_prior *p)
{
	size_t n = (size_t)p->columns;
	*w = (shrink_work){.prior = p};
	w->info = calloc(3 * n * n + 3 * n + 1, sizeof *w->info);
	if (!w->info)
		return par_fail(PAR_E_MEMORY, "no memory for a regression on %zu columns", n);
	w->factor = w->info + n * n;
	w->inverse = w->factor + n * n;
	w->sight = w->inverse + n * n;
	w->mean = w->sight + n;
	w->unit = w->mean + n;
	return PAR_OK;
}

void shrink_work_close(shrink_work *w)
{
	free(w->info);
	*w = (shrink_work){0};
}

/* ---- a group ---- */

static double own_of(const shrink_prior *p, int j)
{
	return 1 / p->own[p->kind[j]];
}

static double group_of(const shrink_prior *p, int j)
{
	return 1 / p->group[p->kind[j]];
}

/* what a series' rows and its prior say of its coefficients, factored */
static par_err factor_series(shrink_work *w, const moments *m)
{
	const shrink_prior *p = w->prior;
	double over = 1 / shrink_noise(p, m);
	for (int i = 0; i < p->columns; i++) {
		for (int j = 0; j <= i; j++)
			w->factor[i * p->columns + j] = m->gram[i * p->columns + j] * over;
		w->factor[i * p->columns + i] += own_of(p, i);
	}
	return factor(w->factor, p->columns);
}

/* row i of the inverse of what was factored */
static const double *inverse_row(shrink_work *w, int i)
{
	int n = w->prior->columns;
	double *row = w->inverse + i * n;
	memset(row, 0, (size_t)n * sizeof *row);
	row[i] = 1;
	par_factor_solve(w->factor, n, row);
	return row;
}

void shrink_group_begin(shrink_work *w)
{
	const shrink_prior *p = w->prior;
	memset(w->info, 0, (size_t)(p->columns * p->columns) * sizeof *w->info);
	for (int j = 0; j < p->columns; j++) {
		w->info[j * p->columns + j] = group_of(p, j);
		w->sight[j] = group_of(p, j) * p->all[j];
	}
}

par_err shrink_group_add(shrink_work *w, const moments *m)
{
	const shrink_prior *p = w->prior;
	double over = 1 / shrink_noise(p, m);
	PAR_TRY(factor_series(w, m));
	for (int j = 0; j < p->columns; j++)
		w->unit[j] = m->right[j] * over;
	par_factor_solve(w->factor, p->columns, w->unit);
	for (int i = 0; i < p->columns; i++) {
		const double *row = inverse_row(w, i);
		double *info = w->info + i * p->columns, own = own_of(p, i);
		for (int j = 0; j <= i; j++)
			info[j] -= own * row[j] * own_of(p, j);
		info[i] += own;
		w->sight[i] += own * w->unit[i];
	}
	return PAR_OK;
}

par_err shrink_group_end(shrink_work *w)
{
	int n = w->prior->columns;
	PAR_TRY(factor(w->info, n));
	memcpy(w->mean, w->sight, (size_t)n * sizeof *w->mean);
	par_factor_solve(w->info, n, w->mean);
	return PAR_OK;
}

par_err shrink_series(shrink_work *w, const moments *m, double *b)
{
	const shrink_prior *p = w->prior;
	double over = 1 / shrink_noise(p, m);
	PAR_TRY(factor_series(w, m));
	for (int j = 0; j < p->columns; j++)
		b[j] = m->right[j] * over + own_of(p, j) * w->mean[j];
	par_factor_solve(w->factor, p->columns, b);
	return PAR_OK;
}

/* ---- variances ---- */

/* the mean sum of squares that stays: of the coefficients, and of what is not known of them */
static double stays(shrink_work *w, const moments *m, const double *b)
{
	int n = m->columns;
	double sum = m->yy;
	for (int i = 0; i < n; i++) {
		const double *row = w->inverse + i * n, *gram = m->gram + i * n;
		sum -= 2 * b[i] * m->right[i];
		for (int j = 0; j < i; j++)
			sum += 2 * (b[i] * b[j] + row[j]) * gram[j];
		sum += (b[i] * b[i] + row[i]) * gram[i];
	}
	return sum;
}

par_err shrink_learn_series(shrink_work *w, const moments *m, const double *b, double *sums)
{
	const shrink_prior *p = w->prior;
	PAR_TRY(factor_series(w, m));
	for (int j = 0; j < p->columns; j++) {
		double d = b[j] - w->mean[j], left = inverse_row(w, j)[j];
		if (m->gram[j * p->columns + j] < LEAST)
			continue;
		sums[OWN + p->kind[j]] += d * d + left;
		sums[OWN_COUNT + p->kind[j]] += 1;
	}
	if (m->yy > 0) {
		sums[NOISE] += stays(w, m, b) / m->yy;
		sums[NOISE_COUNT] += 1;
	}
	return PAR_OK;
}

par_err shrink_learn_group(shrink_work *w, double *sums)
{
	const shrink_prior *p = w->prior;
	for (int j = 0; j < p->columns; j++) {
		double d = w->mean[j] - p->all[j];
		memset(w->unit, 0, (size_t)p->columns * sizeof *w->unit);
		w->unit[j] = 1;
		par_factor_solve(w->info, p->columns, w->unit);
		sums[GROUP + p->kind[j]] += d * d + w->unit[j];
		sums[GROUP_COUNT + p->kind[j]] += 1;
	}
	return PAR_OK;
}

void shrink_take(shrink_prior *p, const double *sums)
{
	for (int k = 0; k < SHRINK_KINDS; k++) {
		if (sums[OWN_COUNT + k] > 0)
			p->own[k] = fmax(sums[OWN + k] / sums[OWN_COUNT + k], LEAST);
		if (sums[GROUP_COUNT + k] > 0)
			p->group[k] = fmax(sums[GROUP + k] / sums[GROUP_COUNT + k], LEAST);
	}
	if (sums[NOISE_COUNT] > 0)
		p->noise = fmin(fmax(sums[NOISE] / sums[NOISE_COUNT], 1e-3), 1);
}
