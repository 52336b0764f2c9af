#include "plan/check/sums.h"

#include <stdlib.h>
#include <string.h>

#define AT_ONCE 64 /* par_exact_sum takes no more */

par_err sums_open(sums *s, int64_t n)
{
	*s = (sums){n, calloc((size_t)n + 1, sizeof *s->of)};
	return s->of ? PAR_OK : par_fail(PAR_E_MEMORY, "no room for %lld sums", (long long)n);
}

void sums_close(sums *s)
{
	free(s->of);
	*s = (sums){0};
}

void sums_finish(sums *s, const par_world *w, double *value)
{
	for (int64_t i = 0; i < s->n; i += AT_ONCE)
		par_exact_sum(w, s->of + i, (int)(s->n - i < AT_ONCE ? s->n - i : AT_ONCE));
	for (int64_t i = 0; i < s->n; i++)
		value[i] = par_exact_value(&s->of[i]);
	memset(s->of, 0, (size_t)s->n * sizeof *s->of);
}
