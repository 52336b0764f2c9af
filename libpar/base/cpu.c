#include "base/cpu.h"

#include "base/text.h"

#include <stdbool.h>
#include <string.h>
#if defined(__x86_64__)
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

static const char *const names[] = {"plain", "avx2", "avx512"};
static par_kernels chosen;
static int is_chosen;
static par_bf16 most_bf16 = PAR_BF16_TILES;

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

#if defined(__x86_64__)
/* the tile registers take 8 KiB of every thread's state, so Linux wants to be asked */
static bool tiles_granted(void)
{
	enum { AMX_BF16 = 1 << 22, AMX_TILE = 1 << 24, REQUEST = 0x1023, TILE_DATA = 18 };
	unsigned a, b, c, d;
	return __get_cpuid_count(7, 0, &a, &b, &c, &d) && d & AMX_BF16 && d & AMX_TILE &&
	       syscall(SYS_arch_prctl, REQUEST, TILE_DATA) == 0;
}

static par_bf16 best_bf16(void)
{
	if (!__builtin_cpu_supports("avx512bf16"))
		return PAR_BF16_WIDENED;
	return tiles_granted() ? PAR_BF16_TILES : PAR_BF16_PAIRS;
}
#else
static par_bf16 best_bf16(void)
{
	return PAR_BF16_WIDENED;
}
#endif

par_bf16 par_cpu_bf16(void)
{
	static int best = -1;
	if (best < 0)
		best = best_bf16();
	if (par_cpu_kernels() != PAR_KERNELS_AVX512)
		return PAR_BF16_WIDENED;
	return (par_bf16)best < most_bf16 ? (par_bf16)best : most_bf16;
}

void par_cpu_use_bf16(par_bf16 most)
{
	most_bf16 = most;
}

const char *par_kernels_name(par_kernels k)
{
	return names[k];
}

const char *par_bf16_name(par_bf16 way)
{
	return way == PAR_BF16_TILES ? "amx" : "pairs";
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
