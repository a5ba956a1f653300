/// 3 × 3 convolutions with stride 1 and a border of one zero, over images (height, width, channels), by Winograd's
/// minimal filtering in tiles of 4 × 4 places: 36 products in place of 144.
#pragma once

#include <stddef.h>

/// The sizes. Channels and outputs are multiples of 8.
typedef struct {
  size_t images, height, width;
  size_t channels, outputs;
  size_t strip;  ///< tiles whose transforms are held at once
} emc_winograd;

#define EMC_DECLARE_WINOGRAD(REAL, SUFFIX)                                                              \
  /* Elements of scratch that the two functions over images need */                                     \
  size_t emc_winograd_scratch_count_##SUFFIX(const emc_winograd *sizes);                                \
  /* Elements of the transformed weights, and of the products (36, channels, outputs) */                \
  size_t emc_winograd_panels_count_##SUFFIX(size_t channels, size_t outputs);                           \
  size_t emc_winograd_products_count_##SUFFIX(size_t channels, size_t outputs);                         \
  /* The transform of w (outputs, 3, 3, channels); with `back`, of the kernel that takes dy back to dx, whose           \
     channels are w's outputs. `products` is scratch */                                                 \
  void emc_winograd_panels_##SUFFIX(                                                                    \
      size_t channels, size_t outputs, int back, const REAL *w, REAL *products, REAL *panels);          \
  /* y = x ∗ w, x (images, height, width, channels), y (images, height, width, outputs) */              \
  void emc_winograd_convolve_##SUFFIX(                                                                  \
      const emc_winograd *sizes, const REAL *x, const REAL *panels, REAL *scratch, REAL *y);            \
  /* products += the transformed ∂L/∂w, from x and dz = ∂L/∂y */                                        \
  void emc_winograd_add_products_##SUFFIX(                                                              \
      const emc_winograd *sizes, const REAL *x, const REAL *dz, REAL *scratch, REAL *products);         \
  /* dw (3, 3, channels, outputs) from the products */                                                  \
  void emc_winograd_gradient_##SUFFIX(size_t channels, size_t outputs, const REAL *products, REAL *dw);

EMC_DECLARE_WINOGRAD(float, f32)
EMC_DECLARE_WINOGRAD(double, f64)
