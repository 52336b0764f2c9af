#include "plan/solve/dlanes.h"
#include "plan/solve/products_kernels.h"

/* Which vectors A'y + B'price is made of: n of them, each `step` behind the other. near: less a residual, of those
 * before LESS, and rounded. Constants where they are expanded. */
typedef struct {
	int n, step;
	bool near;
} sides;

typedef struct {
	const double *number, *y, *price;
	const float *residual;
	double *out;
	float *near;
	int from, to;   /* columns; that of `from` is the first of out or near */
	int64_t stride; /* of out or near, from side to side */
	ahead *ahead;
} priced_job;

#define AHEAD (2 * DLANES / EIGHT) /* lines to fetch at a column */
#define LESS 2
#define UNROLL _Pragma("GCC unroll 4")

INLINE dvec begin_priced(const priced_job *o, sides n, int k, int j)
{
	if (!n.near || k * n.step >= LESS)
		return (dvec){0};
	return -d_from_floats(o->residual + (int64_t)j * EIGHT);
}

INLINE void end_priced(const priced_job *o, sides n, int64_t at, dvec sum)
{
	if (n.near)
		d_to_floats(o->near + at * EIGHT, sum);
	else
		AT(o->out, at) = sum;
}

/* A run of columns; entries and links are constants where this is expanded, so that everything of a column
 * but its y and prices stays in registers while the vectors pass. */
INLINE void priced_run(
    const symbolic *s, const column_run *run, int entries, int links, sides n, const priced_job *o)
{
	const int *row = s->a_row + run->first_entry, *link = s->b_link + run->first_link;
	const double *value = s->a_value + run->first_entry;
	const double *number = o->number + (int64_t)run->first_link * EIGHT;
	const int64_t rows = (int64_t)n.step * s->rows * EIGHT;
	const int64_t prices = (int64_t)n.step * s->all_links;
	const int64_t stride = n.step * o->stride;
	for (int j = run->from; j < run->to; j++) {
		dvec a[2], b[2];
		int64_t at[2], of[2];
		ahead_fetch(o->ahead, AHEAD);
		UNROLL
		for (int e = 0; e < entries; e++) {
			a[e] = d_all(value[e]);
			at[e] = row[e];
		}
		UNROLL
		for (int e = 0; e < links; e++) {
			b[e] = GET(number, e);
			of[e] = link[e];
		}
		UNROLL
		for (int k = 0; k < n.n; k++) {
			dvec sum = begin_priced(o, n, k, j);
			UNROLL
			for (int e = 0; e < entries; e++)
				sum = d_fma(a[e], HERE(o->y + k * rows, at[e]), sum);
			UNROLL
			for (int e = 0; e < links; e++)
				sum = d_fma(d_all(o->price[k * prices + of[e]]), b[e], sum);
			end_priced(o, n, k * stride + j - o->from, sum);
		}
		row += entries;
		value += entries;
		link += links;
		number += links * EIGHT;
	}
}

INLINE void priced_any(const symbolic *s, const column_run *run, sides n, const priced_job *o)
{
	const int64_t rows = (int64_t)s->rows * EIGHT;
	int a = run->first_entry, q = run->first_link;
	for (int j = run->from; j < run->to; j++, a += run->entries, q += run->links)
		for (int k = 0; k < n.n; k++) {
			const int64_t side = (int64_t)k * n.step;
			dvec sum = begin_priced(o, n, k, j);
			for (int e = a; e < a + run->entries; e++)
				sum = d_fma(d_all(s->a_value[e]),
				    HERE(o->y + side * rows, s->a_row[e]), sum);
			for (int e = q; e < q + run->links; e++)
				sum = d_fma(d_all(o->price[side * s->all_links + s->b_link[e]]),
				    GET(o->number, e), sum);
			end_priced(o, n, side * o->stride + j - o->from, sum);
		}
}

/* what of a run is in [from, to) */
INLINE column_run part_of(const column_run *run, int from, int to)
{
	column_run r = *run;
	const int skip = from > r.from ? from - r.from : 0;
	r.from += skip;
	r.to = r.to < to ? r.to : to;
	r.first_entry += skip * r.entries;
	r.first_link += skip * r.links;
	return r;
}

INLINE void priced_part(const symbolic *s, sides n, const priced_job *o)
{
	const priced_job job = *o; /* out of the way of what is written */
#define RUN(entries, links) priced_run(s, r, entries, links, n, &job)
	for (int i = 0; i < s->runs; i++) {
		const column_run part = part_of(&s->run[i], o->from, o->to), *r = &part;
		if (r->from >= r->to)
			continue;
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
			priced_any(s, r, n, &job);
	}
#undef RUN
}

void KERNEL(plan_priced)(const symbolic *s, const double *link_number, int n, const double *y,
    const double *price, double *out)
{
	EACH_PART(lane)
	{
		priced_job o = {.number = link_number + lane,
		    .y = y + lane,
		    .price = price,
		    .out = out + lane,
		    .to = s->columns,
		    .stride = s->columns};
		if (n == 1)
			priced_part(s, (sides){1, 1, false}, &o);
		else
			priced_part(s, (sides){2, 1, false}, &o);
	}
}

void KERNEL(plan_priced_near)(const symbolic *s, const priced_near *p)
{
	EACH_PART(lane)
	{
		priced_job o = {.number = p->link_number + lane,
		    .y = p->y + lane,
		    .price = p->price,
		    .residual = p->residual + lane,
		    .near = p->out + lane,
		    .from = p->from,
		    .to = p->to,
		    .stride = NEAR_COLUMNS,
		    .ahead = p->ahead};
		if (p->n == 1)
			priced_part(s, (sides){1, 1, true}, &o);
		else if (p->n == 3)
			priced_part(s, (sides){3, 1, true}, &o);
		else if (p->step == 1)
			priced_part(s, (sides){2, 1, true}, &o);
		else
			priced_part(s, (sides){2, 2, true}, &o);
	}
}

static void back_run(
    const symbolic *s, const column_run *run, const double *theta, const double *y, double *q)
{
	const int *row = s->a_row + run->first_entry, entries = run->entries;
	const double *value = s->a_value + run->first_entry;
	for (int j = run->from; j < run->to; j++, row += entries, value += entries) {
		dvec sum = {0};
		for (int e = 0; e < entries; e++)
			sum = d_fma(d_all(value[e]), HERE(y, row[e]), sum);
		AT(q, j) = d_less(GET(theta, j), sum, GET(q, j));
	}
}

void KERNEL(plan_back)(const symbolic *s, const double *theta, const double *y, double *q)
{
	EACH_PART(lane)
	for (const column_run *run = s->run; run < s->run + s->runs; run++)
		if (run->links > 0)
			back_run(s, run, theta + lane, y + lane, q + lane);
}

static void forward_run(const symbolic *s, const column_run *run, const double *number,
    const double *theta, const double *price, double *r)
{
	const int *row = s->a_row + run->first_entry, entries = run->entries;
	const int *link = s->b_link + run->first_link, links = run->links;
	const double *value = s->a_value + run->first_entry;
	number += (int64_t)run->first_link * EIGHT;
	for (int j = run->from; j < run->to; j++) {
		dvec sum = {0};
		for (int e = 0; e < links; e++)
			sum = d_fma(d_all(price[link[e]]), GET(number, e), sum);
		sum *= GET(theta, j);
		for (int e = 0; e < entries; e++)
			*(dvec *)(r + row[e]) = d_less(d_all(value[e]), sum, HERE(r, row[e]));
		row += entries;
		value += entries;
		link += links;
		number += links * EIGHT;
	}
}

void KERNEL(plan_forward)(const symbolic *s, const double *link_number, const double *theta,
    const double *price, double *r)
{
	EACH_PART(lane)
	for (const column_run *run = s->run; run < s->run + s->runs; run++)
		if (run->links > 0)
			forward_run(s, run, link_number + lane, theta + lane, price, r + lane);
}

static void rows_part(const symbolic *s, double sign, const double *q, double *r)
{
	const int *column = s->row_column, *first = s->row_first;
	const double *value = s->row_value;
	for (int i = 0, rows = s->rows; i < rows; i++) {
		dvec sum = {0}, other = {0};
		int at = first[i], end = first[i + 1];
		for (; at + 2 <= end; at += 2) {
			sum = d_fma(d_all(value[at]), HERE(q, column[at]), sum);
			other = d_fma(d_all(value[at + 1]), HERE(q, column[at + 1]), other);
		}
		if (at < end)
			sum = d_fma(d_all(value[at]), HERE(q, column[at]), sum);
		AT(r, i) = d_fma(d_all(sign), sum + other, GET(r, i));
	}
}

void KERNEL(plan_rows)(const symbolic *s, double sign, const double *q, double *r)
{
	EACH_PART(lane)
	rows_part(s, sign, q + lane, r + lane);
}

static void links_part(
    const symbolic *s, const double *number, const double *q, double sign, double *sum)
{
	const int *first = s->link_first, *column = s->link_column, *entry = s->link_entry;
	for (int t = 0, touched = s->touched; t < touched; t++) {
		dvec a = {0}, b = {0};
		int at = first[t], end = first[t + 1];
		for (; at + 2 <= end; at += 2) {
			a = d_fma(HERE(number, entry[at]), HERE(q, column[at]), a);
			b = d_fma(HERE(number, entry[at + 1]), HERE(q, column[at + 1]), b);
		}
		if (at < end)
			a = d_fma(HERE(number, entry[at]), HERE(q, column[at]), a);
		AT(sum, t) = d_fma(d_all(sign), a + b, GET(sum, t));
	}
}

void KERNEL(plan_links)(
    const symbolic *s, const double *link_number, const double *q, double sign, double *sum)
{
	EACH_PART(lane)
	links_part(s, link_number + lane, q + lane, sign, sum + lane);
}

void KERNEL(plan_row_sums)(
    const symbolic *s, const double *r, const double *right, const double *y, double *sums)
{
	EACH_PART(lane)
	{
		dvec squares = {0}, value = {0};
		for (int i = 0; i < s->rows; i++) {
			dvec at = GET(r + lane, i);
			squares = d_fma(at, at, squares);
			value = d_fma(GET(right + lane, i), GET(y + lane, i), value);
		}
		AT(sums + lane, 0) += squares;
		AT(sums + lane, 1) += value;
	}
}

static void solve_part(const symbolic *s, const double *l, double *r)
{
	const int *first = s->l_first, *place = s->l_place, rows = s->rows;
	const int *up_first = s->up_first, *up_row = s->up_row, *up_at = s->up_at;
	for (int i = 0; i < rows; i++) {
		dvec sum = GET(r, i);
		int e = first[i], diagonal = first[i + 1] - 1;
		for (; e < diagonal; e++)
			sum = d_less(GET(l, e), HERE(r, place[e]), sum);
		AT(r, i) = sum * GET(l, diagonal);
	}
	for (int i = rows - 1; i >= 0; i--) {
		dvec sum = GET(r, i);
		for (int e = up_first[i], end = up_first[i + 1]; e < end; e++)
			sum = d_less(HERE(l, up_at[e]), HERE(r, up_row[e]), sum);
		AT(r, i) = sum * GET(l, first[i + 1] - 1);
	}
}

void KERNEL(plan_solve)(const symbolic *s, const double *l, double *r)
{
	EACH_PART(lane)
	solve_part(s, l + lane, r + lane);
}
