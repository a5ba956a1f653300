/// The elementwise kernels that must vectorise on any processor, for float (`_f32`) and double (`_f64`).
///
/// Every function is compiled for the base processor and for wider vectors and picked when the program loads.
/// Products and sums are never contracted and reductions add in a fixed order, so every variant gives the same
/// bits. Pointers may be equal where a comment says "in place"; they never overlap otherwise.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "normalization.h"
#include "pause.h"
#include "pooling.h"
#include "sparse.h"
#include "spatial.h"
#include "training.h"
#include "winograd.h"

/// The activations, in the order of `Activation` in Swift.
enum {
  EMC_IDENTITY = 0,
  EMC_RELU = 1,
  EMC_LEAKY_RELU = 2,
  EMC_ELU = 3,
  EMC_SILU = 4,
  EMC_GELU = 5,
  EMC_TANH = 6,
  EMC_SIGMOID = 7,
};

/// What one pass over a batch's logits finds.
typedef struct {
  double loss;      ///< Σ over rows of the cross-entropy
  double residual;  ///< Σ over rows of ‖softmax − target‖₂
  int64_t correct;  ///< rows whose own logit is strictly the largest
} emc_loss_summary;

#define EMC_DECLARE_VECTORS(REAL, SUFFIX)                                                               \
  /* y[i] = value */                                                                                    \
  void emc_fill_##SUFFIX(size_t count, REAL value, REAL *y);                                            \
  /* y = a·x, in place allowed */                                                                       \
  void emc_scale_##SUFFIX(size_t count, REAL a, const REAL *x, REAL *y);                                \
  /* y += a·x */                                                                                        \
  void emc_add_scaled_##SUFFIX(size_t count, REAL a, const REAL *x, REAL *y);                           \
  /* z = x + y, in place allowed */                                                                     \
  void emc_add_##SUFFIX(size_t count, const REAL *x, const REAL *y, REAL *z);                           \
  /* z = x − y, in place allowed */                                                                     \
  void emc_subtract_##SUFFIX(size_t count, const REAL *x, const REAL *y, REAL *z);                      \
  /* z = x·y, in place allowed */                                                                       \
  void emc_multiply_##SUFFIX(size_t count, const REAL *x, const REAL *y, REAL *z);                      \
  /* z += x·y */                                                                                        \
  void emc_add_product_##SUFFIX(size_t count, const REAL *x, const REAL *y, REAL *z);                   \
  /* z = a·x + b·y, in place allowed */                                                                 \
  void emc_combine_##SUFFIX(size_t count, REAL a, const REAL *x, REAL b, const REAL *y, REAL *z);       \
  /* Σ x, accumulated in double */                                                                      \
  double emc_sum_##SUFFIX(size_t count, const REAL *x);                                                 \
  /* Σ x·y, accumulated in double */                                                                    \
  double emc_dot_##SUFFIX(size_t count, const REAL *x, const REAL *y);                                  \
  /* Σ (x − y)², accumulated in double */                                                               \
  double emc_squared_distance_##SUFFIX(size_t count, const REAL *x, const REAL *y);                     \
  /* max |x|, 0 for none; NaN if any is */                                                              \
  REAL emc_largest_magnitude_##SUFFIX(size_t count, const REAL *x);                                     \
  /* 1 if no element is infinite or NaN */                                                              \
  int emc_is_finite_##SUFFIX(size_t count, const REAL *x);                                              \
  /* y = exp(x), in place allowed */                                                                    \
  void emc_exp_##SUFFIX(size_t count, const REAL *x, REAL *y);                                          \
  /* y = tanh(x), in place allowed */                                                                   \
  void emc_tanh_##SUFFIX(size_t count, const REAL *x, REAL *y);                                         \
  /* y = erf(x), in place allowed */                                                                    \
  void emc_erf_##SUFFIX(size_t count, const REAL *x, REAL *y);

#define EMC_DECLARE_ROWS(REAL, SUFFIX)                                                                  \
  /* y[r, :] = x[indices[r], :] */                                                                      \
  void emc_gather_rows_##SUFFIX(                                                                        \
      size_t rows, size_t columns, const REAL *x, const int32_t *indices, REAL *y);                     \
  /* y[r, c] += x[c], x (columns), y (rows, columns) */                                                 \
  void emc_add_to_rows_##SUFFIX(size_t rows, size_t columns, const REAL *x, REAL *y);                   \
  /* y[c] = beta·y[c] + Σ_r x[r, c]; beta 0 never reads y */                                            \
  void emc_column_sums_##SUFFIX(size_t rows, size_t columns, const REAL *x, REAL beta, REAL *y);        \
  /* y[c] = beta·y[c] + Σ_r w[r, c]·x[r, c]; beta 0 never reads y */                                    \
  void emc_column_products_##SUFFIX(                                                                    \
      size_t rows, size_t columns, const REAL *w, const REAL *x, REAL beta, REAL *y);

#define EMC_DECLARE_ACTIVATIONS(REAL, SUFFIX)                                                           \
  /* z[r, c] += bias[c] (bias may be NULL), then a = σ(z); a may be z, then z is lost */                 \
  void emc_bias_activation_##SUFFIX(                                                                    \
      int kind, size_t rows, size_t columns, const REAL *bias, REAL *z, REAL *a);                       \
  /* z[r, c] += bias[c] (bias may be NULL), then a = σ(z) and z ← σ'(z) */                               \
  void emc_bias_activation_slope_##SUFFIX(                                                              \
      int kind, size_t rows, size_t columns, const REAL *bias, REAL *z, REAL *a);                       \
  /* d[r, c] *= σ'(z), then bias_gradient[c] = beta·bias_gradient[c] + Σ_r d (may be NULL).             \
     saved is z for silu and gelu, σ(z) for the others */                                               \
  void emc_activation_backward_##SUFFIX(                                                                \
      int kind, size_t rows, size_t columns, const REAL *saved, REAL *d, REAL beta, REAL *bias_gradient); \
  /* t *= σ'(z): the tangent of a from that of z, in place */                                           \
  void emc_activation_tangent_##SUFFIX(int kind, size_t count, const REAL *saved, REAL *t);             \
  /* From d = ∂L/∂a, its tangent u and the tangent t of z:                                              \
     u ← u·σ'(z) + d·σ''(z)·t, d ← d·σ'(z) */                                                           \
  void emc_activation_backward_tangent_##SUFFIX(                                                        \
      int kind, size_t count, const REAL *saved, const REAL *t, REAL *d, REAL *u);                      \
  /* a = leak·z + (1 − leak)·(z + √(z² + width²))/2, in place allowed */                                 \
  void emc_smooth_kink_##SUFFIX(REAL leak, REAL width, size_t count, const REAL *z, REAL *a);           \
  /* d *= that function's slope, from its value a */                                                    \
  void emc_smooth_kink_backward_##SUFFIX(                                                               \
      REAL leak, REAL width, size_t count, const REAL *a, REAL *d);

#define EMC_DECLARE_LOSS(REAL, SUFFIX)                                                                  \
  /* d = scale·(softmax(logits) − target), target = (1−smoothing)·onehot + smoothing/columns.            \
     p (may be NULL) gets the softmax. d may be NULL if p isn't: then only the summary and p are made */ \
  emc_loss_summary emc_softmax_cross_entropy_##SUFFIX(                                                  \
      size_t rows, size_t columns, const REAL *logits, const int32_t *labels, REAL smoothing,           \
      REAL scale, REAL *p, REAL *d);                                                                    \
  /* p[r, :] = softmax(scale·x[r, :]), in place allowed */                                              \
  void emc_softmax_##SUFFIX(size_t rows, size_t columns, REAL scale, const REAL *x, REAL *p);           \
  /* y = scale·p∘(v − Σ_c p·v): the softmax's Jacobian times v, row by row; y may be v */               \
  void emc_softmax_product_##SUFFIX(                                                                    \
      size_t rows, size_t columns, REAL scale, const REAL *p, const REAL *v, REAL *y);

/// A convolution's patches as the rows of a matrix: `taps` stretches of a padded image each.
typedef struct {
  size_t height, width;  ///< places
  size_t taps;           ///< rows of the kernel
  size_t stretch;        ///< elements of one tap: the kernel's width × channels
  size_t line;           ///< elements from one line of the padded image to the next
  size_t place;          ///< elements from one place to the next in a line: stride × channels
  size_t next_line;      ///< elements from one line of places to the next: stride × line
} emc_patches;

#define EMC_DECLARE_PRODUCTS(REAL, SUFFIX)                                                              \
  /* C (m, n) = op(A) op(B) (+ C if add), row major with the given strides of rows */                   \
  void emc_multiply_matrices_##SUFFIX(                                                                  \
      int transpose_a, int transpose_b, size_t m, size_t n, size_t k, const REAL *a, size_t a_stride,   \
      const REAL *b, size_t b_stride, int add, REAL *c, size_t c_stride);                               \
  /* The elements that the panels of a matrix (k, n) take */                                            \
  size_t emc_panels_count_##SUFFIX(size_t k, size_t n);                                                 \
  /* The panels of op(B) (k, n) */                                                                      \
  void emc_pack_panels_##SUFFIX(                                                                        \
      int transpose_b, size_t k, size_t n, const REAL *b, size_t b_stride, REAL *panels);               \
  /* out[y, x, :] (n) = patch(y, x) · B, B (taps · stretch, n) in panels; out_line: elements a line */  \
  void emc_convolve_##SUFFIX(                                                                           \
      const emc_patches *patches, size_t n, const REAL *image, const REAL *panels, REAL *out,           \
      size_t out_line);                                                                                 \
  /* dw (taps · stretch, n) += Σ over places patchᵀ dz[y, x, :] */                                      \
  void emc_convolve_weights_##SUFFIX(                                                                   \
      const emc_patches *patches, size_t n, const REAL *image, const REAL *dz, size_t dz_line, REAL *dw);

#define EMC_DECLARE_IMAGES(REAL, SUFFIX)                                                                \
  /* The lines of x (height, row) into the inside of a padded image with lines of y_line elements */    \
  void emc_place_image_##SUFFIX(size_t height, size_t row, const REAL *x, size_t y_line, REAL *y);      \
  /* And back */                                                                                        \
  void emc_take_image_##SUFFIX(size_t height, size_t row, const REAL *x, size_t x_line, REAL *y);       \
  /* flipped[t, o, i] = w[o, places − 1 − t, i]: the kernel that takes dy back to dx */                 \
  void emc_flip_weights_##SUFFIX(                                                                       \
      size_t outputs, size_t places, size_t inputs, const REAL *w, REAL *flipped);                      \
  /* y (rows, columns) = keep·y + xᵀ; keep 0 never reads y */                                           \
  void emc_add_transposed_##SUFFIX(size_t rows, size_t columns, const REAL *x, REAL keep, REAL *y);     \
  /* Every patch's place in the padded image += its row of (places, taps · stretch) */                  \
  void emc_add_patches_##SUFFIX(const emc_patches *patches, const REAL *rows, REAL *image);             \
  /* The largest of each window of window × window, and its number in the window (the first of equals) */ \
  void emc_pool_maximum_##SUFFIX(                                                                       \
      size_t height, size_t width, size_t channels, size_t window, const REAL *x, REAL *y, REAL *choice); \
  /* y = x where the choice was */                                                                      \
  void emc_pool_pick_##SUFFIX(                                                                          \
      size_t height, size_t width, size_t channels, size_t window, const REAL *x, const REAL *choice,   \
      REAL *y);                                                                                         \
  /* dx = d where the choice was, 0 elsewhere; lines of dx lie `line` elements apart */                 \
  void emc_pool_scatter_##SUFFIX(                                                                       \
      size_t height, size_t width, size_t channels, size_t window, const REAL *d, const REAL *choice,   \
      size_t line, REAL *dx);                                                                           \
  /* The mean of each window */                                                                         \
  void emc_pool_average_##SUFFIX(                                                                       \
      size_t height, size_t width, size_t channels, size_t window, const REAL *x, REAL *y);             \
  /* dx = d / (elements of a window), 0 outside all windows */                                          \
  void emc_pool_average_backward_##SUFFIX(                                                              \
      size_t height, size_t width, size_t channels, size_t window, const REAL *d, REAL *dx);

#define EMC_DECLARE_UPDATES(REAL, SUFFIX)                                                               \
  /* g ← g + decay·x; v ← momentum·v + g; x ← x − rate·(nesterov ? g + momentum·v : v).                  \
     v may be NULL: then x ← x − rate·g */                                                              \
  void emc_update_sgd_##SUFFIX(                                                                         \
      size_t count, REAL rate, REAL momentum, REAL decay, int nesterov, const REAL *g, REAL *v, REAL *x); \
  /* x ← x·(1 − rate·decoupled); g ← g + decay·x; m ← β₁m + (1−β₁)g; v ← β₂v + (1−β₂)g²;                \
     x ← x − rate/correction1 · m / (√v/√correction2 + ε) */                                            \
  void emc_update_adam_##SUFFIX(                                                                        \
      size_t count, REAL rate, REAL beta1, REAL beta2, REAL epsilon, REAL decay, REAL decoupled,        \
      REAL correction1, REAL correction2, const REAL *g, REAL *m, REAL *v, REAL *x);

#define EMC_DECLARE_RANDOM(REAL, SUFFIX)                                                                \
  /* x[i] = 0 with probability `drop` and 1/(1 − drop) otherwise, from word i of the Philox stream       \
     (key, index) that starts at `block` */                                                             \
  void emc_dropout_mask_##SUFFIX(                                                                       \
      size_t count, double drop, uint64_t key, uint64_t index, uint64_t block, REAL *x);

#define EMC_DECLARE(REAL, SUFFIX)         \
  EMC_DECLARE_VECTORS(REAL, SUFFIX)       \
  EMC_DECLARE_ROWS(REAL, SUFFIX)          \
  EMC_DECLARE_ACTIVATIONS(REAL, SUFFIX)   \
  EMC_DECLARE_LOSS(REAL, SUFFIX)          \
  EMC_DECLARE_PRODUCTS(REAL, SUFFIX)      \
  EMC_DECLARE_IMAGES(REAL, SUFFIX)        \
  EMC_DECLARE_UPDATES(REAL, SUFFIX)       \
  EMC_DECLARE_RANDOM(REAL, SUFFIX)

EMC_DECLARE(float, f32)
EMC_DECLARE(double, f64)

/// The variant of the matrix products that this processor runs: "base", "avx2" or "avx512".
const char *emc_product_variant(void);
/// log x for a finite positive normal x: the same bits on every machine.
double emc_portable_log(double x);
/// cos 2πu and sin 2πu for u in [0, 1): the same bits on every machine.
void emc_portable_cosine_sine(double u, double *cosine, double *sine);
