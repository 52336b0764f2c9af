#include "forecast/bank/bank.h"

#include "base/cpu.h"
#include "forecast/bank/job.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#if defined(__SSE2__)
#include <xmmintrin.h>
#endif

/* errors kept a series: origins times horizon */
enum { CELLS_MAX = 1 << 17 };

static const char *const model_texts[] = {
#define X(name, text) text,
    BANK_MODEL_LIST(X)
#undef X
};

static const char *const status_texts[] = {
#define X(name, text) text,
    BANK_STATUS_LIST(X)
#undef X
};

const char *bank_model_text(int model)
{
	return model >= 0 && model < BANK_MODELS ? model_texts[model] : "unknown";
}

const char *bank_status_text(int status)
{
	return status >= 0 && status < BANK_STATUSES ? status_texts[status] : "unknown";
}

/* the kernel set that the process runs; bits are the same in all of them */
static par_err run(const bank_job *job)
{
	static par_err (*const set[])(const bank_job *) = {
	    [PAR_KERNELS_PLAIN] = bank_run_plain,
	    [PAR_KERNELS_AVX2] = bank_run_avx2,
	    [PAR_KERNELS_AVX512] = bank_run_avx512,
	};
	return set[par_cpu_kernels()](job);
}

static bool observed(float v)
{
	return isfinite(v);
}

static void measure_steps(bank_profile *p, const float *y, int season)
{
	double squares = 0, sizes = 0;
	int64_t n = 0, k = 0;
	for (int64_t t = p->first + 1; t <= p->last; t++) {
		if (observed(y[t]) && observed(y[t - 1])) {
			double d = ((double)y[t] - y[t - 1]) / p->scale;
			squares += d * d;
			n++;
		}
		if (t - season >= p->first && observed(y[t]) && observed(y[t - season])) {
			sizes += fabs((double)y[t] - y[t - season]) / p->scale;
			k++;
		}
	}
	p->step = n ? squares / (double)n : 0;
	p->season_step = k ? sizes / (double)k : sqrt(p->step);
}

static void profile_take(bank_profile *p, const bank_spec *s, const float *y, int64_t length)
{
	*p = (bank_profile){.index = p->index, .first = -1, .last = -1, .scale = 1};
	int64_t all = 0;
	for (int64_t t = 0; t < length; t++) {
		if (!observed(y[t]))
			continue;
		all++;
		if (p->first < 0 && s->counts && y[t] == 0)
			continue;
		if (p->first < 0) {
			p->first = t;
			p->lowest = p->highest = y[t];
		}
		p->last = t;
		p->observed++;
		p->zeros += y[t] == 0;
		p->lowest = fmin(p->lowest, y[t]);
		p->highest = fmax(p->highest, y[t]);
	}
	if (all == 0)
		p->status = BANK_EMPTY;
	else if (p->first < 0 || (p->lowest == 0 && p->highest == 0))
		p->status = BANK_ZERO;
	else if (p->lowest == p->highest && (p->observed == all || p->observed >= 5))
		p->status = BANK_CONSTANT;
	if (p->status != BANK_OK)
		return;
	p->demand = p->lowest >= 0 && p->zeros * 5 >= p->observed;
	int exponent;
	frexp(fmax(fabs(p->lowest), fabs(p->highest)), &exponent);
	p->scale = ldexp(1, exponent);
	measure_steps(p, y, s->season);
	if (p->observed < 5)
		p->status = BANK_SHORT;
	else if (length - 1 - p->last >= 2 * (int64_t)s->season && length - 1 - p->last > 1)
		p->status = BANK_STALE;
}

/* alike together: demand needs other models, and a short series waits for a long one */
static int by_kind(const void *a, const void *b)
{
	const bank_profile *p = a, *q = b;
	if (p->demand != q->demand)
		return p->demand ? 1 : -1;
	if (p->first != q->first)
		return p->first < q->first ? -1 : 1;
	return p->index < q->index ? -1 : 1;
}

/* a constant answer with no error */
static void answer_constant(const bank_spec *s, const bank_profile *p, bank_result *out)
{
	double v = p->status == BANK_CONSTANT ? p->highest : 0;
	if (s->counts && v < 0)
		v = 0;
	int64_t i = p->index, cells = (int64_t)s->horizon * s->quantiles;
	for (int h = 0; h < s->horizon; h++)
		out->mean[i * s->horizon + h] = (float)v;
	for (int64_t k = 0; out->quantiles && k < cells; k++)
		out->quantiles[i * cells + k] = (float)v;
	out->model[i] = BANK_NAIVE;
	out->status[i] = (int16_t)p->status;
	out->mase[i] = out->rmsse[i] = out->smape[i] = NAN;
}

/* tiny values count as zero while the kernels run: smoothing towards nothing would end in
 * denormals, a hundred times slower */
static unsigned flush_on(void)
{
#if defined(__SSE2__)
	unsigned before = _mm_getcsr();
	_mm_setcsr(before | 0x8040);
	return before;
#else
	return 0;
#endif
}

static void flush_restore(unsigned before)
{
#if defined(__SSE2__)
	_mm_setcsr(before);
#else
	(void)before;
#endif
}

/* the spec as the kernels take it: origins within reason */
static bank_spec settle(const bank_spec *s)
{
	PAR_MUST(s->season >= 1 && s->season <= BANK_SEASON && s->season2 >= 0 &&
		     s->season2 <= BANK_SEASON,
	    "seasons %d, %d", s->season, s->season2);
	PAR_MUST(
	    s->horizon >= 1 && s->origins >= 0, "horizon %d, origins %d", s->horizon, s->origins);
	for (int q = 0; q < s->quantiles; q++)
		PAR_MUST(s->quantile[q] > (q ? s->quantile[q - 1] : 0) && s->quantile[q] < 1,
		    "quantile %d is %g", q, s->quantile[q]);
	bank_spec r = *s;
	int most = CELLS_MAX / s->horizon > 1 ? CELLS_MAX / s->horizon : 1;
	int own = s->horizon > BANK_WINDOW / 5 ? BANK_WINDOW : 5 * s->horizon;
	own = own > BANK_ORIGINS ? own : BANK_ORIGINS;
	r.origins = s->origins ? s->origins : own;
	r.origins = r.origins < most ? r.origins : most;
	r.origins = r.origins < BANK_WINDOW ? r.origins : BANK_WINDOW;
	return r;
}

par_err bank_forecast(
    const bank_spec *spec, int64_t n, const float *units, int64_t length, bank_result *out)
{
	bank_spec settled = settle(spec), *s = &settled;
	bank_profile *p = calloc((size_t)n + 1, sizeof *p);
	if (!p)
		return par_fail(PAR_E_MEMORY, "no room to forecast %lld series", (long long)n);
	int64_t hard = 0;
	for (int64_t i = 0; i < n; i++) {
		p[hard].index = i;
		profile_take(&p[hard], s, units + i * length, length);
		if (p[hard].status == BANK_EMPTY || p[hard].status == BANK_ZERO ||
		    p[hard].status == BANK_CONSTANT)
			answer_constant(s, &p[hard], out);
		else
			hard++;
	}
	qsort(p, (size_t)hard, sizeof *p, by_kind);
	unsigned before = flush_on();
	par_err e = run(&(bank_job){s, p, hard, units, length, out});
	flush_restore(before);
	free(p);
	return e;
}
