#include "augment/gan/fold.h"

#include "augment/gan/parts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EPSILON 1e-5 /* a batch norm's */

/* ---- the generator as it stood ---- */

par_err generator_weights_take(generator_weights *w, const gan *g)
{
	int n = par_graph_params(g->graph);
	*w = (generator_weights){.spec = g->spec, .param = calloc((size_t)n, sizeof *w->param)};
	for (int i = 0; w->param && i < n; i++) {
		const par_param *p = par_graph_param(g->graph, i);
		if (strncmp(p->name, GENERATOR, strlen(GENERATOR)) != 0)
			continue;
		size_t bytes = (size_t)p->n * sizeof *p->weights;
		float *own = malloc(bytes);
		w->param[w->params] = *p;
		w->param[w->params++].weights = own;
		if (!own)
			return par_fail(PAR_E_MEMORY, "no memory for a generator");
		memcpy(own, p->weights, bytes);
	}
	return w->param ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for a generator");
}

void generator_weights_drop(generator_weights *w)
{
	for (int i = 0; i < w->params; i++)
		free(w->param[i].weights);
	free(w->param);
	*w = (generator_weights){0};
}

static const par_param *find(const generator_weights *w, const char *layer, const char *what)
{
	char name[64];
	snprintf(name, sizeof name, GENERATOR ".%s/%s", layer, what);
	for (int i = 0; i < w->params; i++)
		if (strcmp(w->param[i].name, name) == 0)
			return &w->param[i];
	PAR_MUST(false, "no parameter %s", name);
}

/* ---- batch norms ---- */

/* y = factor x + term of each channel; owned by the caller */
typedef struct {
	int64_t n;
	double *factor, *term;
} line;

static par_err line_of(line *l, const generator_weights *w, int norm, int64_t category)
{
	char layer[16];
	snprintf(layer, sizeof layer, "norm%d", norm);
	const par_param *scale = find(w, layer, "weight"), *shift = find(w, layer, "bias");
	const float *mean = find(w, layer, "running_mean")->weights;
	const float *variance = find(w, layer, "running_variance")->weights;
	size_t n = (size_t)scale->shape[1];
	*l = (line){scale->shape[1], calloc(n, sizeof(double)), calloc(n, sizeof(double))};
	if (!l->factor || !l->term)
		return par_fail(PAR_E_MEMORY, "no memory for a batch norm");
	for (int64_t k = 0; k < l->n; k++) {
		int64_t at = category * l->n + k;
		l->factor[k] = (double)scale->weights[at] / sqrt((double)variance[k] + EPSILON);
		l->term[k] = (double)shift->weights[at] - (double)mean[k] * l->factor[k];
	}
	return PAR_OK;
}

static void line_drop(line *l)
{
	free(l->factor);
	free(l->term);
}

/* ---- layers ---- */

static float *weights_in(par_graph *to, const char *layer, const char *what)
{
	char name[64];
	snprintf(name, sizeof name, GENERATOR ".%s/%s", layer, what);
	return par_graph_find(to, name)->weights;
}

/* rows of weights times the factor of their column's channel */
static void scale_rows(int64_t rows, int64_t columns, const float *from, const line *l, float *out)
{
	for (int64_t i = 0; i < rows * columns; i++)
		out[i] = (float)((double)from[i] * l->factor[i % columns % l->n]);
}

/* of noise and embedding, one after the other, the latter is the category's own */
static void fold_begin(const generator_weights *w, int64_t category, const line *l, par_graph *to)
{
	const par_param *weight = find(w, "begin", "weight"), *bias = find(w, "begin", "bias");
	const par_param *embedding = find(w, "category", "weight");
	int64_t columns = weight->shape[1], width = embedding->shape[1], noise = w->spec.noise;
	float *out = weights_in(to, "begin", "bias");
	scale_rows(noise, columns, weight->weights, l, weights_in(to, "begin", "weight"));
	for (int64_t j = 0; j < columns; j++) {
		double sum = (double)bias->weights[j];
		for (int64_t e = 0; e < width; e++)
			sum += (double)embedding->weights[category * width + e] *
			       (double)weight->weights[(noise + e) * columns + j];
		out[j] = (float)(sum * l->factor[j % l->n] + l->term[j % l->n]);
	}
}

static void fold_up(const generator_weights *w, int k, const line *l, par_graph *to)
{
	char layer[16];
	snprintf(layer, sizeof layer, "up%d", k);
	const par_param *weight = find(w, layer, "weight"), *bias = find(w, layer, "bias");
	float *out = weights_in(to, layer, "bias");
	scale_rows(weight->n / l->n, l->n, weight->weights, l, weights_in(to, layer, "weight"));
	for (int64_t j = 0; j < l->n; j++)
		out[j] = (float)((double)bias->weights[j] * l->factor[j] + l->term[j]);
}

/* 3 x 3 kernels of four neighbouring cells side by side in one of 4 x 4 */
static void fold_end(const generator_weights *w, par_graph *to)
{
	const par_param *weight = find(w, "end", "weight"), *bias = find(w, "end", "bias");
	int64_t in = weight->shape[2], out = weight->shape[3];
	float *kernel = weights_in(to, "end", "weight"), *term = weights_in(to, "end", "bias");
	memset(kernel, 0, (size_t)(16 * in * 4 * out) * sizeof *kernel);
	for (int64_t cell = 0; cell < 4; cell++) {
		for (int64_t tap = 0; tap < 9; tap++) {
			int64_t at = (cell / 2 + tap / 3) * 4 + cell % 2 + tap % 3;
			for (int64_t i = 0; i < in; i++)
				memcpy(kernel + ((at * in + i) * 4 + cell) * out,
				    weight->weights + (tap * in + i) * out,
				    (size_t)out * sizeof *kernel);
		}
		memcpy(term + cell * out, bias->weights, (size_t)out * sizeof *term);
	}
}

static void copy_end(const generator_weights *w, par_graph *to)
{
	static const char *const what[] = {"weight", "bias"};
	for (int k = 0; k < 2; k++) {
		const par_param *p = find(w, "end", what[k]);
		memcpy(
		    weights_in(to, "end", what[k]), p->weights, (size_t)p->n * sizeof *p->weights);
	}
}

par_err generator_fold(const generator_weights *w, int64_t category, par_graph *to)
{
	for (int k = 0; k < gan_doublings(&w->spec); k++) {
		line l = {0};
		par_err e = line_of(&l, w, k, category);
		if (e == PAR_OK && k == 0)
			fold_begin(w, category, &l, to);
		else if (e == PAR_OK)
			fold_up(w, k, &l, to);
		line_drop(&l);
		PAR_TRY(e);
	}
	w->spec.transposed ? copy_end(w, to) : fold_end(w, to);
	return PAR_OK;
}
