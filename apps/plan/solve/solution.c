#include "plan/solve/solution.h"

#include <stdlib.h>

void solution_drop(solution *s)
{
	free(s->price);
	free(s->own);
	free(s->block);
	free(s->x_at);
	free(s->row_at);
	free(s->x);
	free(s->row_price);
	*s = (solution){0};
}
