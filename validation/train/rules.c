/* Steps of an optimizer's rule: weights and gradients come by standard input, new weights go to standard output.
 *
 * rules RULE COUNT STEPS RATE L2 DECAY: COUNT floats of weights, then as many of the gradient for each step. */
#include "train/update.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[] = {
    [PAR_SGD] = "sgd", [PAR_MOMENTUM] = "momentum", [PAR_ADAM] = "adam", [PAR_ADAMW] = "adamw"};

static bool find_rule(const char *name, par_rule *rule)
{
	for (int k = PAR_SGD; k <= PAR_ADAMW; k++)
		if (strcmp(names[k], name) == 0) {
			*rule = (par_rule)k;
			return true;
		}
	return false;
}

static bool take(float *x, size_t n)
{
	return fread(x, sizeof *x, n, stdin) == n;
}

static bool run(const par_optimizer_spec *o, double rate, size_t n, int64_t steps)
{
	float *w = calloc(4 * n, sizeof *w), *m = w + n, *v = m + n, *g = v + n;
	bool whole = w && take(w, n);
	for (int64_t t = 1; t <= steps && whole; t++) {
		par_update u = par_update_of(o, rate, t, 1, true);
		whole = take(g, n);
		par_update_run(&u, (int64_t)n, g, w, m, v, NULL);
	}
	whole = whole && fwrite(w, sizeof *w, n, stdout) == n;
	free(w);
	return whole;
}

int main(int argc, char **argv)
{
	par_optimizer_spec o = {.momentum = 0.9};
	if (argc != 7 || !find_rule(argv[1], &o.rule)) {
		fprintf(stderr, "rules RULE COUNT STEPS RATE L2 DECAY\n");
		return 64;
	}
	o.l2 = atof(argv[5]);
	o.decay = atof(argv[6]);
	return run(&o, atof(argv[4]), strtoul(argv[2], NULL, 10), atoll(argv[3])) ? 0 : 1;
}
