/* apps: common. A program of the suite that links OpenBLAS: each rank prints the core that it runs and
 * the bits of a solution. */
#include "base/pin.h"
#include "common/app.h"
#include "dist/cholesky.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define ORDER 100

static double entry(int64_t i, int64_t j)
{
	return i == j ? 3 : 1 / (double)(1 + i + j);
}

static void fill(par_tensor *t)
{
	int64_t at[2];
	for (int64_t i = 0; i < par_tensor_entries(t); i++) {
		par_tensor_index(t, i, at);
		((double *)t->data)[i] = entry(at[0], at[1]);
	}
}

static uint64_t bits_of(const par_tensor *t)
{
	uint64_t sum = 0, one;
	for (int64_t i = 0; i < par_tensor_entries(t); i++) {
		memcpy(&one, (const double *)t->data + i, sizeof one);
		sum = (sum ^ one) * 0x9e3779b97f4a7c15u;
	}
	return sum;
}

static par_err run(app *a)
{
	par_mesh m;
	par_tensor matrix, x;
	const par_place spread = PAR_SHARDED(0), everywhere = PAR_REPLICATED;
	PAR_TRY(par_mesh_line(&m, &a->world, a->world.size, "rows"));
	PAR_TRY_ALL(&a->world,
	    par_tensor_make(&matrix, &m, PAR_F64, 2, (const int64_t[]){ORDER, ORDER}, &spread));
	PAR_TRY_ALL(&a->world,
	    par_tensor_make(&x, &m, PAR_F64, 2, (const int64_t[]){ORDER, 2}, &everywhere));
	fill(&matrix);
	fill(&x);
	PAR_TRY(par_cholesky_solve(&x, &matrix, &x, NULL, NULL));
	printf("%s %016" PRIx64 "\n", par_blas_core(), bits_of(&x));
	par_tensor_free(&x);
	par_tensor_free(&matrix);
	par_mesh_free(&m);
	return PAR_OK;
}

int main(int argc, char **argv)
{
	/* any section of the settings that has an output will do */
	static const app_program program = {
	    .name = "score", .purpose = "Solve a small system.", .run = run};
	return app_main(&program, argc, argv);
}
