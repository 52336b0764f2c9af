/* Build: what this binary is made of, for log headers and run records. */
#ifndef PAR_IO_BUILD_H
#define PAR_IO_BUILD_H

/* local | "0.1.0", the commit it was built from ("unknown" outside a work tree), compiler */
const char *par_build_version(void);
const char *par_build_commit(void);
const char *par_build_compiler(void);
/* local | versions of the libraries loaded now, not of those compiled against */
const char *par_build_mpi(void);
const char *par_build_hdf5(void);

#endif
