#include "grad/param.h"

#include "base/rng.h"

/* FNV-1a: the stream of a name */
static uint32_t stream_of(const char *name)
{
	uint32_t h = 2166136261u;
	for (; *name; name++)
		h = (h ^ (unsigned char)*name) * 16777619u;
	return h;
}

void par_param_fill(const par_param *p, uint64_t seed, int64_t lo, int64_t hi, float *out)
{
	par_rng r = {seed, stream_of(p->name), 0};
	float scale = (float)p->scale;
	if (p->init == PAR_INIT_UNIFORM)
		par_rng_fill_f32(r, lo, hi - lo, out);
	else if (p->init == PAR_INIT_NORMAL)
		par_rng_fill_normal(r, lo, hi - lo, out);
	for (int64_t i = 0; i < hi - lo; i++)
		out[i] = p->init == PAR_INIT_UNIFORM  ? (2 * out[i] - 1) * scale
			 : p->init == PAR_INIT_NORMAL ? out[i] * scale
						      : scale;
}

float par_param_first(const par_param *p, uint64_t seed, int64_t i)
{
	float value = 0;
	par_param_fill(p, seed, i, i + 1, &value);
	return value;
}
