#include "base/pin.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/* names the process that has started again already; its children are others */
#define MARK "PAR_BLAS_PINNED"

/* cores with the same instructions as our sets; OpenBLAS knows more for some processors (Cooperlake,
 * Zen), but these run on every machine of the set */
static const char *const cores[] = {"Prescott", "Haswell", "SkylakeX"};

const char *par_blas_core(void)
{
	char *(*name)(void);
	void *found = dlsym(RTLD_DEFAULT, "openblas_get_corename");
	memcpy(&name, &found, sizeof name);
	return found ? name() : NULL;
}

static int blas_threads(void)
{
	int (*count)(void);
	void *found = dlsym(RTLD_DEFAULT, "openblas_get_num_threads");
	memcpy(&count, &found, sizeof count);
	return found ? count() : 1;
}

static int is_pinned(par_kernels k)
{
	return strcasecmp(par_blas_core(), cores[k]) == 0 && blas_threads() == 1;
}

par_err par_blas_pin(char **argv, par_kernels k)
{
	if (!par_blas_core() || is_pinned(k))
		return PAR_OK;
	char pid[24];
	snprintf(pid, sizeof pid, "%ld", (long)getpid());
	const char *mark = getenv(MARK);
	if (mark && strcmp(mark, pid) == 0)
		return par_fail(PAR_E_CONFIG,
		    "OpenBLAS runs %s with %d threads; wanted %s with one; "
		    "this build of it may lack that core",
		    par_blas_core(), blas_threads(), cores[k]);
	setenv("OPENBLAS_CORETYPE", cores[k], 1);
	setenv("OPENBLAS_NUM_THREADS", "1", 1);
	setenv(MARK, pid, 1);
	execv("/proc/self/exe", argv);
	return par_fail(PAR_E_MEMORY, "cannot start the program again: %s", strerror(errno));
}
