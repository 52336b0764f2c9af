#include "plan/cost.h"

#include "plan/solve/groups.h"

#define PROGRAM_BYTES 44e6 /* MPI, HDF5, their buffers and the code */
#define ITERATIONS 35      /* the usual number at 20,000 SKUs */
#define FLOP_SECONDS 8e-11 /* of the product of a panel with itself */
#define BYTE_SECONDS 1e-9  /* of what an iteration reads and writes, some of it twice */

/* doubles that a block takes: what solve/groups.h keeps of it, and its solution */
static double doubles_of(const symbolic *s)
{
	double kept = 3.5 * s->columns + 3.0 * s->bounded + (2.0 + COMPONENTS) * s->rows +
		      s->links + s->factor + 1;
	return kept + s->columns + s->rows;
}

static double flops_of(const symbolic *s)
{
	double sum = 0;
	for (int i = 0; i < s->panels; i++)
		sum += (double)s->panel[i].rows * s->panel[i].padded * s->panel[i].padded;
	return sum;
}

static double blocks_of(const problem *p, int class)
{
	int64_t n = 0;
	for (int64_t k = 0; k < p->blocks; k++)
		n += p->class[k] == class;
	return (double)n;
}

typedef struct {
	double bytes, seconds;
} cost;

static void add_class(cost *c, const symbolic *s, double blocks)
{
	double bytes = 8 * doubles_of(s);
	c->bytes += blocks * bytes + 8 * (double)s->s_size + 64 * (double)s->v_size;
	c->seconds += blocks * ITERATIONS * (bytes * BYTE_SECONDS + flops_of(s) * FLOP_SECONDS);
}

static par_err cost_of(cost *out, const model *m)
{
	const problem *p = &m->problem;
	double links = p->link.rows;
	*out = (cost){PROGRAM_BYTES + (double)p->blocks * (MODEL_NAME + 1) + 16 * links * links, 0};
	for (int k = 0; k < p->patterns; k++) {
		symbolic *s;
		PAR_TRY(symbolic_open(&s, &p->pattern[k], p->link.rows));
		add_class(out, s, blocks_of(p, k) / m->deal.world->size);
		symbolic_close(s);
	}
	return PAR_OK;
}

par_err cost_tell(app *a, const model *m)
{
	cost c;
	PAR_TRY_ALL(&a->world, cost_of(&c, m));
	app_log(a, "memory a rank: %.0f MiB; time: about %.2g s\n", c.bytes / (1 << 20), c.seconds);
	json_object_set_new(a->report, "memory_mib", json_real(c.bytes / (1 << 20)));
	json_object_set_new(a->report, "seconds", json_real(c.seconds));
	return PAR_OK;
}

void cost_tell_size(app *a, const model *m)
{
	const problem *p = &m->problem;
	int64_t columns = p->link.columns, rows = p->link.rows;
	for (int k = 0; k < p->patterns; k++) {
		columns += (int64_t)blocks_of(p, k) * p->pattern[k].columns;
		rows += (int64_t)blocks_of(p, k) * p->pattern[k].rows;
	}
	app_log(a, "%lld SKUs, %lld columns, %lld rows, of them %d limits, %d periods\n",
	    (long long)p->blocks, (long long)columns, (long long)rows, p->link.rows, m->periods);
	json_object_set_new(a->report, "skus", json_integer(p->blocks));
	json_object_set_new(a->report, "columns", json_integer(columns));
	json_object_set_new(a->report, "rows", json_integer(rows));
	json_object_set_new(a->report, "links", json_integer(p->link.rows));
}
