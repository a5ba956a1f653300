/// Depthwise convolution over images (height, width, channels) and what squeeze-and-excitation needs.
#pragma once

#include <stddef.h>

/// The sizes of a depthwise convolution: k × k taps, zero padding on every side.
typedef struct {
  size_t images, height, width, channels;  ///< x (images, height, width, channels)
  size_t taps, stride, padding;            ///< weights (taps, taps, channels)
  size_t out_height, out_width;            ///< y (images, out_height, out_width, channels)
} emc_depthwise;

#define EMC_DECLARE_SPATIAL(REAL, SUFFIX)                                                               \
  /* y = keep·y + x ∗ weights; keep 0 never reads y */                                                  \
  void emc_depthwise_##SUFFIX(                                                                          \
      const emc_depthwise *sizes, const REAL *x, const REAL *weights, REAL keep, REAL *y);              \
  /* dx = keep·dx + (∂y/∂x)ᵀ dy; keep 0 never reads dx */                                               \
  void emc_depthwise_backward_input_##SUFFIX(                                                           \
      const emc_depthwise *sizes, const REAL *dy, const REAL *weights, REAL keep, REAL *dx);            \
  /* dweights = keep·dweights + (∂y/∂weights)ᵀ dy; keep 0 never reads it */                             \
  void emc_depthwise_backward_weights_##SUFFIX(                                                         \
      const emc_depthwise *sizes, const REAL *x, const REAL *dy, REAL keep, REAL *dweights);            \
  /* y[r, :] = keep·y[r, :] + a·v; keep 0 never reads y */                                              \
  void emc_spread_rows_##SUFFIX(                                                                        \
      size_t rows, size_t columns, REAL a, const REAL *v, REAL keep, REAL *y);                          \
  /* y[r, c] = keep·y[r, c] + s[c]·x[r, c]; keep 0 never reads y, which may then be x */                \
  void emc_scale_columns_##SUFFIX(                                                                      \
      size_t rows, size_t columns, const REAL *s, const REAL *x, REAL keep, REAL *y);                   \
  /* The patch × patch patches of images (height, width, channels), row by row, each flattened: y (images,              \
     1 + patches, patch·patch·channels), whose row 0 of each image is zero */                           \
  void emc_cut_patches_##SUFFIX(                                                                        \
      size_t images, size_t height, size_t width, size_t channels, size_t patch, const REAL *x,         \
      REAL *y);                                                                                         \
  /* The tangent of softmax_product along (tp, tv): with v's mean m = Σ p·v over each row,              \
     y = scale·(tp∘(v − m) + p∘(tv − ṁ)); y may be tv */                                               \
  void emc_softmax_product_tangent_##SUFFIX(                                                            \
      size_t rows, size_t columns, REAL scale, const REAL *p, const REAL *tp, const REAL *v,            \
      const REAL *tv, REAL *y);

EMC_DECLARE_SPATIAL(float, f32)
EMC_DECLARE_SPATIAL(double, f64)
