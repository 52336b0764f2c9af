#include "forecast/bank.h"

#include "base/cpu.h"
#include "forecast/bank_group.h"
#include "forecast/bank_quantile.h"

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
static void run(bank_group *g)
{
	static void (*const set[])(bank_group *) = {
	    [PAR_KERNELS_PLAIN] = bank_run_plain,
	    [PAR_KERNELS_AVX2] = bank_run_avx2,
	    [PAR_KERNELS_AVX512] = bank_run_avx512,
	};
	set[par_cpu_kernels()](g);
}

/* what one look at a series tells */
typedef struct {
	int64_t index;
	int64_t first, last; /* observed steps that count */
	int64_t observed, zeros;
	double lowest, highest, step, season_step; /* steps: mean squared, mean absolute seasonal */
	double scale;                              /* a power of two */
	bool demand;                               /* a fifth or more of zeros, none negative */
	bank_status status;
} profile;

static bool observed(float v)
{
	return isfinite(v);
}

static void measure_steps(profile *p, const float *y, int season)
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

static void profile_take(profile *p, const bank_spec *s, const float *y, int64_t length)
{
	*p = (profile){.index = p->index, .first = -1, .last = -1, .scale = 1};
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
	const profile *p = a, *q = b;
	if (p->demand != q->demand)
		return p->demand ? 1 : -1;
	if (p->first != q->first)
		return p->first < q->first ? -1 : 1;
	return p->index < q->index ? -1 : 1;
}

/* a constant answer with no error */
static void answer_constant(const bank_spec *s, const profile *p, bank_result *out)
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

typedef struct {
	bank_group g;
	double *rows, *scale, *seen, *z;
	float *error; /* [LANES][origins][horizon] of this group, NaN where unknown */
	void *memory;
} bench;

static void *carve(uintptr_t *at, int64_t vectors)
{
	uintptr_t p = *at;
	*at += (uintptr_t)vectors * sizeof(vec);
	return (void *)p; /* NOLINT(performance-no-int-to-ptr) */
}

/* place all arrays from `at` on; returns where they end */
static uintptr_t lay_out(bench *b, const bank_spec *s, int64_t length, uintptr_t at)
{
	int64_t t = length + 1, r = s->origins + 1, h = s->horizon, cells = r * h;
	bank_group *g = &b->g;
	vec **steps[] = {&g->y, &g->w, &g->z, &g->x, &g->start, &g->fill, &g->line_a, &g->line_b,
	    &g->age, &g->scratch_time, &g->scratch_time2};
	for (size_t k = 0; k < sizeof steps / sizeof *steps; k++)
		*steps[k] = carve(&at, t);
	for (int k = 0; k < BANK_MODELS; k++)
		g->state[k] = carve(&at, 2 * r);
	g->dotm_d = carve(&at, r);
	g->dotm_c = carve(&at, r);
	g->worthy = carve(&at, r);
	g->error = carve(&at, cells);
	g->known = carve(&at, cells);
	g->error2 = carve(&at, cells);
	g->forecast = carve(&at, h);
	g->forecast2 = carve(&at, h);
	g->scratch = carve(&at, h * BANK_MODELS);
	b->rows = carve(&at, h * s->quantiles / LANES + 1);
	b->scale = carve(&at, h / LANES + 1);
	b->seen = carve(&at, h / LANES + 1);
	b->error = carve(&at, cells / 2 + 1);
	b->z = carve(&at, s->quantiles / LANES + 1);
	return at;
}

static par_err bench_open(bench *b, const bank_spec *s, int64_t length)
{
	size_t bytes = lay_out(b, s, length, 0);
	b->memory = aligned_alloc(sizeof(vec), bytes);
	if (!b->memory)
		return par_fail(PAR_E_MEMORY, "no %zu bytes for the forecasting bank", bytes);
	memset(b->memory, 0, bytes);
	lay_out(b, s, length, (uintptr_t)b->memory);
	b->g.spec = s;
	return PAR_OK;
}

/* a forecast may leave the history's range by four times that range, never below zero where the history
 * is not */
static void set_limits(bank_group *g, const profile *p, int lane, bool counts)
{
	double range = p->highest - p->lowest;
	double lo = p->lowest - 4 * range, hi = p->highest + 4 * range;
	if ((counts || p->lowest >= 0) && lo < 0)
		lo = 0;
	g->bottom[lane] = lo / p->scale;
	g->top[lane] = hi / p->scale;
}

static void group_fill(bench *b, const profile *p, int n, const float *units, int64_t length)
{
	bank_group *g = &b->g;
	int64_t first = p[0].first;
	for (int i = 1; i < n; i++)
		first = p[i].first < first ? p[i].first : first;
	g->length = length - first;
	int64_t most = g->length - 1;
	g->origins = (int)(most < g->spec->origins ? most : g->spec->origins);
	for (int i = 0; i < LANES; i++) {
		double *y = (double *)g->y + i, *w = (double *)g->w + i;
		double *start = (double *)g->start + i;
		g->first[i] = i < n ? (int)(p[i].first - first) : 0;
		g->count[i] = i < n ? (double)p[i].observed : 1;
		g->demand[i] = i < n && p[i].demand ? -1 : 0;
		g->positive[i] = i < n && p[i].lowest > 0 ? -1 : 0;
		g->bottom[i] = g->top[i] = 0;
		if (i < n)
			set_limits(g, &p[i], i, g->spec->counts);
		const float *u = units + (i < n ? p[i].index * length + first : 0);
		for (int64_t t = 0; t < g->length; t++) {
			bool in = i < n && t >= g->first[i] && observed(u[t]);
			y[t * LANES] = in ? u[t] / p[i].scale : 0;
			w[t * LANES] = in;
			start[t * LANES] = i < n && t == g->first[i];
		}
	}
}

static float narrow(double v)
{
	return (float)(v > FLT_MAX ? FLT_MAX : v < -FLT_MAX ? -FLT_MAX : v);
}

static void answer_quantiles(bench *b, const profile *p, int lane, bank_result *out)
{
	const bank_group *g = &b->g;
	const bank_spec *s = g->spec;
	bank_errors e = {.horizon = s->horizon,
	    .origins = g->origins,
	    .error = b->error + (int64_t)lane * g->origins * s->horizon,
	    .actual = (double *)(g->y + g->length - g->origins) + lane,
	    .unit = s->counts && p->demand ? 1 / p->scale : 0,
	    .stride = LANES,
	    .forecast = (double *)g->forecast + lane,
	    .spread = fmin(sqrt(p->step), 1.25 * p->season_step), /* a normal's */
	    .lowest = s->counts || p->lowest >= 0 ? 0 : -DBL_MAX,
	    .quantile = s->quantile,
	    .quantiles = s->quantiles,
	    .scale = b->scale,
	    .seen = b->seen,
	    .z = b->z};
	bank_quantiles(&e, b->rows);
	int64_t cells = (int64_t)s->horizon * s->quantiles;
	for (int64_t k = 0; k < cells; k++)
		out->quantiles[p->index * cells + k] = narrow(b->rows[k] * p->scale);
}

/* a lane's errors side by side, as the quantiles read them */
static void errors_by_lane(bench *b)
{
	const bank_group *g = &b->g;
	int64_t cells = (int64_t)g->origins * g->spec->horizon;
	for (int64_t i = 0; i < cells; i++)
		for (int k = 0; k < LANES; k++)
			b->error[k * cells + i] = g->known[i][k] > 0 ? (float)g->error[i][k] : NAN;
}

static void answer(bench *b, const profile *p, int lane, bank_result *out)
{
	const bank_group *g = &b->g;
	int64_t i = p->index;
	bool limited = false;
	for (int h = 0; h < g->spec->horizon; h++) {
		double v = g->forecast[h][lane];
		limited |= v >= g->top[lane] || (v <= g->bottom[lane] && v != 0);
		out->mean[i * g->spec->horizon + h] = narrow(v * p->scale);
	}
	out->model[i] = (int16_t)g->chosen[lane];
	out->status[i] = (int16_t)(p->status == BANK_OK && limited ? BANK_CLAMPED : p->status);
	double n = g->errors[lane];
	out->mase[i] = n > 0 && p->season_step > 0 ? narrow(g->absolute[lane] / n / p->season_step)
						   : NAN;
	out->rmsse[i] = n > 0 && p->step > 0 ? narrow(sqrt(g->squared[lane] / n / p->step)) : NAN;
	out->smape[i] = n > 0 ? narrow(g->relative[lane] / n) : NAN;
	if (out->quantiles)
		answer_quantiles(b, p, lane, out);
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

/* the spec as the kernels take it: seasons they can hold, origins within reason */
static bank_spec settle(const bank_spec *s)
{
	PAR_MUST(s->season >= 1 && s->season2 >= 0, "seasons %d, %d", s->season, s->season2);
	PAR_MUST(
	    s->horizon >= 1 && s->origins >= 0, "horizon %d, origins %d", s->horizon, s->origins);
	for (int q = 0; q < s->quantiles; q++)
		PAR_MUST(s->quantile[q] > (q ? s->quantile[q - 1] : 0) && s->quantile[q] < 1,
		    "quantile %d is %g", q, s->quantile[q]);
	bank_spec r = *s;
	int most = CELLS_MAX / s->horizon > 1 ? CELLS_MAX / s->horizon : 1;
	r.origins = s->origins                     ? s->origins
		    : s->horizon > BANK_WINDOW / 5 ? BANK_WINDOW
						   : 5 * s->horizon;
	r.origins = r.origins < most ? r.origins : most;
	r.origins = r.origins < BANK_WINDOW ? r.origins : BANK_WINDOW;
	r.season = s->season > SEASON_MAX ? 1 : s->season;
	r.season2 = s->season2 > SEASON_MAX ? 0 : s->season2;
	return r;
}

par_err bank_forecast(
    const bank_spec *spec, int64_t n, const float *units, int64_t length, bank_result *out)
{
	bank_spec settled = settle(spec), *s = &settled;
	profile *p = calloc((size_t)n + 1, sizeof *p);
	bench b = {.memory = NULL};
	if (!p || bench_open(&b, s, length) != PAR_OK) {
		free(p);
		return par_fail(PAR_E_MEMORY, "no room to forecast %lld series", (long long)n);
	}
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
	for (int64_t i = 0; i < hard; i += LANES) {
		int lanes = (int)(hard - i < LANES ? hard - i : LANES);
		group_fill(&b, p + i, lanes, units, length);
		run(&b.g);
		if (out->quantiles)
			errors_by_lane(&b);
		for (int k = 0; k < lanes; k++)
			answer(&b, p + i + k, k, out);
	}
	flush_restore(before);
	free(b.memory);
	free(p);
	return PAR_OK;
}
