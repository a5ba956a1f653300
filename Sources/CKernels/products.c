#include <string.h>

#include "dispatch.h"

/// What a tile runs over: Σ over segments of A (rows, depth) B (depth, columns), with the strides of each.
typedef struct {
  size_t segments, depth;
  size_t a_row, a_depth, a_segment;
  size_t b_depth, b_segment;
} emc_stretch;

/// Rows of B packed together, columns packed together, and rows of A that stay in the second cache.
#define DEPTH 256
#define COLUMNS 128
#define ROWS 120

// Any processor: 128-bit vectors.
#if defined(__ARM_FEATURE_FMA) || defined(__aarch64__)
#define FUSED_OR_SEPARATE(a, b, c) __builtin_elementwise_fma(a, b, c)
#else
#define FUSED_OR_SEPARATE(a, b, c) ((a) * (b) + (c))
#endif
#define VARIANT base
#define TARGET
#define MULTIPLY_ADD(a, b, c) FUSED_OR_SEPARATE(a, b, c)
#define VECTOR_BYTES 16
#define MR 6
#include "products_variant.h"

#if defined(__x86_64__)
// Sixteen registers of 32 bytes: a tile of 6 × 2 vectors and what feeds it.
#define VARIANT v3
#define TARGET __attribute__((target("avx2,fma")))
#define MULTIPLY_ADD(a, b, c) __builtin_elementwise_fma(a, b, c)
#define VECTOR_BYTES 32
#define MR 6
#include "products_variant.h"

// Thirty-two registers of 64 bytes: 12 × 2 vectors.
#define VARIANT v4
#define TARGET __attribute__((target("arch=x86-64-v4"), min_vector_width(512)))
#define MULTIPLY_ADD(a, b, c) __builtin_elementwise_fma(a, b, c)
#define VECTOR_BYTES 64
#define MR 12
#include "products_variant.h"
#endif

/// Which variant this processor runs: 0 base, 3 AVX2 with fused multiply-add, 4 AVX-512.
static int level(void) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("x86-64-v4")) return 4;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return 3;
#endif
  return 0;
}

const char *emc_product_variant(void) {
  switch (level()) {
    case 4: return "avx512";
    case 3: return "avx2";
    default: return "base";
  }
}

#if defined(__x86_64__)
#define CHOOSE(SUFFIX, CALL)             \
  switch (level()) {                     \
    case 4: CALL(SUFFIX, v4); break;     \
    case 3: CALL(SUFFIX, v3); break;     \
    default: CALL(SUFFIX, base); break;  \
  }
#else
#define CHOOSE(SUFFIX, CALL) CALL(SUFFIX, base);
#endif

static size_t panel_width(size_t bytes) {
  switch (level()) {
    case 4: return 128 / bytes;
    case 3: return 64 / bytes;
    default: return 32 / bytes;
  }
}

#define EMC_DEFINE_PRODUCTS(REAL, SUFFIX)                                                               \
  void emc_multiply_matrices_##SUFFIX(                                                                  \
      int transpose_a, int transpose_b, size_t m, size_t n, size_t k, const REAL *a, size_t a_stride,   \
      const REAL *b, size_t b_stride, int add, REAL *c, size_t c_stride) {                              \
    const size_t a_row = transpose_a ? 1 : a_stride, a_depth = transpose_a ? a_stride : 1;              \
    const size_t b_row = transpose_b ? 1 : b_stride, b_column = transpose_b ? b_stride : 1;             \
    CHOOSE(SUFFIX, CALL_MULTIPLY)                                                                       \
  }                                                                                                     \
                                                                                                        \
  size_t emc_panels_count_##SUFFIX(size_t k, size_t n) {                                                \
    const size_t width = panel_width(sizeof(REAL));                                                     \
    return k * ((n + width - 1) / width * width);                                                       \
  }                                                                                                     \
                                                                                                        \
  void emc_pack_panels_##SUFFIX(                                                                        \
      int transpose_b, size_t k, size_t n, const REAL *b, size_t b_stride, REAL *panels) {              \
    const size_t b_row = transpose_b ? 1 : b_stride, b_column = transpose_b ? b_stride : 1;             \
    const size_t panel_stride = k * panel_width(sizeof(REAL));                                          \
    CHOOSE(SUFFIX, CALL_PACK)                                                                           \
  }                                                                                                     \
                                                                                                        \
  void emc_convolve_##SUFFIX(                                                                           \
      const emc_patches *patches, size_t n, const REAL *image, const REAL *panels, REAL *out,           \
      size_t out_line) {                                                                                \
    CHOOSE(SUFFIX, CALL_CONVOLVE)                                                                       \
  }                                                                                                     \
                                                                                                        \
  void emc_convolve_weights_##SUFFIX(                                                                   \
      const emc_patches *patches, size_t n, const REAL *image, const REAL *dz, size_t dz_line,          \
      REAL *dw) {                                                                                       \
    CHOOSE(SUFFIX, CALL_WEIGHTS)                                                                        \
  }

#define EMC_DEFINE_SPARSE(REAL, SUFFIX)                                                                   \
  void emc_multiply_sparse_##SUFFIX(                                                                    \
      const emc_sparse_rows *x, const REAL *values, const REAL *background, size_t outputs,             \
      const REAL *w, REAL *z) {                                                                         \
    CHOOSE(SUFFIX, CALL_MULTIPLY_SPARSE)                                                                \
  }                                                                                                     \
                                                                                                        \
  void emc_add_sparse_##SUFFIX(                                                                         \
      const emc_sparse_rows *x, const REAL *values, const REAL *background, size_t outputs,             \
      const REAL *dz, int add, REAL *dw) {                                                              \
    CHOOSE(SUFFIX, CALL_ADD_SPARSE)                                                                     \
  }

#define EMC_DEFINE_WINOGRAD(REAL, SUFFIX)                                                               \
  size_t emc_winograd_scratch_count_##SUFFIX(const emc_winograd *sizes) {                               \
    return winograd_scratch_count_##SUFFIX##_base(sizes);                                               \
  }                                                                                                     \
                                                                                                        \
  size_t emc_winograd_products_count_##SUFFIX(size_t channels, size_t outputs) {                        \
    return 36 * channels * outputs;                                                                     \
  }                                                                                                     \
                                                                                                        \
  size_t emc_winograd_panels_count_##SUFFIX(size_t channels, size_t outputs) {                          \
    return 36 * emc_panels_count_##SUFFIX(channels, outputs);                                           \
  }                                                                                                     \
                                                                                                        \
  void emc_winograd_panels_##SUFFIX(                                                                    \
      size_t channels, size_t outputs, int back, const REAL *w, REAL *products, REAL *panels) {         \
    const size_t each = back ? emc_panels_count_##SUFFIX(outputs, channels)                             \
                             : emc_panels_count_##SUFFIX(channels, outputs);                            \
    CHOOSE(SUFFIX, CALL_WINOGRAD_PANELS)                                                                \
  }                                                                                                     \
                                                                                                        \
  void emc_winograd_convolve_##SUFFIX(                                                                  \
      const emc_winograd *sizes, const REAL *x, const REAL *panels, REAL *scratch, REAL *y) {           \
    const size_t each = emc_panels_count_##SUFFIX(sizes->channels, sizes->outputs);                     \
    CHOOSE(SUFFIX, CALL_WINOGRAD_CONVOLVE)                                                              \
  }                                                                                                     \
                                                                                                        \
  void emc_winograd_add_products_##SUFFIX(                                                              \
      const emc_winograd *sizes, const REAL *x, const REAL *dz, REAL *scratch, REAL *products) {        \
    CHOOSE(SUFFIX, CALL_WINOGRAD_PRODUCTS)                                                              \
  }                                                                                                     \
                                                                                                        \
  void emc_winograd_gradient_##SUFFIX(                                                                  \
      size_t channels, size_t outputs, const REAL *products, REAL *dw) {                                \
    CHOOSE(SUFFIX, CALL_WINOGRAD_GRADIENT)                                                              \
  }

#define CALL_MULTIPLY(SUFFIX, V) \
  multiply_##SUFFIX##_##V(m, n, k, a, a_row, a_depth, b, b_row, b_column, add, c, c_stride)
#define CALL_PACK(SUFFIX, V) pack_panels_##SUFFIX##_##V(k, n, b, b_row, b_column, panel_stride, panels)
#define CALL_CONVOLVE(SUFFIX, V) convolve_##SUFFIX##_##V(patches, n, image, panels, out, out_line)
#define CALL_WEIGHTS(SUFFIX, V) convolve_weights_##SUFFIX##_##V(patches, n, image, dz, dz_line, dw)
#define CALL_MULTIPLY_SPARSE(SUFFIX, V) multiply_sparse_##SUFFIX##_##V(x, values, background, outputs, w, z)
#define CALL_ADD_SPARSE(SUFFIX, V) add_sparse_##SUFFIX##_##V(x, values, background, outputs, dz, add, dw)
#define CALL_WINOGRAD_PANELS(SUFFIX, V) \
  winograd_panels_##SUFFIX##_##V(channels, outputs, back, w, each, products, panels)
#define CALL_WINOGRAD_CONVOLVE(SUFFIX, V) \
  winograd_convolve_##SUFFIX##_##V(sizes, x, panels, each, scratch, y)
#define CALL_WINOGRAD_PRODUCTS(SUFFIX, V) \
  winograd_add_products_##SUFFIX##_##V(sizes, x, dz, scratch, products)
#define CALL_WINOGRAD_GRADIENT(SUFFIX, V) \
  winograd_gradient_##SUFFIX##_##V(channels, outputs, products, dw)

EMC_DEFINE_PRODUCTS(float, f32)
EMC_DEFINE_PRODUCTS(double, f64)
EMC_DEFINE_SPARSE(float, f32)
EMC_DEFINE_SPARSE(double, f64)
EMC_DEFINE_WINOGRAD(float, f32)
EMC_DEFINE_WINOGRAD(double, f64)
