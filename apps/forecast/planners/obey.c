#include "forecast/planners/obey.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* what a word's series have, of those with a narrower word and of those without */
typedef struct {
	double fixed, mean;
	int64_t free;
} share;

/* the narrowest word on a series; -1: none */
static int64_t narrowest(const word_list *w, int64_t lo, int64_t hi, const catalog *of, int64_t i)
{
	int64_t word = -1;
	for (int kind = 0; kind < WORDS_KINDS && word < 0; kind++)
		word = words_find(w, lo, hi, kind, of->series_sku[i], of->series_market[i]);
	return word;
}

static float part(const share *s, double units, float mean)
{
	double rest = units - s->fixed;
	rest = rest > 0 ? rest : 0;
	return (float)(s->mean > 0 ? (double)mean * rest / s->mean : rest / (double)s->free);
}

/* words of one kind; those of narrower kinds stand */
static void obey_kind(const word_list *w, int64_t lo, int64_t hi, const catalog *of, int kind,
    const int64_t *own, const float *mean, float *adjusted, share *shares)
{
	for (int64_t i = 0; i < of->series; i++) {
		int64_t k = words_find(w, lo, hi, kind, of->series_sku[i], of->series_market[i]);
		if (k < 0)
			continue;
		share *s = &shares[k - lo];
		s->free += own[i] == k;
		s->mean += own[i] == k ? (double)mean[i] : 0;
		s->fixed += own[i] == k ? 0 : (double)adjusted[i];
	}
	for (int64_t i = 0; i < of->series; i++)
		if (own[i] >= 0 && words_kind(w, own[i]) == kind)
			adjusted[i] = part(&shares[own[i] - lo], (double)w->units[own[i]], mean[i]);
}

static void add_up(const word_list *w, int64_t lo, int64_t hi, const catalog *of,
    const float *adjusted, double *held)
{
	for (int64_t k = lo; k < hi; k++)
		held[k - lo] = 0;
	for (int64_t i = 0; i < of->series; i++)
		for (int kind = 0; kind < WORDS_KINDS; kind++) {
			int64_t k = words_find(
			    w, lo, hi, kind, of->series_sku[i], of->series_market[i]);
			if (k >= 0)
				held[k - lo] += (double)adjusted[i];
		}
}

par_err obey(const word_list *w, int64_t lo, int64_t hi, const catalog *of, const float *mean,
    float *adjusted, double *held)
{
	int64_t *own = malloc(sizeof *own * ((size_t)of->series + 1));
	share *shares = calloc((size_t)(hi - lo) + 1, sizeof *shares);
	par_err e = own && shares ? PAR_OK
				  : par_fail(PAR_E_MEMORY, "no memory for %lld overrides",
					(long long)(hi - lo));
	if (e == PAR_OK) {
		memcpy(adjusted, mean, sizeof *mean * (size_t)of->series);
		for (int64_t i = 0; i < of->series; i++)
			own[i] = narrowest(w, lo, hi, of, i);
		for (int kind = 0; kind < WORDS_KINDS; kind++)
			obey_kind(w, lo, hi, of, kind, own, mean, adjusted, shares);
		add_up(w, lo, hi, of, adjusted, held);
	}
	free(own);
	free(shares);
	return e;
}

bool obey_holds(double units, double held)
{
	return fabs(units - held) <= 1e-5 * fmax(fabs(units), 1);
}
