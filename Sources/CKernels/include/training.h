/// Kernels that only training needs; the conventions are those of CKernels.h.
#pragma once

#include <stddef.h>
#include <stdint.h>

#define EMC_DECLARE_TRAINING(REAL, SUFFIX)                                                              \
  /* s ← s + g²; x ← x − rate·g / √s */                                                                 \
  void emc_update_adagrad_##SUFFIX(size_t count, REAL rate, const REAL *g, REAL *s, REAL *x);           \
  /* Σ |x|, accumulated in double */                                                                    \
  double emc_sum_of_magnitudes_##SUFFIX(size_t count, const REAL *x);                                   \
  /* y = scale · round(x · inverse), ties to even; |x · inverse| below 2²² */                           \
  void emc_quantize_##SUFFIX(size_t count, REAL scale, REAL inverse, const REAL *x, REAL *y);           \
  /* y = scale where x ≥ 0, −scale elsewhere */                                                         \
  void emc_binarize_##SUFFIX(size_t count, REAL scale, const REAL *x, REAL *y);                         \
  /* x ← H x, the Walsh–Hadamard transform without normalisation; count is a power of two */            \
  void emc_hadamard_##SUFFIX(size_t count, REAL *x);                                                    \
  /* y[i] = x[indices[i]] */                                                                            \
  void emc_gather_##SUFFIX(size_t count, const REAL *x, const int32_t *indices, REAL *y);               \
  /* y[indices[i]] = x[i] */                                                                            \
  void emc_scatter_##SUFFIX(size_t count, const REAL *x, const int32_t *indices, REAL *y);              \
  /* y = x in double precision, and back */                                                             \
  void emc_widen_##SUFFIX(size_t count, const REAL *x, double *y);                                      \
  void emc_narrow_##SUFFIX(size_t count, const double *x, REAL *y);

EMC_DECLARE_TRAINING(float, f32)
EMC_DECLARE_TRAINING(double, f64)

/// y[i] = x[indices[i]]
void emc_gather_labels(size_t count, const int32_t *x, const int32_t *indices, int32_t *y);
