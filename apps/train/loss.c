#include "train/loss.h"

#include "train/layers.h"

#include <math.h>
#include <string.h>

typedef enum {
	CROSS_ENTROPY,
	BINARY,
	HINGE,
	SQUARED_HINGE,
	MSE,
	MAE,
	HUBER,
	PINBALL,
	POISSON,
	TWEEDIE
} loss_kind;

/* answer: of several outputs; of one output it may be another (one) */
static const struct {
	const char *name, *form;
	unsigned says;
	bool classes;
	answer_kind answer, one;
} kinds[] = {
    [CROSS_ENTROPY] = {"cross_entropy", "", SAYS_SMOOTHING, true, ANSWER_SHARES, ANSWER_SHARES},
    [BINARY] = {"binary", "", 0, true, ANSWER_SHARE, ANSWER_SHARE},
    [HINGE] = {"hinge", "", 0, true, ANSWER_SCORES, ANSWER_SCORE},
    [SQUARED_HINGE] = {"squared_hinge", "", 0, true, ANSWER_SCORES, ANSWER_SCORE},
    [MSE] = {"mse", "", 0, false, ANSWER_NUMBER, ANSWER_NUMBER},
    [MAE] = {"mae", "", 0, false, ANSWER_NUMBER, ANSWER_NUMBER},
    [HUBER] = {"huber", "", SAYS_DELTA, false, ANSWER_NUMBER, ANSWER_NUMBER},
    [PINBALL] = {"pinball", "p*", 0, false, ANSWER_QUANTILES, ANSWER_QUANTILES},
    [POISSON] = {"poisson", "", 0, false, ANSWER_LOGARITHM, ANSWER_LOGARITHM},
    [TWEEDIE] = {"tweedie", "r", 0, false, ANSWER_LOGARITHM, ANSWER_LOGARITHM},
};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

static par_err check_levels(loss *l)
{
	l->levels = l->said.levels;
	for (int i = 0; i < l->levels; i++) {
		l->level[i] = l->said.level[i];
		if (l->level[i] <= 0 || (i > 0 && l->level[i] <= l->level[i - 1]))
			return sentence_fail(&l->said,
			    "%g; wanted levels above 0 and below 1, ascending", l->level[i]);
	}
	return PAR_OK;
}

static par_err no_such_loss(const loss *l)
{
	const char *known[KINDS];
	for (int i = 0; i < KINDS; i++)
		known[i] = kinds[i].name;
	return sentence_unknown(&l->said, "loss", l->said.word[0], known, KINDS);
}

static par_err understand(loss *l)
{
	while (l->kind < KINDS && strcmp(kinds[l->kind].name, l->said.word[0]) != 0)
		l->kind++;
	if (l->kind == KINDS)
		return no_such_loss(l);
	l->classes = kinds[l->kind].classes;
	PAR_TRY(sentence_take(&l->said, kinds[l->kind].form, kinds[l->kind].says));
	if (l->kind == TWEEDIE && !(l->said.level[0] > 1 && l->said.level[0] < 2))
		return sentence_fail(
		    &l->said, "%g; wanted a power above 1 and below 2", l->said.level[0]);
	return l->kind == PINBALL ? check_levels(l) : PAR_OK;
}

par_err loss_read(loss *l, const par_conf *conf)
{
	par_conf_line line;
	*l = (loss){0};
	for (int i = 0; par_conf_line_at(conf, "model", i, &line); i++)
		if (strcmp(line.key, "loss") == 0) {
			PAR_TRY(sentence_cut(&l->said, &line));
			return understand(l);
		}
	return par_fail(PAR_E_CONFIG,
	    "[model] names no loss; wanted a line as: loss = cross_entropy; see inputs/models");
}

/* how many outputs the loss wants for so many classes; one score serves two */
static bool outputs_fit(const loss *l, int64_t outputs, int64_t classes)
{
	switch ((loss_kind)l->kind) {
	case CROSS_ENTROPY:
		return outputs == classes;
	case BINARY:
		return outputs == 1 && classes == 2;
	case HINGE:
	case SQUARED_HINGE:
		return outputs == classes || (outputs == 1 && classes == 2);
	case PINBALL:
		return outputs == l->levels;
	default:
		return outputs == 1;
	}
}

static par_err check_output(loss *l, par_graph *g, par_value output, int64_t classes)
{
	char shape[128];
	int64_t axis[PAR_AXES];
	int nd = par_graph_shape(g, output, axis);
	l->outputs = par_graph_elements(g, output);
	if (nd == 1 && outputs_fit(l, l->outputs, classes))
		return PAR_OK;
	shape_text(shape, sizeof shape, nd, axis);
	if (l->classes)
		return sentence_fail(&l->said,
		    "the last layer gives %s and the data have %lld classes; wanted %s; change the "
		    "last layer%s",
		    shape, (long long)classes,
		    l->kind == BINARY ? "1 output and 2 classes" : "one output a class",
		    nd > 1 ? " (flatten comes before the first dense)" : "");
	return sentence_fail(&l->said, "the last layer gives %s; wanted %d; change the last layer",
	    shape, l->kind == PINBALL ? l->levels : 1);
}

static par_value each_loss(const loss *l, par_graph *g, par_value p, par_value t)
{
	switch ((loss_kind)l->kind) {
	case CROSS_ENTROPY:
		return par_loss_cross_entropy(g, p, t, l->said.smoothing);
	case BINARY:
		return par_loss_binary(g, p, t);
	case HINGE:
	case SQUARED_HINGE:
		return par_loss_hinge(g, p, t, l->kind == SQUARED_HINGE);
	case MSE:
		return par_loss_mse(g, p, t);
	case MAE:
		return par_loss_mae(g, p, t);
	case HUBER:
		return par_loss_huber(g, p, t, l->said.delta > 0 ? l->said.delta : 1);
	case PINBALL:
		return par_loss_pinball(g, p, t, l->levels, l->level);
	case POISSON:
		return par_loss_poisson(g, p, t);
	case TWEEDIE:
		return par_loss_tweedie(g, p, t, l->said.level[0]);
	}
	return -1;
}

par_err loss_build(loss *l, par_graph *g, par_value output, int64_t classes, loss_values *v)
{
	static const int64_t one[] = {1};
	PAR_TRY(check_output(l, g, output, classes));
	bool whole = l->classes && l->kind != BINARY;
	l->answer = l->outputs == 1 ? kinds[l->kind].one : kinds[l->kind].answer;
	v->truth = par_graph_input(g, "truth", whole ? PAR_I32 : PAR_F32, 1, one);
	/* the levels of a sample stand beside one number */
	par_value t = l->kind == PINBALL ? par_reshape(g, v->truth, 0, NULL) : v->truth;
	v->each = each_loss(l, g, output, t);
	v->answer = l->answer == ANSWER_SHARES  ? par_softmax(g, output)
		    : l->answer == ANSWER_SHARE ? par_activate(g, output, PAR_ACT_SIGMOID)
						: output;
	return PAR_OK;
}

int32_t loss_class(const loss *l, const float *answer)
{
	int32_t best = 0;
	if (l->outputs == 1)
		return answer[0] > (l->answer == ANSWER_SHARE ? 0.5f : 0);
	for (int32_t i = 1; i < l->outputs; i++)
		if (answer[i] > answer[best])
			best = i;
	return best;
}

double loss_number(const loss *l, const float *answer)
{
	int best = 0;
	for (int i = 1; i < l->levels; i++)
		if (fabs(l->level[i] - .5) < fabs(l->level[best] - .5))
			best = i;
	return l->answer == ANSWER_LOGARITHM ? exp((double)answer[0]) : (double)answer[best];
}

int32_t loss_truth_class(const loss *l, const void *truth)
{
	return l->kind == BINARY ? *(const float *)truth > 0.5f : *(const int32_t *)truth;
}

static double share_of(const loss *l, const float *answer, int32_t class)
{
	switch (l->answer) {
	case ANSWER_SHARES:
		return (double)answer[class];
	case ANSWER_SHARE:
		return class ? (double)answer[0] : 1 - (double)answer[0];
	default:
		return 0;
	}
}

void loss_measure(
    const loss *l, const float *answer, const void *truth, double *first, double *second)
{
	if (l->classes) {
		int32_t class = loss_truth_class(l, truth);
		*first = loss_class(l, answer) == class;
		*second = share_of(l, answer, class);
		return;
	}
	double error = loss_number(l, answer) - (double)*(const float *)truth;
	*first = error * error;
	*second = fabs(error);
}
