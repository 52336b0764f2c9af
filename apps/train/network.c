#include "train/network.h"

#include <string.h>

static int64_t whole(const par_conf *conf, const char *key)
{
	return par_conf_int(conf, "train", key);
}

static double real(const par_conf *conf, const char *key)
{
	return par_conf_real(conf, "train", key);
}

int network_choice(const par_conf *conf, const char *key, const char *const *words, int n)
{
	const char *said = par_conf_text(conf, "train", key);
	for (int i = 0; i < n; i++)
		if (strcmp(said, words[i]) == 0)
			return i;
	PAR_MUST(false, "train.%s = %s", key, said);
	return 0;
}

bool network_truth_is_number(const network *n)
{
	return !n->loss.classes || n->loss.answer == ANSWER_SHARE;
}

/* a table of fewer rows than there are words would know some of them not */
static par_err check_vocabulary(const network *n, const coding *c)
{
	for (int i = 1; i < n->layers.n; i++) {
		const layer *l = &n->layers.layer[i];
		const par_param *p = NULL;
		for (int k = 0; k < par_graph_params(n->graph); k++) {
			const par_param *q = par_graph_param(n->graph, k);
			size_t name = strlen(l->name);
			if (q->kind == PAR_PARAM_TABLE && strncmp(q->name, l->name, name) == 0 &&
			    q->name[name] == '/')
				p = q;
		}
		if (p && p->shape[0] < c->vocabulary.n + 1)
			return par_fail(PAR_E_CONFIG,
			    "%s: %s: %lld rows; the vocabulary has %d words and one for all "
			    "others; "
			    "set train.vocabulary to the rows",
			    l->origin, l->name, (long long)p->shape[0], (int)c->vocabulary.n);
	}
	return PAR_OK;
}

static par_err build(network *n, const par_conf *conf, const par_field *x, const coding *c)
{
	bool words = x->type == PAR_I32;
	n->input = par_graph_input(n->graph, "x", words ? PAR_I32 : PAR_F32, x->nd, x->shape);
	PAR_TRY(layers_build(&n->layers, n->graph, conf, n->input, words));
	PAR_TRY(check_vocabulary(n, c));
	par_value output = n->layers.layer[n->layers.n - 1].value;
	PAR_TRY(loss_build(&n->loss, n->graph, output, c->classes.n, &n->values));
	n->train = par_graph_pass(n->graph, n->values.each, "model");
	n->judge = par_graph_answer(n->graph, 2, (par_value[]){n->values.each, n->values.answer});
	n->answer = par_graph_answer(n->graph, 1, &n->values.answer);
	return PAR_OK;
}

static par_rule rule(const par_conf *conf)
{
	static const char *const name[] = {"sgd", "momentum", "adam", "adamw"};
	static const par_rule rules[] = {PAR_SGD, PAR_MOMENTUM, PAR_ADAM, PAR_ADAMW};
	return rules[network_choice(conf, "optimizer", name, 4)];
}

static par_err open_optimizer(network *n, const par_conf *conf)
{
	par_optimizer_spec spec = {.rule = rule(conf),
	    .momentum = real(conf, "momentum"),
	    .beta1 = real(conf, "beta1"),
	    .beta2 = real(conf, "beta2"),
	    .epsilon = real(conf, "epsilon"),
	    .l1 = real(conf, "l1"),
	    .l2 = real(conf, "l2"),
	    .decay = real(conf, "decay"),
	    .clip = real(conf, "clip"),
	    .average = real(conf, "average"),
	    .lazy_tables = par_conf_bool(conf, "train", "lazy_tables")};
	PAR_TRY(par_optimizer_open(&n->optimizer, n->graph, "model", &spec));
	n->state = (par_state){n->graph, 1, &n->optimizer};
	return PAR_OK;
}

par_err network_open(network *n, app *a, const par_conf *conf, const par_field *x, const coding *c)
{
	par_graph_spec spec = {.world = &a->world,
	    .batch = whole(conf, "batch"),
	    .shards = (int)whole(conf, "shards"),
	    .seed = (uint64_t)par_conf_int(conf, "run", "seed"),
	    .bf16 = strcmp(par_conf_text(conf, "train", "precision"), "bf16") == 0};
	if (spec.bf16)
		app_uses_bf16(a);
	PAR_TRY_ALL(&a->world, par_graph_open(&n->graph, &spec));
	PAR_TRY_ALL(&a->world, build(n, conf, x, c));
	PAR_TRY(par_graph_plan(n->graph));
	return open_optimizer(n, conf);
}

void network_close(network *n)
{
	if (n->optimizer)
		par_optimizer_close(n->optimizer);
	par_graph_close(n->graph);
}
