/* LAPACK, ScaLAPACK and BLACS, whose packages bring no C headers. Inside of dist/.
 *
 * These are Fortran's calling conventions: everything by address, and after the last argument the
 * length of each character argument. Matrices are column-major there, so a row-major one is its
 * transpose. */
#ifndef PAR_DIST_LAPACK_H
#define PAR_DIST_LAPACK_H

#include <mpi.h>
#include <stddef.h>

void dsyrk_(const char *uplo, const char *trans, const int *n, const int *k, const double *alpha,
    const double *a, const int *lda, const double *beta, double *c, const int *ldc, size_t, size_t);
void dgemm_(const char *trans_a, const char *trans_b, const int *m, const int *n, const int *k,
    const double *alpha, const double *a, const int *lda, const double *b, const int *ldb,
    const double *beta, double *c, const int *ldc, size_t, size_t);
void dtrsm_(const char *side, const char *uplo, const char *trans, const char *diag, const int *m,
    const int *n, const double *alpha, const double *a, const int *lda, double *b, const int *ldb,
    size_t, size_t, size_t, size_t);

void dpotrf_(const char *uplo, const int *n, double *a, const int *lda, int *info, size_t);
void dpotrs_(const char *uplo, const int *n, const int *nrhs, const double *a, const int *lda,
    double *b, const int *ldb, int *info, size_t);
double dlansy_(const char *norm, const char *uplo, const int *n, const double *a, const int *lda,
    double *work, size_t, size_t);
void dpocon_(const char *uplo, const int *n, const double *a, const int *lda, const double *anorm,
    double *rcond, double *work, int *iwork, int *info, size_t);
void dtrcon_(const char *norm, const char *uplo, const char *diag, const int *n, const double *a,
    const int *lda, double *rcond, double *work, int *iwork, int *info, size_t, size_t, size_t);
void dsyevd_(const char *jobz, const char *uplo, const int *n, double *a, const int *lda, double *w,
    double *work, const int *lwork, int *iwork, const int *liwork, int *info, size_t, size_t);
void dgelqf_(const int *m, const int *n, double *a, const int *lda, double *tau, double *work,
    const int *lwork, int *info);
void dormlq_(const char *side, const char *trans, const int *m, const int *n, const int *k,
    const double *a, const int *lda, const double *tau, double *c, const int *ldc, double *work,
    const int *lwork, int *info, size_t, size_t);

/* the same on a grid: a submatrix begins at row i, column j (from 1) of one with descriptor desc */
void pdsyrk_(const char *uplo, const char *trans, const int *n, const int *k, const double *alpha,
    const double *a, const int *ia, const int *ja, const int *desca, const double *beta, double *c,
    const int *ic, const int *jc, const int *descc, size_t, size_t);
void pdgemm_(const char *trans_a, const char *trans_b, const int *m, const int *n, const int *k,
    const double *alpha, const double *a, const int *ia, const int *ja, const int *desca,
    const double *b, const int *ib, const int *jb, const int *descb, const double *beta, double *c,
    const int *ic, const int *jc, const int *descc, size_t, size_t);
void pdtrsm_(const char *side, const char *uplo, const char *trans, const char *diag, const int *m,
    const int *n, const double *alpha, const double *a, const int *ia, const int *ja,
    const int *desca, double *b, const int *ib, const int *jb, const int *descb, size_t, size_t,
    size_t, size_t);
void pdpotrf_(const char *uplo, const int *n, double *a, const int *ia, const int *ja,
    const int *desca, int *info, size_t);
double pdlansy_(const char *norm, const char *uplo, const int *n, const double *a, const int *ia,
    const int *ja, const int *desca, double *work, size_t, size_t);
void pdpocon_(const char *uplo, const int *n, const double *a, const int *ia, const int *ja,
    const int *desca, const double *anorm, double *rcond, double *work, const int *lwork,
    int *iwork, const int *liwork, int *info, size_t);
void pdtrcon_(const char *norm, const char *uplo, const char *diag, const int *n, const double *a,
    const int *ia, const int *ja, const int *desca, double *rcond, double *work, const int *lwork,
    int *iwork, const int *liwork, int *info, size_t, size_t, size_t);
void pdsyevd_(const char *jobz, const char *uplo, const int *n, double *a, const int *ia,
    const int *ja, const int *desca, double *w, double *z, const int *iz, const int *jz,
    const int *descz, double *work, const int *lwork, int *iwork, const int *liwork, int *info,
    size_t, size_t);
void pdgelqf_(const int *m, const int *n, double *a, const int *ia, const int *ja, const int *desca,
    double *tau, double *work, const int *lwork, int *info);
void pdormlq_(const char *side, const char *trans, const int *m, const int *n, const int *k,
    double *a, const int *ia, const int *ja, const int *desca, const double *tau, double *c,
    const int *ic, const int *jc, const int *descc, double *work, const int *lwork, int *info,
    size_t, size_t);

/* BLACS has a C interface */
int Csys2blacs_handle(MPI_Comm comm);
void Cfree_blacs_system_handle(int handle);
void Cblacs_gridinit(int *context, const char *order, int rows, int cols);
void Cblacs_gridexit(int context);
void Cblacs_set(int context, int what, int *value);
#define BLACS_REPEATABLE 15 /* what: combine in an order that repeats */

#endif
