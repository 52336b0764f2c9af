#include "forecast/pooled/moments.h"

#include <stdlib.h>
#include <string.h>

static size_t doubles(int columns)
{
	return (size_t)columns * (size_t)(columns + 2);
}

par_err moments_open(moments *m, int columns)
{
	*m = (moments){.columns = columns};
	m->mean_x = calloc(doubles(columns) + 1, sizeof *m->mean_x);
	if (!m->mean_x)
		return par_fail(PAR_E_MEMORY, "no memory for a regression on %d columns", columns);
	m->right = m->mean_x + columns;
	m->gram = m->right + columns;
	return PAR_OK;
}

void moments_close(moments *m)
{
	free(m->mean_x);
	*m = (moments){0};
}

void moments_clear(moments *m)
{
	m->n = m->yy = m->mean_y = 0;
	memset(m->mean_x, 0, doubles(m->columns) * sizeof *m->mean_x);
}

void moments_add(moments *m, const double *x, double y)
{
	m->n += 1;
	m->yy += y * y;
	m->mean_y += y;
	for (int i = 0; i < m->columns; i++) {
		if (x[i] == 0)
			continue;
		m->mean_x[i] += x[i];
		m->right[i] += x[i] * y;
		for (int j = 0; j <= i; j++)
			m->gram[i * m->columns + j] += x[i] * x[j];
	}
}

void moments_centre(moments *m)
{
	if (m->n <= 0)
		return;
	m->mean_y /= m->n;
	m->yy -= m->n * m->mean_y * m->mean_y;
	for (int i = 0; i < m->columns; i++) {
		m->mean_x[i] /= m->n;
		m->right[i] -= m->n * m->mean_x[i] * m->mean_y;
		for (int j = 0; j <= i; j++)
			m->gram[i * m->columns + j] -= m->n * m->mean_x[i] * m->mean_x[j];
	}
}
