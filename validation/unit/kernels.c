/* np: 1 2 3 */
#include "comm/kernels.h"

#include "../tap.h"
#include "base/pin.h"

#include <dlfcn.h>
#include <string.h>
#include <strings.h>

static void sets(const par_world *w)
{
	for (int k = PAR_KERNELS_PLAIN; k <= (int)par_cpu_best(); k++) {
		const char *name = par_kernels_name((par_kernels)k);
		ok(par_world_kernels(w, name) == PAR_OK && (int)par_cpu_kernels() == k,
		    "%s kernels run when asked for", name);
	}
	ok(par_world_kernels(w, "plain") == PAR_OK && par_world_kernels(w, "auto") == PAR_OK &&
		par_cpu_kernels() == par_cpu_best(),
	    "auto is the best that all ranks have");
	ok(par_world_kernels(w, "sse9") == PAR_E_CONFIG && strstr(par_err_why(), "sse9"),
	    "an unknown set is a configuration error that names it");
	ok(par_cpu_kernels() == par_cpu_best(), "and leaves the set as it was");
}

static void names(void)
{
	const char *widened = par_bf16_name(PAR_BF16_WIDENED),
		   *pairs = par_bf16_name(PAR_BF16_PAIRS);
	ok(strcmp(widened, pairs) == 0 && strcmp(pairs, par_bf16_name(PAR_BF16_TILES)) != 0,
	    "ways to multiply bfloat16 have one name where they give the same bits");
}

/* OpenBLAS comes by dlopen, before the pin looks for it and after it has started the program again */
int main(int argc, char **argv)
{
	void *blas = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_GLOBAL);
	par_kernels set = par_cpu_best() > PAR_KERNELS_AVX2 ? PAR_KERNELS_AVX2 : PAR_KERNELS_PLAIN;
	par_err pinned = par_blas_pin(argv, set);
	tap_begin(&argc, &argv);
	par_world w;
	ok(par_world_open(&w, MPI_COMM_WORLD) == PAR_OK, "a world opens");
	ok(pinned == PAR_OK, "OpenBLAS is pinned, or absent");
	if (blas)
		ok(strcasecmp(par_blas_core(), set == PAR_KERNELS_AVX2 ? "Haswell" : "Prescott") ==
			0,
		    "OpenBLAS runs the core of the %s set", par_kernels_name(set));
	else
		skip("no libopenblas.so.0");
	sets(&w);
	names();
	par_world_close(&w);
	return tap_end();
}
