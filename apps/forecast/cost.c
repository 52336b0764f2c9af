#include "forecast/cost.h"

#include "base/cpu.h"
#include "forecast/intervals/nodes.h"
#include "forecast/net/stage.h"
#include "forecast/planners/planners.h"
#include "forecast/pooled/pooled.h"

#define PROGRAM_BYTES 52e6     /* MPI, HDF5, their buffers and the code */
#define FLOPS_A_PATH_STEP 10.0 /* one model one step ahead, its error and its loss */
#define CELL_SECONDS 70e-9     /* one step from one origin among the quantiles */
#define SOLVING 3e9            /* operations a second of a reconciliation */

/* passes of the search times operations a step; the others need none worth counting */
static const double search_flops[BANK_MODELS] = {
    [BANK_SES] = 48 * 13,
    [BANK_HOLT] = 56 * 35,
    [BANK_DAMPED] = 94 * 35,
    [BANK_THETA] = 48 * 13,
    [BANK_DOTM] = 22 * 24,
    [BANK_TSB] = 48 * 12,
    [BANK_ADIDA] = 48 * 13,
};

/* the forms of automatic ETS and their searches; few series of counts are without zeros enough */
#define ETS_PLAIN 18e3
#define ETS_SEASONAL 110e3
#define ETS_OF_COUNTS 0.05

static double ets_flops(const bank_spec *s)
{
	bool seasonal = s->season > 1 && s->season <= BANK_ETS_SEASON;
	double all = seasonal ? ETS_SEASONAL : ETS_PLAIN;
	return s->counts && s->models == 0 ? ETS_OF_COUNTS * all : all;
}

static double rate(void)
{
	switch (par_cpu_kernels()) {
	case PAR_KERNELS_AVX512:
		return 35e9;
	case PAR_KERNELS_AVX2:
		return 20e9;
	default:
		return 9e9;
	}
}

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* a season that is as long as the history, or shorter than the first, makes no second pass */
static int passes(const bank_spec *s, int64_t length)
{
	return s->season2 > s->season && length >= 3 * (int64_t)s->season2 ? 2 : 1;
}

static int64_t origins(const bank_spec *s, int64_t length)
{
	int64_t wanted = s->origins > 0 ? s->origins : 5 * (int64_t)s->horizon;
	return least(wanted, least(BANK_WINDOW, length));
}

static double flops_a_series(const bank_spec *s, int64_t length, double cells)
{
	bool all = s->models == 0 || s->models >> BANK_MEDIAN & 1;
	double search = 0, paths = 0;
	for (int m = 0; m < BANK_MODELS; m++)
		if (all || s->models >> m & 1) {
			search += m == BANK_ETS ? ets_flops(s) : search_flops[m];
			paths += 2 * FLOPS_A_PATH_STEP; /* to choose, and to keep the errors */
		}
	return passes(s, length) * (search * (double)least(length, BANK_WINDOW) + paths * cells);
}

/* vectors of eight that the bank holds for one group */
static double bank_bytes(const bank_spec *s, int64_t length, double cells)
{
	double vectors = 19.0 * (double)length + 30.0 * (double)origins(s, length) + 4 * cells +
			 (20.0 + s->quantiles / 8.0) * s->horizon + 4.0 * BANK_SEASON;
	return 64 * vectors;
}

/* of the levels that add series up */
static double nodes_of(const hierarchy *h, double series)
{
	double nodes = 0;
	for (int l = 0; h && l < hierarchy_levels(h); l++)
		nodes += (double)hierarchy_at(h, l)->nodes;
	return h ? nodes : series;
}

/* the most of six moments: forecasting, the network, learning over series, adding up and joining nodes, hearing planners,
 * ranking series for the picture */
static double bytes_of(const app *a, const panel *p, const plan *f, const totals *t,
    const reconcile *c, int64_t at_once, double cells, double learning)
{
	double series = (double)p->of.series, steps = f->spec.horizon;
	double rows = (double)par_world_max(&a->world, p->blocks.hi - p->blocks.lo);
	double resting = plan_spills(f, a, (int64_t)rows) ? rows - RESULTS_RESTING : 0;
	double answers = rows *
			 (double)results_bytes(f->spec.horizon, f->spec.quantiles, f->origins);
	answers -= resting * (double)results_quantile_bytes(f->spec.horizon, f->spec.quantiles);
	/* those of a rank, of all, and the outcomes among them once more */
	answers += held_bytes(f, p->of.series) * (1.2 + 1. / a->world.size);
	double round = 4.0 * (double)at_once * (double)p->stored;
	double bank = bank_bytes(&f->spec, p->of.length, cells);
	double here = nodes_of(t->h, series) / a->world.size;
	double nodes = app_text(a, "hierarchy") ? nodes_bytes(p, f, t, rows, here) : 0;
	double picture = app_int(a, "pictures") > 0 ? series * (4 * steps + 8) : 0;
	double most = answers + round + bank;
	nodes += totals_kept(t, p);
	double sums = totals_bytes(t, p) + reconcile_bytes(c, p, f->spec.horizon);
	nodes = sums > nodes ? sums : nodes;
	most = answers + nodes > most ? answers + nodes : most;
	most = answers + learning > most ? answers + learning : most;
	most = picture > most ? picture : most;
	double words = answers + planners_bytes(p, f->spec.horizon, rows);
	most = words > most ? words : most;
	return PROGRAM_BYTES + 8 * series + most;
}

par_err cost_of(cost *out, const app *a, const panel *p, const plan *f, const totals *t,
    const reconcile *c, int64_t at_once)
{
	int64_t length = p->of.length;
	double cells = (double)origins(&f->spec, length) * f->spec.horizon;
	double flops = flops_a_series(&f->spec, length, cells);
	double seconds = flops / rate() + passes(&f->spec, length) * cells * CELL_SECONDS;
	int64_t most = par_world_max(&a->world, p->blocks.hi - p->blocks.lo);
	/* models are not compared at past origins: six tenths of the work (measured on M5); at those of held
	 * series they are */
	double again = 1 + (.6 + held_share(f, p->of.series)) * f->origins;
	double nodes = (double)c->cut.nodes, ranks = a->world.size;
	double solving = reconcile_flops(c, f->spec.horizon);
	network_cost net;
	PAR_TRY(network_cost_of(&net, a, p, f));
	cost pooled = pooled_cost(a, p, f);
	double learning = net.bytes > pooled.bytes ? net.bytes : pooled.bytes;
	if (net.flops > 0) /* it answers, and the regression does not */
		pooled.flops = pooled.seconds = 0;
	*out = (cost){.bytes = bytes_of(a, p, f, t, c, at_once, cells, learning),
	    .flops = again * flops * ((double)p->of.series + nodes) + solving + net.flops +
		     pooled.flops,
	    .seconds = again * seconds * ((double)most + nodes / ranks) +
		       solving / SOLVING / ranks + net.seconds + pooled.seconds};
	return PAR_OK;
}
