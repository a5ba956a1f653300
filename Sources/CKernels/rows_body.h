// Matrices by rows: included once for each precision.

/// Columns up to which narrow rows are handled several at a time.
#undef TILE
#define TILE 256

/// While a row is copied, the row after the next is fetched: the processor foresees lines, not the shuffle.
EMC_KERNEL void NAME(gather_rows)(
    size_t rows, size_t columns, const REAL *restrict x, const int32_t *restrict indices, REAL *restrict y) {
  const size_t line = 64 / sizeof(REAL);
  for (size_t r = 0; r < rows; r++) {
    const REAL *from = x + (size_t)indices[r] * columns;
    const REAL *ahead = r + 2 < rows ? x + (size_t)indices[r + 2] * columns : from;
    REAL *to = y + r * columns;
    size_t c = 0;
    for (; c + line <= columns; c += line) {
      __builtin_prefetch(ahead + c);
      memcpy(to + c, from + c, line * sizeof(REAL));
    }
    memcpy(to + c, from + c, (columns - c) * sizeof(REAL));
  }
}

EMC_KERNEL void NAME(add_to_rows)(size_t rows, size_t columns, const REAL *restrict x, REAL *restrict y) {
  for (size_t r = 0; r < rows; r++, y += columns)
    for (size_t c = 0; c < columns; c++) y[c] += x[c];
}

/// Narrow rows are summed in tiles of whole rows (so that the vectors are full), then the tile is folded.
EMC_KERNEL void NAME(column_sums)(
    size_t rows, size_t columns, const REAL *restrict x, REAL beta, REAL *restrict y) {
  if (columns == 0) return;
  if (beta == (REAL)0)
    for (size_t c = 0; c < columns; c++) y[c] = 0;
  else if (beta != (REAL)1)
    for (size_t c = 0; c < columns; c++) y[c] *= beta;
  const size_t together = columns >= TILE / 4 ? 1 : TILE / columns;
  if (together == 1 || rows < 2 * together) {
    for (size_t r = 0; r < rows; r++, x += columns)
      for (size_t c = 0; c < columns; c++) y[c] += x[c];
    return;
  }
  REAL tile[TILE] = {0};
  const size_t width = together * columns;
  size_t r = 0;
  for (; r + together <= rows; r += together, x += width)
    for (size_t i = 0; i < width; i++) tile[i] += x[i];
  for (size_t i = 0; i < (rows - r) * columns; i++) tile[i] += x[i];
  for (size_t k = 0; k < together; k++)
    for (size_t c = 0; c < columns; c++) y[c] += tile[k * columns + c];
}

EMC_KERNEL void NAME(column_products)(
    size_t rows, size_t columns, const REAL *restrict w, const REAL *restrict x, REAL beta,
    REAL *restrict y) {
  if (beta == (REAL)0)
    for (size_t c = 0; c < columns; c++) y[c] = 0;
  else if (beta != (REAL)1)
    for (size_t c = 0; c < columns; c++) y[c] *= beta;
  for (size_t r = 0; r < rows; r++, x += columns, w += columns)
    for (size_t c = 0; c < columns; c++) y[c] += w[c] * x[c];
}
