/// Pooling over windows of any size, stride and border, one image (height, width, channels) at a time.
#pragma once

#include <stddef.h>

/// The sizes of a pooling. Every window has a place inside the image: padding ≤ size / 2.
typedef struct {
  size_t height, width, channels;  ///< x (height, width, channels)
  size_t size, stride, padding;    ///< size × size windows
  size_t out_height, out_width;    ///< y (out_height, out_width, channels)
} emc_windows;

#define EMC_DECLARE_WINDOWS(REAL, SUFFIX)                                                               \
  /* The largest inside each window, and its number in the window (the first of equals); NaN is largest */ \
  void emc_windows_maximum_##SUFFIX(const emc_windows *sizes, const REAL *x, REAL *y, REAL *choice);    \
  /* y = x where the choice was */                                                                      \
  void emc_windows_pick_##SUFFIX(const emc_windows *sizes, const REAL *x, const REAL *choice, REAL *y); \
  /* dx = Σ d over the windows that chose it */                                                         \
  void emc_windows_scatter_##SUFFIX(                                                                    \
      const emc_windows *sizes, const REAL *d, const REAL *choice, REAL *dx);                           \
  /* The mean over each window, whose border counts as zeros */                                         \
  void emc_windows_average_##SUFFIX(const emc_windows *sizes, const REAL *x, REAL *y);                  \
  /* dx = Σ d / size² over the windows that hold it */                                                  \
  void emc_windows_spread_##SUFFIX(const emc_windows *sizes, const REAL *d, REAL *dx);

EMC_DECLARE_WINDOWS(float, f32)
EMC_DECLARE_WINDOWS(double, f64)
