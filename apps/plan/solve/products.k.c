#include "plan/solve/dlanes.h"
#include "plan/solve/products_kernels.h"

#define TINY_PIVOT 1e-30

/* entries and links are constants where this is expanded, but for the run of any shape */
INLINE void priced_run(const symbolic *s, const column_run *run, int entries, int links,
    const double *number, int n, const double *y, const double *price, double *out, int a, int q)
{
	const int *row = s->a_row + a, *link = s->b_link + q;
	const double *value = s->a_value + a;
	const int64_t rows = (int64_t)s->rows * EIGHT, columns = (int64_t)s->columns * EIGHT;
	number += (int64_t)q * EIGHT;
	for (int j = run->from; j < run->to; j++) {
		const double *at = y, *paid = price;
		double *to = out;
		for (int k = 0; k < n; k++, at += rows, paid += s->all_links, to += columns) {
			dvec sum = {0};
			for (int e = 0; e < entries; e++)
				sum = d_fma(d_all(value[e]), GET(at, row[e]), sum);
			for (int e = 0; e < links; e++)
				sum = d_fma(d_all(paid[link[e]]), GET(number, e), sum);
			AT(to, j) = sum;
		}
		row += entries;
		value += entries;
		link += links;
		number += links * EIGHT;
	}
}

static void priced_part(const symbolic *s, const double *number, int n, const double *y,
    const double *price, double *out)
{
	int a = 0, q = 0;
#define RUN(entries, links) priced_run(s, r, entries, links, number, n, y, price, out, a, q)
	for (const column_run *r = s->run; r < s->run + s->runs; r++) {
		if (r->entries == 1 && r->links == 0)
			RUN(1, 0);
		else if (r->entries == 2 && r->links == 0)
			RUN(2, 0);
		else if (r->entries == 1 && r->links == 1)
			RUN(1, 1);
		else if (r->entries == 2 && r->links == 1)
			RUN(2, 1);
		else if (r->entries == 1 && r->links == 2)
			RUN(1, 2);
		else if (r->entries == 2 && r->links == 2)
			RUN(2, 2);
		else
			RUN(r->entries, r->links);
		a += (r->to - r->from) * r->entries;
		q += (r->to - r->from) * r->links;
	}
#undef RUN
}

void KERNEL(plan_priced)(const symbolic *s, const double *link_number, int n, const double *y,
    const double *price, double *out)
{
	EACH_PART(lane)
	priced_part(s, link_number + lane, n, y + lane, price, out + lane);
}

/* runs of columns with entries in B: q[j] = theta_j (A's)_j */
void KERNEL(plan_back)(const symbolic *s, const double *theta, const double *y, double *q)
{
	EACH_PART(lane)
	{
		int a = 0;
		for (const column_run *r = s->run; r < s->run + s->runs; r++) {
			for (int j = r->from; r->links > 0 && j < r->to; j++) {
				const int at = a + (j - r->from) * r->entries;
				dvec sum = {0};
				for (int e = at; e < at + r->entries; e++)
					sum = d_fma(
					    d_all(s->a_value[e]), GET(y + lane, s->a_row[e]), sum);
				AT(q + lane, j) = GET(theta + lane, j) * sum;
			}
			a += (r->to - r->from) * r->entries;
		}
	}
}

void KERNEL(plan_forward)(const symbolic *s, const double *link_number, const double *theta,
    const double *price, double *r)
{
	EACH_PART(lane)
	{
		int a = 0, q = 0;
		for (const column_run *run = s->run; run < s->run + s->runs; run++)
			for (int j = run->from; j < run->to; j++) {
				dvec sum = {0};
				for (int e = 0; e < run->links; e++, q++)
					sum = d_fma(d_all(price[s->b_link[q]]),
					    GET(link_number + lane, q), sum);
				sum *= GET(theta + lane, j);
				for (int e = a; run->links > 0 && e < a + run->entries; e++)
					AT(r + lane, s->a_row[e]) = d_less(
					    d_all(s->a_value[e]), sum, GET(r + lane, s->a_row[e]));
				a += run->entries;
			}
	}
}

void KERNEL(plan_rows)(const symbolic *s, double sign, const double *q, double *r)
{
	EACH_PART(lane)
	for (int i = 0; i < s->rows; i++) {
		dvec sum = {0}, other = {0};
		int at = s->row_first[i], end = s->row_first[i + 1];
		for (; at + 2 <= end; at += 2) {
			sum = d_fma(d_all(s->row_value[at]), GET(q + lane, s->row_column[at]), sum);
			other = d_fma(d_all(s->row_value[at + 1]),
			    GET(q + lane, s->row_column[at + 1]), other);
		}
		if (at < end)
			sum = d_fma(d_all(s->row_value[at]), GET(q + lane, s->row_column[at]), sum);
		AT(r + lane, i) = d_fma(d_all(sign), sum + other, GET(r + lane, i));
	}
}

void KERNEL(plan_links)(
    const symbolic *s, const double *link_number, const double *q, double sign, double *sum)
{
	EACH_PART(lane)
	for (int t = 0; t < s->touched; t++) {
		dvec a = {0}, b = {0};
		int at = s->link_first[t], end = s->link_first[t + 1];
		for (; at + 2 <= end; at += 2) {
			a = d_fma(GET(link_number + lane, s->link_entry[at]),
			    GET(q + lane, s->link_column[at]), a);
			b = d_fma(GET(link_number + lane, s->link_entry[at + 1]),
			    GET(q + lane, s->link_column[at + 1]), b);
		}
		if (at < end)
			a = d_fma(GET(link_number + lane, s->link_entry[at]),
			    GET(q + lane, s->link_column[at]), a);
		AT(sum + lane, t) = d_fma(d_all(sign), a + b, GET(sum + lane, t));
	}
}

void KERNEL(plan_row_sums)(
    const symbolic *s, const double *r, const double *right, const double *y, double *sums)
{
	EACH_PART(lane)
	for (int i = 0; i < s->rows; i++) {
		dvec at = GET(r + lane, i);
		AT(sums + lane, 0) = d_fma(at, at, AT(sums + lane, 0));
		AT(sums + lane, 1) = d_fma(
		    GET(right + lane, i), GET(y + lane, i), AT(sums + lane, 1));
	}
}

static void solve_part(const symbolic *s, const double *l, double *r)
{
	for (int i = 0; i < s->rows; i++) {
		dvec sum = GET(r, i);
		int e = s->l_first[i], diagonal = s->l_first[i + 1] - 1;
		for (; e < diagonal; e++)
			sum = d_less(GET(l, e), GET(r, s->l_column[e]), sum);
		AT(r, i) = sum * GET(l, diagonal);
	}
	for (int i = s->rows - 1; i >= 0; i--) {
		dvec sum = GET(r, i);
		for (int e = s->up_first[i]; e < s->up_first[i + 1]; e++)
			sum = d_less(GET(l, s->up_at[e]), GET(r, s->up_row[e]), sum);
		AT(r, i) = sum * GET(l, s->l_first[i + 1] - 1);
	}
}

void KERNEL(plan_solve)(const symbolic *s, const double *l, double *r)
{
	EACH_PART(lane)
	solve_part(s, l + lane, r + lane);
}

static void assemble(const symbolic *s, const double *theta, double *l)
{
	for (int e = 0; e < s->factor; e++) {
		dvec sum = {0};
		for (int m = s->m_first[e]; m < s->m_first[e + 1]; m++)
			sum = d_fma(d_all(s->m_value[m]), GET(theta, s->m_column[m]), sum);
		AT(l, e) = sum;
	}
}

static void cholesky(const symbolic *s, double *l)
{
	for (int i = 0; i < s->rows; i++)
		for (int e = s->l_first[i]; e < s->l_first[i + 1]; e++) {
			dvec sum = GET(l, e), other = {0};
			int p = s->pair_first[e], end = s->pair_first[e + 1];
			for (; p + 2 <= end; p += 2) {
				const int *pair = s->pair + 2 * p;
				sum = d_less(GET(l, pair[0]), GET(l, pair[1]), sum);
				other = d_fma(GET(l, pair[2]), GET(l, pair[3]), other);
			}
			if (p < end)
				sum = d_less(
				    GET(l, s->pair[2 * p]), GET(l, s->pair[2 * p + 1]), sum);
			sum -= other;
			int j = s->l_column[e];
			if (j < i)
				AT(l, e) = sum * GET(l, s->l_first[j + 1] - 1);
			else
				AT(l, e) = d_pick(
				    (dmask)(sum > TINY_PIVOT), 1 / d_sqrt(sum), d_all(0));
		}
}

static void weigh_links(const symbolic *s, const double *theta, const double *number, double *out)
{
	int q = 0;
	for (const column_run *r = s->run; r < s->run + s->runs; r++)
		for (int j = r->from; j < r->to; j++)
			for (int e = 0; e < r->links; e++, q++)
				AT(out, q) = GET(theta, j) * GET(number, q);
}

static void add_crosses(
    const symbolic *s, const double *weighed, const double *number, double *cross)
{
	for (int n = 0; n < s->crosses; n++) {
		dvec sum = GET(cross, n);
		for (int p = s->cross_first[n]; p < s->cross_first[n + 1]; p++)
			sum = d_fma(GET(weighed, s->cross_pair[2 * p]),
			    GET(number, s->cross_pair[2 * p + 1]), sum);
		AT(cross, n) = sum;
	}
}

static void make_slots(const symbolic *s, const double *weighed, double *slots)
{
	for (int n = 0; n < s->slots; n++) {
		dvec sum = {0};
		for (int k = s->slot_first[n]; k < s->slot_first[n + 1]; k++)
			sum = d_fma(d_all(s->slot_value[k]), GET(weighed, s->slot_entry[k]), sum);
		AT(slots, n) = sum;
	}
}

/* block by block: the items of one stay in the first cache */
static void forward(
    const symbolic *s, const double *l, const double *slots, double *items, int in_batch, double *v)
{
	for (int b = 0; b < s->v_blocks; b++) {
		int first = s->v_first[b];
		for (int k = first; k < s->v_first[b + 1]; k++) {
			dvec sum = {0};
			if (s->v_slot[k] >= 0)
				sum = GET(slots, s->v_slot[k]);
			for (int p = s->v_pair_first[k]; p < s->v_pair_first[k + 1]; p++)
				sum = d_less(GET(l, s->v_pair[2 * p]),
				    GET(items, s->v_pair[2 * p + 1]), sum);
			sum *= GET(l, s->v_diagonal[k]);
			AT(items, k - first) = sum;
			AT(v, s->v_at[k] + (int64_t)in_batch * s->v_step[k]) = sum;
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
		forward(s, job->l + lane, job->slots + lane, job->items + lane, job->in_batch,
		    job->v + lane);
	}
}
