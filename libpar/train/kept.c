#include "train/kept.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

#define CHUNK ((int64_t)4096) /* elements that stay in the first cache from one pass to the next */

static par_err take(float **p, int64_t n)
{
	size_t bytes = (size_t)n * sizeof **p;
	*p = par_memory(bytes);
	if (*p)
		return PAR_OK;
	return par_fail(
	    PAR_E_MEMORY, "no memory for the %zu MiB of an optimizer's state", bytes >> 20);
}

par_err par_kept_open(par_kept *k, int64_t n, const par_optimizer_spec *spec)
{
	*k = (par_kept){.n = n};
	PAR_TRY(take(&k->weights, n));
	if (spec->rule != PAR_SGD)
		PAR_TRY(take(&k->first, n));
	if (spec->rule == PAR_ADAM || spec->rule == PAR_ADAMW)
		PAR_TRY(take(&k->second, n));
	if (spec->average > 0)
		PAR_TRY(take(&k->average, n));
	return PAR_OK;
}

par_err par_kept_want_best(par_kept *k)
{
	return k->best ? PAR_OK : take(&k->best, k->n);
}

void par_kept_close(par_kept *k)
{
	free(k->weights);
	free(k->first);
	free(k->second);
	free(k->average);
	free(k->best);
}

size_t par_kept_bytes(const par_kept *k)
{
	int arrays = (k->first != NULL) + (k->second != NULL) + (k->average != NULL) +
		     (k->best != NULL);
	return (size_t)arrays * (size_t)k->n * sizeof(float);
}

static float *from(float *array, int64_t at)
{
	return array ? array + at : NULL;
}

void par_kept_update(par_kept *k, const par_update *u, double average, int64_t at, int64_t n,
    const float *g, float *out)
{
	for (int64_t i = 0; i < n; i += CHUNK) {
		int64_t here = n - i < CHUNK ? n - i : CHUNK;
		par_update_run(u, here, g ? g + i : NULL, k->weights + at + i,
		    from(k->first, at + i), from(k->second, at + i), from(out, i));
		if (k->average)
			par_update_average(average, here, k->weights + at + i, k->average + at + i);
	}
}

void par_kept_swap_average(par_kept *k)
{
	float *weights = k->weights;
	k->weights = k->average;
	k->average = weights;
}

void par_kept_add_products(par_exact *sum, int64_t n, const float *a, const float *b)
{
	double line[CHUNK / PAR_LINE];
	for (int64_t i = 0; i < n; i += CHUNK) {
		int64_t here = n - i < CHUNK ? n - i : CHUNK;
		par_update_products(here, a + i, b + i, line);
		par_exact_add_many(sum, line, (here + PAR_LINE - 1) / PAR_LINE);
	}
}
