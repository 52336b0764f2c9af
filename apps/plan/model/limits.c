#include "plan/model/limits.h"

#include <math.h>

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

par_err limits_rows(linking *out, const limit *l, int n)
{
	PAR_TRY(linking_open(out, n, 2 * (int64_t)n));
	for (int i = 0; i < n; i++) {
		out->right[i] = l[i].capacity;
		linking_add(out, i, l[i].kind == LIMIT_COMMITMENT ? -1 : 1, 0, INFINITY);
	}
	for (int i = 0; i < n; i++)
		if (isfinite(l[i].overflow_price))
			linking_add(out, i, l[i].kind == LIMIT_COMMITMENT ? 1 : -1,
			    l[i].overflow_price, INFINITY);
	return PAR_OK;
}
