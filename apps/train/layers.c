#include "train/layers.h"

#include <stdio.h>
#include <string.h>

/* a layer in the making */
typedef struct {
	par_graph *g;
	const layers *done;
	const sentence *s;
	par_value x;
} making;

static par_value of_name(const layers *l, const char *name)
{
	for (int i = 0; i < l->n; i++)
		if (strcmp(l->layer[i].name, name) == 0)
			return l->layer[i].value;
	return -1;
}

static par_value make_dense(const making *m)
{
	const sentence *s = m->s;
	return par_linear(m->g, m->x,
	    &(par_linear_spec){.name = s->line.key,
		.out = s->count[0],
		.act = s->act,
		.init = s->first,
		.no_bias = s->no_bias,
		.spectral = s->spectral,
		.rests_sharded = s->sharded});
}

static par_conv_spec conv_spec(const sentence *s)
{
	return (par_conv_spec){.name = s->line.key,
	    .out = s->count[0],
	    .kernel = s->count[1],
	    .stride = s->stride,
	    .pad = s->pad,
	    .act = s->act,
	    .init = s->first,
	    .no_bias = s->no_bias,
	    .spectral = s->spectral};
}

static par_value make_conv(const making *m)
{
	par_conv_spec spec = conv_spec(m->s);
	return par_conv2d(m->g, m->x, &spec);
}

static par_value make_conv_transposed(const making *m)
{
	par_conv_spec spec = conv_spec(m->s);
	return par_conv2d_transposed(m->g, m->x, &spec);
}

static par_value make_pool(const making *m, par_pool_kind kind)
{
	int64_t size = m->s->count[0];
	return par_pool2d(m->g, m->x, kind, size, m->s->stride ? m->s->stride : size);
}

static par_value make_max_pool(const making *m)
{
	return make_pool(m, PAR_POOL_MAX);
}

static par_value make_mean_pool(const making *m)
{
	return make_pool(m, PAR_POOL_MEAN);
}

static par_value make_depth_to_space(const making *m)
{
	return par_depth_to_space(m->g, m->x, m->s->count[0]);
}

static par_value make_space_to_depth(const making *m)
{
	return par_space_to_depth(m->g, m->x, m->s->count[0]);
}

static par_value make_flatten(const making *m)
{
	return par_flatten(m->g, m->x);
}

static par_value make_reshape(const making *m)
{
	if (m->s->counts > PAR_AXES)
		return -1;
	return par_reshape(m->g, m->x, m->s->counts, m->s->count);
}

static par_value make_mean(const making *m)
{
	return par_reduce_rows(m->g, m->x, PAR_MEAN);
}

static par_value make_dropout(const making *m)
{
	return par_dropout(m->g, m->x, m->s->level[0]);
}

static par_value make_layer_norm(const making *m)
{
	return par_layer_norm(m->g, m->s->line.key, m->x, m->s->eps);
}

static par_value make_batch_norm(const making *m)
{
	return par_batch_norm(m->g, m->x, -1,
	    &(par_batch_norm_spec){
		.name = m->s->line.key, .momentum = m->s->momentum, .eps = m->s->eps});
}

static par_value make_embedding(const making *m)
{
	return par_embed(m->g, m->x,
	    &(par_embed_spec){.name = m->s->line.key,
		.rows = m->s->count[0],
		.width = m->s->count[1],
		.scale = m->s->scale});
}

static par_value make_recurrent(const making *m, par_rnn_kind kind)
{
	return par_rnn(m->g, m->x,
	    &(par_rnn_spec){.name = m->s->line.key,
		.kind = kind,
		.hidden = m->s->count[0],
		.sequence = m->s->sequence,
		.one_bias = m->s->one_bias});
}

static par_value make_rnn(const making *m)
{
	return make_recurrent(m, PAR_RNN_SIMPLE);
}

static par_value make_gru(const making *m)
{
	return make_recurrent(m, PAR_RNN_GRU);
}

static par_value make_lstm(const making *m)
{
	return make_recurrent(m, PAR_RNN_LSTM);
}

static par_value make_attention(const making *m)
{
	return par_attention(m->g, m->x,
	    &(par_attention_spec){
		.name = m->s->line.key, .heads = m->s->count[0], .causal = m->s->causal});
}

static par_value make_add(const making *m)
{
	return par_add_values(m->g, m->x, of_name(m->done, m->s->other));
}

static par_value make_multiply(const making *m)
{
	return par_multiply(m->g, m->x, of_name(m->done, m->s->other));
}

static par_value make_concat(const making *m)
{
	return par_concat(m->g, 2, (par_value[]){m->x, of_name(m->done, m->s->other)});
}

static par_value make_softmax(const making *m)
{
	return par_softmax(m->g, m->x);
}

static par_value make_activation(const making *m)
{
	return par_activate(m->g, m->x, m->s->act);
}

#define SAYS_CONV \
	(SAYS_ACTIVATION | SAYS_NO_BIAS | SAYS_SPECTRAL | SAYS_FIRST | SAYS_STRIDE | SAYS_PAD)

static const struct {
	const char *name, *form;
	unsigned says;
	par_value (*make)(const making *m);
} kinds[] = {
    {"dense", "n", SAYS_ACTIVATION | SAYS_NO_BIAS | SAYS_SPECTRAL | SAYS_SHARDED | SAYS_FIRST,
	make_dense},
    {"conv", "nk", SAYS_CONV, make_conv},
    {"conv_transposed", "nk", SAYS_CONV, make_conv_transposed},
    {"max_pool", "k", SAYS_STRIDE, make_max_pool},
    {"mean_pool", "k", SAYS_STRIDE, make_mean_pool},
    {"depth_to_space", "n", 0, make_depth_to_space},
    {"space_to_depth", "n", 0, make_space_to_depth},
    {"flatten", "", 0, make_flatten},
    {"reshape", "n*", 0, make_reshape},
    {"mean", "", 0, make_mean},
    {"dropout", "p", 0, make_dropout},
    {"layer_norm", "", SAYS_EPS, make_layer_norm},
    {"batch_norm", "", SAYS_MOMENTUM | SAYS_EPS, make_batch_norm},
    {"embedding", "nn", SAYS_SCALE, make_embedding},
    {"rnn", "n", SAYS_SEQUENCE | SAYS_ONE_BIAS, make_rnn},
    {"gru", "n", SAYS_SEQUENCE | SAYS_ONE_BIAS, make_gru},
    {"lstm", "n", SAYS_SEQUENCE | SAYS_ONE_BIAS, make_lstm},
    {"attention", "n", SAYS_CAUSAL, make_attention},
    {"add", "o", 0, make_add},
    {"multiply", "o", 0, make_multiply},
    {"concat", "o", 0, make_concat},
    {"softmax", "", 0, make_softmax},
    {"activation", "a", 0, make_activation},
};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

/* names stand in messages, in model.h5 and after `from` */
static par_err check_name(const sentence *s)
{
	static const char fine[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
	const char *name = s->line.key;
	if (strspn(name, fine) != strlen(name) || strlen(name) > 40)
		return sentence_fail(
		    s, "no name of a layer; wanted at most 40 letters, digits, _ and -");
	if (strcmp(name, "input") == 0)
		return sentence_fail(s, "input is what the first layer takes; wanted another name");
	return PAR_OK;
}

static par_err find_source(const layers *l, const sentence *s, const char *name, par_value *out)
{
	const char *known[LAYERS + 1];
	*out = of_name(l, name);
	if (*out >= 0)
		return PAR_OK;
	for (int i = 0; i < l->n; i++)
		known[i] = l->layer[i].name;
	return sentence_unknown(s, "layer", name, known, l->n);
}

static par_err no_such_kind(const sentence *s)
{
	const char *known[KINDS];
	for (int i = 0; i < KINDS; i++)
		known[i] = kinds[i].name;
	return sentence_unknown(s, "kind", s->word[0], known, KINDS);
}

/* the graph says only when it is planned what a builder refused */
static par_err refused(par_graph *g, const layers *l, const sentence *s)
{
	char why[512], shape[128];
	int64_t axis[PAR_AXES];
	par_value x = l->layer[l->n - 1].value;
	if (s->from)
		x = of_name(l, s->from);
	int nd = par_graph_shape(g, x, axis);
	shape_text(shape, sizeof shape, nd, axis);
	bool told = par_graph_plan(g) != PAR_OK;
	snprintf(why, sizeof why, "%s", told ? par_err_why() : "shapes do not fit");
	return sentence_fail(s, "%s cannot take %s: %s", s->line.value, shape, why);
}

static int64_t trained(par_graph *g)
{
	int64_t n = 0;
	for (int i = 0; i < par_graph_params(g); i++) {
		const par_param *p = par_graph_param(g, i);
		n += p->kind == PAR_PARAM_BUFFER ? 0 : p->n;
	}
	return n;
}

static par_err build_line(layers *l, par_graph *g, const par_conf_line *line)
{
	sentence s;
	int k = 0;
	PAR_TRY(sentence_cut(&s, line));
	PAR_TRY(check_name(&s));
	while (k < KINDS && strcmp(kinds[k].name, s.word[0]) != 0)
		k++;
	if (k == KINDS)
		return no_such_kind(&s);
	PAR_TRY(sentence_take(&s, kinds[k].form, kinds[k].says | SAYS_FROM));
	making m = {g, l, &s, l->layer[l->n - 1].value};
	if (s.from)
		PAR_TRY(find_source(l, &s, s.from, &m.x));
	bool on_words = l->words && m.x == l->layer[0].value;
	if (on_words != (strcmp(s.word[0], "embedding") == 0))
		return sentence_fail(&s,
		    on_words ? "%s takes numbers and the input is words; wanted an "
			       "embedding first"
			     : "%s takes the words of a text, and those only "
			       "straight from the input",
		    s.word[0]);
	if (s.other)
		PAR_TRY(find_source(l, &s, s.other, &(par_value){0}));
	if (l->n > LAYERS)
		return sentence_fail(&s, "more than %d layers", LAYERS);
	int64_t before = trained(g);
	par_value y = kinds[k].make(&m);
	if (y < 0)
		return refused(g, l, &s);
	l->layer[l->n++] = (layer){line->key, line->value, line->origin, y, trained(g) - before};
	return PAR_OK;
}

par_err layers_build(layers *l, par_graph *g, const par_conf *conf, par_value input, bool words)
{
	par_conf_line line;
	l->words = words;
	l->n = 1;
	l->layer[0] = (layer){.name = "input", .what = "", .value = input};
	for (int i = 0; par_conf_line_at(conf, "model", i, &line); i++)
		if (strcmp(line.key, "loss") != 0)
			PAR_TRY(build_line(l, g, &line));
	if (l->n == 1)
		return par_fail(PAR_E_CONFIG,
		    "[model] has no layers; wanted lines as: answer = dense 10; see inputs/models");
	return PAR_OK;
}

int64_t layers_params(const layers *l)
{
	int64_t n = 0;
	for (int i = 0; i < l->n; i++)
		n += l->layer[i].params;
	return n;
}

const char *shape_text(char *out, size_t size, int nd, const int64_t *shape)
{
	size_t used = 0;
	*out = 0;
	for (int i = 0; i < nd && used + 24 < size; i++)
		used += (size_t)snprintf(
		    out + used, size - used, "%s%lld", i ? " x " : "", (long long)shape[i]);
	return out;
}

const char *count_text(char *out, size_t size, int64_t n)
{
	char digits[24];
	int length = snprintf(digits, sizeof digits, "%lld", (long long)n);
	size_t used = 0;
	for (int i = 0; i < length && used + 2 < size; i++) {
		if (i > 0 && (length - i) % 3 == 0)
			out[used++] = ',';
		out[used++] = digits[i];
	}
	out[used] = 0;
	return out;
}

void layers_print(const layers *l, par_graph *g, const app *a)
{
	char shape[128], count[32];
	int64_t axis[PAR_AXES];
	app_log(a, "%-16s %-28s %-18s %12s", "layer", "what", "gives", "parameters");
	for (int i = 0; i < l->n; i++) {
		const layer *k = &l->layer[i];
		int nd = par_graph_shape(g, k->value, axis);
		app_log(a, "%-16s %-28s %-18s %12s", k->name, k->what,
		    shape_text(shape, sizeof shape, nd, axis),
		    k->params ? count_text(count, sizeof count, k->params) : "");
	}
	app_log(a, "%-16s %-28s %-18s %12s\n", "total", "", "",
	    count_text(count, sizeof count, layers_params(l)));
}
