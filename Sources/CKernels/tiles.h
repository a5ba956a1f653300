// Matrices cut so that the vectors are full: included once for each precision.

#undef TILE
#define TILE 256

/// Rows handled together: their bias is laid out once, so that narrow rows fill the vectors too.
EMC_INLINE size_t NAME(rows_together)(size_t rows, size_t columns) {
  if (columns == 0 || columns > TILE / 4) return 1;
  const size_t together = TILE / columns;
  return together < rows ? together : (rows > 0 ? rows : 1);
}

/// The columns handled at once: whole rows where they are narrow, panels of TILE columns where they are wide.
EMC_INLINE size_t NAME(tile_width)(size_t together, size_t columns, size_t first) {
  if (together > 1) return together * columns;
  return columns - first < TILE ? columns - first : TILE;
}

/// A vector over the columns laid out for the tile that starts at column `first`.
EMC_INLINE void NAME(lay_out)(
    size_t together, size_t columns, size_t first, size_t width, const REAL *v, REAL *tile) {
  if (together == 1) {
    for (size_t i = 0; i < width; i++) tile[i] = v[first + i];
    return;
  }
  for (size_t k = 0; k < together; k++)
    for (size_t c = 0; c < columns; c++) tile[k * columns + c] = v[c];
}

/// sums[c] += what a tile holds for column c.
EMC_INLINE void NAME(fold_tile)(
    size_t together, size_t columns, size_t first, size_t width, const REAL *tile, double *sums) {
  if (together == 1) {
    for (size_t i = 0; i < width; i++) sums[first + i] += (double)tile[i];
    return;
  }
  for (size_t k = 0; k < together; k++)
    for (size_t c = 0; c < columns; c++) sums[c] += (double)tile[k * columns + c];
}
