/* Safety: stock that a node keeps against what markets ask for beyond their means.
 *
 * A market leans on the outlet that serves it for least, and with it on that outlet's node. Once in
 * a period a node orders; what comes the cheapest way takes L periods, and the next order one more.
 * So its stock at the end of period t stands against L + 1 periods of demand, t - L to t, and fewer
 * at the plan's begin:
 *
 *	safety(t) = sqrt( sum over these periods of (1 - r) sum a^2 + r (sum a)^2 )
 *
 * with sums over markets of a, how far the quantile at the service level lies above the mean
 * (model/demand.h), and r their correlation; periods are taken as independent. For normal demand of
 * one market that is z sigma sqrt(L + 1), the textbook's base-stock level less the mean (Snyder and
 * Shen, Fundamentals of Supply Chain Theory, section 4.3.4). A node that no supplier reaches has 0.
 *
 * It is cut into steps (demand_safety_level), which demand reaches with falling chance: where stock
 * is dear or scarce, the last are given up first. No step is less than a hundredth of the SKU's
 * mean demand of a period. */
#ifndef APPS_PLAN_MODEL_SAFETY_H
#define APPS_PLAN_MODEL_SAFETY_H

#include "plan/model/goods.h"

/* local | room for sums, and then for the result, in s->safety; nothing when none is asked for. The
 * goods own it. fails: PAR_E_MEMORY */
par_err safety_open(const goods *g, good *s, const sku_class *class);

/* local | add a market's demand to the sums of its node; place of the market in the model */
void safety_add(
    const goods *g, good *s, const sku_class *class, int market, const demand_series *from);

/* local | the units of a step: a flow of kind FLOW_STOCK with a step */
double safety_units(const good *s, const sku_class *class, const flow *f);

/* local | s->safety from the sums, and s->landed [node of the chain], what a unit costs there by the
 * cheapest way. fails: PAR_E_MEMORY */
par_err safety_close(const goods *g, good *s, const sku_class *class);

#endif
