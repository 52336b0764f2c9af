#include "plan/solve/problem.h"

#include <math.h>
#include <stdlib.h>

static void add_size(const double *x, int n, double *sum, int *count)
{
	for (int i = 0; i < n; i++) {
		*sum += fabs(x[i]);
		*count += x[i] != 0;
	}
}

double block_size(const pattern *p, const block *b)
{
	double sum = 0;
	int count = 0;
	add_size(b->right, p->rows, &sum, &count);
	add_size(b->upper, p->bounds, &sum, &count);
	return count > 0 ? sum / count : 1;
}

par_err linking_open(linking *l, int rows, int64_t most)
{
	size_t n = (size_t)most + 1;
	*l = (linking){.rows = rows,
	    .right = malloc(((size_t)rows + 1) * sizeof *l->right),
	    .row = malloc(n * sizeof *l->row),
	    .value = malloc(n * sizeof *l->value),
	    .cost = malloc(n * sizeof *l->cost),
	    .upper = malloc(n * sizeof *l->upper)};
	return l->right && l->row && l->value && l->cost && l->upper
		   ? PAR_OK
		   : par_fail(PAR_E_MEMORY, "no memory for %d linking rows", rows);
}

void linking_add(linking *l, int row, double value, double cost, double upper)
{
	int e = l->columns++;
	l->row[e] = row;
	l->value[e] = value;
	l->cost[e] = cost;
	l->upper[e] = upper;
}

void linking_close(linking *l)
{
	free(l->right);
	free(l->row);
	free(l->value);
	free(l->cost);
	free(l->upper);
	*l = (linking){0};
}
