// Products with rows that differ from one row in few places: included once for each precision and vector width.
//
// x_i = b + v_i, so that x Wᵀ = v Wᵀ + 1 (W b)ᵀ and dzᵀ x = dzᵀ v + (dzᵀ 1) bᵀ: the same but for rounding. The weights of
// a block of columns are transposed, so that an element of v meets a stretch of them; a row's sums stay in registers.

/// Vectors of a row's sums that stay in registers.
#undef SUMS
#define SUMS 8

/// The first `count` of VL elements; the others are zero.
TARGET static inline __attribute__((always_inline)) VECTOR PRODUCT(load_part)(const REAL *from, size_t count) {
  if (count == VL) return *(const VECTOR *)from;
  REAL part[VL] __attribute__((aligned(64))) = {0};
  for (size_t i = 0; i < count; i++) part[i] = from[i];
  return *(const VECTOR *)part;
}

TARGET static inline __attribute__((always_inline)) void PRODUCT(store_part)(VECTOR x, REAL *to, size_t count) {
  if (count == VL) {
    *(VECTOR *)to = x;
    return;
  }
  for (size_t i = 0; i < count; i++) to[i] = x[i];
}

/// to (columns, width) = the transpose of w (outputs, columns); zeros beyond the outputs.
TARGET static void PRODUCT(transpose_weights)(
    size_t columns, size_t outputs, size_t width, const REAL *w, size_t w_stride, REAL *to) {
  const size_t outputs_by_block = outputs / BLOCK * BLOCK, columns_by_block = columns / BLOCK * BLOCK;
  if (outputs < width) memset(to, 0, columns * width * sizeof(REAL));
  for (size_t o = 0; o < outputs_by_block; o += BLOCK) {
    for (size_t c = 0; c < columns_by_block; c += BLOCK)
      PRODUCT(transpose_block)(w + o * w_stride + c, w_stride, to + c * width + o, width);
    for (size_t c = columns_by_block; c < columns; c++)
      for (size_t i = o; i < o + BLOCK; i++) to[c * width + i] = w[i * w_stride + c];
  }
  for (size_t c = 0; c < columns; c++)
    for (size_t o = outputs_by_block; o < outputs; o++) to[c * width + o] = w[o * w_stride + c];
}

/// w (outputs, columns) = the transpose of sums (columns, width) (+ w).
TARGET static void PRODUCT(add_to_weights)(
    size_t columns, size_t outputs, size_t width, const REAL *sums, int add, REAL *w, size_t w_stride) {
  const size_t outputs_by_block = outputs / BLOCK * BLOCK, columns_by_block = columns / BLOCK * BLOCK;
  for (size_t o = 0; o < outputs_by_block; o += BLOCK)
    for (size_t c = 0; c < columns_by_block; c += BLOCK) {
      if (!add) {
        PRODUCT(transpose_block)(sums + c * width + o, width, w + o * w_stride + c, w_stride);
        continue;
      }
      REAL block[BLOCK * BLOCK] __attribute__((aligned(64)));
      PRODUCT(transpose_block)(sums + c * width + o, width, block, BLOCK);
      for (size_t i = 0; i < BLOCK; i++)
        for (size_t j = 0; j < BLOCK; j++) w[(o + i) * w_stride + c + j] += block[i * BLOCK + j];
    }
  for (size_t o = 0; o < outputs; o++)
    for (size_t c = o < outputs_by_block ? columns_by_block : 0; c < columns; c++) {
      REAL *to = w + o * w_stride + c;
      *to = add ? *to + sums[c * width + o] : sums[c * width + o];
    }
}

/// z (count, ·) = x Wᵀ of one block's columns (+ z): the weights transposed, and W b in `base`; the last of the vectors has
/// `last` outputs.
TARGET static inline __attribute__((always_inline)) void PRODUCT(multiply_sparse_block)(
    const int vectors, const emc_sparse_rows *x, const REAL *values, size_t block, size_t last, const REAL *weights,
    const REAL *base, REAL *z, size_t z_stride) {
  const uint16_t *places = x->places;
  for (size_t i = 0; i < x->count; i++, z += z_stride) {
    const size_t row = x->positions ? (size_t)x->positions[i] : x->first + i;
    const uint32_t *starts = x->starts + row * x->blocks + block;
    const size_t end = starts[1];
    VECTOR sums[SUMS];
#pragma clang loop unroll(full)
    for (int v = 0; v < SUMS; v++)
      if (v < vectors) {
        sums[v] = *(const VECTOR *)(base + v * VL);
        if (block > 0) sums[v] += PRODUCT(load_part)(z + v * VL, v == vectors - 1 ? last : VL);
      }
    for (size_t p = starts[0]; p < end; p++) {
      const REAL *row_weights = weights + (size_t)places[p] * (size_t)vectors * VL;
      const VECTOR factor = values[p] - (VECTOR){0};
#pragma clang loop unroll(full)
      for (int v = 0; v < SUMS; v++)
        if (v < vectors) sums[v] = MULTIPLY_ADD(factor, *(const VECTOR *)(row_weights + v * VL), sums[v]);
    }
#pragma clang loop unroll(full)
    for (int v = 0; v < SUMS; v++)
      if (v < vectors) PRODUCT(store_part)(sums[v], z + v * VL, v == vectors - 1 ? last : VL);
  }
}

/// sums (the block's columns, vectors · VL) += xᵀ dz.
TARGET static inline __attribute__((always_inline)) void PRODUCT(add_sparse_block)(
    const int vectors, const emc_sparse_rows *x, const REAL *values, size_t block, size_t last, const REAL *dz,
    size_t dz_stride, REAL *sums) {
  const uint16_t *places = x->places;
  for (size_t i = 0; i < x->count; i++, dz += dz_stride) {
    const size_t row = x->positions ? (size_t)x->positions[i] : x->first + i;
    const uint32_t *starts = x->starts + row * x->blocks + block;
    const size_t end = starts[1];
    VECTOR factors[SUMS];
#pragma clang loop unroll(full)
    for (int v = 0; v < SUMS; v++)
      if (v < vectors) factors[v] = PRODUCT(load_part)(dz + v * VL, v == vectors - 1 ? last : VL);
    for (size_t p = starts[0]; p < end; p++) {
      REAL *to = sums + (size_t)places[p] * (size_t)vectors * VL;
      const VECTOR factor = values[p] - (VECTOR){0};
#pragma clang loop unroll(full)
      for (int v = 0; v < SUMS; v++)
        if (v < vectors) *(VECTOR *)(to + v * VL) = MULTIPLY_ADD(factor, factors[v], *(VECTOR *)(to + v * VL));
    }
  }
}

#undef EACH_COUNT
#define EACH_COUNT(CASE) \
  switch (vectors) { CASE(1) CASE(2) CASE(3) CASE(4) CASE(5) CASE(6) CASE(7) CASE(8) }

/// z (count, outputs) = x Wᵀ.
TARGET static void PRODUCT(multiply_sparse)(
    const emc_sparse_rows *x, const REAL *values, const REAL *background, size_t outputs, const REAL *w, REAL *z) {
  REAL weights[EMC_SPARSE_BLOCK * SUMS * VL] __attribute__((aligned(64)));
  for (size_t j = 0; j < outputs; j += SUMS * VL) {
    const size_t part = outputs - j < SUMS * VL ? outputs - j : SUMS * VL;
    const size_t vectors = (part + VL - 1) / VL, last = part - (vectors - 1) * VL;
    for (size_t block = 0; block < x->blocks; block++) {
      const size_t from = block * x->block;
      const size_t columns = x->columns - from < x->block ? x->columns - from : x->block;
      PRODUCT(transpose_weights)(columns, part, vectors * VL, w + j * x->columns + from, x->columns, weights);
      VECTOR base[SUMS] = {{0}};
      for (size_t c = 0; c < columns; c++) {
        const VECTOR factor = background[from + c] - (VECTOR){0};
        for (size_t v = 0; v < vectors; v++)
          base[v] = MULTIPLY_ADD(factor, *(const VECTOR *)(weights + (c * vectors + v) * VL), base[v]);
      }
#define COUNT_CASE(VECTORS)                                                                                       \
  case VECTORS:                                                                                                   \
    PRODUCT(multiply_sparse_block)(VECTORS, x, values, block, last, weights, (const REAL *)base, z + j, outputs); \
    break;
      EACH_COUNT(COUNT_CASE)
#undef COUNT_CASE
    }
  }
}

/// dw (outputs, columns) = dzᵀ x (+ dw).
TARGET static void PRODUCT(add_sparse)(
    const emc_sparse_rows *x, const REAL *values, const REAL *background, size_t outputs, const REAL *dz, int add,
    REAL *dw) {
  REAL sums[EMC_SPARSE_BLOCK * SUMS * VL] __attribute__((aligned(64)));
  for (size_t j = 0; j < outputs; j += SUMS * VL) {
    const size_t part = outputs - j < SUMS * VL ? outputs - j : SUMS * VL;
    const size_t vectors = (part + VL - 1) / VL, last = part - (vectors - 1) * VL;
    VECTOR total[SUMS] = {{0}};
    for (size_t i = 0; i < x->count; i++)
      for (size_t v = 0; v < vectors; v++)
        total[v] += PRODUCT(load_part)(dz + i * outputs + j + v * VL, v == vectors - 1 ? last : VL);
    for (size_t block = 0; block < x->blocks; block++) {
      const size_t from = block * x->block;
      const size_t columns = x->columns - from < x->block ? x->columns - from : x->block;
      for (size_t c = 0; c < columns; c++)
        for (size_t v = 0; v < vectors; v++)
          *(VECTOR *)(sums + (c * vectors + v) * VL) = background[from + c] * total[v];
#define COUNT_CASE(VECTORS)                                                                   \
  case VECTORS:                                                                               \
    PRODUCT(add_sparse_block)(VECTORS, x, values, block, last, dz + j, outputs, sums); \
    break;
      EACH_COUNT(COUNT_CASE)
#undef COUNT_CASE
      PRODUCT(add_to_weights)(columns, part, vectors * VL, sums, add, dw + j * x->columns + from, x->columns);
    }
  }
}
