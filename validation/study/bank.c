/* apps: forecast
 * The bank alone over matrices of bank_matrix.py: accuracy of each model, of the choice, and time.
 *
 * usage: bank [-o origins] [-m model] [-s season] [-k kernels] FILE.mat ...
 * totals are over all files */
#include "forecast/bank/bank.h"
#include "base/cpu.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { BLOCK = 512, QUANTILES = 17 };
static const double quantile[QUANTILES] = {
    .005, .025, .1, .165, .2, .25, .3, .4, .5, .6, .7, .75, .8, .835, .9, .975, .995};

typedef struct {
	int32_t series, length, horizon, season, season2, counts;
	float *units, *actual;
} matrix;

typedef struct {
	double n, smape, mase, rmsse, scaled, sql, spl, msis, inside, seconds;
} score;

static matrix read_matrix(const char *path)
{
	matrix m;
	FILE *f = fopen(path, "rb");
	if (!f || fread(&m, 4, 6, f) != 6) {
		perror(path);
		exit(1);
	}
	size_t n = (size_t)m.series * (size_t)m.length, h = (size_t)m.series * (size_t)m.horizon;
	m.units = malloc(n * 4);
	m.actual = malloc(h * 4);
	if (!m.units || !m.actual || fread(m.units, 4, n, f) != n || fread(m.actual, 4, h, f) != h)
		exit(1);
	fclose(f);
	return m;
}

static double scale_of(const float *y, int64_t n, int lag, bool squared)
{
	int64_t first = 0;
	double sum = 0;
	while (first < n && !(y[first] == y[first] && (!squared || y[first] != 0)))
		first++;
	for (int64_t t = first + lag; t < n; t++) {
		double d = fabs((double)y[t] - y[t - lag]);
		sum += squared ? d * d : d;
	}
	return sum / (double)(n - first - lag);
}

static double pinball(double u, double q, double y)
{
	return y >= q ? u * (y - q) : (1 - u) * (q - y);
}

static void judge(score *s, const matrix *m, int64_t i, const float *f, const float *q)
{
	const float *y = m->units + i * m->length, *a = m->actual + i * m->horizon;
	double scale = scale_of(y, m->length, m->season, false);
	double first = scale_of(y, m->length, 1, false), sq = scale_of(y, m->length, 1, true);
	double smape = 0, size = 0, square = 0, sql = 0, spl = 0, msis = 0, inside = 0;
	for (int h = 0; h < m->horizon; h++) {
		double e = fabs((double)a[h] - f[h]);
		smape += e > 0 ? 200 * e / (fabs(a[h]) + fabs(f[h])) : 0;
		size += e;
		square += e * e;
		static const int tenths[] = {2, 4, 6, 7, 8, 9, 10, 12, 14};
		static const int m5[] = {0, 1, 3, 5, 8, 11, 13, 15, 16};
		for (int k = 0; k < 9; k++) {
			sql += 2 *
			       pinball(quantile[tenths[k]], q[h * QUANTILES + tenths[k]], a[h]) / 9;
			spl += pinball(quantile[m5[k]], q[h * QUANTILES + m5[k]], a[h]) / 9;
		}
		double lo = q[h * QUANTILES + 1], hi = q[h * QUANTILES + 15];
		msis += hi - lo + 40 * fmax(0, lo - a[h]) + 40 * fmax(0, a[h] - hi);
		inside += a[h] >= lo && a[h] <= hi;
	}
	double n = m->horizon;
	s->n++;
	s->smape += smape / n;
	s->inside += inside / n;
	if (!(scale > 0 && sq > 0))
		return;
	s->scaled++;
	s->mase += size / n / scale;
	s->rmsse += sqrt(square / n / sq);
	s->sql += sql / n / scale;
	s->spl += spl / n / first;
	s->msis += msis / n / scale;
}

static void run(
    score *s, const matrix *m, unsigned models, int origins, int season, int64_t *chosen)
{
	bank_spec spec = {season ? season : m->season, m->season2, m->horizon, m->counts, origins,
	    quantile, QUANTILES, models};
	size_t h = (size_t)m->horizon;
	float *mean = malloc(BLOCK * h * 4), *q = malloc(BLOCK * h * QUANTILES * 4);
	static int16_t model[BLOCK], status[BLOCK];
	static float mase[BLOCK], rmsse[BLOCK], smape[BLOCK];
	bank_result out = {mean, q, model, status, mase, rmsse, smape};
	for (int64_t lo = 0; lo < m->series; lo += BLOCK) {
		int64_t n = m->series - lo < BLOCK ? m->series - lo : BLOCK;
		struct timespec a, b;
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
		if (bank_forecast(&spec, n, m->units + lo * m->length, m->length, &out))
			exit(1);
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
		s->seconds += (double)(b.tv_sec - a.tv_sec) +
			      1e-9 * (double)(b.tv_nsec - a.tv_nsec);
		for (int64_t i = 0; i < n; i++) {
			judge(s, m, lo + i, mean + i * (int64_t)h, q + i * (int64_t)h * QUANTILES);
			chosen[model[i]]++;
		}
	}
	free(mean);
	free(q);
}

static void show(const char *name, const score *s, const score *naive2)
{
	printf("%-24s sMAPE %7.3f MASE %6.3f OWA %6.3f RMSSE %6.3f SQL %6.4f SPL %6.4f MSIS %7.2f "
	       "cover %.3f  %8.1f us\n",
	    name, s->smape / s->n, s->mase / s->scaled,
	    .5 * (s->smape / naive2->smape + s->mase / naive2->mase), s->rmsse / s->scaled,
	    s->sql / s->scaled, s->spl / s->scaled, s->msis / s->scaled, s->inside / s->n,
	    1e6 * s->seconds / s->n);
}

int main(int argc, char **argv)
{
	int origins = 0, only = -1, season = 0, c;
	par_kernels kernels = par_cpu_best();
	while ((c = getopt(argc, argv, "o:m:s:k:")) != -1)
		if (c == 'k' && par_kernels_parse(&kernels, optarg) != PAR_OK)
			return 1;
		else if (c != 'k')
			*(c == 'o' ? &origins : c == 'm' ? &only : &season) = atoi(optarg);
	par_cpu_use(kernels);
	score total[BANK_MODELS + 1] = {{0}};
	int64_t chosen[BANK_MODELS] = {0}, unused[BANK_MODELS] = {0};
	for (int k = optind; k < argc; k++) {
		matrix m = read_matrix(argv[k]);
		for (int i = 0; i <= BANK_MODELS; i++)
			if (i == BANK_NAIVE2 || i == BANK_MODELS || only == -1 || i == only)
				run(&total[i], &m, i < BANK_MODELS ? 1u << i : 0, origins, season,
				    i < BANK_MODELS ? unused : chosen);
		free(m.units);
		free(m.actual);
	}
	for (int i = 0; i <= BANK_MODELS; i++)
		if (total[i].n > 0)
			show(i < BANK_MODELS ? bank_model_text(i) : "CHOICE", &total[i],
			    &total[BANK_NAIVE2]);
	for (int i = 0; i < BANK_MODELS; i++)
		printf("%s %lld  ", bank_model_text(i), (long long)chosen[i]);
	printf("\n");
	return 0;
}
