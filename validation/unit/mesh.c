/* np: 1 2 3 4 6 */
#include "comm/mesh.h"

#include "../tap.h"

#include <string.h>

static void line(const par_world *w)
{
	par_mesh m;
	int most = w->size > 1 ? w->size - 1 : 1;
	ok(par_mesh_line(&m, w, most, "data") == PAR_OK && m.ranks == most && m.nd == 1,
	    "a line of %d ranks", most);
	ok(m.idle == (w->rank >= most) && (m.idle ? m.at[0] == -1 : m.at[0] == w->rank),
	    "... ranks stand in order and those beyond are idle");
	ok((m.comm == MPI_COMM_NULL) == m.idle && (m.line[0] == MPI_COMM_NULL) == m.idle,
	    "... which have no communicator");
	ok(par_mesh_dim(&m, "data") == 0, "... its dimension is found by name");
	par_mesh_free(&m);
}

static int sum(MPI_Comm comm, int mine)
{
	int all;
	MPI_Allreduce(&mine, &all, 1, MPI_INT, MPI_SUM, comm);
	return all;
}

static void rectangle(const par_world *w, int rows, int cols)
{
	par_mesh m;
	int places = 1, rank_back = 1;
	par_err e = par_mesh_rectangle(
	    &m, w, (const int[]){rows, cols}, (const char *const[]){"row", "column"});
	ok(e == PAR_OK && m.ranks == rows * cols, "a mesh of %d x %d", rows, cols);
	for (int r = 0; r < w->size; r++) {
		int at[PAR_MESH_DIMS];
		bool in = par_mesh_at(&m, r, at);
		places &= in == (r < rows * cols) && (!in || at[0] * cols + at[1] == r);
		rank_back &= !in || par_mesh_rank(&m, at) == r;
	}
	ok(places && rank_back, "... ranks fill it row by row");
	int d = par_mesh_dim(&m, "column");
	int along = 0, across = 0;
	if (!m.idle) {
		along = sum(m.line[d], w->rank) - (m.at[0] * cols * cols + cols * (cols - 1) / 2);
		across = sum(m.line[1 - d], m.at[1]) - rows * m.at[1];
	}
	ok(d == 1 && along == 0 && across == 0, "... lines hold those of one row, one column");
	par_mesh_free(&m);
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	par_world w;
	ok(par_world_open(&w, MPI_COMM_WORLD) == PAR_OK, "a world opens");
	line(&w);
	for (int rows = 1; rows <= w.size; rows++)
		for (int cols = 1; rows * cols <= w.size; cols++)
			rectangle(&w, rows, cols);
	par_mesh m;
	ok(par_mesh_line(&m, &w, w.size + 1, "data") == PAR_E_CONFIG &&
		strstr(par_err_why(), "x 1 ranks; this job has"),
	    "a mesh larger than the world is a configuration error that says so");
	par_mesh_free(&m);
	par_world_close(&w);
	return tap_end();
}
