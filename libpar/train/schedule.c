#include "train/schedule.h"

#include <math.h>

static double cosine(const par_schedule *s, int64_t step)
{
	int64_t rest = s->steps - s->warmup;
	double done = rest > 0 ? (double)(step - s->warmup) / (double)rest : 1;
	double share = 0.5 * (1 + cos(M_PI * (done < 1 ? done : 1)));
	return s->rate * (s->last + (1 - s->last) * share);
}

static double steps(const par_schedule *s, int64_t step)
{
	int64_t drops = step / s->every;
	return s->rate * pow(s->factor, (double)drops);
}

static double fall(const par_schedule *s, int64_t step)
{
	double left = (double)(s->steps - step) / ((double)s->steps * s->falling);
	return s->rate * (left < 1 ? s->last + (1 - s->last) * fmax(left, 0) : 1);
}

double par_schedule_rate(const par_schedule *s, int64_t step)
{
	if (step < s->warmup)
		return s->rate * (double)(step + 1) / (double)(s->warmup + 1);
	switch (s->kind) {
	case PAR_RATE_COSINE:
		return cosine(s, step);
	case PAR_RATE_STEPS:
		return steps(s, step);
	case PAR_RATE_FALL:
		return fall(s, step);
	default:
		return s->rate;
	}
}
