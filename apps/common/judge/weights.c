#include "common/judge/weights.h"

#include "base/text.h"

#include <string.h>

par_err weights_parse(const app *a, double weight[WEIGHTS_MOST], int *n)
{
	const char *at = app_text(a, "weights");
	*n = 0;
	if (strcmp(at, "none") == 0)
		return PAR_OK;
	for (; *(at += strspn(at, " ,")); (*n)++) {
		size_t length = strcspn(at, " ,");
		if (*n == WEIGHTS_MOST ||
		    par_text_real(at, length, 1e-6, 1, &weight[*n]) != PAR_NUM_OK ||
		    (*n > 0 && weight[*n] <= weight[*n - 1]))
			return par_fail(PAR_E_CONFIG,
			    "%s.weights: %s; wanted up to %d ascending shares above 0, at most 1, "
			    "or none",
			    a->section, par_show(at, length), WEIGHTS_MOST);
		at += length;
	}
	return PAR_OK;
}
