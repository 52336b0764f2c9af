/* Layers: the section [model] becomes operators of a graph, line by line.
 *
 * Each line but the loss is a layer, NAME = KIND ARGUMENTS (train/sentence.h). It takes the line before
 * it, or the one named after `from`; NAME is also that of its parameters in model.h5. */
#ifndef APPS_TRAIN_LAYERS_H
#define APPS_TRAIN_LAYERS_H

#include "common/app.h"
#include "train/sentence.h"

enum { LAYERS = 256 };

typedef struct {
	const char *name, *what; /* borrowed from the configuration: the line's two sides */
	const char *origin;      /* where the line stands */
	par_value value;
	int64_t params; /* numbers that training changes, made by this layer */
} layer;

typedef struct {
	bool words; /* the input is a text */
	int n;
	layer layer[LAYERS + 1]; /* [0] is the input */
} layers;

/* local, equal on every rank | build every layer of conf's [model] over input, numbers or words
 * fails: PAR_E_CONFIG with the line's place: what the language or the shapes refuse */
par_err layers_build(layers *l, par_graph *g, const par_conf *conf, par_value input, bool words);

/* local | numbers that training changes, of all layers */
int64_t layers_params(const layers *l);

/* rank 0 prints the table of layers, the others nothing */
void layers_print(const layers *l, par_graph *g, const app *a);

/* local | "26 x 26 x 32"; "1,314,186": text of a shape and of a count, into out; return it */
const char *shape_text(char *out, size_t size, int nd, const int64_t *shape);
const char *count_text(char *out, size_t size, int64_t n);

#endif
