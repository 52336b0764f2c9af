#include "plan/solve/own.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>

#define UP_TO_EIGHT(n) (((n) + 7) / 8 * 8)

static par_err room(own *o)
{
	size_t n = (size_t)o->places + 8;
	o->numbers = calloc(2 * n, sizeof *o->numbers);
	size_t floats = (size_t)pairs_floats(o->pairs.columns, o->pairs.bounded);
	o->memory = par_memory(
	    (10 + SIDE_LAST) * n * sizeof *o->memory + (SIDES * n + floats) * sizeof(float));
	if (!o->numbers || !o->memory)
		return par_fail(PAR_E_MEMORY, "no memory for %d linking columns", o->places);
	o->column = o->numbers;
	o->row = o->numbers + n;
	double **field[] = {&o->sign, &o->scale, &o->cost, &o->upper, &o->theta, &o->q, &o->pairs.x,
	    &o->pairs.z, &o->pairs.w, &o->pairs.v, &o->priced};
	for (size_t k = 0; k < sizeof field / sizeof *field; k++)
		*field[k] = o->memory + k * n;
	o->near = (float *)(void *)(o->memory + (10 + SIDE_LAST) * n);
	pairs_lay_out(&o->pairs, o->near + SIDES * n);
	return PAR_OK;
}

static void take(
    own *o, int place, const linking *l, int j, const double *row_scale, double cost_scale)
{
	double a = l->value[j] * row_scale[l->row[j]], size = a != 0 ? fabs(a) : 1;
	o->column[place] = j;
	o->row[place] = l->row[j];
	o->sign[place] = a / size;
	o->scale[place] = size;
	o->cost[place] = l->cost[j] * cost_scale / size;
	if (place >= o->bounded_from)
		o->upper[place - o->bounded_from] = fmax(l->upper[j] * size, 1e-9);
}

par_err own_open(own *o, const linking *l, const double *row_scale, double cost_scale)
{
	*o = (own){0};
	for (int j = 0; j < l->columns; j++)
		o->bounded_columns += isfinite(l->upper[j]);
	o->free_columns = l->columns - o->bounded_columns;
	o->bounded_from = UP_TO_EIGHT(o->free_columns);
	o->places = o->bounded_from + UP_TO_EIGHT(o->bounded_columns);
	o->pairs.columns = o->places / 8;
	o->pairs.bounded = (o->places - o->bounded_from) / 8;
	PAR_TRY(room(o));
	int at[2] = {0, o->bounded_from}, last[2] = {-1, -1}, end[2] = {o->bounded_from, o->places};
	for (int j = 0; j < l->columns; j++) {
		int kind = isfinite(l->upper[j]);
		take(o, at[kind]++, l, last[kind] = j, row_scale, cost_scale);
	}
	for (int kind = 0; kind < 2; kind++)
		while (at[kind] < end[kind])
			take(o, at[kind]++, l, last[kind], row_scale, cost_scale);
	return PAR_OK;
}

void own_close(own *o)
{
	free(o->numbers);
	free(o->memory);
	*o = (own){0};
}

void own_priced(const own *o, const double *price, double *out)
{
	for (int e = 0; e < o->places; e++)
		out[e] = o->sign[e] * price[o->row[e]];
}

void own_near(const own *o, const double *price, const float *residual, float *out)
{
	for (int e = 0; e < o->places; e++) {
		double a = o->sign[e] * price[o->row[e]];
		out[e] = (float)(residual ? a - (double)residual[e] : a);
	}
}

void own_links(const own *o, double by, const double *q, double *sum)
{
	for (int e = 0; e < o->places; e++)
		if (own_counts(o, e))
			sum[o->row[e]] += by * o->sign[e] * q[e];
}
