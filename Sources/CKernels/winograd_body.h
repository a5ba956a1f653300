// Winograd's minimal filtering F(4 × 4, 3 × 3) (Lavin and Gray 2016): included after products_body.h, once for each
// precision and vector width.
//
//   Y = Aᵀ[(G g Gᵀ) ∘ (Bᵀ d B)]A for a tile d of 6 × 6 and a kernel g, summed over channels before Aᵀ · A: at each of
//   the 36 places a matrix product (tiles, channels) × (channels, outputs).
//   ∂L/∂g = Gᵀ[Σ (Bᵀ d B)(A dY Aᵀ)]G: the adjoint of the same.
//
// The polynomials are interpolated at 0, ±a, ±b, ∞. With a = 5/8, b = 3/2, exact in binary as their squares are, errors
// are half of those with the usual 1 and 2 (Barabasz et al., "Error Analysis and Improving the Accuracy of Winograd
// Convolution", 2020).

#undef LANES
#undef SCALED
#undef EDGE
#undef INSIDE
#undef FREQUENCIES
#undef POINT_A
#undef POINT_B
#undef A2
#undef B2
#undef SHARE_0
#undef SHARE_A
#undef SHARE_B
#define LANES PRODUCT(lanes)
#define SCALED(a, b, c) MULTIPLY_ADD((LANES){0} + (REAL)(a), b, c)
#define EDGE 6
#define INSIDE 4
#define FREQUENCIES 36
#define POINT_A 0.625
#define POINT_B 1.5
#define A2 (POINT_A * POINT_A)
#define B2 (POINT_B * POINT_B)
/// 1 / Π (point − other points)
#define SHARE_0 (1 / (A2 * B2))
#define SHARE_A (1 / (2 * A2 * (A2 - B2)))
#define SHARE_B (1 / (2 * B2 * (B2 - A2)))

#undef TRANSFORM
#define TRANSFORM TARGET static inline __attribute__((always_inline)) void

/// Eight channels side by side, whatever the processor's vectors.
typedef REAL LANES __attribute__((vector_size(8 * sizeof(REAL)), aligned(sizeof(REAL))));

/// t = Bᵀ d
TRANSFORM PRODUCT(transform_input)(const LANES *d, LANES *t) {
  const LANES even_a = SCALED(-B2, d[2], d[4]), odd_a = SCALED(-B2, d[1], d[3]);
  const LANES even_b = SCALED(-A2, d[2], d[4]), odd_b = SCALED(-A2, d[1], d[3]);
  t[0] = SCALED(A2 * B2, d[0], SCALED(-(A2 + B2), d[2], d[4]));
  t[1] = SCALED(POINT_A, odd_a, even_a);
  t[2] = SCALED(-POINT_A, odd_a, even_a);
  t[3] = SCALED(POINT_B, odd_b, even_b);
  t[4] = SCALED(-POINT_B, odd_b, even_b);
  t[5] = SCALED(A2 * B2, d[1], SCALED(-(A2 + B2), d[3], d[5]));
}

/// u = G g
TRANSFORM PRODUCT(transform_kernel)(const LANES *g, LANES *u) {
  const LANES even_a = SCALED(A2, g[2], g[0]), odd_a = (REAL)POINT_A * g[1];
  const LANES even_b = SCALED(B2, g[2], g[0]), odd_b = (REAL)POINT_B * g[1];
  u[0] = (REAL)SHARE_0 * g[0];
  u[1] = (REAL)SHARE_A * (even_a + odd_a);
  u[2] = (REAL)SHARE_A * (even_a - odd_a);
  u[3] = (REAL)SHARE_B * (even_b + odd_b);
  u[4] = (REAL)SHARE_B * (even_b - odd_b);
  u[5] = g[2];
}

/// y = Aᵀ m
TRANSFORM PRODUCT(transform_output)(const LANES *m, LANES *y) {
  const LANES even_a = m[1] + m[2], odd_a = m[1] - m[2];
  const LANES even_b = m[3] + m[4], odd_b = m[3] - m[4];
  y[0] = m[0] + even_a + even_b;
  y[1] = SCALED(POINT_A, odd_a, (REAL)POINT_B * odd_b);
  y[2] = SCALED(A2, even_a, (REAL)B2 * even_b);
  y[3] = SCALED(A2 * POINT_A, odd_a, SCALED(B2 * POINT_B, odd_b, m[5]));
}

/// z = A y
TRANSFORM PRODUCT(transform_slopes)(const LANES *y, LANES *z) {
  const LANES even_a = SCALED(A2, y[2], y[0]), odd_a = (REAL)POINT_A * SCALED(A2, y[3], y[1]);
  const LANES even_b = SCALED(B2, y[2], y[0]), odd_b = (REAL)POINT_B * SCALED(B2, y[3], y[1]);
  z[0] = y[0];
  z[1] = even_a + odd_a;
  z[2] = even_a - odd_a;
  z[3] = even_b + odd_b;
  z[4] = even_b - odd_b;
  z[5] = y[3];
}

/// g = Gᵀ u
TRANSFORM PRODUCT(transform_gradient)(const LANES *u, LANES *g) {
  const LANES even_a = (REAL)SHARE_A * (u[1] + u[2]), odd_a = (REAL)SHARE_A * (u[1] - u[2]);
  const LANES even_b = (REAL)SHARE_B * (u[3] + u[4]), odd_b = (REAL)SHARE_B * (u[3] - u[4]);
  g[0] = SCALED(SHARE_0, u[0], even_a + even_b);
  g[1] = SCALED(POINT_A, odd_a, (REAL)POINT_B * odd_b);
  g[2] = SCALED(A2, even_a, SCALED(B2, even_b, u[5]));
}

/// T X Tᵀ for T (rows, columns) and X read by `AT(i, j)`: first down the columns, then along the rows, and each row to
/// `STORE(i, values)`. Sizes are known at compile time, so that all stays in registers or near them.
#undef BOTH_WAYS
#define BOTH_WAYS(ONE_WAY, ROWS, COLUMNS, AT, STORE)                       \
  do {                                                                     \
    LANES half[ROWS][COLUMNS], entries[COLUMNS], result[ROWS];                    \
    _Pragma("clang loop unroll(full)") for (int j = 0; j < COLUMNS; j++) { \
      _Pragma("clang loop unroll(full)") for (int i = 0; i < COLUMNS; i++) entries[i] = AT(i, j); \
      PRODUCT(ONE_WAY)(entries, result);                                   \
      _Pragma("clang loop unroll(full)") for (int i = 0; i < ROWS; i++) half[i][j] = result[i]; \
    }                                                                      \
    _Pragma("clang loop unroll(full)") for (int i = 0; i < ROWS; i++) {    \
      PRODUCT(ONE_WAY)(half[i], result);                                   \
      STORE(i, result);                                                    \
    }                                                                      \
  } while (0)

#undef LANES_AT
#define LANES_AT(pointer) (*(const LANES *)(pointer))
#undef STORE_LANES
#define STORE_LANES(pointer, value) (*(LANES *)(pointer) = (value))

/// Where tile t of all images lies: its image, and its first place.
typedef struct {
  size_t image, y, x;
} PRODUCT(corner);

TARGET static inline PRODUCT(corner) PRODUCT(find_corner)(const emc_winograd *sizes, size_t t) {
  const size_t down = (sizes->height + INSIDE - 1) / INSIDE, across = (sizes->width + INSIDE - 1) / INSIDE;
  return (PRODUCT(corner)){t / (down * across), t / across % down * INSIDE, t % across * INSIDE};
}

TARGET static size_t PRODUCT(count_tiles)(const emc_winograd *sizes) {
  return sizes->images * ((sizes->height + INSIDE - 1) / INSIDE) * ((sizes->width + INSIDE - 1) / INSIDE);
}

/// From one tile's transform to the next: not a multiple of 4 KiB, whose lines would share a set of the cache.
TARGET static inline size_t PRODUCT(tile_stride)(size_t channels) {
  return FREQUENCIES * channels + 64 / sizeof(REAL);
}

/// Bᵀ d B of each tile of a strip, or A dY Aᵀ with `slopes`: (tiles, 36, channels). Places outside the image are zeros.
TARGET static void PRODUCT(transform_strip)(
    const emc_winograd *sizes, size_t channels, int slopes, const REAL *images, size_t first, size_t count,
    const REAL *zeros, REAL *to) {
  const int edge = slopes ? INSIDE : EDGE;
  const size_t height = sizes->height, width = sizes->width, border = slopes ? 0 : 1;
  for (size_t t = first; t < first + count; t++, to += PRODUCT(tile_stride)(channels)) {
    const PRODUCT(corner) at = PRODUCT(find_corner)(sizes, t);
    const REAL *places[FREQUENCIES];
    for (int i = 0; i < edge; i++)
      for (int j = 0; j < edge; j++) {
        // Before the first line or column this wraps around, and is outside too.
        const size_t y = at.y + (size_t)i - border, x = at.x + (size_t)j - border;
        places[i * edge + j] =
            y < height && x < width ? images + ((at.image * height + y) * width + x) * channels : zeros;
      }
#define STORE_ROW(i, row)            \
  for (int j = 0; j < EDGE; j++)     \
  STORE_LANES(to + (size_t)((i) * EDGE + j) * channels + c, (row)[j])
    if (slopes) {
#define AT_PLACE(i, j) LANES_AT(places[(i) * INSIDE + (j)] + c)
      for (size_t c = 0; c < channels; c += 8)
        BOTH_WAYS(transform_slopes, EDGE, INSIDE, AT_PLACE, STORE_ROW);
#undef AT_PLACE
    } else {
#define AT_PLACE(i, j) LANES_AT(places[(i) * EDGE + (j)] + c)
      for (size_t c = 0; c < channels; c += 8) BOTH_WAYS(transform_input, EDGE, EDGE, AT_PLACE, STORE_ROW);
#undef AT_PLACE
    }
#undef STORE_ROW
  }
}

/// Y = Aᵀ M A of each tile of a strip, M (tiles, 36, outputs), less what lies outside the image.
TARGET static void PRODUCT(place_strip)(
    const emc_winograd *sizes, const REAL *m, size_t first, size_t count, REAL *images) {
  const size_t outputs = sizes->outputs, line = sizes->width * outputs;
  for (size_t t = first; t < first + count; t++, m += PRODUCT(tile_stride)(outputs)) {
    const PRODUCT(corner) at = PRODUCT(find_corner)(sizes, t);
    REAL *to = images + ((at.image * sizes->height + at.y) * sizes->width + at.x) * outputs;
    const size_t lines = sizes->height - at.y, places = sizes->width - at.x;
    for (size_t c = 0; c < outputs; c += 8) {
#define AT_FREQUENCY(i, j) LANES_AT(m + (size_t)((i) * EDGE + (j)) * outputs + c)
#define STORE_ROW(i, row)                                    \
  if ((size_t)(i) < lines)                                   \
    for (int j = 0; j < INSIDE; j++)                         \
      if ((size_t)j < places) STORE_LANES(to + (size_t)(i) * line + (size_t)j * outputs + c, (row)[j])
      BOTH_WAYS(transform_output, INSIDE, EDGE, AT_FREQUENCY, STORE_ROW);
#undef AT_FREQUENCY
#undef STORE_ROW
    }
  }
}

/// What the transforms of a strip take, input and output side, and the zeros.
TARGET static inline size_t PRODUCT(winograd_scratch_count)(const emc_winograd *sizes) {
  const size_t wider = sizes->channels > sizes->outputs ? sizes->channels : sizes->outputs;
  return wider +
      sizes->strip * (PRODUCT(tile_stride)(sizes->channels) + PRODUCT(tile_stride)(sizes->outputs));
}

TARGET static void PRODUCT(winograd_convolve)(
    const emc_winograd *sizes, const REAL *x, const REAL *panels, size_t panels_each, REAL *scratch, REAL *y) {
  const size_t channels = sizes->channels, outputs = sizes->outputs, tiles = PRODUCT(count_tiles)(sizes);
  const size_t stride = PRODUCT(tile_stride)(channels), out_stride = PRODUCT(tile_stride)(outputs);
  REAL *zeros = scratch + sizes->strip * (stride + out_stride), *products = scratch + sizes->strip * stride;
  memset(zeros, 0, channels * sizeof(REAL));
  const emc_stretch shape = {.segments = 1, .depth = channels, .a_row = stride, .a_depth = 1};
  for (size_t t = 0; t < tiles; t += sizes->strip) {
    const size_t count = tiles - t < sizes->strip ? tiles - t : sizes->strip;
    PRODUCT(transform_strip)(sizes, channels, 0, x, t, count, zeros, scratch);
    for (size_t f = 0; f < FREQUENCIES; f++)
      PRODUCT(multiply_panels)(
          count, outputs, shape, scratch + f * channels, panels + f * panels_each, channels * NR, 0,
          products + f * outputs, out_stride);
    PRODUCT(place_strip)(sizes, products, t, count, y);
  }
}

TARGET static void PRODUCT(winograd_add_products)(
    const emc_winograd *sizes, const REAL *x, const REAL *dz, REAL *scratch, REAL *products) {
  const size_t channels = sizes->channels, outputs = sizes->outputs, tiles = PRODUCT(count_tiles)(sizes);
  const size_t stride = PRODUCT(tile_stride)(channels), out_stride = PRODUCT(tile_stride)(outputs);
  REAL *zeros = scratch + sizes->strip * (stride + out_stride), *slopes = scratch + sizes->strip * stride;
  memset(zeros, 0, (channels > outputs ? channels : outputs) * sizeof(REAL));
  for (size_t t = 0; t < tiles; t += sizes->strip) {
    const size_t count = tiles - t < sizes->strip ? tiles - t : sizes->strip;
    PRODUCT(transform_strip)(sizes, channels, 0, x, t, count, zeros, scratch);
    PRODUCT(transform_strip)(sizes, outputs, 1, dz, t, count, zeros, slopes);
    const emc_stretch shape = {
        .segments = 1, .depth = count, .a_row = 1, .a_depth = stride, .b_depth = out_stride};
    for (size_t f = 0; f < FREQUENCIES; f++)
      PRODUCT(multiply_segments)(
          channels, outputs, shape, scratch + f * channels, slopes + f * outputs, 1,
          products + f * channels * outputs, outputs);
  }
}

/// (36, outputs, channels) from w (outputs, 3, 3, channels), turned by half a turn with `back`; then each in panels.
TARGET static void PRODUCT(winograd_panels)(
    size_t channels, size_t outputs, int back, const REAL *w, size_t panels_each, REAL *products, REAL *panels) {
  for (size_t o = 0; o < outputs; o++)
    for (size_t c = 0; c < channels; c += 8) {
#define AT_TAP(i, j) LANES_AT(w + (o * 9 + (size_t)(back ? 8 - 3 * (i) - (j) : 3 * (i) + (j))) * channels + c)
#define STORE_ROW(i, row)        \
  for (int j = 0; j < EDGE; j++) \
  STORE_LANES(products + ((size_t)((i) * EDGE + j) * outputs + o) * channels + c, (row)[j])
      BOTH_WAYS(transform_kernel, EDGE, 3, AT_TAP, STORE_ROW);
#undef AT_TAP
#undef STORE_ROW
    }
  for (size_t f = 0; f < FREQUENCIES; f++) {
    const REAL *from = products + f * outputs * channels;
    REAL *to = panels + f * panels_each;
    if (back) PRODUCT(pack_panels)(outputs, channels, from, channels, 1, outputs * NR, to);
    else PRODUCT(pack_panels)(channels, outputs, from, 1, channels, channels * NR, to);
  }
}

TARGET static void PRODUCT(winograd_gradient)(
    size_t channels, size_t outputs, const REAL *products, REAL *dw) {
  for (size_t c = 0; c < channels; c++)
    for (size_t o = 0; o < outputs; o += 8) {
#define AT_FREQUENCY(i, j) LANES_AT(products + ((size_t)((i) * EDGE + (j)) * channels + c) * outputs + o)
#define STORE_ROW(i, row)     \
  for (int j = 0; j < 3; j++) \
  STORE_LANES(dw + ((size_t)((i) * 3 + j) * channels + c) * outputs + o, (row)[j])
      BOTH_WAYS(transform_gradient, 3, EDGE, AT_FREQUENCY, STORE_ROW);
#undef AT_FREQUENCY
#undef STORE_ROW
    }
}
