/* np: 1 2 3 6   apps: forecast */
#include "forecast/net/learn.h"

#include "../tap.h"
#include "alone.h"
#include "net_case.h"

#include <string.h>

enum { H = 7, STEPS = 60, BATCH = 50, UNTIL = 660 };

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

/* train on the case and forecast from the end of what was learnt from: mean[SERIES * H] */
static par_err go(const par_world *w, net_case *n, story *s, float *mean)
{
	window_kind k;
	learner l;
	par_shared out;
	n->w = *w;
	*s = (story){.lines = 0};
	window_kind_make(&k, &n->h, &n->c, H, true);
	PAR_TRY(learn_open(&l, &k, &(network_spec){16, 12, BATCH, 5, false}));
	par_err e = learn_train(&l, &(learn_phase){STEPS, 1e-2, UNTIL, note, s});
	if (e == PAR_OK)
		e = par_shared_open(&out, w, (size_t)SERIES * H * sizeof *mean);
	if (e == PAR_OK)
		e = learn_forecast(&l, UNTIL - 1, &out);
	if (e == PAR_OK)
		memcpy(mean, out.window.base, (size_t)SERIES * H * sizeof *mean);
	par_shared_close(&out);
	learn_close(&l);
	return e;
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

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	par_world w;
	float mean[SERIES * H], solo[SERIES * H];
	story s, other;
	par_world_open(&w, MPI_COMM_WORLD);
	par_world alone = alone_of(&w);
	net_case *n = net_open(&w);
	par_err e = go(&w, n, &s, mean);
	ok(e == PAR_OK && s.lines == 10, "a network is trained and forecasts");
	ok(s.losses[9] < s.losses[0] - 0.02, "its loss falls from %.4f to %.4f", s.losses[0],
	    s.losses[9]);
	double ratio = skill(n, mean);
	ok(ratio < 0.5, "it has learnt the weeks: squared errors are %.2f of the means'", ratio);
	e = go(&alone, n, &other, solo);
	ok(e == PAR_OK && memcmp(mean, solo, sizeof mean) == 0 &&
		memcmp(s.losses, other.losses, sizeof s.losses) == 0,
	    "one rank alone gets the same bits");
	free(n);
	par_world_close(&w);
	return tap_end();
}
