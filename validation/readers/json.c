/* json FILE...: read JSON documents on every rank. One line a file, status and story; ends with the
 * last file's status. */
#include "io/json.h"
#include "comm/world.h"

#include <stdio.h>

int main(int argc, char **argv)
{
	par_world w;
	par_err e = PAR_OK;
	int unused;
	MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &unused);
	par_world_open(&w, MPI_COMM_WORLD);
	for (int i = 1; i < argc; i++) {
		json_t *document;
		e = par_agree(&w, par_json_read(&document, argv[i]));
		json_decref(document);
		if (w.rank == 0)
			printf("%d %s\n", par_err_status(e), e == PAR_OK ? argv[i] : par_err_why());
	}
	par_world_close(&w);
	MPI_Finalize();
	return par_err_status(e);
}
