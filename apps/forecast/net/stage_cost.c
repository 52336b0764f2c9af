#include "forecast/net/stage.h"
#include "forecast/net/stage_inside.h"
#include "forecast/rhythm.h"

#include <math.h>
#include <string.h>

#define STEPS_LEAST 400
#define STEPS_MOST 2400
#define WEIGHTS 4e5         /* of a network, places apart */
#define FLOPS_A_SECOND 45e9 /* of a core, all of a step */

int64_t stage_memory(const app *a)
{
	return app_int(a, "network_memory") << 20;
}

int64_t stage_steps(const app *a, double windows)
{
	int64_t set = app_int(a, "network_steps");
	return set ? set : (int64_t)fmin(fmax(2 * windows / BATCH, STEPS_LEAST), STEPS_MOST);
}

/* multiply-adds of a window, three times forward (net/network.c) */
static double window_flops(int horizon)
{
	const double wide = 256, step = 96, own = 16, seen = 130, of_step = 45, around = 16,
		     levels = 17;
	double whole = seen * wide + 2 * wide * wide + wide * own * horizon + wide * step;
	return 6 *
	       (whole + horizon * (of_step * step + step * step + step * around + around * levels));
}

double stage_seconds(const app *a, int horizon, double steps)
{
	return steps * BATCH * window_flops(horizon) / FLOPS_A_SECOND / a->world.size;
}

/* collective | of the steps of learning everything, how many there will be */
static par_err share_of_steps(const app *a, double *share)
{
	const char *warm = app_text(a, "warm");
	int64_t nights = -1;
	if (warm)
		PAR_TRY(keep_nights(&a->world, warm, &nights));
	bool learns = app_bool(a, "learn");
	bool goes_on = nights >= 0 && (!learns || nights + 1 < app_int(a, "refit"));
	*share = !learns ? 0 : goes_on ? WARM : 1 + REFRESH;
	return PAR_OK;
}

/* of answers: of series in memory at the held-back horizons, then of all at past origins and of what is to come. Forward
 * is a third of a window's work */
static double answer_flops(const plan *f, double kept, double series)
{
	double windows = HELD_MOST * kept + (1 + f->origins) * series;
	return windows * window_flops(f->spec.horizon) / 3;
}

par_err network_cost_of(network_cost *out, const app *a, const panel *p, const plan *f)
{
	rhythm beat;
	double share;
	const catalog *c = &p->of;
	*out = (network_cost){0};
	double cells = (double)c->series * (double)c->length, windows = cells / f->spec.horizon;
	bool asked = strcmp(app_text(a, "network"), "yes") == 0;
	if (strcmp(app_text(a, "network"), "no") == 0 || !rhythm_of(&beat, c->frequency) ||
	    (!asked && windows < WINDOWS_LEAST))
		return PAR_OK;
	PAR_TRY(share_of_steps(a, &share));
	double steps = share * (double)stage_steps(a, windows);
	double members = (double)app_int(a, "members");
	double row = (sizeof(float) + (par_store_has(c->store, "price") ? sizeof(float) : 0) +
			 (double)par_store_has(c->store, "promo")) *
		     (double)c->length;
	double kept = fmin(row * (double)c->series, (double)stage_memory(a));
	double learnt = members * steps * BATCH * window_flops(f->spec.horizon);
	double answers = members * answer_flops(f, kept / row, (double)c->series);
	double activations = BATCH * (double)f->spec.horizon * 96 * 12 * sizeof(float);
	/* a round of series as they stand in the file, and as every node has them */
	double round = BATCH * (2 * row + row / a->world.size);
	/* what is said of a batch at all past origins, here and by all */
	double said = 2. * BATCH * f->origins * f->spec.horizon * (1 + f->spec.quantiles) *
		      sizeof(float);
	*out = (network_cost){.bytes = (kept + round) / a->world.node_size +
				       (activations + said) / a->world.size +
				       members * KEEP_SETS * WEIGHTS * sizeof(float),
	    .flops = learnt + answers,
	    .seconds = (learnt + answers) / FLOPS_A_SECOND / a->world.size};
	return PAR_OK;
}
