#include "comm/kernels.h"

#include "base/pin.h"

#include <stdio.h>
#include <string.h>

static par_err choose(const char *wanted, par_kernels least, par_kernels *set)
{
	*set = least;
	if (strcmp(wanted, "auto") == 0)
		return PAR_OK;
	PAR_TRY(par_kernels_parse(set, wanted));
	if (*set > par_cpu_best())
		return par_fail(PAR_E_CONFIG,
		    "run.kernels = %s, but this processor has %s; wanted at most %s", wanted,
		    par_kernels_name(par_cpu_best()), par_kernels_name(least));
	return PAR_OK;
}

static par_err check_blas(const par_world *w)
{
	char first[64], mine[64];
	const char *core = par_blas_core();
	snprintf(mine, sizeof mine, "%s", core ? core : "none");
	memcpy(first, mine, sizeof first);
	MPI_Bcast(first, (int)sizeof first, MPI_CHAR, 0, w->comm);
	if (strcmp(first, mine) != 0)
		return par_fail(PAR_E_CONFIG,
		    "OpenBLAS runs %s here and %s on rank 0; set run.kernels to what all have (%s)",
		    mine, first, par_kernels_name(par_cpu_kernels()));
	return PAR_OK;
}

par_err par_world_kernels(const par_world *w, const char *wanted)
{
	par_kernels set, least = (par_kernels)-par_world_max(w, -(int64_t)par_cpu_best());
	PAR_TRY_ALL(w, choose(wanted, least, &set));
	par_cpu_use(set);
	par_cpu_use_bf16((par_bf16)-par_world_max(w, -(int64_t)par_cpu_bf16()));
	return par_agree(w, check_blas(w));
}
