/* Mesh: ranks in a line or a rectangle whose dimensions have names.
 *
 * The ranks of a world fill the mesh row by row: rank r stands at (r / size[1], r % size[1]). Ranks
 * beyond the mesh are idle: they hold nothing, but they make the world's collective calls like
 * everyone else. So a problem may choose its mesh by its size, whatever the world it runs in.
 *
 *	par_mesh data, grid;
 *	PAR_TRY(par_mesh_line(&data, w, w->size, "data"));
 *	PAR_TRY(par_mesh_rectangle(&grid, w, (int[]){2, 2}, (const char *[]){"row", "column"})); */
#ifndef PAR_COMM_MESH_H
#define PAR_COMM_MESH_H

#include "comm/world.h"

#define PAR_MESH_DIMS 2

typedef struct par_mesh {
	const par_world *world; /* borrowed */
	int nd;                 /* 1 or 2 */
	int size[PAR_MESH_DIMS];
	char name[PAR_MESH_DIMS][16];
	int ranks;                    /* the product of the sizes */
	bool idle;                    /* this rank is beyond the mesh */
	int at[PAR_MESH_DIMS];        /* where this rank stands; -1 when idle */
	MPI_Comm comm;                /* owns: the mesh's ranks; MPI_COMM_NULL on idle ones */
	MPI_Comm line[PAR_MESH_DIMS]; /* owns: the ranks that differ from this one in one
					 dimension alone, in its order */
} par_mesh;

/* collective over w | a mesh of one or two dimensions
 * fails: PAR_E_CONFIG when it has more ranks than the world */
par_err par_mesh_line(par_mesh *m, const par_world *w, int ranks, const char *name);
par_err par_mesh_rectangle(
    par_mesh *m, const par_world *w, const int size[2], const char *const name[2]);
/* collective over w */
void par_mesh_free(par_mesh *m);

/* local | the dimension of that name; a name it does not have is a bug of the caller */
int par_mesh_dim(const par_mesh *m, const char *name);
/* local, pure | where a rank of the world stands; false when it is idle */
bool par_mesh_at(const par_mesh *m, int rank, int at[PAR_MESH_DIMS]);
int par_mesh_rank(const par_mesh *m, const int at[PAR_MESH_DIMS]);

#endif
