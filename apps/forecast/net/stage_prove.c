#include "forecast/net/expect.h"
#include "forecast/net/stage_inside.h"
#include "forecast/past.h"
#include "forecast/sample.h"
#include "forecast/share.h"

#include <math.h>

int64_t stage_origin(const stage *s, int k)
{
	return s->h.length - 1 - (int64_t)(s->held - k) * s->kind.horizon;
}

static const float *mean_of(const stage *s, int k, int64_t i)
{
	return (const float *)(const void *)s->mean[k].window.base + i * s->kind.horizon;
}

/* what is added up of series: the network's mean squared scaled error, the bank's, how many have both, and how the bank
 * differs from the network at each past origin (share.h) */
enum { OWN, BANK, BOTH, PAST, SUMS = PAST + 3 * HELD_MOST };

/* a kept series that began before a past origin, in units of its scale; where nothing can be sold the network alone is
 * right */
static void add_differences(const stage *s, int past, int64_t i, double scale, double *sums)
{
	const results *r = s->r;
	int64_t row = sample_at(s->h.level, i) - r->first;
	int64_t known = results_origin(s->h.length, r->horizon, past);
	const float *y = s->h.units + i * s->h.length + known;
	const float *said = mean_of(s, s->held - 1 - past, i);
	float *at = held_at(&r->held, row, past);
	for (int h = 0; at && s->h.first[i] < known && h < r->horizon; h++) {
		if (!isfinite(y[h]) || said[h] == 0)
			continue;
		double bank = (double)held_step(&r->held, at, h)[HELD_MEAN];
		double e = (double)y[h] - (double)said[h], d = bank - (double)said[h];
		sums[0] += e * e / scale;
		sums[1] += d * e / scale;
		sums[2] += d * d / scale;
	}
}

static par_err hold_against(void *ctx, int64_t lo, int64_t hi, double *sums)
{
	const stage *s = ctx;
	for (int64_t series = lo; series < hi; series++) {
		int64_t i = sample_below(s->h.level, series);
		if (!sample_has(s->h.level, series))
			continue;
		const float *y = s->h.units + i * s->h.length;
		double scale = past_step(y, s->h.first[i], s->h.length), sum = 0;
		double bank = (double)s->r->rmsse[series - s->r->first];
		int64_t count = 0;
		for (int k = 0; k < s->held; k++)
			for (int h = 0; h < s->kind.horizon; h++) {
				double v = (double)y[stage_origin(s, k) + 1 + h];
				double d = v - (double)mean_of(s, k, i)[h];
				sum += isfinite(v) ? d * d : 0;
				count += isfinite(v);
			}
		if (!(scale > 0) || count == 0 || !isfinite(bank))
			continue;
		sums[OWN] += sum / (double)count / scale;
		sums[BANK] += bank * bank;
		sums[BOTH] += 1;
		for (int past = 0; past < s->pasts; past++)
			add_differences(s, past, i, scale, sums + PAST + 3 * past);
	}
	return PAR_OK;
}

static par_err is_better(stage *s)
{
	double sums[SUMS];
	share_moments m[HELD_MOST];
	keep *k = &s->kept;
	PAR_TRY(par_blocks_run(&s->p->blocks, hold_against, s, sums, SUMS));
	k->error = sqrt(sums[OWN] / fmax(sums[BOTH], 1));
	k->error_models = sqrt(sums[BANK] / fmax(sums[BOTH], 1));
	for (int past = 0; past < s->pasts; past++) {
		const double *at = sums + PAST + 3 * past;
		m[past] = (share_moments){at[0], at[1], at[2]};
	}
	s->share = 1 - share_of(m, s->pasts, 0);
	k->better = k->error < k->error_models;
	app_log(s->a,
	    "network: root mean squared scaled error %.4f on %d held-back horizons, the bank %.4f",
	    k->error, s->held, k->error_models);
	return PAR_OK;
}

static par_err forecast_from(stage *s, int k)
{
	size_t bytes = (size_t)(s->h.kept * s->kind.horizon) * sizeof(float);
	PAR_TRY(stage_may_go_on(s));
	par_shared_close(&s->mean[k]);
	PAR_TRY(par_shared_open(&s->mean[k], &s->a->world, bytes));
	return expect_kept(&s->l, stage_origin(s, k), &s->mean[k]);
}

par_err stage_prove(stage *s)
{
	for (int k = 0; k < s->held; k++)
		PAR_TRY(forecast_from(s, k));
	return is_better(s);
}
