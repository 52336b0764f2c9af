#include "base/cpu.h"

#include "base/text.h"

#include <string.h>

static const char *const names[] = {"plain", "avx2", "avx512"};
static par_kernels chosen;
static int is_chosen;
static bool no_bf16;

par_kernels par_cpu_best(void)
{
#if defined(__x86_64__)
	if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
	    __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
		return PAR_KERNELS_AVX512;
	if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
		return PAR_KERNELS_AVX2;
#endif
	return PAR_KERNELS_PLAIN;
}

par_kernels par_cpu_kernels(void)
{
	return is_chosen ? chosen : par_cpu_best();
}

void par_cpu_use(par_kernels k)
{
	PAR_MUST(k <= par_cpu_best(), "set %d on a processor that has set %d", (int)k,
	    (int)par_cpu_best());
	chosen = k;
	is_chosen = 1;
}

bool par_cpu_bf16(void)
{
#if defined(__x86_64__)
	return !no_bf16 && par_cpu_kernels() == PAR_KERNELS_AVX512 &&
	       __builtin_cpu_supports("avx512bf16");
#else
	return false;
#endif
}

void par_cpu_use_bf16(bool use)
{
	no_bf16 = !use;
}

const char *par_kernels_name(par_kernels k)
{
	return names[k];
}

par_err par_kernels_parse(par_kernels *k, const char *name)
{
	for (int i = 0; i < 3; i++)
		if (strcmp(name, names[i]) == 0) {
			*k = (par_kernels)i;
			return PAR_OK;
		}
	return par_fail(PAR_E_CONFIG,
	    "no kernel set is called %s; wanted auto, plain, avx2 or avx512", par_shows(name));
}
