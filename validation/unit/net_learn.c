/* np: 1 2 3 6   apps: forecast */
#include "forecast/net/expect.h"

#include "../tap.h"
#include "alone.h"
#include "net_case.h"
#include "scratch.h"

#include <signal.h>
#include <string.h>

enum { H = 7, STEPS = 60, BATCH = 50, UNTIL = 660, LEVELS = 5, SAID = H * (1 + LEVELS) };

static const double level[LEVELS] = {.05, .25, .5, .75, .95};

typedef struct {
	double losses[16];
	int lines;
} story;

static void note(void *ctx, int64_t step, const par_report *line)
{
	story *s = ctx;
	(void)step;
	if (line && s->lines < 16)
		s->losses[s->lines++] = line->loss;
}

static void take(void *ctx, int64_t series, const float *said)
{
	memcpy((float *)ctx + series * SAID, said, SAID * sizeof *said);
}

static par_err go_on(void *ctx)
{
	(void)ctx;
	return PAR_OK;
}

/* train on the case and forecast from the end of what was learnt from: mean[SERIES * H], said[SERIES * SAID] */
static par_err go(const par_world *w, net_case *n, story *s, float *mean, float *said)
{
	const int64_t origin = UNTIL - 1;
	window_kind k;
	learner l;
	par_shared out;
	n->w = *w;
	*s = (story){.lines = 0};
	window_kind_make(&k, &n->h, &n->c, H, true);
	PAR_TRY(learn_open(&l, &k, &(network_spec){16, 12, BATCH, 5, false, LEVELS, level}));
	par_err e = learn_train(
	    &l, &(learn_phase){
		    .steps = STEPS, .rate = 1e-2, .until = UNTIL, .progress = note, .ctx = s});
	if (e == PAR_OK)
		e = par_shared_open(&out, w, (size_t)SERIES * H * sizeof *mean);
	if (e == PAR_OK)
		e = expect_kept(&l, UNTIL - 1, &out);
	if (e == PAR_OK)
		memcpy(mean, out.window.base, (size_t)SERIES * H * sizeof *mean);
	if (e == PAR_OK)
		e = expect_all(&l, &(expect_all_spec){1, &origin, 0, SERIES, take, go_on, said});
	par_shared_close(&out);
	learn_close(&l);
	return e;
}

/* two phases, resumed from `name` when that is no NULL */
static par_err two_phases(
    const par_world *w, net_case *n, const char *name, learner *l, float *mean)
{
	window_kind k;
	par_shared out = {0};
	n->w = *w;
	window_kind_make(&k, &n->h, &n->c, H, true);
	PAR_TRY(learn_open(l, &k, &(network_spec){16, 12, BATCH, 5, false, LEVELS, level}));
	par_err e = PAR_OK;
	for (int phase = 0; e == PAR_OK && phase < 2; phase++) {
		char at[4096];
		snprintf(at, sizeof at, "%s-%d", name ? name : "", phase);
		e = learn_train(l, &(learn_phase){.steps = 3 + phase,
				       .rate = 1e-2,
				       .until = UNTIL,
				       .checkpoint = name ? at : NULL,
				       .note = "case",
				       .seconds = 3600,
				       .resume = name});
	}
	if (e == PAR_OK)
		e = par_shared_open(&out, w, (size_t)SERIES * H * sizeof *mean);
	if (e == PAR_OK)
		e = expect_kept(l, UNTIL - 1, &out);
	if (e == PAR_OK)
		memcpy(mean, out.window.base, (size_t)SERIES * H * sizeof *mean);
	par_shared_close(&out);
	return e;
}

/* stopped after every first step of a start, until nothing is left to do */
static void stops_everywhere(const par_world *w, net_case *n)
{
	float whole[SERIES * H], cut[SERIES * H] = {0};
	learner l;
	par_err e = two_phases(w, n, NULL, &l, whole);
	learn_close(&l);
	const char *name = scratch_path("network");
	int starts = 0;
	bool one = true;
	if (w->rank == w->size - 1)
		raise(SIGUSR1);
	for (par_err stopped = PAR_E_AGAIN; e == PAR_OK && stopped == PAR_E_AGAIN && starts < 20;) {
		stopped = two_phases(w, n, name, &l, cut);
		one = one && (stopped == PAR_OK || (stopped == PAR_E_AGAIN && l.made >= 1));
		learn_close(&l);
		starts++;
	}
	ok(e == PAR_OK && one && starts >= 5 && memcmp(whole, cut, sizeof whole) == 0,
	    "stopped %d times on its way, in both phases, it comes to the same bits", starts - 1);
}

/* squared errors of the forecast over those of each series' mean */
static double skill(const net_case *n, const float *mean)
{
	double net = 0, plain = 0;
	for (int64_t i = 0; i < SERIES; i++) {
		double usual = 0;
		for (int64_t t = GAP - 112; t < GAP; t++)
			usual += (double)n->units[i * LENGTH + t] / 112;
		for (int h = 0; h < H; h++) {
			double y = (double)n->units[i * LENGTH + UNTIL + h];
			net += (y - (double)mean[i * H + h]) * (y - (double)mean[i * H + h]);
			plain += (y - usual) * (y - usual);
		}
	}
	return net / plain;
}

static double pinball(double y, double q, double u)
{
	return y > q ? u * (y - q) : (1 - u) * (q - y);
}

/* quantiles beside the mean, which stands for all of them */
static void holds_quantiles(const net_case *n, const float *mean, const float *said)
{
	bool same = true, ascending = true;
	double own = 0, plain = 0;
	for (int64_t i = 0; i < SERIES; i++, said += SAID) {
		same = same && memcmp(said, mean + i * H, H * sizeof *mean) == 0;
		for (int h = 0; h < H; h++)
			for (int q = 0; q < LEVELS; q++) {
				double y = (double)n->units[i * LENGTH + UNTIL + h];
				const float *at = said + H + h * LEVELS + q;
				ascending = ascending && *at >= (q > 0 ? at[-1] : 0);
				own += pinball(y, (double)*at, level[q]);
				plain += pinball(y, (double)said[h], level[q]);
			}
	}
	ok(same, "means are the same with quantiles and without");
	ok(ascending, "quantiles are not below zero and do not cross");
	ok(own < 0.8 * plain, "they lose %.2f of what the mean loses in their place", own / plain);
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	par_stop_catch();
	par_world w;
	float mean[SERIES * H], solo[SERIES * H], said[SERIES * SAID], alone_said[SERIES * SAID];
	story s, other;
	par_world_open(&w, MPI_COMM_WORLD);
	par_world alone = alone_of(&w);
	net_case *n = net_open(&w);
	par_err e = go(&w, n, &s, mean, said);
	ok(e == PAR_OK && s.lines == 10, "a network is trained and forecasts");
	ok(s.losses[9] < s.losses[0] - 0.02, "its loss falls from %.4f to %.4f", s.losses[0],
	    s.losses[9]);
	double ratio = skill(n, mean);
	ok(ratio < 0.5, "it has learnt the weeks: squared errors are %.2f of the means'", ratio);
	if (e == PAR_OK)
		holds_quantiles(n, mean, said);
	e = go(&alone, n, &other, solo, alone_said);
	ok(e == PAR_OK && memcmp(mean, solo, sizeof mean) == 0 &&
		memcmp(said, alone_said, sizeof said) == 0 &&
		memcmp(s.losses, other.losses, sizeof s.losses) == 0,
	    "one rank alone gets the same bits");
	scratch_begin();
	stops_everywhere(&w, n);
	scratch_end();
	free(n);
	par_world_close(&w);
	return tap_end();
}
