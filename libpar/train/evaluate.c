#include "train/trainer.h"

par_err par_evaluate(const par_evaluation *e, double *mean)
{
	const par_sampler *order = par_feed_order(e->feed);
	const par_shards *s = par_graph_shards(e->graph);
	par_exact sum[PAR_METRICS] = {{{0}, 0, 0}};
	PAR_MUST(e->metrics <= PAR_METRICS, "%d metrics", e->metrics);
	for (int64_t step = 0; step < par_sampler_steps(order); step++) {
		int64_t count = par_sampler_count(order, step);
		PAR_TRY(par_feed_fill(e->feed, e->graph, e->input, step));
		par_graph_step(e->graph, step, count);
		par_graph_forward(e->graph, e->answer);
		if (count > s->lo)
			e->measure(e->ctx, (count < s->hi ? count : s->hi) - s->lo, sum);
		par_world_alive();
	}
	par_exact_sum(s->world, sum, e->metrics);
	for (int k = 0; k < e->metrics; k++)
		mean[k] = par_exact_value(&sum[k]) / (double)order->n;
	return PAR_OK;
}
