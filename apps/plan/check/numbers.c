#include "plan/check/numbers.h"

#include <stdlib.h>

static void widen(int *a, int b)
{
	*a = b > *a ? b : *a;
}

par_err numbers_open(block *b, const problem *p)
{
	int columns = 1, bounds = 1, rows = 1, links = 1;
	for (int c = 0; c < p->patterns; c++) {
		widen(&columns, p->pattern[c].columns);
		widen(&bounds, p->pattern[c].bounds);
		widen(&rows, p->pattern[c].rows);
		widen(&links, p->pattern[c].links);
	}
	b->cost = calloc(
	    (size_t)columns + (size_t)bounds + (size_t)rows + (size_t)links, sizeof *b->cost);
	if (!b->cost)
		return par_fail(PAR_E_MEMORY, "no room for a block of %d columns", columns);
	b->upper = b->cost + columns;
	b->right = b->upper + bounds;
	b->link = b->right + rows;
	return PAR_OK;
}

void numbers_close(block *b)
{
	free(b->cost);
	*b = (block){0};
}
