/// Normalisation: batch norm over matrices (rows, columns) with one channel a column, layer norm over their rows.
///
/// Batch norm is made of sums over rows, coefficients for each channel, and one elementwise pass that applies
/// them, so that the sums can be taken part by part while a part is in the cache. Sums are `double`, two for each
/// column: all first ones, then all second ones.
#pragma once

#include <stddef.h>

#define EMC_DECLARE_NORMALIZATION(REAL, SUFFIX)                                                         \
  /* sums += (Σ_r (x − shift), Σ_r (x − shift)²) */                                                     \
  void emc_add_moments_##SUFFIX(                                                                        \
      size_t rows, size_t columns, const REAL *shift, const REAL *x, double *sums);                     \
  /* mean and biased variance of `rows` rows from their moments about shift */                          \
  void emc_moments_##SUFFIX(                                                                            \
      size_t rows, size_t columns, const REAL *shift, const double *sums, REAL *mean, REAL *variance);  \
  /* statistics (4·columns): Σ weight·mean and Σ weight·(variance + mean²), each as a number and what its           \
     rounding lost, += this batch's */                                                                  \
  void emc_pool_moments_##SUFFIX(                                                                       \
      size_t columns, double weight, const REAL *mean, const REAL *variance, REAL *statistics);         \
  /* mean and variance from statistics of that total weight */                                          \
  void emc_pooled_moments_##SUFFIX(                                                                     \
      size_t columns, double weight, const REAL *statistics, REAL *mean, REAL *variance);               \
  /* inverse = 1/√(variance + epsilon), scale = gamma·inverse, shift = beta − mean·scale */             \
  void emc_norm_coefficients_##SUFFIX(                                                                  \
      size_t columns, REAL epsilon, const REAL *gamma, const REAL *beta, const REAL *mean,              \
      const REAL *variance, REAL *inverse, REAL *scale, REAL *shift);                                   \
  /* y = σ(scale·x + shift + addend) (addend may be NULL); y may be x or addend */                      \
  void emc_affine_activation_##SUFFIX(                                                                  \
      int kind, size_t rows, size_t columns, const REAL *scale, const REAL *shift, const REAL *x,       \
      const REAL *addend, REAL *y);                                                                     \
  /* With e = d·σ'(scale·x + shift): sums += (Σ_r e, Σ_r e·(x − mean)) */                               \
  void emc_add_norm_products_##SUFFIX(                                                                  \
      int kind, size_t rows, size_t columns, const REAL *scale, const REAL *shift, const REAL *mean,    \
      const REAL *x, const REAL *d, double *sums);                                                      \
  /* From those sums over `rows` rows: gamma's and beta's gradients (keep·what is there + theirs), and  \
     coefficients (3·columns) a, b, c such that dx = a·e + b·(x − mean) + c */                          \
  void emc_norm_backward_coefficients_##SUFFIX(                                                         \
      size_t rows, size_t columns, const REAL *gamma, const REAL *inverse, const double *sums,          \
      REAL *coefficients, REAL keep, REAL *gamma_gradient, REAL *beta_gradient);                        \
  /* y = a·e + b·(x − mean) + c, e = d·σ'(scale·x + shift); y may be d */                               \
  void emc_norm_combine_##SUFFIX(                                                                       \
      int kind, size_t rows, size_t columns, const REAL *scale, const REAL *shift, const REAL *mean,    \
      const REAL *coefficients, const REAL *x, const REAL *d, REAL *y);                                 \
  /* From the sums of the tangent t of x: coefficients such that ty = a·t + b·(x − mean) + c */         \
  void emc_norm_tangent_coefficients_##SUFFIX(                                                          \
      size_t rows, size_t columns, const REAL *gamma, const REAL *inverse, const REAL *gamma_tangent,   \
      const REAL *beta_tangent, const double *sums, REAL *coefficients);                                \
  /* From the sums of t, d and u (the tangent of d) and products = Σ_r d·t: gamma's and beta's products \
     and coefficients (5·columns) such that the tangent of dx is a·u + b·d + c·t + e·(x − mean) + f */  \
  void emc_norm_backward_tangent_coefficients_##SUFFIX(                                                 \
      size_t rows, size_t columns, const REAL *gamma, const REAL *inverse, const REAL *gamma_tangent,   \
      const double *t_sums, const double *d_sums, const double *u_sums, const REAL *products,           \
      REAL *coefficients, REAL keep, REAL *gamma_product, REAL *beta_product);                          \
  /* y = a·u + b·d + c·t + e·(x − mean) + f; y may be u */                                              \
  void emc_norm_backward_tangent_##SUFFIX(                                                              \
      size_t rows, size_t columns, const REAL *mean, const REAL *coefficients, const REAL *x,           \
      const REAL *t, const REAL *d, const REAL *u, REAL *y);                                            \
  /* y[r, :] = gamma·x̂ + beta, x̂ = (x − mean)·inverse with the row's mean and 1/√(variance + epsilon);  \
     moments[r] = (mean, inverse) */                                                                    \
  void emc_layer_norm_##SUFFIX(                                                                         \
      size_t rows, size_t columns, REAL epsilon, const REAL *gamma, const REAL *beta, const REAL *x,    \
      REAL *y, REAL *moments);                                                                          \
  /* dx = (∂y/∂x)ᵀ dy (dx may be dy), plus addend if that isn't NULL (dx may be it too);                \
     gradients = keep·what is there + theirs */                                                         \
  void emc_layer_norm_backward_##SUFFIX(                                                                \
      size_t rows, size_t columns, const REAL *gamma, const REAL *moments, const REAL *x,               \
      const REAL *dy, const REAL *addend, REAL *dx, REAL keep, REAL *gamma_gradient,                    \
      REAL *beta_gradient);                                                                             \
  /* ty from the tangents t of x and of the parameters */                                               \
  void emc_layer_norm_tangent_##SUFFIX(                                                                 \
      size_t rows, size_t columns, const REAL *gamma, const REAL *gamma_tangent,                        \
      const REAL *beta_tangent, const REAL *moments, const REAL *x, const REAL *t, REAL *ty);           \
  /* tdx from dy, its tangent tdy, and the tangents of x and gamma; tdx may be tdy.                     \
     gamma's and beta's products = keep·what is there + theirs */                                       \
  void emc_layer_norm_backward_tangent_##SUFFIX(                                                        \
      size_t rows, size_t columns, const REAL *gamma, const REAL *gamma_tangent, const REAL *moments,   \
      const REAL *x, const REAL *t, const REAL *dy, const REAL *tdy, REAL *tdx, REAL keep,              \
      REAL *gamma_product, REAL *beta_product);

EMC_DECLARE_NORMALIZATION(float, f32)
EMC_DECLARE_NORMALIZATION(double, f64)
