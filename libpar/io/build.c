#include "io/build.h"

#include <hdf5.h>
#include <mpi.h>
#include <stdio.h>
#include <string.h>

const char *par_build_version(void)
{
	return PAR_VERSION;
}

const char *par_build_commit(void)
{
	return PAR_COMMIT;
}

const char *par_build_compiler(void)
{
	return "gcc " __VERSION__;
}

const char *par_build_mpi(void)
{
	static char text[MPI_MAX_LIBRARY_VERSION_STRING];
	int length;
	MPI_Get_library_version(text, &length);
	text[strcspn(text, ",")] = 0;
	return text;
}

const char *par_build_hdf5(void)
{
	static char text[64];
	unsigned major = 0, minor = 0, release = 0;
	H5get_libversion(&major, &minor, &release);
	snprintf(text, sizeof text, "HDF5 %u.%u.%u", major, minor, release);
	return text;
}
