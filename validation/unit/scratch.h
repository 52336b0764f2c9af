/* A scratch folder for a test, made by rank 0 and removed with what it holds. */
#ifndef VALIDATION_UNIT_SCRATCH_H
#define VALIDATION_UNIT_SCRATCH_H

#include <dirent.h>
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char scratch[256];

/* collective */
static inline void scratch_begin(void)
{
	int rank;
	const char *base = getenv("TMPDIR");
	MPI_Comm_rank(MPI_COMM_WORLD, &rank);
	snprintf(scratch, sizeof scratch, "%s/entrepot-test-XXXXXX", base ? base : "/tmp");
	if (rank == 0 && !mkdtemp(scratch))
		perror(scratch);
	MPI_Bcast(scratch, sizeof scratch, MPI_CHAR, 0, MPI_COMM_WORLD);
}

/* one of eight rotating names in the folder */
static inline const char *scratch_path(const char *name)
{
	static char paths[8][512];
	static int next;
	next = (next + 1) % 8;
	snprintf(paths[next], sizeof paths[next], "%s/%s", scratch, name);
	return paths[next];
}

/* local | how many entries the folder holds */
static inline int scratch_entries(void)
{
	int n = 0;
	DIR *d = opendir(scratch);
	while (d && readdir(d))
		n++;
	if (d)
		closedir(d);
	return n - 2;
}

/* collective | empty the folder, which must hold plain files and empty folders only */
static inline void scratch_empty(void)
{
	int rank;
	MPI_Comm_rank(MPI_COMM_WORLD, &rank);
	MPI_Barrier(MPI_COMM_WORLD);
	DIR *d = rank == 0 ? opendir(scratch) : NULL;
	for (struct dirent *e; d && (e = readdir(d));)
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0 &&
		    unlink(scratch_path(e->d_name)) != 0)
			rmdir(scratch_path(e->d_name));
	if (d)
		closedir(d);
	MPI_Barrier(MPI_COMM_WORLD);
}

/* collective */
static inline void scratch_end(void)
{
	scratch_empty();
	int rank;
	MPI_Comm_rank(MPI_COMM_WORLD, &rank);
	if (rank == 0)
		rmdir(scratch);
}

#endif
