#pragma once

#include <cblas.h>

// LAPACK as OpenBLAS carries it, by its Fortran names: column major, everything by reference.

void ssyevd_(
    const char *job, const char *half, const blasint *n, float *a, const blasint *lda, float *w, float *work,
    const blasint *lwork, blasint *iwork, const blasint *liwork, blasint *info);
void dsyevd_(
    const char *job, const char *half, const blasint *n, double *a, const blasint *lda, double *w, double *work,
    const blasint *lwork, blasint *iwork, const blasint *liwork, blasint *info);
void sstev_(
    const char *job, const blasint *n, float *d, float *e, float *z, const blasint *ldz, float *work,
    blasint *info);
void dstev_(
    const char *job, const blasint *n, double *d, double *e, double *z, const blasint *ldz, double *work,
    blasint *info);
void spotrf_(const char *half, const blasint *n, float *a, const blasint *lda, blasint *info);
void dpotrf_(const char *half, const blasint *n, double *a, const blasint *lda, blasint *info);
void spotrs_(
    const char *half, const blasint *n, const blasint *nrhs, const float *a, const blasint *lda, float *b,
    const blasint *ldb, blasint *info);
void dpotrs_(
    const char *half, const blasint *n, const blasint *nrhs, const double *a, const blasint *lda, double *b,
    const blasint *ldb, blasint *info);
