/* write FILE MEGABYTES SEED: all ranks write one result of that size; what it holds follows from SEED.
 * write --check FILE: read it all; prints its seed. Either ends with the status of what it met.
 * write --limit RANK BYTES FILE MEGABYTES SEED: that rank may write no file beyond BYTES. */
#include "comm/world.h"
#include "io/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define COLUMNS 1000
#define VARS 4

static float value(int64_t seed, int64_t i)
{
	return (float)((uint64_t)(seed * 1000003 + i) * 0x9e3779b97f4a7c15u >> 40);
}

static par_err put_var(par_store *s, const par_world *w, int k, int64_t rows, int64_t seed)
{
	char name[8];
	int64_t lo = rows * w->rank / w->size, n = (rows * (w->rank + 1) / w->size - lo) * COLUMNS;
	snprintf(name, sizeof name, "v%d", k);
	float *x = malloc((size_t)n * sizeof *x + 1);
	for (int64_t i = 0; i < n; i++)
		x[i] = value(seed + k, lo * COLUMNS + i);
	par_store_var v = {.name = name, .type = PAR_F32, .dims = {"row", "column"}};
	par_err e = par_store_put(s, &v, lo, n / COLUMNS, x);
	free(x);
	return e;
}

static par_err fill(par_store *s, const par_world *w, int64_t rows, int64_t seed)
{
	PAR_TRY(par_store_dim(s, "row", rows, PAR_I64, NULL));
	PAR_TRY(par_store_dim(s, "column", COLUMNS, PAR_I64, NULL));
	PAR_TRY(par_store_attr_int(s, NULL, "seed", seed));
	for (int k = 0; k < VARS; k++)
		PAR_TRY(put_var(s, w, k, rows, seed));
	return PAR_OK;
}

static par_err write_result(const par_world *w, const char *path, int64_t megabytes, int64_t seed)
{
	par_store *s;
	PAR_TRY(par_store_create(&s, w, path, "entrepot-fault", 1, 0));
	par_err e = fill(s, w, megabytes * 250 / VARS, seed);
	if (e == PAR_OK)
		return par_store_publish(s, PAR_OK);
	par_store_discard(s);
	return e;
}

static par_err check_result(const par_world *w, const char *path)
{
	par_store *s;
	int64_t seed = 0;
	float first = 0;
	PAR_TRY(par_store_open(&s, w, path, "entrepot-fault", 1));
	par_err e = par_store_verify(s);
	if (e == PAR_OK)
		e = par_store_get_attr_int(s, NULL, "seed", &seed);
	for (int k = 0; k < VARS && e == PAR_OK; k++) {
		float row[COLUMNS];
		char name[8];
		snprintf(name, sizeof name, "v%d", k);
		e = par_store_get(s, name, PAR_F32, NULL, 0, 1, row);
		first = row[0];
		if (e == PAR_OK && first != value(seed + k, 0))
			e = par_agree(w, par_fail(PAR_E_DATA, "%s: not what was written", path));
	}
	par_store_close(s);
	if (e == PAR_OK && w->rank == 0)
		printf("%lld\n", (long long)seed);
	return e;
}

int main(int argc, char **argv)
{
	par_world w;
	par_err e;
	int unused;
	MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &unused);
	par_world_open(&w, MPI_COMM_WORLD);
	par_phase(&w, "writing", 20);
	if (argc == 7 && strcmp(argv[1], "--limit") == 0) {
		rlim_t most = strtoull(argv[3], NULL, 10);
		if (w.rank == atoi(argv[2]))
			setrlimit(RLIMIT_FSIZE, &(struct rlimit){most, most});
		argv += 3;
		argc -= 3;
	}
	if (argc == 3 && strcmp(argv[1], "--check") == 0)
		e = check_result(&w, argv[2]);
	else if (argc == 4)
		e = write_result(&w, argv[1], atoll(argv[2]), atoll(argv[3]));
	else
		e = par_agree(&w, par_fail(PAR_E_USAGE, "see the head of write.c"));
	if (e != PAR_OK && w.rank == 0)
		fprintf(stderr, "write: error: %s\n    found by rank %d\n", par_err_why(),
		    par_agree_rank());
	par_world_close(&w);
	MPI_Finalize();
	return par_err_status(e);
}
