#include "plan/solve/dlanes.h"
#include "plan/solve/products_kernels.h"

#define TINY_PIVOT 1e-30
/* of a diagonal entry: what roundings leave of a row that follows from others once its columns are at bounds */
#define LOST_PIVOT 1e-14

static void assemble(const symbolic *s, const double *theta, double *l)
{
	const int *first = s->m_first, *column = s->m_column;
	const double *value = s->m_value;
	for (int e = 0, n = s->factor; e < n; e++) {
		dvec sum = {0};
		for (int m = first[e], end = first[e + 1]; m < end; m++)
			sum = d_fma(d_all(value[m]), HERE(theta, column[m]), sum);
		AT(l, e) = sum;
	}
}

/* entry e less its products, in two chains */
INLINE dvec less_products(const int *pair, int n, const double *l, dvec sum)
{
	dvec other = {0};
	for (; n >= 2; n -= 2, pair += 4) {
		sum = d_less(HERE(l, pair[0]), HERE(l, pair[1]), sum);
		other = d_fma(HERE(l, pair[2]), HERE(l, pair[3]), other);
	}
	if (n > 0)
		sum = d_less(HERE(l, pair[0]), HERE(l, pair[1]), sum);
	return sum - other;
}

static void cholesky(const symbolic *s, double *l)
{
	const int *first = s->l_first, *column = s->l_column, *pairs = s->pair_first;
	for (int i = 0, rows = s->rows; i < rows; i++) {
		int diagonal = first[i + 1] - 1;
		for (int e = first[i]; e <= diagonal; e++) {
			dvec sum = less_products(
			    s->pair + 2 * (int64_t)pairs[e], pairs[e + 1] - pairs[e], l, GET(l, e));
			if (e < diagonal)
				AT(l, e) = sum * GET(l, first[column[e] + 1] - 1);
			else
				AT(l, e) = d_pick(
				    (dmask)(sum > TINY_PIVOT + LOST_PIVOT * GET(l, e)),
				    1 / d_sqrt(sum), d_all(0));
		}
	}
}

static void weigh_links(const symbolic *s, const double *theta, const double *number, double *out)
{
	for (const column_run *r = s->run; r < s->run + s->runs; r++) {
		int q = r->first_link;
		for (int j = r->from; r->links > 0 && j < r->to; j++)
			for (int e = 0; e < r->links; e++, q++)
				AT(out, q) = GET(theta, j) * GET(number, q);
	}
}

static void add_crosses(
    const symbolic *s, const double *weighed, const double *number, double *cross)
{
	const int *first = s->cross_first, *pair = s->cross_pair;
	for (int n = 0, end = s->crosses; n < end; n++) {
		dvec sum = GET(cross, n);
		for (int p = 2 * first[n]; p < 2 * first[n + 1]; p += 2)
			sum = d_fma(HERE(weighed, pair[p]), HERE(number, pair[p + 1]), sum);
		AT(cross, n) = sum;
	}
}

static void make_slots(const symbolic *s, const double *weighed, double *slots)
{
	const int *first = s->slot_first, *entry = s->slot_entry;
	const double *value = s->slot_value;
	for (int n = 0, end = s->slots; n < end; n++) {
		dvec sum = {0};
		for (int k = first[n]; k < first[n + 1]; k++)
			sum = d_fma(d_all(value[k]), HERE(weighed, entry[k]), sum);
		AT(slots, n) = sum;
	}
}

#define AHEAD DLANES /* lines to fetch at a line of V */
#define UNROLL _Pragma("GCC unroll 8")

/* Block by block: the items of one stay in the first cache, an entry of L serves a whole line. */
static void forward(const symbolic *s, const double *l, const double *slots, const factor_job *job,
    double *items, double *v)
{
	const int *slot = s->v_slot, *step = s->v_step, *pair = s->v_pair;
	const int64_t *at = s->v_at;
	for (int b = 0, blocks = s->v_blocks; b < blocks; b++) {
		double *line = items;
		for (int k = s->v_first[b], last = s->v_first[b + 1]; k < last; k++) {
			dvec sum[V_BLOCK];
			ahead_fetch(job->ahead, AHEAD);
			UNROLL
			for (int t = 0; t < V_BLOCK; t++)
				sum[t] = HERE(slots, slot[t]);
			const int *end = s->v_pair + 2 * (int64_t)s->v_pair_first[k + 1];
			for (; pair < end; pair += 2) {
				const dvec a = HERE(l, pair[0]);
				const double *other = items + pair[1];
				UNROLL
				for (int t = 0; t < V_BLOCK; t++)
					sum[t] = d_less(a, GET(other, t), sum[t]);
			}
			const dvec diagonal = HERE(l, s->v_diagonal[k]);
			UNROLL
			for (int t = 0; t < V_BLOCK; t++) {
				sum[t] *= diagonal;
				AT(line, t) = sum[t];
				AT(v, at[t] + (int64_t)job->in_batch * step[t]) = sum[t];
			}
			line += V_BLOCK * EIGHT;
			slot += V_BLOCK;
			step += V_BLOCK;
			at += V_BLOCK;
		}
	}
}

void KERNEL(plan_factor)(
    const symbolic *s, const double *theta, const double *masked, const factor_job *job)
{
	EACH_PART(lane)
	{
		assemble(s, theta + lane, job->l + lane);
		cholesky(s, job->l + lane);
		weigh_links(s, theta + lane, masked + lane, job->weighed + lane);
		add_crosses(s, job->weighed + lane, masked + lane, job->cross + lane);
		make_slots(s, job->weighed + lane, job->slots + lane);
		forward(s, job->l + lane, job->slots + lane, job, job->items + lane, job->v + lane);
	}
}
