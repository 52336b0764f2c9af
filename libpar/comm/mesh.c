#include "comm/mesh.h"

#include <stdio.h>
#include <string.h>

static par_err mesh_open(
    par_mesh *m, const par_world *w, int nd, const int *size, const char *const *name)
{
	*m = (par_mesh){.world = w, .nd = nd, .ranks = 1, .comm = MPI_COMM_NULL};
	for (int d = 0; d < PAR_MESH_DIMS; d++) {
		m->line[d] = MPI_COMM_NULL;
		m->size[d] = d < nd ? size[d] : 1;
		m->ranks *= m->size[d];
		if (d < nd)
			snprintf(m->name[d], sizeof m->name[d], "%s", name[d]);
	}
	PAR_MUST(m->size[0] > 0 && m->size[1] > 0, "a mesh of %d x %d", m->size[0], m->size[1]);
	if (m->ranks > w->size)
		return par_agree(
		    w, par_fail(PAR_E_CONFIG, "a mesh of %d x %d ranks; this job has %d",
			   m->size[0], m->size[1], w->size));
	m->idle = !par_mesh_at(m, w->rank, m->at);
	MPI_Comm_split(w->comm, m->idle ? MPI_UNDEFINED : 0, w->rank, &m->comm);
	for (int d = 0; d < nd && !m->idle; d++)
		MPI_Comm_split(m->comm, m->at[1 - d], m->at[d], &m->line[d]);
	return PAR_OK;
}

par_err par_mesh_line(par_mesh *m, const par_world *w, int ranks, const char *name)
{
	return mesh_open(m, w, 1, &ranks, &name);
}

par_err par_mesh_rectangle(
    par_mesh *m, const par_world *w, const int size[2], const char *const name[2])
{
	return mesh_open(m, w, 2, size, name);
}

void par_mesh_free(par_mesh *m)
{
	for (int d = 0; d < m->nd && !m->idle; d++)
		if (m->line[d] != MPI_COMM_NULL)
			MPI_Comm_free(&m->line[d]);
	if (m->nd > 0 && m->comm != MPI_COMM_NULL)
		MPI_Comm_free(&m->comm);
	*m = (par_mesh){.comm = MPI_COMM_NULL, .line = {MPI_COMM_NULL, MPI_COMM_NULL}};
}

int par_mesh_dim(const par_mesh *m, const char *name)
{
	for (int d = 0; d < m->nd; d++)
		if (strcmp(m->name[d], name) == 0)
			return d;
	PAR_MUST(m->nd == 0, "no dimension of the mesh is called %s", name);
	return -1;
}

bool par_mesh_at(const par_mesh *m, int rank, int at[PAR_MESH_DIMS])
{
	bool within = rank < m->ranks;
	at[0] = within ? rank / m->size[1] : -1;
	at[1] = within ? rank % m->size[1] : -1;
	return within;
}

int par_mesh_rank(const par_mesh *m, const int at[PAR_MESH_DIMS])
{
	return at[0] * m->size[1] + at[1];
}
