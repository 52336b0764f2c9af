#include "plan/model/model.h"

#include "plan/model/chain.h"

#include <stdlib.h>

const char lane_mode_name[LANE_MODES][MODEL_NAME] = {[LANE_SEA] = "sea",
    [LANE_RAIL] = "rail",
    [LANE_ROAD] = "road",
    [LANE_AIR] = "air",
    [LANE_EXPRESS] = "express"};

static void drop_names(model_names *n)
{
	free(n->name);
	*n = (model_names){0};
}

static void drop_problem(problem *p, flow **flows)
{
	pattern *patterns = (pattern *)p->pattern;
	for (int i = 0; i < p->patterns; i++) {
		chain_pattern_drop(&patterns[i]);
		free(flows[i]);
	}
	free(patterns);
	free((uint8_t *)p->class);
	linking_close(&p->link);
}

void model_scale_limit(model *m, int i, double factor)
{
	m->limit[i].capacity *= factor;
	m->problem.link.right[i] = m->limit[i].capacity;
}

void model_scale(model *m, limit_kind kind, double factor)
{
	for (int i = 0; i < m->problem.link.rows; i++)
		if (m->limit[i].kind == kind)
			model_scale_limit(m, i, factor);
}

void model_drop(model *m)
{
	deal_drop(&m->deal);
	drop_problem(&m->problem, m->flow);
	drop_names(&m->sku);
	drop_names(&m->supplier);
	drop_names(&m->lane);
	drop_names(&m->node);
	drop_names(&m->market);
	free(m->period_date);
	free(m->flow);
	free(m->limit);
	free(m->load);
	if (m->drop_own)
		m->drop_own(m->own);
	*m = (model){0};
}
