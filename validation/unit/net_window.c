/* np: 1   apps: forecast */
#include "forecast/net/draw.h"

#include "../tap.h"
#include "net_case.h"

#include <string.h>

enum { H = 14, ORIGIN = 650, MOST = 512 };

typedef struct {
	float whole[MOST], step[H][16], target[H], mask[H], weight;
	int32_t day[H], group, sku;
	double scale;
} seen;

static seen look_at(const window_kind *k, const net_case *n, int64_t i, int64_t origin)
{
	static float step[H * 16];
	seen s = {0};
	history_series of = history_at(&n->h, i);
	window w = {s.whole, step, s.day, &s.group, &s.sku, s.target, s.mask, &s.weight};
	memset(step, 0, sizeof step);
	s.scale = window_make(k, &of, origin, &w);
	for (int h = 0; h < H; h++)
		memcpy(
		    s.step[h], step + (size_t)h * (size_t)k->step, (size_t)k->step * sizeof *step);
	return s;
}

static bool near(double a, double b)
{
	return fabs(a - b) <= 1e-5 * (1 + fabs(b));
}

/* mean of units that were seen in (origin - span, origin] */
static double mean(const net_case *n, int64_t i, int64_t origin, int span)
{
	double sum = 0;
	int count = 0;
	for (int64_t t = origin + 1 - span; t <= origin; t++)
		if (t >= 0 && isfinite(n->units[i * LENGTH + t])) {
			sum += (double)n->units[i * LENGTH + t];
			count++;
		}
	return count ? sum / count : 0;
}

static void whole(const window_kind *k, const net_case *n)
{
	seen s = look_at(k, n, 1, ORIGIN);
	const rhythm *r = &n->h.rhythm;
	double scale = (mean(n, 1, ORIGIN, 28) * 27 + mean(n, 1, ORIGIN, 112) * 111 + 0.5) / 138;
	ok(near(s.scale, scale), "the scale is the mean of 28 and 112 days, a gap left out");
	bool fine = true;
	for (int b = 0; b < r->look_back; b++) {
		float y = n->units[LENGTH + ORIGIN - b];
		fine &= near(s.whole[b], log(1 + (isfinite(y) ? (double)y : 0) / scale));
		fine &= s.whole[k->logs + 3 + b] == (ORIGIN - b == GAP);
	}
	ok(fine, "the last days one by one, and which of them are missing");
	fine = true;
	for (int i = 0; i < RHYTHM_SPANS; i++)
		fine &= near(s.whole[r->look_back + i],
		    log((mean(n, 1, ORIGIN, r->span[i]) + 0.02) / (scale + 0.02)));
	ok(fine, "means of growing spans");
	const float *more = s.whole + r->look_back + RHYTHM_SPANS;
	double before = mean(n, 1, ORIGIN - 364, 56), after = mean(n, 1, ORIGIN - 364 + H, H);
	ok(near(more[0], log((after + 0.1) / (before + 0.1))), "the same days a year ago");
	double all = mean(n, 0, ORIGIN, 28) + 27. / 28 * mean(n, 1, ORIGIN, 28);
	ok(near(more[3], log((2 * mean(n, 1, ORIGIN, 28) + 0.2) / (all + 0.2))),
	    "the series among those of its SKU");
	ok(near(more[7], 0.5 * log(scale)) && near(more[8], 0.3 * log(ORIGIN + 1) - 1),
	    "scale and age");
	ok(s.whole[k->logs + 2] == 1 && look_at(k, n, 1, 400).whole[k->logs + 2] == 0,
	    "whether there was a year before");
	ok(k->whole == k->logs + 3 + r->look_back + 3 + 1, "all of it is counted");
}

static void steps(const window_kind *k, const net_case *n)
{
	seen s = look_at(k, n, 2, ORIGIN);
	const float *y = n->units + (int64_t)2 * LENGTH;
	bool fine = true, prices = true;
	for (int h = 1; h <= H; h++) {
		int64_t d = ORIGIN + h, back = d - (h + 6) / 7 * 7;
		double sum = 0;
		for (int c = 0; c < 4; c++)
			sum += (double)y[back - 7 * c] / 4;
		fine &= near(s.step[h - 1][0], log(sum / s.scale + 0.1)) &&
			near(s.step[h - 1][4], (double)h / H);
		double now = (double)n->price[2 * PERIODS + ORIGIN],
		       then = (double)n->price[2 * PERIODS + d];
		prices &= near(s.step[h - 1][7], 5 * (then - now)) &&
			  near(s.step[h - 1][6], then - 5) && s.step[h - 1][8] == 1 &&
			  s.step[h - 1][9] == (d % 90 == 0);
	}
	ok(fine, "the same weekday's mean, and how far ahead");
	ok(prices, "prices and promotions of each step");
	ok(k->step == 10, "all of it is counted");
}

/* what comes after the origin changes targets alone, but for prices, which are known ahead */
static void blind(const window_kind *k, net_case *n)
{
	bool same = true, moved = false;
	for (int64_t i = 0; i < SERIES; i++) {
		seen a = look_at(k, n, i, ORIGIN);
		net_case *other = net_open(&n->w);
		for (int64_t s = 0; s < SERIES; s++)
			for (int64_t t = ORIGIN + 1; t < LENGTH; t++)
				other->units[s * LENGTH + t] += 3;
		memset(other->sku_sum, 0, sizeof other->sku_sum);
		memset(other->group_sum, 0, sizeof other->group_sum);
		net_sums(other);
		window_kind there = *k;
		there.h = &other->h;
		there.c = &other->c;
		seen b = look_at(&there, other, i, ORIGIN);
		same &= memcmp(a.whole, b.whole, sizeof a.whole) == 0 &&
			memcmp(a.step, b.step, sizeof a.step) == 0 && a.scale == b.scale;
		moved |= memcmp(a.target, b.target, sizeof a.target) != 0;
		free(other);
	}
	ok(same && moved, "nothing after the origin is seen");
}

static void targets(const window_kind *k, const net_case *n)
{
	seen s = look_at(k, n, 1, GAP - 3), shut = look_at(k, n, 0, FEAST + 365 - 2);
	bool fine = true;
	for (int h = 0; h < H; h++) {
		int64_t d = GAP - 2 + h;
		fine &= s.mask[h] == (d != GAP) && s.day[h] == d &&
			near(s.target[h], d == GAP ? 0 : (double)n->units[LENGTH + d] / s.scale);
	}
	ok(fine, "targets in units of the scale, none where nothing was counted");
	ok(shut.mask[1] == 0 && shut.target[1] == 0 && shut.mask[0] == 1,
	    "and none where shops are closed");
	seen end = look_at(k, n, 0, LENGTH - 1);
	ok(end.mask[0] == 1 && end.target[0] == 0, "after the end there is none");
	ok(s.group == 1 * AREAS && s.sku == 0 && look_at(k, n, LATE, 600).group == 1 * AREAS + 1,
	    "SKU, market and area");
	ok(near(s.weight, s.scale / sqrt((s.scale + 0.1) * k->usual)), "its weight in the loss");
}

/* a series that nothing is known of */
static void empty(const window_kind *k, const net_case *n)
{
	seen s = look_at(k, n, LATE, 100);
	bool fine = s.scale > 0;
	for (int i = 0; i < k->whole; i++)
		fine &= isfinite(s.whole[i]);
	for (int h = 0; h < H; h++)
		for (int i = 0; i < k->step; i++)
			fine &= isfinite(s.step[h][i]);
	ok(fine, "without any past all numbers are finite");
}

static void draws(const window_kind *k)
{
	draw d;
	par_err e = draw_open(&d, k, 660);
	enum { N = 40000 };
	double count[SERIES] = {0}, old = 0, early = 0;
	bool inside = true;
	for (int64_t p = 0; e == PAR_OK && p < N; p++) {
		int64_t series, origin;
		draw_at(&d, (par_rng){1, 2, 3}, p, &series, &origin);
		inside &= origin >= 323 && origin < 660 - H &&
			  (series != LATE || origin >= LATE_FIRST + 6);
		count[series] += 1. / N;
		old += origin < 323 + (646 - 323) / 2;
		early += origin == 323;
	}
	ok(e == PAR_OK && inside,
	    "origins are of the later half of a short history, their steps lie behind them, "
	    "and the series has begun");
	double w[SERIES], sum = 0;
	for (int64_t i = 0; i < SERIES; i++) {
		w[i] = i ? d.series[i] - d.series[i - 1] : d.series[0];
		sum += w[i];
	}
	bool fine = near(sum, 1);
	for (int64_t i = 0; i < SERIES - 1; i++)
		fine &= fabs(count[i] / count[0] - w[i] / w[0]) < 0.1 * w[i] / w[0];
	ok(fine && w[4] > 1.2 * w[0], "series come by the root of what they bring");
	ok(old / N > 0.4 && old / N < 0.495 && early > 0, "newer origins come more often");
	draw_close(&d);
	ok(draw_open(&d, k, H) == PAR_E_DATA && strstr(par_err_why(), "too few"),
	    "a history without room for a window is refused");
	draw_close(&d);
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	par_world w;
	window_kind k;
	par_world_open(&w, MPI_COMM_WORLD);
	net_case *n = net_open(&w);
	window_kind_make(&k, &n->h, &n->c, H, true);
	whole(&k, n);
	steps(&k, n);
	blind(&k, n);
	targets(&k, n);
	empty(&k, n);
	draws(&k);
	free(n);
	par_world_close(&w);
	return tap_end();
}
