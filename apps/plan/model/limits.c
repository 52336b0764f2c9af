#include "plan/model/limits.h"

#include <math.h>
#include <stdlib.h>

bool limit_counts(const limit *l, const flow *f)
{
	if (f->period < l->period || f->period >= l->until)
		return false;
	switch (l->kind) {
	case LIMIT_LANE:
	case LIMIT_COMMITMENT:
		return f->lane >= 0 && f->lane == l->which;
	case LIMIT_SPACE:
		return f->kind == FLOW_STOCK && f->node == l->which;
	case LIMIT_SUPPLIER:
		return f->kind == FLOW_PURCHASE && f->supplier == l->which;
	case LIMIT_BUDGET:
		return f->kind == FLOW_PURCHASE || f->kind == FLOW_SHIPMENT;
	default:
		return false;
	}
}

static void own_column(linking *r, int row, double value, double cost)
{
	int e = r->columns++;
	r->row[e] = row;
	r->value[e] = value;
	r->cost[e] = cost;
	r->upper[e] = INFINITY;
}

par_err limits_rows(linking *out, const limit *l, int n)
{
	size_t most = 2 * (size_t)n + 1;
	*out = (linking){.right = malloc(most * sizeof(double)),
	    .row = malloc(most * sizeof(int)),
	    .value = malloc(most * sizeof(double)),
	    .cost = malloc(most * sizeof(double)),
	    .upper = malloc(most * sizeof(double))};
	if (!out->right || !out->row || !out->value || !out->cost || !out->upper)
		return par_fail(PAR_E_MEMORY, "no memory for %d limits", n);
	out->rows = n;
	for (int i = 0; i < n; i++) {
		out->right[i] = l[i].capacity;
		own_column(out, i, l[i].kind == LIMIT_COMMITMENT ? -1 : 1, 0);
	}
	for (int i = 0; i < n; i++)
		if (isfinite(l[i].overflow_price))
			own_column(
			    out, i, l[i].kind == LIMIT_COMMITMENT ? 1 : -1, l[i].overflow_price);
	return PAR_OK;
}

void limits_drop(linking *rows)
{
	free(rows->right);
	free(rows->row);
	free(rows->value);
	free(rows->cost);
	free(rows->upper);
	*rows = (linking){0};
}
