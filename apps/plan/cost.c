#include "plan/cost.h"

#include "plan/solve/groups.h"

#define PROGRAM_BYTES 44e6   /* MPI, HDF5, their buffers and the code */
#define ITERATIONS 35        /* the usual number at 20,000 SKUs */
#define FLOP_SECONDS 4e-11   /* of the product of a panel with itself */
#define BYTE_SECONDS 2.5e-10 /* of what an iteration reads and writes, some of it twice */

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

static void add_class(cost *c, const problem *p, int class, const symbolic *s, int ranks)
{
	double blocks = 0;
	for (int64_t k = 0; k < p->blocks; k++)
		blocks += p->class[k] == class;
	double bytes = 8 * doubles_of(s);
	c->columns += (int64_t)blocks * s->columns;
	c->rows += (int64_t)blocks * s->rows;
	c->bytes += blocks / ranks * bytes + 8 * (double)s->s_size + 64 * (double)s->v_size;
	c->seconds += blocks / ranks * ITERATIONS *
		      (bytes * BYTE_SECONDS + flops_of(s) * FLOP_SECONDS);
}

par_err cost_of(cost *out, const model *m)
{
	const problem *p = &m->problem;
	double links = p->link.rows;
	*out = (cost){.columns = p->link.columns, .rows = p->link.rows};
	out->bytes = PROGRAM_BYTES + (double)p->blocks * (MODEL_NAME + 1) + 16 * links * links;
	for (int k = 0; k < p->patterns; k++) {
		symbolic *s;
		PAR_TRY(symbolic_open(&s, &p->pattern[k], p->link.rows));
		add_class(out, p, k, s, m->deal.world->size);
		symbolic_close(s);
	}
	return PAR_OK;
}

void cost_tell(app *a, const model *m, const cost *c)
{
	app_log(a, "%lld SKUs, %lld columns, %lld rows, of them %d limits, %d periods",
	    (long long)m->problem.blocks, (long long)c->columns, (long long)c->rows,
	    m->problem.link.rows, m->periods);
	app_log(
	    a, "memory a rank: %.0f MiB; time: about %.2g s\n", c->bytes / (1 << 20), c->seconds);
	json_object_set_new(a->report, "skus", json_integer(m->problem.blocks));
	json_object_set_new(a->report, "columns", json_integer(c->columns));
	json_object_set_new(a->report, "rows", json_integer(c->rows));
	json_object_set_new(a->report, "links", json_integer(m->problem.link.rows));
}
