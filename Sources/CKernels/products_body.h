// Matrix products for small and narrow matrices and for convolutions: included once for each precision and vector
// width.
//
// A tile of MR rows and two vectors of columns stays in registers while the depth k runs (Goto and van de Geijn,
// "Anatomy of High-Performance Matrix Multiplication", 2008). B is read in panels of two vectors' width; A is read
// where it lies, by any strides, also ones that overlap: the patches of a convolution are such a matrix, whose rows
// are `segments` stretches of the image.

#undef PASTE_PARTS
#undef PASTE
#undef PRODUCT
#undef VECTOR
#undef NR
#define PASTE_PARTS(a, b, c) a##_##b##_##c
#define PASTE(a, b, c) PASTE_PARTS(a, b, c)
#define PRODUCT(x) PASTE(x, SUFFIX, VARIANT)
#define VECTOR PRODUCT(vector)
#define NR (2 * VL)

typedef REAL VECTOR __attribute__((vector_size(VL * sizeof(REAL)), aligned(sizeof(REAL))));

/// The tile C[0 ..< rows, 0 ..< vectors·VL] = Σ over segments A B (+ C); rows and vectors are known at compile time.
TARGET static inline __attribute__((always_inline)) void PRODUCT(tile)(
    const int rows, const int vectors, const emc_stretch *stretch, const REAL *a, const REAL *b, int add, REAL *c,
    size_t c_stride) {
  const emc_stretch shape = *stretch;
  VECTOR sums[2 * MR][2];
#pragma clang loop unroll(full)
  for (int r = 0; r < 2 * MR; r++)
    if (r < rows) sums[r][0] = sums[r][1] = (VECTOR){0};
  for (size_t s = 0; s < shape.segments; s++) {
    const REAL *column = a + s * shape.a_segment;
    const REAL *row = b + s * shape.b_segment;
    for (size_t p = 0; p < shape.depth; p++) {
      const VECTOR left = *(const VECTOR *)row;
      const VECTOR right = vectors > 1 ? *(const VECTOR *)(row + VL) : left;
#pragma clang loop unroll(full)
      for (int r = 0; r < 2 * MR; r++)
        if (r < rows) {
          const VECTOR factor = column[(size_t)r * shape.a_row] - (VECTOR){0};
          sums[r][0] = MULTIPLY_ADD(factor, left, sums[r][0]);
          if (vectors > 1) sums[r][1] = MULTIPLY_ADD(factor, right, sums[r][1]);
        }
      column += shape.a_depth;
      row += shape.b_depth;
    }
  }
#pragma clang loop unroll(full)
  for (int r = 0; r < 2 * MR; r++)
    if (r < rows) {
      VECTOR *out = (VECTOR *)(c + (size_t)r * c_stride);
      *out = add ? *out + sums[r][0] : sums[r][0];
      if (vectors > 1) {
        VECTOR *next = (VECTOR *)(c + (size_t)r * c_stride + VL);
        *next = add ? *next + sums[r][1] : sums[r][1];
      }
    }
}

#undef TILE_CASE
#define TILE_CASE(ROWS)                                                                     \
  case ROWS:                                                                                \
    if (vectors > 1) PRODUCT(tile)(ROWS, 2, shape, a, b, add, c, c_stride);                 \
    else PRODUCT(tile)(ROWS, 1, shape, a, b, add, c, c_stride);                             \
    break;

/// A tile of at most MR rows, or of 2 · MR where one vector is wide enough.
TARGET static void PRODUCT(any_tile)(
    size_t rows, int vectors, const emc_stretch *shape, const REAL *a, const REAL *b, int add, REAL *c,
    size_t c_stride) {
  switch (rows) {
    TILE_CASE(1)
    TILE_CASE(2)
    TILE_CASE(3)
    TILE_CASE(4)
    TILE_CASE(5)
    TILE_CASE(6)
#if MR > 6
    TILE_CASE(7)
    TILE_CASE(8)
    TILE_CASE(9)
    TILE_CASE(10)
    TILE_CASE(11)
    TILE_CASE(12)
#endif
    case 2 * MR: PRODUCT(tile)(2 * MR, 1, shape, a, b, add, c, c_stride);
  }
}

/// Rows of the next tile: the last two share theirs evenly, since a tile of one or two rows would wait for its own sums.
TARGET static inline size_t PRODUCT(tile_rows)(size_t left, size_t most) {
  if (left >= 2 * most || left == most) return most;
  return left > most ? (left + 1) / 2 : left;
}

/// One panel's columns of C, all rows.
TARGET static void PRODUCT(column_block)(
    size_t m, size_t width, const emc_stretch *shape, const REAL *a, const REAL *b, int add, REAL *c,
    size_t c_stride) {
  size_t i = 0;
  if (width == NR)
    // Short depths would feel a call for each tile.
    for (; m - i >= 2 * MR || m - i == MR; i += MR)
      PRODUCT(tile)(MR, 2, shape, a + i * shape->a_row, b, add, c + i * c_stride, c_stride);
  const int vectors = width > VL ? 2 : 1;
  while (i < m) {
    const size_t rows = vectors == 1 && m - i >= 2 * MR ? 2 * MR : PRODUCT(tile_rows)(m - i, MR);
    const REAL *as = a + i * shape->a_row;
    REAL *cs = c + i * c_stride;
    if (width == NR || width == VL) {
      PRODUCT(any_tile)(rows, vectors, shape, as, b, add, cs, c_stride);
    } else {
      REAL edge[2 * MR * NR] __attribute__((aligned(64)));
      PRODUCT(any_tile)(rows, vectors, shape, as, b, 0, edge, NR);
      for (size_t r = 0; r < rows; r++)
        for (size_t q = 0; q < width; q++)
          cs[r * c_stride + q] = add ? cs[r * c_stride + q] + edge[r * NR + q] : edge[r * NR + q];
    }
    i += rows;
  }
}

/// BLOCK × BLOCK elements transposed in registers.
TARGET static inline __attribute__((always_inline)) void PRODUCT(transpose_block)(
    const REAL *from, size_t from_stride, REAL *to, size_t to_stride) {
  typedef REAL ROW __attribute__((vector_size(BLOCK * sizeof(REAL)), aligned(sizeof(REAL))));
  ROW x[BLOCK], y[BLOCK];
  for (int i = 0; i < BLOCK; i++) x[i] = *(const ROW *)(from + (size_t)i * from_stride);
#if BLOCK == 8
  for (int i = 0; i < 8; i += 2) {
    y[i] = __builtin_shufflevector(x[i], x[i + 1], 0, 8, 2, 10, 4, 12, 6, 14);
    y[i + 1] = __builtin_shufflevector(x[i], x[i + 1], 1, 9, 3, 11, 5, 13, 7, 15);
  }
  for (int i = 0; i < 8; i += 4)
    for (int j = 0; j < 2; j++) {
      x[i + j] = __builtin_shufflevector(y[i + j], y[i + j + 2], 0, 1, 8, 9, 4, 5, 12, 13);
      x[i + j + 2] = __builtin_shufflevector(y[i + j], y[i + j + 2], 2, 3, 10, 11, 6, 7, 14, 15);
    }
  for (int j = 0; j < 4; j++) {
    y[j] = __builtin_shufflevector(x[j], x[j + 4], 0, 1, 2, 3, 8, 9, 10, 11);
    y[j + 4] = __builtin_shufflevector(x[j], x[j + 4], 4, 5, 6, 7, 12, 13, 14, 15);
  }
#else
  for (int i = 0; i < 4; i += 2) {
    x[i] = *(const ROW *)(from + (size_t)i * from_stride);
    y[i] = __builtin_shufflevector(x[i], x[i + 1], 0, 4, 2, 6);
    y[i + 1] = __builtin_shufflevector(x[i], x[i + 1], 1, 5, 3, 7);
  }
  for (int j = 0; j < 2; j++) {
    x[j] = __builtin_shufflevector(y[j], y[j + 2], 0, 1, 4, 5);
    x[j + 2] = __builtin_shufflevector(y[j], y[j + 2], 2, 3, 6, 7);
  }
  for (int j = 0; j < 4; j++) y[j] = x[j];
#endif
  for (int i = 0; i < BLOCK; i++) *(ROW *)(to + (size_t)i * to_stride) = y[i];
}

/// A panel of `depth` rows of NR columns from those 0 ..< width of op(B); the columns beyond are zero.
TARGET static void PRODUCT(pack)(
    size_t depth, size_t width, const REAL *b, size_t b_row, size_t b_column, REAL *panel) {
  if (b_column == 1 && width == NR) {
    for (size_t p = 0; p < depth; p++) memcpy(panel + p * NR, b + p * b_row, NR * sizeof(REAL));
    return;
  }
  if (width < NR) memset(panel, 0, depth * NR * sizeof(REAL));
  size_t p = 0;
  if (b_row == 1) {
    const size_t whole = width / BLOCK * BLOCK;
    for (; p + BLOCK <= depth; p += BLOCK) {
      for (size_t j = 0; j < whole; j += BLOCK)
        PRODUCT(transpose_block)(b + j * b_column + p, b_column, panel + p * NR + j, NR);
      for (size_t j = whole; j < width; j++)
        for (size_t i = p; i < p + BLOCK; i++) panel[i * NR + j] = b[j * b_column + i];
    }
  }
  for (; p < depth; p++)
    for (size_t j = 0; j < width; j++) panel[p * NR + j] = b[p * b_row + j * b_column];
}

/// All panels of op(B) (k, n), one after another.
TARGET static void PRODUCT(pack_panels)(
    size_t k, size_t n, const REAL *b, size_t b_row, size_t b_column, size_t panel_stride, REAL *panels) {
  for (size_t j = 0; j < n; j += NR, panels += panel_stride)
    PRODUCT(pack)(k, n - j < NR ? n - j : NR, b + j * b_column, b_row, b_column, panels);
}

/// C (m, n) = A B (+ C), B in panels.
TARGET static void PRODUCT(multiply_panels)(
    size_t m, size_t n, emc_stretch shape, const REAL *a, const REAL *panels, size_t panel_stride, int add, REAL *c,
    size_t c_stride) {
  shape.b_depth = NR;
  for (size_t j = 0; j < n; j += NR, panels += panel_stride)
    PRODUCT(column_block)(m, n - j < NR ? n - j : NR, &shape, a, panels, add, c + j, c_stride);
}

/// C (m, n) = op(A) op(B) (+ C). Panels are packed DEPTH rows and COLUMNS columns at a time, and ROWS rows of A, which
/// stay in the second cache, run past all of them.
TARGET static void PRODUCT(multiply)(
    size_t m, size_t n, size_t k, const REAL *a, size_t a_row, size_t a_depth, const REAL *b, size_t b_row,
    size_t b_column, int add, REAL *c, size_t c_stride) {
  REAL panels[DEPTH * COLUMNS] __attribute__((aligned(64)));
  // Parts of even depth: a short last one would be all overhead.
  const size_t parts = (k + DEPTH - 1) / DEPTH;
  for (size_t part = 0; part < parts; part++) {
    const size_t from = k * part / parts;
    const size_t depth = k * (part + 1) / parts - from;
    const emc_stretch shape = {
        .segments = 1, .depth = depth, .a_row = a_row, .a_depth = a_depth, .a_segment = 0, .b_segment = 0};
    for (size_t j = 0; j < n; j += COLUMNS) {
      const size_t columns = n - j < COLUMNS ? n - j : COLUMNS;
      PRODUCT(pack_panels)(depth, columns, b + from * b_row + j * b_column, b_row, b_column, depth * NR, panels);
      for (size_t i = 0; i < m; i += ROWS)
        PRODUCT(multiply_panels)(
            m - i < ROWS ? m - i : ROWS, columns, shape, a + i * a_row + from * a_depth, panels, depth * NR,
            add || part > 0, c + i * c_stride + j, c_stride);
    }
  }
}

/// C (m, n) = Σ over segments A B (+ C), B (depth, n) of each segment where it lies, by rows; panels are packed only for
/// columns that don't fill the vectors, as many segments at a time as fit.
TARGET static void PRODUCT(multiply_segments)(
    size_t m, size_t n, emc_stretch shape, const REAL *a, const REAL *b, int add, REAL *c, size_t c_stride) {
  REAL panel[DEPTH * NR] __attribute__((aligned(64)));
  size_t width;
  for (size_t j = 0; j < n; j += width) {
    width = n - j < NR ? (n - j < VL ? n - j : VL) : NR;
    if (width == NR || width == VL) {
      PRODUCT(column_block)(m, width, &shape, a, b + j, add, c + j, c_stride);
      continue;
    }
    const size_t length = shape.depth < DEPTH ? shape.depth : DEPTH;
    const size_t together = DEPTH / length;
    int adds = add;
    for (size_t s = 0; s < shape.segments; s += together) {
      const size_t segments = shape.segments - s < together ? shape.segments - s : together;
      for (size_t from = 0; from < shape.depth; from += length) {
        const size_t depth = shape.depth - from < length ? shape.depth - from : length;
        for (size_t t = 0; t < segments; t++)
          PRODUCT(pack)(
              depth, width, b + (s + t) * shape.b_segment + from * shape.b_depth + j, shape.b_depth, 1,
              panel + t * depth * NR);
        const emc_stretch packed = {
            .segments = segments, .depth = depth, .a_row = shape.a_row, .a_depth = shape.a_depth,
            .a_segment = shape.a_segment, .b_depth = NR, .b_segment = depth * NR};
        PRODUCT(column_block)(
            m, width, &packed, a + s * shape.a_segment + from * shape.a_depth, panel, adds, c + j, c_stride);
        adds = 1;
      }
    }
  }
}

/// The patches of one padded image against all panels, one row of places at a time.
TARGET static void PRODUCT(convolve)(
    const emc_patches *patches, size_t n, const REAL *image, const REAL *panels, REAL *out, size_t out_line) {
  const size_t panel_stride = patches->taps * patches->stretch * NR;
  const emc_stretch shape = {
      .segments = patches->taps, .depth = patches->stretch, .a_row = patches->place, .a_depth = 1,
      .a_segment = patches->line, .b_depth = NR, .b_segment = patches->stretch * NR};
  for (size_t y = 0; y < patches->height; y++)
    PRODUCT(multiply_panels)(
        patches->width, n, shape, image + y * patches->next_line, panels, panel_stride, 0, out + y * out_line, n);
}

/// dw (taps · stretch, n) += patchesᵀ dz of one padded image.
TARGET static void PRODUCT(convolve_weights)(
    const emc_patches *patches, size_t n, const REAL *image, const REAL *dz, size_t dz_line, REAL *dw) {
  const emc_stretch shape = {
      .segments = patches->height, .depth = patches->width, .a_row = 1, .a_depth = patches->place,
      .a_segment = patches->next_line, .b_depth = n, .b_segment = dz_line};
  for (size_t t = 0; t < patches->taps; t++)
    PRODUCT(multiply_segments)(
        patches->stretch, n, shape, image + t * patches->line, dz, 1, dw + t * patches->stretch * n, n);
}
