#include "plan/orders/boxes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ROUNDED 1e-9 /* containers */

int64_t boxes_needed(double volume, double container)
{
	if (container <= 0)
		return 0;
	return (int64_t)fmax(ceil(volume / container - ROUNDED), 0);
}

double boxes_unfilled(const lane_load *l, double volume)
{
	double booked = (double)boxes_needed(volume, l->container) * l->container;
	return l->container > 0 ? l->rate * fmax(booked - volume, 0) : 0;
}

/* ---- what all ship */

par_err boxes_open(boxes *b, const model *m)
{
	*b = (boxes){.m = m, .cells = (int)m->lane.n * m->periods, .sharp = 1, .sharing = 1};
	size_t n = (size_t)b->cells + 1;
	for (int64_t l = 0; l < m->lane.n; l++)
		b->any |= m->load[l].container > 0 && m->load[l].rate > 0;
	b->now = calloc(3 * n, sizeof *b->now);
	if (!b->now)
		return par_fail(PAR_E_MEMORY, "no room for the containers of %zu departures", n);
	b->seen = b->now + n;
	b->more = b->seen + n;
	return sums_open(&b->volume, b->cells);
}

void boxes_close(boxes *b)
{
	sums_close(&b->volume);
	free(b->now);
	*b = (boxes){0};
}

/* more[] += times x's volumes */
static void gather(boxes *b, int64_t k, const double *x, double times)
{
	int class = b->m->problem.class[k];
	const flow *f = b->m->flow[class];
	double each = times * b->m->volume(b->m->own, k);
	for (int j = 0; j < b->m->problem.pattern[class].columns; j++)
		if (f[j].lane >= 0)
			b->more[f[j].lane * b->m->periods + f[j].period] += each * x[j];
}

static void forget(boxes *b)
{
	memset(b->more, 0, (size_t)b->cells * sizeof *b->more);
}

void boxes_add(boxes *b, int64_t k, const double *x)
{
	if (!b->any)
		return;
	forget(b);
	gather(b, k, x, 1);
	for (int c = 0; c < b->cells; c++)
		if (b->more[c] != 0)
			par_exact_add(&b->volume.of[c], b->more[c]);
}

double boxes_finish(boxes *b)
{
	double cost = 0;
	if (!b->any)
		return 0;
	sums_finish(&b->volume, b->m->deal.world, b->now);
	for (int c = 0; c < b->cells; c++)
		cost += boxes_unfilled(&b->m->load[c / b->m->periods], b->now[c]);
	return cost;
}

/* ---- the slope */

static double power(double x, int n)
{
	double y = 1;
	while (n-- > 0)
		y *= x;
	return y;
}

double boxes_slope(const boxes *b, int cell, double volume)
{
	const lane_load *l = &b->m->load[cell / b->m->periods];
	double full = floor(volume / l->container + ROUNDED);
	double part = fmax(volume / l->container - full, 0);
	return l->rate * l->container * (1 - power(1 - part, b->sharp) - part);
}

/* ... and how steep it is there, for one m3 */
static double steepness(const boxes *b, int cell)
{
	const lane_load *l = &b->m->load[cell / b->m->periods];
	double full = floor(b->seen[cell] / l->container + ROUNDED);
	double part = fmax(b->seen[cell] / l->container - full, 0);
	return l->rate * (b->sharp * power(1 - part, b->sharp - 1) - 1);
}

void boxes_begin(boxes *b, int sharp, int sharing)
{
	b->sharp = sharp;
	b->sharing = sharing;
	memcpy(b->seen, b->now, (size_t)b->cells * sizeof *b->seen);
}

void boxes_price(const boxes *b, int64_t k, double *cost)
{
	int class = b->m->problem.class[k];
	const flow *f = b->m->flow[class];
	if (!b->any)
		return;
	double each = b->m->volume(b->m->own, k);
	for (int j = 0; j < b->m->problem.pattern[class].columns; j++)
		if (f[j].lane >= 0 && b->m->load[f[j].lane].container > 0)
			cost[j] += each * steepness(b, f[j].lane * b->m->periods + f[j].period);
}

double boxes_change(boxes *b, int64_t k, const double *old, const double *x)
{
	double cost = 0;
	if (!b->any)
		return 0;
	forget(b);
	gather(b, k, old, -1);
	gather(b, k, x, 1);
	for (int c = 0; c < b->cells; c++)
		if (b->more[c] != 0 && b->m->load[c / b->m->periods].container > 0)
			cost += boxes_slope(b, c, b->seen[c] + b->sharing * b->more[c]) -
				boxes_slope(b, c, b->seen[c]);
	return cost / b->sharing;
}

void boxes_take(boxes *b)
{
	for (int c = 0; b->any && c < b->cells; c++)
		b->seen[c] += b->sharing * b->more[c];
}
